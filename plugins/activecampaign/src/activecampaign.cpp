#include <sluice/sdk.hpp>

#include "check.hpp"
#include "company_writer.hpp"
#include "discover.hpp"
#include "known_account.hpp"
#include "prepare.hpp"
#include "settings.hpp"
#include "writer.hpp"

namespace {

using activecampaign::Client;
using activecampaign::ContactWriter;
using activecampaign::Settings;

class ActiveCampaign final : public sluice::Destination {
 public:
  static constexpr auto kId = "activecampaign";
  static constexpr auto kVersion = "0.1.0";
  static constexpr bool kPrepare = true;
  static constexpr bool kReceipts = true;
  static constexpr bool kRemoteLookup = true;
  static constexpr bool kEstimate = true;
  static constexpr bool kScreen = true;
  static constexpr bool kVerify = true;
  static sluice::Spec spec() { return activecampaign::connection_spec(); }
  static sluice::NamedSpecs write_options() {
    return {{activecampaign::kContacts, activecampaign::write_spec()}};
  }

  explicit ActiveCampaign(const sluice::Config& config)
      : settings_{activecampaign::read_settings(config)}, client_{settings_} {}

  sluice::Account check(sluice::Context& context) override {
    return activecampaign::check_account(context, settings_);
  }

  std::vector<sluice::Object> discover(sluice::Context& context) override {
    const auto model = activecampaign::load_model(context, client_);
    known_.replace(model);
    return {activecampaign::describe_contacts(model), activecampaign::describe_accounts()};
  }

  std::vector<sluice::PreparedField> prepare(sluice::Context& context,
                                             const sluice::PrepareRequest& request) override {
    if (request.object == activecampaign::kAccounts) {
      return activecampaign::prepare_account_fields(request);
    }
    require_contacts(request.object);
    return activecampaign::prepare_fields(context, client_, known_, request);
  }

  std::unique_ptr<sluice::Writer> open(sluice::Context& context,
                                       sluice::WriteRequest request) override {
    if (request.object == activecampaign::kAccounts) {
      require_match(request, "name");
      return std::make_unique<activecampaign::CompanyWriter>(client_, request);
    }
    require_contacts(request.object);
    require_match(request, "email");
    return std::make_unique<ContactWriter>(context, client_, known_.whole(context, client_),
                                           request);
  }

 private:
  static void require_match(const sluice::WriteRequest& request, const std::string& field) {
    if (request.match == field) return;
    throw sluice::Error{sluice::Code::Config, "match: " + request.object + " are identified by " +
                                                  field + ", not by \"" + request.match + '"'};
  }

  static void require_contacts(const std::string& object) {
    if (object == activecampaign::kContacts) return;
    throw sluice::Error{
        sluice::Code::NotFound,
        "there is no object \"" + object + "\": ActiveCampaign takes contacts and accounts"};
  }

  Settings settings_;
  Client client_;
  activecampaign::KnownAccount known_;
};

}  // namespace

SLUICE_DESTINATION(ActiveCampaign)
