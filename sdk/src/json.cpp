#include "sluice/json.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serializer.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "sluice/error.hpp"

namespace sluice {
namespace {

// Feeds a value_stack as Boost.JSON's own handler does, except that decimals are read again from
// their text.
class ExactHandler {
 public:
  // NOLINTBEGIN(readability-identifier-naming): Boost.JSON asks for these names
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  // NOLINTEND(readability-identifier-naming)
  using error_code = json::error_code;
  using string_view = json::string_view;

  json::value_stack stack;
  std::string number;
  const char* problem = nullptr;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t n, error_code&) {
    stack.push_object(n);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t n, error_code&) {
    stack.push_array(n);
    return true;
  }
  bool on_key_part(string_view s, std::size_t, error_code&) {
    stack.push_chars(s);
    return true;
  }
  bool on_key(string_view s, std::size_t, error_code&) {
    stack.push_key(s);
    return true;
  }
  bool on_string_part(string_view s, std::size_t, error_code&) {
    stack.push_chars(s);
    return true;
  }
  bool on_string(string_view s, std::size_t, error_code&) {
    stack.push_string(s);
    return true;
  }
  bool on_number_part(string_view s, error_code&) {
    number.append(s.data(), s.size());
    return true;
  }
  bool on_int64(std::int64_t i, string_view, error_code&) {
    number.clear();
    stack.push_int64(i);
    return true;
  }
  bool on_uint64(std::uint64_t u, string_view, error_code&) {
    number.clear();
    stack.push_uint64(u);
    return true;
  }
  bool on_double(double rough, string_view s, error_code& ec) {
    number.append(s.data(), s.size());
    const bool whole = number.find_first_of(".eE") == std::string::npos;
    double exact = 0;
    const auto [end, status] = std::from_chars(number.data(), number.data() + number.size(), exact);
    if (whole) {
      problem = "an integer beyond 64 bits";
    } else if (status == std::errc::result_out_of_range && std::abs(rough) < 1) {
      exact = std::copysign(0.0, rough);  // too small for a double: the nearest is zero
    } else if (status != std::errc{} || end != number.data() + number.size()) {
      problem = "a number too large for a double";
    }
    number.clear();
    if (problem != nullptr) {
      ec = json::error::not_number;
      return false;
    }
    stack.push_double(exact);
    return true;
  }
  bool on_bool(bool b, error_code&) {
    stack.push_bool(b);
    return true;
  }
  bool on_null(error_code&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }
};

json::parse_options parse_options() {
  json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  return options;
}

std::string too_deep() {
  return "nested deeper than " + std::to_string(kMaxJsonDepth) + " levels";
}

// Whether one of eight characters is to be escaped: a control character, a quote or a backslash.
bool is_any_escaped(const char* eight) noexcept {
  constexpr std::uint64_t kEach = 0x0101010101010101;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, eight, sizeof bytes);
  // The highest bit of each byte that is below the limit, which is at most 0x80.
  const auto below = [](std::uint64_t of, std::uint64_t limit) {
    return (of - kEach * limit) & ~of;
  };
  const std::uint64_t found =
      below(bytes, 0x20) | below(bytes ^ (kEach * '"'), 1) | below(bytes ^ (kEach * '\\'), 1);
  return (found & (kEach * 0x80)) != 0;
}

template <typename Sink>
void write_string(Sink& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.push_back('"');
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (i + 8 <= text.size() && !is_any_escaped(text.data() + i)) i += 8;
    if (i == text.size()) break;
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.data() + start, i - start);
    start = i + 1;
    switch (c) {
      case '"':
        out.append("\\\"");
        break;
      case '\\':
        out.append("\\\\");
        break;
      case '\n':
        out.append("\\n");
        break;
      case '\r':
        out.append("\\r");
        break;
      case '\t':
        out.append("\\t");
        break;
      case '\b':
        out.append("\\b");
        break;
      case '\f':
        out.append("\\f");
        break;
      default:
        out.append("\\u00");
        out.push_back(kHex[c >> 4]);
        out.push_back(kHex[c & 15]);
    }
  }
  out.append(text.data() + start, text.size() - start);
  out.push_back('"');
}

template <typename Integer>
void write_integer(std::string& out, Integer number) {
  char buffer[24];
  const auto result = std::to_chars(std::begin(buffer), std::end(buffer), number);
  out.append(buffer, result.ptr);
}

void write_value(std::string& out, const json::value& value, bool sorted);

void write_object(std::string& out, const json::object& object, bool sorted) {
  out.push_back('{');
  bool first = true;
  const auto member = [&](json::string_view key, const json::value& item) {
    if (!first) out.push_back(',');
    first = false;
    write_string(out, key);
    out.push_back(':');
    write_value(out, item, sorted);
  };
  if (sorted) {
    std::vector<const json::key_value_pair*> members;
    members.reserve(object.size());
    for (const auto& pair : object) members.push_back(&pair);
    std::sort(members.begin(), members.end(),
              [](const auto* a, const auto* b) { return a->key() < b->key(); });
    for (const auto* pair : members) member(pair->key(), pair->value());
  } else {
    for (const auto& pair : object) member(pair.key(), pair.value());
  }
  out.push_back('}');
}

void write_value(std::string& out, const json::value& value, bool sorted) {
  switch (value.kind()) {
    case json::kind::null:
      out.append("null");
      break;
    case json::kind::bool_:
      out.append(value.get_bool() ? "true" : "false");
      break;
    case json::kind::int64:
      write_integer(out, value.get_int64());
      break;
    case json::kind::uint64:
      write_integer(out, value.get_uint64());
      break;
    case json::kind::double_:
      write_number(out, value.get_double());
      break;
    case json::kind::string:
      write_string(out, value.get_string());
      break;
    case json::kind::array: {
      out.push_back('[');
      bool first = true;
      for (const auto& item : value.get_array()) {
        if (!first) out.push_back(',');
        first = false;
        write_value(out, item, sorted);
      }
      out.push_back(']');
      break;
    }
    case json::kind::object:
      write_object(out, value.get_object(), sorted);
      break;
  }
}

}  // namespace

struct JsonParser::Impl {
  json::basic_parser<ExactHandler> parser{parse_options()};
};

JsonParser::JsonParser() : impl_{std::make_unique<Impl>()} {}
JsonParser::~JsonParser() = default;
JsonParser::JsonParser(JsonParser&&) noexcept = default;
JsonParser& JsonParser::operator=(JsonParser&&) noexcept = default;

json::value JsonParser::parse(std::string_view text, json::storage_ptr storage) {
  auto& parser = impl_->parser;
  auto& handler = parser.handler();
  parser.reset();
  handler.problem = nullptr;
  handler.number.clear();
  handler.stack.reset(std::move(storage));
  json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && used < text.size()) ec = json::error::extra_data;
  if (ec) {
    const std::string what = handler.problem != nullptr    ? handler.problem
                             : ec == json::error::too_deep ? too_deep()
                                                           : ec.message();
    throw Error{Code::SchemaMismatch, "invalid JSON at byte " + std::to_string(used) + ": " + what};
  }
  return handler.stack.release();
}

json::value parse_json(std::string_view text, json::storage_ptr storage) {
  return JsonParser{}.parse(text, std::move(storage));
}

void write_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    throw Error{Code::SchemaMismatch, "JSON cannot express an infinite or undefined number"};
  }
  if (number == 0) number = 0;  // read back, "-0" would be the integer 0, whose text is another one
  char buffer[40];
  // Fixed notation below 1e17 keeps whole amounts readable; beyond it, the shortest form may carry
  // an exponent.
  const auto result =
      std::abs(number) < 1e17 && (std::abs(number) >= 1e-7 || number == 0)
          ? std::to_chars(std::begin(buffer), std::end(buffer), number, std::chars_format::fixed)
          : std::to_chars(std::begin(buffer), std::end(buffer), number);
  out.append(buffer, result.ptr);
}

void write_json(std::string& out, const json::value& value) {
  write_value(out, value, false);
}
void write_json(std::string& out, const json::object& object) {
  write_object(out, object, false);
}
void write_json(std::string& out, std::string_view text) {
  write_string(out, text);
}

std::string to_json(const json::value& value) {
  std::string out;
  write_value(out, value, false);
  return out;
}

std::string to_canonical_json(const json::value& value) {
  std::string out;
  write_value(out, value, true);
  return out;
}

}  // namespace sluice
