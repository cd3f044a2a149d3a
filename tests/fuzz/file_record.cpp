// A line of a file, as the record that it is.
#include <algorithm>

#include "fuzz.hpp"
#include "options.hpp"
#include "record_parser.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sluice::fuzz::must;
  const std::string_view line{reinterpret_cast<const char*>(data), size};
  static const file_connector::Options options{sluice::Config{
      {{"path", "x"}, {"key", "k.id"}, {"version", "v"}, {"recency", "r"}, {"deleted", "d"}}}};
  file_connector::RecordParser parser{options};
  const auto text = file_connector::trimmed(line);
  must(text.size() <= line.size(), "trimming takes away");
  const auto head =
      sluice::fuzz::answered([&] { return parser.parse(text); }, {sluice::Code::SchemaMismatch});
  const auto again =
      sluice::fuzz::answered([&] { return parser.parse(text); }, {sluice::Code::SchemaMismatch});
  must(head.has_value() == again.has_value(), "a parser keeps nothing of an earlier line");
  if (!head) return 0;
  must(!head->key.empty() && head->key == again->key, "a record has a key");
  std::string why;
  const auto record = sluice::fuzz::answered([&] { return sluice::parse_json(text); },
                                             {sluice::Code::SchemaMismatch}, &why);
  // Of a decimal whose exponent has ten digits, simdjson knows that it is zero.
  must(record || why.find("exponent overflow") != std::string::npos, "a record is JSON: " + why);
  must(!record || sluice::fuzz::depth_of(*record) < sluice::kMaxJsonDepth,
       "a record has room for its envelope");
  return 0;
}
