#include <algorithm>
#include <limits>

#include "members.hpp"
#include "sluice/detail/codec.hpp"
#include "sluice/error.hpp"

namespace sluice::detail {
namespace {

constexpr std::int64_t kLongestSettleMs = 24LL * 60 * 60 * 1000;

// A request's options leave the document they came in, for the request outlives it.
Config take_options(Members& members) {
  return Config{members.take_object("options")};
}

ReadMode read_mode(const Members& members) {
  const auto mode = members.maybe_text("mode").value_or("full");
  if (mode == "full") return ReadMode::Full;
  if (mode == "incremental") return ReadMode::Incremental;
  if (mode == "latest") return ReadMode::Latest;
  members.fail("mode", "full, incremental or latest");
}

WriteMode write_mode(const Members& members) {
  const auto mode = members.maybe_text("mode").value_or("upsert");
  if (mode == "upsert") return WriteMode::Upsert;
  if (mode == "create") return WriteMode::Create;
  if (mode == "update") return WriteMode::Update;
  members.fail("mode", "upsert, create or update");
}

std::string_view mode_name(ReadMode mode) {
  switch (mode) {
    case ReadMode::Full:
      return "full";
    case ReadMode::Incremental:
      return "incremental";
    case ReadMode::Latest:
      return "latest";
  }
  return "full";
}

std::string_view status_name(PreparedField::Status status) {
  switch (status) {
    case PreparedField::Status::Exists:
      return "exists";
    case PreparedField::Status::Created:
      return "created";
    case PreparedField::Status::Missing:
      return "missing";
    case PreparedField::Status::Impossible:
      return "impossible";
  }
  return "impossible";
}

json::array list_of(const std::vector<std::string>& texts) {
  json::array list;
  for (const auto& text : texts) list.emplace_back(text);
  return list;
}

json::object describe(const Field& field) {
  json::object out{{"name", field.name}, {"type", to_string(field.type)}};
  if (field.set) out["set"] = true;
  if (!field.options.empty()) out["options"] = list_of(field.options);
  if (field.required) out["required"] = true;
  if (field.built_in) out["built_in"] = true;
  if (field.max_length) out["max_length"] = *field.max_length;
  return out;
}

}  // namespace

ReadRequest decode_read_request(std::string_view text) {
  auto document = parse_json(text);
  Members members{document, "the request to read"};
  ReadRequest request;
  request.stream = members.text("stream");
  request.mode = read_mode(members);
  const auto limit = members.integer("limit", 0);
  if (limit < 0 || limit > std::numeric_limits<std::uint32_t>::max()) {
    members.fail("limit", "a number of records");
  }
  request.limit = static_cast<std::uint32_t>(limit);
  if (auto* cursor = members.find("cursor")) request.cursor = std::move(*cursor);
  request.options = take_options(members);
  return request;
}

LookupRequest decode_lookup_request(std::string_view text) {
  auto document = parse_json(text);
  Members members{document, "the request to look up records"};
  LookupRequest request;
  request.read.stream = members.text("stream");
  request.read.options = take_options(members);
  request.keys = members.texts("keys");
  return request;
}

PrepareRequest decode_prepare_request(std::string_view text) {
  auto document = parse_json(text);
  Members members{document, "the request to prepare"};
  PrepareRequest request;
  request.object = members.text("object");
  request.dry_run = members.flag("dry_run", false);
  request.options = take_options(members);
  auto* fields = members.find("fields");
  if (fields != nullptr && !fields->is_array()) members.fail("fields", "a list");
  if (fields == nullptr) return request;
  for (auto& item : fields->get_array()) {
    Members field{item, "a field of the request to prepare"};
    const auto type = field_type(field.text("type"));
    if (!type) field.fail("type", "a type of field");
    request.fields.push_back({field.text("name"), *type});
  }
  return request;
}

WriteRequest decode_write_request(std::string_view text) {
  auto document = parse_json(text);
  Members members{document, "the request to write"};
  WriteRequest request;
  request.object = members.text("object");
  request.match = members.text_or_empty("match");
  request.mode = write_mode(members);
  request.options = take_options(members);
  request.settle = std::chrono::milliseconds{
      std::clamp<std::int64_t>(members.integer("settle_ms", 0), 0, kLongestSettleMs)};
  return request;
}

RemoteLookupRequest decode_remote_lookup_request(std::string_view text) {
  auto document = parse_json(text);
  Members members{document, "the request to look up"};
  if (auto ids = members.maybe_texts("remote_ids")) return {*std::move(ids), true};
  return {members.texts("keys"), false};
}

std::string encode(const WriterLimits& limits) {
  // A batch holds at least one record.
  return to_json(json::object{{"preferred_records", std::max(limits.preferred_records, 1u)},
                              {"max_bytes", limits.max_bytes}});
}

std::string encode(const std::vector<PreparedField>& fields) {
  json::array list;
  for (const auto& field : fields) {
    json::object item{{"name", field.name}, {"status", status_name(field.status)}};
    if (!field.message.empty()) item["message"] = field.message;
    list.push_back(std::move(item));
  }
  return to_json(json::object{{"fields", std::move(list)}});
}

std::string encode(const std::vector<CallEstimate>& estimates) {
  json::array list;
  for (const auto& estimate : estimates) {
    list.push_back(json::object{{"account", estimate.rate.account},
                                {"class", estimate.rate.name},
                                {"requests", estimate.rate.requests},
                                {"window_ms", estimate.rate.window.count()},
                                {"calls", estimate.calls}});
  }
  return to_json(json::object{{"calls", std::move(list)}});
}

json::object describe(const Account& account) {
  json::object out{{"account_id", account.id},
                   {"title", account.title.empty() ? account.id : account.title}};
  if (!account.details.empty()) out["details"] = account.details;
  return out;
}

json::object describe(const Stream& stream) {
  json::array modes;
  for (const auto mode : stream.modes) modes.emplace_back(mode_name(mode));
  return {{"name", stream.name},
          {"modes", std::move(modes)},
          {"options", stream.options.schema()},
          {"schema", stream.schema}};
}

json::object describe(const Object& object) {
  json::array fields;
  for (const auto& field : object.fields) fields.push_back(describe(field));
  json::array creates;
  for (const auto type : object.creates_fields) creates.emplace_back(to_string(type));
  return {{"name", object.name},
          {"match", list_of(object.match)},
          {"key_fold", object.key_fold_lower ? "lower" : "none"},
          {"fields", std::move(fields)},
          {"creates_fields", std::move(creates)},
          {"delete_actions", list_of(object.delete_actions)},
          {"options", object.options.schema()}};
}

}  // namespace sluice::detail
