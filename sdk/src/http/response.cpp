#include <curl/curl.h>

#include <sluice/http.hpp>

#include "address.hpp"
#include "policy.hpp"

namespace sluice {
namespace {

constexpr std::size_t kQuoted = 120;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

// The first bytes of a body in one readable line.
std::string quote(std::string_view body) {
  std::string out;
  for (const char c : body) {
    if (out.size() >= kQuoted) return out + "...";
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += byte < 0x7f ? c : '?';
    }
  }
  return out;
}

bool is_html(const HttpResponse& response) {
  if (response.header("content-type").find("text/html") != std::string_view::npos) return true;
  const auto start = response.body.find_first_not_of(" \t\r\n");
  if (start == std::string::npos) return false;
  std::string head = response.body.substr(start, 14);
  for (char& c : head) c = lower(c);
  return head.starts_with("<!doctype html") || head.starts_with("<html");
}

std::string member(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  const auto* string = value != nullptr ? value->if_string() : nullptr;
  return string != nullptr ? std::string{string->data(), string->size()} : std::string{};
}

// {"message"}, {"error_msg"}, {"error"}, {"errors":[{"title"|"detail"|"message"}]}: where vendors
// put their words.
std::string vendor_words(const json::object& body) {
  for (const auto* name : {"message", "error_msg", "error"}) {
    if (auto words = member(body, name); !words.empty()) return words;
  }
  const auto* errors = body.if_contains("errors");
  if (errors == nullptr || !errors->is_array()) return {};
  std::string all;
  for (const auto& entry : errors->get_array()) {
    std::string words;
    if (const auto* string = entry.if_string()) words.assign(string->data(), string->size());
    if (const auto* object = entry.if_object()) {
      for (const auto* name : {"detail", "title", "message"}) {
        if (words = member(*object, name); !words.empty()) break;
      }
    }
    if (!words.empty()) all += (all.empty() ? "" : "; ") + words;
  }
  return all;
}

std::string explain(const HttpResponse& response) {
  if (is_html(response)) return "an HTML page instead of an API's answer";
  if (response.body.empty()) return "an empty body";
  try {
    const auto value = parse_json(response.body);
    if (const auto* object = value.if_object()) {
      if (const auto words = vendor_words(*object); !words.empty()) return quote(words);
    }
  } catch (const Error&) {
    // Not JSON: quoted as it is.
  }
  return quote(response.body);
}

Code code_of(int status) {
  if (status >= 300 && status < 400) return Code::Config;
  if (status == 401 || status == 403) return Code::Auth;
  if (status == 404) return Code::NotFound;
  if (status == 429) return Code::RateLimited;
  return status >= 500 ? Code::Transient : Code::Rejected;
}

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers) {
    if (same_name(key, name)) return value;
  }
  return {};
}

std::optional<std::int64_t> HttpResponse::date() const {
  const std::string text{header("date")};
  const auto seconds = text.empty() ? -1 : curl_getdate(text.c_str(), nullptr);
  return seconds < 0 ? std::nullopt : std::optional<std::int64_t>{seconds};
}

json::value HttpResponse::json(json::storage_ptr storage) const {
  const auto prefix = "the answer (status " + std::to_string(status) + ") is ";
  if (body.empty()) throw Error{Code::Transient, prefix + "empty instead of JSON"};
  try {
    return parse_json(body, std::move(storage));
  } catch (const Error& error) {
    if (is_html(*this)) {
      throw Error{Code::Transient, prefix +
                                       "an HTML page instead of JSON (a login or proxy page? check "
                                       "the address): " +
                                       quote(body)};
    }
    throw Error{Code::Transient,
                prefix + "not JSON (" + error.what() + "), it begins with: " + quote(body)};
  }
}

Error http_error(const HttpResponse& response, std::string_view what) {
  std::string message{what};
  message += " was answered " + std::to_string(response.status);
  const Code code = code_of(response.status);
  if (code == Code::Config) {
    const std::string location{response.header("location")};
    message += location.empty() ? ", a redirect" : ", a redirect to " + http::shown_url(location);
    message += "; redirects are not followed: put the final address into the configuration";
    return Error{code, message};
  }
  message += ": " + explain(response);
  std::int64_t retry_after_ms = 0;
  if (code == Code::RateLimited || code == Code::Transient) {
    const auto pause = http::parse_retry_after(response.header("retry-after"));
    retry_after_ms = pause ? pause->count() : 0;
  }
  return Error{code, message, retry_after_ms};
}

std::string text(const json::value& value) {
  if (value.is_null()) return {};
  if (const auto* string = value.if_string()) return {string->data(), string->size()};
  return to_json(value);
}

}  // namespace sluice
