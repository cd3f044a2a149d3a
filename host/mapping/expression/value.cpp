#include "mapping/expression/value.hpp"

namespace sluice::host::expr {
namespace {

constexpr std::size_t kMaxDescribed = 60;

}  // namespace

std::string_view type_name(const json::value& value) noexcept {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "boolean";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "number";
    case json::kind::string:
      return "string";
    case json::kind::array:
      return "array";
    case json::kind::object:
      return "object";
  }
  return "null";
}

std::string describe(const json::value& value) {
  if (value.is_null()) return "null";
  std::string text{type_name(value)};
  std::string content = to_json(value);
  if (content.size() > kMaxDescribed) {
    std::size_t cut = kMaxDescribed;
    while (cut > 0 && (static_cast<unsigned char>(content[cut]) & 0xC0U) == 0x80U) --cut;
    content.resize(cut);
    content += "…";
  }
  return text + " (" + content + ")";
}

void fail(std::string message) {
  throw Failure{std::move(message), false};
}

}  // namespace sluice::host::expr
