// JSON, which nearly everything else is made of: parsing, writing, the canonical form.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <charconv>
#include <cmath>
#include <sluice/json.hpp>

#include "fuzz.hpp"

namespace {

namespace json = sluice::json;
using sluice::Code;
using sluice::fuzz::answered;
using sluice::fuzz::depth_of;
using sluice::fuzz::must;

// Boost.JSON's own parser rounds decimals and turns large integers into decimals: all but numbers
// must agree.
bool alike(const json::value& ours, const json::value& theirs) {
  if (ours.is_number()) return theirs.is_number();
  if (ours.kind() != theirs.kind()) return false;
  if (const auto* array = ours.if_array()) {
    const auto& other = theirs.get_array();
    return std::equal(array->begin(), array->end(), other.begin(), other.end(), alike);
  }
  if (const auto* object = ours.if_object()) {
    const auto& other = theirs.get_object();
    return std::equal(object->begin(), object->end(), other.begin(), other.end(),
                      [](const auto& a, const auto& b) {
                        return a.key() == b.key() && alike(a.value(), b.value());
                      });
  }
  return ours == theirs;
}

// Equal, where the whole number 5.0 is the integer 5.
bool same(const json::value& left, const json::value& right) {
  if (left.is_number() && right.is_number())
    return left.to_number<double>() == right.to_number<double>();
  if (left.kind() != right.kind()) return false;
  if (const auto* array = left.if_array()) {
    const auto& other = right.get_array();
    return std::equal(array->begin(), array->end(), other.begin(), other.end(), same);
  }
  if (const auto* object = left.if_object()) {
    const auto& other = right.get_object();
    return std::equal(object->begin(), object->end(), other.begin(), other.end(),
                      [](const auto& a, const auto& b) {
                        return a.key() == b.key() && same(a.value(), b.value());
                      });
  }
  return left == right;
}

void check_number(std::string_view text, const json::value& value) {
  double nearest = 0;
  const auto* end = text.data() + text.size();
  if (std::from_chars(text.data(), end, nearest).ptr != end) return;
  if (value.is_double()) must(value.get_double() == nearest, "a decimal is the nearest double");
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  std::string why;
  const auto value =
      answered([&] { return sluice::parse_json(text); }, {Code::SchemaMismatch}, &why);

  json::parse_options options;
  options.max_depth = sluice::kMaxJsonDepth;
  json::error_code problem;
  const auto reference =
      json::parse(json::string_view{text.data(), text.size()}, problem, {}, options);
  if (!value) {
    const bool is_number = why.find("an integer beyond 64 bits") != std::string::npos ||
                           why.find("too large for a double") != std::string::npos;
    must(problem || is_number, "only numbers are judged more strictly than by Boost.JSON: " + why);
    const auto at = why.find("at byte ");
    must(at != std::string::npos, "a refusal says where: " + why);
    must(std::stoull(why.substr(at + 8)) <= text.size(), "the place lies in the text: " + why);
    return 0;
  }
  must(!problem && alike(*value, reference), "Boost.JSON reads the same");
  must(depth_of(*value) <= sluice::kMaxJsonDepth, "the limit of nesting holds");
  check_number(text, *value);

  const auto written = sluice::to_json(*value);
  must(written.find_first_of("\n\r") == std::string::npos, "a value stands in one line");
  must(same(sluice::parse_json(written), *value), "a value survives being written");
  must(sluice::to_json(sluice::parse_json(written)) == written, "writing is stable");
  const auto canonical = sluice::to_canonical_json(*value);
  must(sluice::to_canonical_json(sluice::parse_json(canonical)) == canonical,
       "the canonical form is stable");
  must(sluice::to_canonical_json(sluice::parse_json(written)) == canonical,
       "equal values, equal bytes");

  sluice::JsonParser parser;
  static_cast<void>(answered([&] { return parser.parse(text.substr(0, text.size() / 2)); },
                             {Code::SchemaMismatch}));
  must(parser.parse(text) == *value, "a parser keeps nothing of an earlier document");
  return 0;
}
