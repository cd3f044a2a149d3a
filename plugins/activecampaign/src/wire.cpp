#include "wire.hpp"

#include <charconv>

namespace activecampaign {

std::string scalar(const json::value& value) {
  if (value.is_object() || value.is_array()) return {};
  return sluice::text(value);
}

std::string scalar(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value == nullptr ? std::string{} : scalar(*value);
}

const json::array& items(const json::object& object, std::string_view key) {
  static const json::array kNone;
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_array() ? value->get_array() : kNone;
}

bool has_array(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_array();
}

const json::object& member(const json::object& object, std::string_view key) {
  static const json::object kNone;
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : kNone;
}

const json::object& as_object(const json::value& value) {
  static const json::object kNone;
  return value.is_object() ? value.get_object() : kNone;
}

json::value id_value(const std::string& id) {
  std::int64_t number = 0;
  const auto [end, status] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (status == std::errc{} && end == id.data() + id.size()) return json::value(number);
  return json::value(id);
}

std::string path_to(std::string_view collection, std::string_view id) {
  return "/" + std::string{collection} + "/" + sluice::path_segment(id);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string fold(std::string_view text) {
  std::string folded{trim(text)};
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

namespace {

void append(std::string& out, std::string_view part, std::string_view separator) {
  if (part.empty()) return;
  if (!out.empty()) out += separator;
  out += part;
}

std::string one_error(const json::value& error) {
  const auto& object = as_object(error);
  std::string line = error.is_object() ? scalar(object, "title") : scalar(error);
  const auto detail = scalar(object, "detail");
  if (detail != line) append(line, detail, ": ");
  return line;
}

}  // namespace

std::string vendor_message(const json::object& body, std::string_view raw) {
  std::string message;
  if (const auto* errors = body.if_contains("errors"); errors != nullptr && errors->is_string()) {
    message = scalar(*errors);
  }
  for (const auto& error : items(body, "errors")) append(message, one_error(error), "; ");
  if (message.empty()) message = scalar(body, "message");
  if (message.empty()) {
    constexpr std::size_t kQuoted = 200;
    message = std::string{trim(raw.substr(0, kQuoted))};
    for (char& c : message) {
      if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
  }
  return message.empty() ? "no explanation given" : message;
}

std::string vendor_code(const json::object& body) {
  for (const auto& error : items(body, "errors")) {
    if (auto code = scalar(as_object(error), "code"); !code.empty()) return code;
  }
  return {};
}

}  // namespace activecampaign
