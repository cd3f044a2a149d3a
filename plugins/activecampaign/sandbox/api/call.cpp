#include "api/call.hpp"

#include <algorithm>
#include <charconv>

#include "account/email.hpp"
#include "api/errors.hpp"
#include "sluice/error.hpp"

namespace activecampaign_sandbox {

namespace {

constexpr std::int64_t kMaxLimit = 100;

std::optional<std::int64_t> to_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Id Call::id(std::string_view param) const {
  return to_id(request.param(param));
}

json::object Call::body(std::string_view envelope) const {
  json::value document;
  try {
    document = request.json_body();
  } catch (const sluice::Error&) {
    throw bad_request("The request body is not valid JSON");
  }
  json::object* outer = document.if_object();
  if (outer == nullptr) return {};
  json::value* inner = outer->if_contains(envelope);
  if (inner == nullptr || !inner->is_object()) return {};
  return std::move(inner->as_object());
}

Contact& Call::contact() const {
  Contact* found = account.contacts.find(id());
  if (found == nullptr) throw not_found("Subscriber", request.param("id"));
  return *found;
}

std::string_view Call::query(std::string_view name) const {
  const std::string* value = request.find_query(name);
  return value == nullptr ? std::string_view{} : std::string_view{*value};
}

std::int64_t Call::query_number(std::string_view name, std::int64_t otherwise) const {
  return to_number(query(name)).value_or(otherwise);
}

std::string Call::base_url() const {
  const std::string_view host = request.header("Host");
  return "http://" + (host.empty() ? std::string{"localhost"} : std::string{host}) + "/api/3";
}

PageBounds page_bounds(const Call& call, std::int64_t default_limit) {
  std::int64_t limit = call.query_number("limit", default_limit);
  if (limit <= 0) limit = default_limit;
  const std::int64_t offset = std::max<std::int64_t>(0, call.query_number("offset", 0));
  return {static_cast<std::size_t>(std::min(limit, kMaxLimit)), static_cast<std::size_t>(offset)};
}

std::vector<TextFilter> text_filters(const Call& call, std::string_view name,
                                     std::string_view plain_op) {
  const std::string plain = "filters[" + std::string{name} + "]";
  std::vector<TextFilter> filters;
  for (const auto& [key, value] : call.request.query) {
    if (!key.starts_with(plain)) continue;
    std::string_view op = std::string_view{key}.substr(plain.size());
    if (op.empty()) {
      filters.push_back({std::string{plain_op}, fold(value)});
    } else if (op.size() > 2 && op.front() == '[' && op.back() == ']') {
      filters.push_back({std::string{op.substr(1, op.size() - 2)}, fold(value)});
    }
  }
  return filters;
}

bool passes(const std::vector<TextFilter>& filters, std::string_view text) {
  const std::string folded = fold(text);
  return std::all_of(filters.begin(), filters.end(), [&](const TextFilter& filter) {
    if (filter.op == "eq") return folded == filter.value;
    if (filter.op == "neq") return folded != filter.value;
    if (filter.op == "lt") return folded < filter.value;
    if (filter.op == "lte") return folded <= filter.value;
    if (filter.op == "gt") return folded > filter.value;
    if (filter.op == "gte") return folded >= filter.value;
    if (filter.op == "contains") return folded.find(filter.value) != std::string::npos;
    if (filter.op == "starts_with") return folded.starts_with(filter.value);
    return true;
  });
}

int order_of(const Call& call, std::string_view name) {
  const std::string_view value = call.query("orders[" + std::string{name} + "]");
  if (value.empty()) return 0;
  return fold(value) == "desc" ? -1 : 1;
}

Id to_id(std::string_view text) {
  const auto number = to_number(text);
  constexpr std::int64_t kMaxId = 0xffff'ffff;
  return number && *number > 0 && *number <= kMaxId ? static_cast<Id>(*number) : 0;
}

Id id_in(const json::object& object, std::string_view name) {
  const auto text = text_in(object, name);
  return text ? to_id(*text) : 0;
}

std::optional<std::string> text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null() || value->is_structured()) return std::nullopt;
  if (const json::string* text = value->if_string()) return std::string{*text};
  if (const bool* flag = value->if_bool()) return *flag ? "1" : "0";
  return sluice::to_json(*value);
}

bool truthy(const json::value& value) {
  if (const bool* flag = value.if_bool()) return *flag;
  if (const json::string* text = value.if_string()) {
    return *text == "1" || fold(std::string_view{*text}) == "true";
  }
  return value.is_number() && value.to_number<double>() != 0;
}

SandboxResponse reply(int status, json::object body) {
  return SandboxResponse::json(status, json::value(std::move(body)));
}

}  // namespace activecampaign_sandbox
