// What vendors' webhooks bring: events, of which only the keys of the records are kept.
#include <sodium.h>

#include "serve/api.hpp"

namespace sluice::host::serve {
namespace {

constexpr std::size_t kLargestEvent = std::size_t{1} << 20;
constexpr std::size_t kLongestId = 200;
constexpr std::size_t kLongestKey = 1000;

// "Basic …" → the password.
std::string password_of(std::string_view header) {
  constexpr std::string_view kBasic = "Basic ";
  if (header.substr(0, kBasic.size()) != kBasic) return {};
  header.remove_prefix(kBasic.size());
  std::string text(header.size(), '\0');
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(text.data()), text.size(), header.data(),
                        header.size(), " ", &size, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0)
    return {};
  text.resize(size);
  const auto colon = text.find(':');
  return colon == std::string::npos ? std::string{} : text.substr(colon + 1);
}

bool may_send(Api& api, const Request& request, const std::string& integration) {
  const auto part = request.parts.find("secret");
  const std::string secret =
      part != request.parts.end() ? part->second : password_of(request.header("authorization"));
  const auto row = api.tokens().find(secret);
  return row && row->role == Role::Sender && row->integration == integration;
}

// Text or number at a pointer; nothing where there is none.
std::string text_at(const json::value& event, std::string_view pointer) {
  boost::system::error_code none;
  const json::value* found = event.find_pointer(pointer, none);
  if (found == nullptr) return {};
  if (found->is_string()) return std::string{found->get_string()};
  return found->is_int64() || found->is_uint64() ? to_json(*found) : std::string{};
}

std::int64_t number_at(const json::value& event, std::string_view pointer) {
  boost::system::error_code none;
  const json::value* found = event.find_pointer(pointer, none);
  return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

std::vector<NamedRecord> records_in(const json::value& event, const json::object& declared,
                                    const Member& member) {
  std::vector<NamedRecord> out;
  for (const auto& entry : declared.at("records").as_array()) {
    const auto& record = entry.as_object();
    const std::string key = text_at(event, text_of(record, "key"));
    if (key.empty() || key.size() > kLongestKey) continue;
    const std::string version = text_of(record, "version");
    for (std::size_t i = 0; i < member.syncs.size(); ++i) {
      if (member.streams[i] == text_of(record, "stream"))
        out.push_back({member.syncs[i], key, version.empty() ? 0 : number_at(event, version)});
    }
  }
  return out;
}

// What the source says of its vendor's webhooks.
const json::object& declared_by(Api& api, const Member& member) {
  const auto& specs = api.connectors().specs;
  const auto spec = specs.find(member.source);
  const auto* events = spec != specs.end() ? spec->second.if_contains("events") : nullptr;
  if (events != nullptr && events->is_object()) return events->get_object();
  throw Problem{409, "refused",
                "connector \"" + member.source +
                    "\" knows nothing of webhooks: leave them off, the schedule finds all changes"};
}

}  // namespace

Reply take_event(Api& api, const Request& request, const Caller&) {
  const std::string& name = request.parts.at("name");
  if (!may_send(api, request, name)) {
    api.metrics().add_refused_event();
    Reply reply =
        Problem{401, "unauthorized",
                "this secret is not known here: `sluice serve token add NAME --role sender "
                "--integration " +
                    name + "` makes one"}
            .reply();
    reply.headers.emplace_back("WWW-Authenticate", "Basic realm=\"sluice\"");
    return reply;
  }
  if (request.body.size() > kLargestEvent)
    throw Problem{413, "too_large", "an event is larger than 1 MiB"};
  const auto standing = api.service().standing(name);
  // The vendor tries again: the file may be right by then.
  if (!standing || standing->member.broken)
    throw Problem{503, "unavailable",
                  standing ? "the integration's file has errors: mend it"
                           : "there is no integration \"" + name + "\" at this moment"};
  const json::object& declared = declared_by(api, standing->member);
  json::value body;
  try {
    body = parse_json(request.body);
  } catch (const std::exception& error) {
    throw invalid("", std::string{"the body is no JSON: "} + error.what());
  }
  Event event{name, text_at(body, text_of(declared, "id")), api.service().options().clock(),
              records_in(body, declared, standing->member)};
  if (event.id.empty() || event.id.size() > kLongestId)
    throw invalid(text_of(declared, "id"), "this is no event: it has no id of its own");
  const char* result = "nothing";
  if (!event.records.empty()) result = api.service().take(event) ? "queued" : "duplicate";
  api.metrics().add_event(name, result);
  return Reply::json(
      json::object{{"event", event.id}, {"records", event.records.size()}, {"result", result}});
}

}  // namespace sluice::host::serve
