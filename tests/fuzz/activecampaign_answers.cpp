// ActiveCampaign's answers: contacts, imports and their results, errors. Input: what is done (a
// line), then the answers of answers.hpp; what the account has (lists, fields, tags) is known
// unless the line says `open`.
#include <algorithm>
#include <sluice/detail/codec.hpp>
#include <string>
#include <vector>

#include "answers.hpp"
#include "check.hpp"
#include "company_writer.hpp"
#include "discover.hpp"
#include "known_account.hpp"
#include "prepare.hpp"
#include "receipt.hpp"
#include "writer.hpp"

namespace {

namespace json = sluice::json;
using namespace activecampaign;  // NOLINT(google-build-using-namespace)
using sluice::Outcome;
using sluice::fuzz::answered;
using sluice::fuzz::kVendorsFault;
using sluice::fuzz::must;
using sluice::fuzz::Vendor;

constexpr auto kLists =
    R"({"lists":[{"id":"1","name":"Customers"},{"id":2,"name":"News"}],"meta":{"total":"2"}})";
constexpr auto kFields = R"({"fields":[{"id":"1","title":"Plan","type":"text","perstag":"PLAN"},
  {"id":"2","title":"Seats","type":"number","perstag":"SEATS"},{"id":"3","title":"Renewal","type":"date"}],
  "fieldOptions":[],"fieldRels":[{"id":"1","field":"1","relid":"0"}],"meta":{"total":"3"}})";
constexpr auto kTags =
    R"({"tags":[{"id":"1","tag":"vip","tagType":"contact"}],"meta":{"total":"1"}})";

std::optional<sluice::HttpResult> known_account(const sluice::Transport::Exchange& exchange) {
  if (exchange.method != "GET") return std::nullopt;
  const auto asks = [&](std::string_view path) {
    return exchange.url.find(path) != std::string::npos;
  };
  if (asks("/api/3/lists?")) return sluice::testing::answered(200, kLists);
  if (asks("/api/3/fields?")) return sluice::testing::answered(200, kFields);
  if (asks("/api/3/tags?")) return sluice::testing::answered(200, kTags);
  return std::nullopt;
}

// People of whom every second has left list 1.
sluice::detail::WriteBatch batch_of(std::size_t count, bool removal) {
  std::string lines;
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = std::to_string(i);
    lines +=
        R"({"op":")" + std::string{removal ? "delete" : "upsert"} + R"(","key":"p)" + number +
        R"(@example.com","fields":{"firstName":"P","Plan":"gold","Seats":3},"sets":{"tags":{"add":["vip"]}})";
    if (removal) lines += i % 2 == 0 ? R"(,"action":"unsubscribe")" : R"(,"action":"delete")";
    if (i % 2 == 0) lines += R"(,"opted_out":["list:1"])";
    if (i % 3 == 0) lines += R"(,"delivered":true)";
    if (i % 5 == 1) lines += R"(,"previous_key":"old)" + number + R"(@example.com")";
    lines += "}\n";
  }
  sluice::JsonParser parser;
  return sluice::detail::decode_writes(parser, lines);
}

// Nobody who left a list is put on it again, whatever the vendor answers.
void check_consent(const Vendor& vendor) {
  for (const auto& asked : vendor.asked()) {
    if (asked.exchange.url.find("/import/bulk_import") == std::string::npos) continue;
    const auto body = sluice::parse_json(asked.exchange.body);
    for (const auto& contact : body.as_object().at("contacts").as_array()) {
      const std::string email{contact.as_object().at("email").as_string()};
      const auto number = std::stoul(email.substr(1));
      must(number % 2 == 1 || !contact.as_object().contains("subscribe"),
           "who opted out is not imported to a list");
    }
  }
}

bool any_success(const Vendor& vendor) {
  return std::any_of(vendor.asked().begin(), vendor.asked().end(),
                     [](const auto& asked) { return asked.status >= 200 && asked.status < 300; });
}

void check_outcomes(const std::vector<Outcome>& outcomes, std::size_t count, const Vendor& vendor,
                    bool removal) {
  must(outcomes.size() == count, "one outcome a contact");
  for (const auto& outcome : outcomes) {
    if (outcome.status == Outcome::Status::Ok && !removal) {
      must(any_success(vendor), "nothing is done that the vendor did not confirm");
    }
    if (outcome.status == Outcome::Status::Pending)
      static_cast<void>(parse_receipt(outcome.receipt));
    must(outcome.after.count() >= 0, "no pause is negative");
  }
  const auto text = sluice::detail::encode_outcomes(outcomes, count);
  must(sluice::detail::encode_outcomes(sluice::detail::decode_outcomes(text, count), count) == text,
       "outcomes survive their encoding");
  check_consent(vendor);
}

void write_contacts(sluice::Context& context, Client& client, Vendor& vendor,
                    std::string_view what) {
  const std::size_t count = what == "bulk" || what == "poll" ? 14 : 4;
  const bool removal = what == "remove";
  sluice::WriteRequest request;
  request.object = "contacts";
  request.match = "email";
  request.options = sluice::Config{{{"list", "Customers"}, {"resubscribe", "never"}}};
  ContactWriter writer{context, client, KnownAccount{}.whole(context, client), request};
  const auto batch = batch_of(count, removal);
  static_cast<void>(writer.estimate(context, batch.writes));
  if (what == "lookup") {
    must(writer.lookup(context, {"p1@example.com", "p2@example.com"}, false).size() == 2,
         "one row a key");
    must(writer.lookup(context, {"1", "2"}, true).size() == 2, "one row an id");
    return;
  }
  vendor.forget();
  if (what == "poll") {
    const sluice::Receipt receipt{
        R"({"batchId":"b1","sent_at":1704067200000,"sent":14,"queued":14})",
        std::chrono::seconds{40}, true};
    check_outcomes(writer.poll(context, receipt, batch.writes), count, vendor, removal);
    return;
  }
  check_outcomes(writer.write(context, batch.writes), count, vendor, removal);
}

void write_companies(sluice::Context& context, Client& client, Vendor& vendor) {
  sluice::WriteRequest request;
  request.object = kAccounts;
  request.match = "name";
  CompanyWriter writer{client, request};
  sluice::JsonParser parser;
  const auto batch = sluice::detail::decode_writes(
      parser,
      "{\"op\":\"upsert\",\"key\":\"Acme\",\"fields\":{\"name\":\"Acme\"}}\n"
      "{\"op\":\"upsert\",\"key\":\"Beta\",\"remote_id\":\"7\",\"fields\":{\"name\":\"Beta\"}}\n");
  vendor.forget();
  check_outcomes(writer.write(context, batch.writes), 2, vendor, false);
  static_cast<void>(writer.lookup(context, {"Acme"}, false));
}

void run(sluice::Context& context, const Settings& settings, Vendor& vendor,
         std::string_view what) {
  Client client{settings};
  if (what == "check") {
    must(!check_account(context, settings).id.empty(), "an account has a name");
  } else if (what == "discover") {
    AccountModel model;
    model.load_fields(context, client);
    static_cast<void>(sluice::detail::describe(describe_contacts(model)));
  } else if (what == "prepare") {
    sluice::PrepareRequest request;
    request.object = "contacts";
    request.fields = {{"Plan", sluice::FieldType::Text}, {"New", sluice::FieldType::Date}};
    request.options = sluice::Config{{{"list", "Customers"}}};
    KnownAccount known;
    must(prepare_fields(context, client, known, request).size() == 2, "every field has an answer");
  } else if (what == "companies") {
    write_companies(context, client, vendor);
  } else {
    write_contacts(context, client, vendor, what);
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sluice::fuzz::Input input{data, size};
  const auto what = input.until("\n");
  const bool is_known = what != "open" && what != "discover" && what != "prepare";
  Vendor vendor{input, "{}", is_known ? Vendor::Standing{known_account} : Vendor::Standing{}};
  sluice::testing::FakeHost host;
  auto context = host.context();
  Settings settings;
  settings.base_url = normalise_url("https://acme.api-us1.com");
  settings.host = account_host(settings.base_url);
  settings.api_key = "key";
  settings.requests_per_second = 0;
  settings.transport = vendor.transport();
  settings.clock = vendor.clock();
  const auto call = [&] {
    run(context, settings, vendor, what);
    return true;
  };
  static_cast<void>(answered(call, kVendorsFault));
  check_consent(vendor);
  return 0;
}
