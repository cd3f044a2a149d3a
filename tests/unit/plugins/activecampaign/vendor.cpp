#include "vendor.hpp"

#include <utility>

#include "known_account.hpp"

namespace activecampaign::testing {

using sluice::HttpResult;
using sluice::Write;

namespace {

constexpr auto kBase = "https://acme.api-us1.com";
constexpr auto kLists = R"({"lists":[{"id":"1","name":"Customers"},{"id":2,"name":"News"}],
                            "meta":{"total":"2"}})";
constexpr auto kFields = R"({"fields":[
  {"id":"1","title":"Plan","type":"text","perstag":"PLAN"},
  {"id":"2","title":"Seats","type":"number","perstag":"SEATS"},
  {"id":"3","title":"Renewal","type":"date","perstag":"RENEWAL"},
  {"id":"4","title":"Signed up","type":"datetime","perstag":"SIGNED_UP"},
  {"id":"5","title":"Tier","type":"dropdown","perstag":"TIER"},
  {"id":"6","title":"Interests","type":"checkbox","perstag":"INTERESTS"}],
  "fieldOptions":[
  {"id":"1","field":"5","orderid":"1","value":"gold","label":"Gold tier"},
  {"id":"2","field":"5","orderid":"2","value":"silver","label":"Silver tier"},
  {"id":"3","field":"6","orderid":"1","value":"a","label":"A"},
  {"id":"4","field":"6","orderid":"2","value":"b","label":"B"}],
  "fieldRels":[{"id":"1","field":"1","relid":"0"},{"id":"2","field":"2","relid":"0"},
  {"id":"3","field":"3","relid":"0"},{"id":"4","field":"4","relid":"0"},
  {"id":"5","field":"5","relid":"0"},{"id":"6","field":"6","relid":"0"}],
  "meta":{"total":"6"}})";
constexpr auto kTags = R"({"tags":[{"id":"1","tag":"vip","tagType":"contact"},
                                   {"id":"2","tag":"churned","tagType":"contact"}],
                           "meta":{"total":"2"}})";

std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(std::string{text.substr(i + 1, 2)}, nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

Vendor::Vendor()
    : transport_{std::make_shared<sluice::testing::ScriptedTransport>()},
      clock_{std::make_shared<sluice::testing::JumpingClock>()} {
  transport_->handle([this](const auto& exchange) { return answer(exchange); });
  on("GET /lists", 200, kLists);
  on("GET /fields", 200, kFields);
  on("GET /tags", 200, kTags);
}

void Vendor::on(const std::string& route, Reply reply) {
  standing_[route] = std::move(reply);
}

void Vendor::on(const std::string& route, int status, const std::string& body) {
  standing_[route] = [=](const Asked&) { return answered(status, body); };
}

void Vendor::next(const std::string& route, Reply reply) {
  next_[route].push_back(std::move(reply));
}

void Vendor::next(const std::string& route, int status, const std::string& body,
                  sluice::Pairs headers) {
  next(route, [=](const Asked&) { return answered(status, body, headers); });
}

std::vector<Asked> Vendor::asked(const std::string& route) const {
  std::vector<Asked> found;
  for (const auto& asked : log_) {
    if (asked.route == route) found.push_back(asked);
  }
  return found;
}

std::vector<std::string> Vendor::writes() const {
  std::vector<std::string> found;
  for (const auto& asked : log_) {
    if (!asked.route.starts_with("GET ")) found.push_back(asked.route);
  }
  return found;
}

HttpResult Vendor::answer(const sluice::Transport::Exchange& exchange) {
  const std::string api = std::string{kBase} + "/api/3";
  const auto path = exchange.url.starts_with(api) ? exchange.url.substr(api.size()) : exchange.url;
  const auto question = path.find('?');
  Asked asked;
  asked.route = exchange.method + " " + path.substr(0, question);
  if (question != std::string::npos) asked.query = decode(path.substr(question + 1));
  if (!exchange.body.empty()) asked.body = sluice::parse_json(exchange.body);
  log_.push_back(asked);
  if (auto& queue = next_[asked.route]; !queue.empty()) {
    auto reply = std::move(queue.front());
    queue.pop_front();
    return reply(asked);
  }
  const auto standing = standing_.find(asked.route);
  if (standing != standing_.end()) return standing->second(asked);
  return answered(404, R"({"message":"No Result found: )" + asked.route + "\"}");
}

Settings Vendor::settings() const {
  Settings settings;
  settings.base_url = normalise_url(kBase);
  settings.host = account_host(settings.base_url);
  settings.api_key = "secret-key";
  settings.requests_per_second = 0;
  settings.transport = transport_;
  settings.clock = clock_;
  return settings;
}

Client& Vendor::client() {
  if (!client_) client_ = std::make_unique<Client>(settings());
  return *client_;
}

std::unique_ptr<ContactWriter> Vendor::open(const std::string& options, sluice::WriteMode mode) {
  auto call = context();
  sluice::WriteRequest request;
  request.object = "contacts";
  request.match = "email";
  request.mode = mode;
  request.options = sluice::Config{object(options)};
  return std::make_unique<ContactWriter>(call, client(), KnownAccount{}.whole(call, client()),
                                         request);
}

json::object object(const std::string& json_text) {
  return sluice::parse_json(json_text).as_object();
}

namespace {

std::vector<std::string> texts(const json::object& object, const char* name) {
  std::vector<std::string> found;
  for (const auto& item : items(object, name)) found.push_back(scalar(item));
  return found;
}

}  // namespace

Write row(const std::string& json_text) {
  const auto members = object(json_text);
  Write write;
  write.op = scalar(members, "op") == "delete" ? Write::Op::Delete : Write::Op::Upsert;
  write.key = scalar(members, "key");
  if (members.contains("previous_key")) write.previous_key = scalar(members, "previous_key");
  if (members.contains("remote_id")) write.remote_id = scalar(members, "remote_id");
  write.delivered = members.contains("delivered");
  write.repeated = members.contains("repeated");
  write.fields = member(members, "fields");
  for (const auto& pair : member(members, "sets")) {
    write.sets[std::string{pair.key()}] = {texts(pair.value().as_object(), "add"),
                                           texts(pair.value().as_object(), "remove"),
                                           texts(pair.value().as_object(), "keep")};
  }
  write.if_empty = texts(members, "if_empty");
  write.action = scalar(members, "action");
  write.opted_out = texts(members, "opted_out");
  write.withdrawn = texts(members, "withdrawn");
  write.previous_opted_out = texts(members, "previous_opted_out");
  write.previous_withdrawn = texts(members, "previous_withdrawn");
  return write;
}

std::vector<Write> rows(std::size_t count, const std::string& members) {
  std::vector<Write> writes;
  for (std::size_t i = 1; i <= count; ++i) {
    const auto n = std::to_string(i);
    writes.push_back(row(R"({"key":"p)" + n + R"(@example.com","fields":{"firstName":"P)" + n +
                         "\"}" + members + "}"));
  }
  return writes;
}

HttpResult echo(const Asked& asked, int status, const std::string& id) {
  const auto& sent = member(asked.body.as_object(), "contact");
  json::object contact{
      {"id", id},
      {"email", scalar(sent, "email")},
      {"cdate", "2024-01-01T00:00:00-06:00"},
      {"udate", status == 201 ? "2024-01-01T00:00:00-06:00" : "2024-01-02T00:00:00-06:00"}};
  for (const char* name : {"firstName", "lastName", "phone"}) contact[name] = scalar(sent, name);
  json::object body{{"contact", std::move(contact)}};
  json::array values;
  for (const auto& value : items(sent, "fieldValues")) {
    // As recorded: numbers where strings were sent.
    values.push_back(json::object{{"field", id_value(scalar(as_object(value), "field"))},
                                  {"value", scalar(as_object(value), "value")},
                                  {"contact", id_value(id)}});
  }
  if (!values.empty()) body["fieldValues"] = std::move(values);
  return answered(status, sluice::to_json(body));
}

}  // namespace activecampaign::testing
