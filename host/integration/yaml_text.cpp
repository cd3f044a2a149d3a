#include "integration/yaml_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "integration/scalar.hpp"

namespace sluice::host {
namespace {

constexpr int kBlockDepth = 4;  // syncs, a sync, its fields, one of them

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// core_value has nothing for numbers that cannot be kept exactly, too.
bool stays_text(std::string_view text) {
  const auto value = core_value(text);
  return value && value->is_string();
}

// Whether a text can stand without quotes. Narrower than YAML is.
bool is_plain(std::string_view text, std::string_view further, std::string_view first) {
  if (text.empty() || !stays_text(text)) return false;
  if (!is_word(text.front()) && first.find(text.front()) == std::string_view::npos) return false;
  if (text.back() == ' ' || text.back() == ':') return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos)
    return false;
  return std::all_of(text.begin(), text.end(), [further](char c) {
    return is_word(c) || further.find(c) != std::string_view::npos;
  });
}

bool is_plain_in_block(std::string_view text) {
  return is_plain(text, R"( .,:;/+-*=<>!?@#$%&|()[]{}~^'"\)", "./$(");
}

bool is_plain_in_flow(std::string_view text) {
  return is_plain(text, " ./+-", ".");
}

std::string quoted(std::string_view text) {
  std::string out = to_json(json::value(text));
  // JSON takes as they are what YAML does not: DEL and the controls behind it, line breaks of
  // Unicode, the byte order mark.
  std::string clean;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto byte = [&](std::size_t at) {
      return at < out.size() ? static_cast<unsigned char>(out[at]) : 0U;
    };
    unsigned code = 0;
    std::size_t length = 0;
    if (byte(i) == 0x7F) {
      code = 0x7F, length = 1;
    } else if (byte(i) == 0xC2 && byte(i + 1) < 0xA0) {
      code = byte(i + 1), length = 2;
    } else if (byte(i) == 0xE2 && byte(i + 1) == 0x80 && (byte(i + 2) | 1U) == 0xA9) {
      code = 0x2000 + (byte(i + 2) & 0x3FU), length = 3;
    } else if (byte(i) == 0xEF && byte(i + 1) == 0xBB && byte(i + 2) == 0xBF) {
      code = 0xFEFF, length = 3;
    }
    if (length == 0) {
      clean += out[i];
      continue;
    }
    std::array<char, 8> escape{};
    std::snprintf(escape.data(), escape.size(), "\\u%04x", code);
    clean += escape.data();
    i += length - 1;
  }
  return clean;
}

std::string key_text(std::string_view key) {
  return is_plain_in_flow(key) ? std::string{key} : quoted(key);
}

std::string flow(const json::value& value) {
  if (value.is_string()) {
    const std::string_view text{value.get_string()};
    return is_plain_in_flow(text) ? std::string{text} : quoted(text);
  }
  std::string out;
  const auto separate = [&out] { out += out.size() > 1 ? ", " : ""; };
  if (value.is_array()) {
    out = "[";
    for (const auto& item : value.get_array()) {
      separate();
      out += flow(item);
    }
    return out + "]";
  }
  if (value.is_object()) {
    out = "{";
    for (const auto& member : value.get_object()) {
      separate();
      out += key_text(member.key()) + ": " + flow(member.value());
    }
    return out + "}";
  }
  return to_json(value);
}

void block(const json::object& object, int depth, std::string& out) {
  const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  for (const auto& [key, value] : object) {
    out += indent + key_text(key) + ":";
    if (value.is_object() && !value.get_object().empty() && depth + 1 < kBlockDepth) {
      out += '\n';
      block(value.get_object(), depth + 1, out);
      continue;
    }
    if (value.is_array() && !value.get_array().empty()) {
      out += '\n';
      for (const auto& item : value.get_array()) out += indent + "  - " + flow(item) + '\n';
      continue;
    }
    const bool plain = value.is_string() && is_plain_in_block(value.get_string());
    out += ' ' + (plain ? std::string{value.get_string()} : flow(value)) + '\n';
  }
}

}  // namespace

std::string yaml_text(const json::object& document) {
  std::string out;
  block(document, 0, out);
  return out;
}

}  // namespace sluice::host
