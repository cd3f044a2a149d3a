// The source connector for Chargebee.
#pragma once

#include <memory>
#include <sluice/source.hpp>
#include <string>
#include <vector>

#include "api.hpp"
#include "customer_record.hpp"
#include "run_cache.hpp"
#include "settings.hpp"
#include "webhooks.hpp"

namespace chargebee {

class Chargebee final : public sluice::Source {
 public:
  static constexpr auto kId = "chargebee";
  static constexpr auto kVersion = "0.1.0";
  static constexpr bool kLookup = true;
  static sluice::Spec spec() { return connector_spec(); }
  static sluice::Events events() { return webhook_events(); }
  static sluice::NamedSpecs read_options() { return {{"customers", customer_options_spec()}}; }

  explicit Chargebee(const sluice::Config& config) : Chargebee{read_settings(config), {}} {}
  // With a transport and a clock instead of the network's: for tests.
  struct Replaced {
    std::shared_ptr<sluice::Transport> transport = {};
    std::shared_ptr<sluice::HttpClock> clock = {};
  };
  Chargebee(Settings settings, const Replaced& replaced);

  sluice::Account check(sluice::Context& context) override;
  std::vector<sluice::Stream> discover(sluice::Context& context) override;
  std::unique_ptr<sluice::Reader> open(sluice::Context& context,
                                       sluice::ReadRequest request) override;
  sluice::RecordBatch lookup(sluice::Context& context, const sluice::ReadRequest& request,
                             const std::vector<std::string>& keys) override;

 private:
  Settings settings_;
  Api api_;
  RunCache cache_;
};

}  // namespace chargebee
