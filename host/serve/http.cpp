#include "serve/http.hpp"

#include <algorithm>
#include <charconv>

namespace sluice::host::serve {
namespace {

const char* title_of(int status) {
  switch (status) {
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

Problem wrong(std::string_view name, const std::string& what) {
  return invalid("/" + std::string{name}, "\"" + std::string{name} + "\" must be " + what);
}

}  // namespace

Reply Reply::json(const json::value& document, int status) {
  Reply reply;
  reply.status = status;
  reply.body = to_json(document);
  return reply;
}

Reply Reply::text(std::string body, int status) {
  Reply reply;
  reply.status = status;
  reply.type = "text/plain; charset=utf-8";
  reply.body = std::move(body);
  return reply;
}

Reply Problem::reply() const {
  json::object out{{"type", "about:blank"},
                   {"title", title_of(status_)},
                   {"status", status_},
                   {"code", code_},
                   {"detail", what()}};
  for (const auto& member : more_) out[member.key()] = member.value();
  Reply reply = Reply::json(json::value(std::move(out)), status_);
  reply.type = "application/problem+json";
  return reply;
}

Problem not_found(const std::string& detail) {
  return {404, "not_found", detail};
}

Problem invalid(const std::string& pointer, const std::string& detail) {
  json::object place{{"pointer", pointer}, {"detail", detail}};
  json::array places;
  places.push_back(json::value(std::move(place)));
  return {422, "invalid", detail, {{"errors", std::move(places)}}};
}

json::object body_of(const Request& request, std::vector<std::string_view> allowed) {
  if (request.body.empty()) return {};
  json::value body;
  try {
    body = parse_json(request.body);
  } catch (const std::exception& error) {
    throw invalid("", std::string{"the body is no JSON: "} + error.what());
  }
  if (!body.is_object()) throw invalid("", "the body must be a JSON object");
  for (const auto& member : body.get_object()) {
    if (std::find(allowed.begin(), allowed.end(), member.key()) == allowed.end()) {
      std::string names;
      for (const auto name : allowed) names.append(names.empty() ? "" : ", ").append(name);
      throw invalid("/" + std::string{member.key()},
                    "there is no \"" + std::string{member.key()} + "\" here; there is " + names);
    }
  }
  return std::move(body.get_object());
}

std::string text_in(const json::object& body, std::string_view name, std::size_t most) {
  const auto* value = body.if_contains(name);
  if (value == nullptr) return {};
  if (!value->is_string()) throw wrong(name, "a text");
  if (value->get_string().size() > most)
    throw wrong(name, "at most " + std::to_string(most) + " bytes long");
  return std::string{value->get_string()};
}

bool flag_in(const json::object& body, std::string_view name) {
  const auto* value = body.if_contains(name);
  if (value == nullptr) return false;
  if (!value->is_bool()) throw wrong(name, "true or false");
  return value->get_bool();
}

std::optional<std::int64_t> number_in(const json::object& body, std::string_view name,
                                      std::int64_t least, std::int64_t most) {
  const auto* value = body.if_contains(name);
  if (value == nullptr) return std::nullopt;
  const bool fits = value->is_int64() && value->get_int64() >= least && value->get_int64() <= most;
  if (!fits)
    throw wrong(name, "a number from " + std::to_string(least) + " to " + std::to_string(most));
  return value->get_int64();
}

std::vector<std::string> texts_in(const json::object& body, std::string_view name,
                                  std::size_t most) {
  const auto* value = body.if_contains(name);
  if (value == nullptr) return {};
  const std::string what = "1 to " + std::to_string(most) + " texts";
  if (!value->is_array()) throw wrong(name, what);
  const auto& entries = value->get_array();
  if (entries.empty() || entries.size() > most) throw wrong(name, what);
  std::vector<std::string> out;
  for (const auto& entry : entries) {
    if (!entry.is_string()) throw wrong(name, what);
    out.emplace_back(entry.get_string());
  }
  return out;
}

std::int64_t number_of(const Request& request, const std::string& name, std::int64_t fallback,
                       std::int64_t least, std::int64_t most) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return fallback;
  const std::string& text = found->second;
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  if (!is_number || value < least || value > most)
    throw wrong(name, "a number from " + std::to_string(least) + " to " + std::to_string(most));
  return value;
}

}  // namespace sluice::host::serve
