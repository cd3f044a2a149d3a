// Reads files as the stream "records". README.md says what the options mean.
#pragma once

#include <memory>
#include <mutex>
#include <sluice/source.hpp>
#include <string>
#include <vector>

#include "key_index.hpp"
#include "options.hpp"

namespace file_connector {

class FileSource final : public sluice::Source {
 public:
  static constexpr auto kId = "file";
  static constexpr auto kVersion = "0.1.0";
  static constexpr bool kLookup = true;
  static sluice::Spec spec() { return file_connector::spec(); }

  explicit FileSource(const sluice::Config& config) : options_{config}, index_{options_} {}

  sluice::Account check(sluice::Context& context) override;
  std::vector<sluice::Stream> discover(sluice::Context& context) override;
  std::unique_ptr<sluice::Reader> open(sluice::Context& context,
                                       sluice::ReadRequest request) override;
  sluice::RecordBatch lookup(sluice::Context& context, const sluice::ReadRequest& request,
                             const std::vector<std::string>& keys) override;

 private:
  Options options_;
  std::mutex mutex_;
  KeyIndex index_;  // guarded by mutex_
};

}  // namespace file_connector
