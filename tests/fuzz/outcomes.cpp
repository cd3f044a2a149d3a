// A destination's answers to write and poll, as the host reads them and as the SDK does. Input: how
// many records the batch had (a byte), then the answer.
#include <algorithm>
#include <set>
#include <sluice/detail/codec.hpp>

#include "fuzz.hpp"
#include "pipeline/wire.hpp"

namespace {

namespace host = sluice::host;
using sluice::Code;
using sluice::fuzz::answered;
using sluice::fuzz::must;
using Status = host::WriteResult::Status;

// The indices that the answer names, read without the code under test.
std::set<std::int64_t> named(std::string_view answer) {
  std::set<std::int64_t> indices;
  sluice::fuzz::Input lines{answer};
  while (!lines.empty()) {
    const auto line = lines.until("\n");
    if (line.empty()) continue;
    const auto value = sluice::parse_json(line);
    indices.insert(value.as_object().at("index").as_int64());
  }
  return indices;
}

void check(const std::vector<host::WriteResult>& results, std::string_view answer,
           std::size_t count) {
  must(results.size() == count, "one result a record");
  const auto indices = named(answer);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& result = results[i];
    const bool is_named = indices.contains(static_cast<std::int64_t>(i));
    must(is_named || result.status == Status::Unconfirmed,
         "a record that is not named is not counted as done");
    must(result.after_ms >= 0 && result.after_ms <= host::kMaxPauseMs, "a pause within its limit");
    must(result.status != Status::Pending || !result.receipt.empty(),
         "what is pending has a receipt");
  }
}

// What the SDK writes, the host reads.
void check_sdk(std::string_view answer, std::size_t count) {
  const auto outcomes = answered([&] { return sluice::detail::decode_outcomes(answer, count); },
                                 {Code::SchemaMismatch});
  if (!outcomes) return;
  const auto text =
      answered([&] { return sluice::detail::encode_outcomes(*outcomes, count); }, {Code::Internal});
  must(text.has_value(), "outcomes can be written");
  must(sluice::detail::encode_outcomes(sluice::detail::decode_outcomes(*text, count), count) ==
           *text,
       "outcomes survive their encoding");
  static_cast<void>(
      answered([&] { return host::decode_outcomes(*text, count, "x", true); }, {Code::Internal}));
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sluice::fuzz::Input input{data, size};
  const std::size_t count = input.number<std::uint8_t>();
  const auto results = answered(
      [&] { return host::decode_outcomes(input.rest(), count, "x", true); }, {Code::Internal});
  if (results) check(*results, input.rest(), count);
  check_sdk(input.rest(), count);
  const auto refusals =
      answered([&] { return host::decode_refusals(input.rest(), "x"); }, {Code::Internal});
  if (refusals) {
    for (const auto& [key, refusal] : *refusals) {
      must(!key.empty() && !refusal.code.empty() && !refusal.message.empty(),
           "a refusal says of which key and why");
    }
  }
  const auto differences = answered(
      [&] { return host::decode_differences(input.rest(), count, "x"); }, {Code::Internal});
  must(!differences || differences->size() == count, "one difference a record");
  return 0;
}
