#include <algorithm>

#include "mapping/expression/compare.hpp"
#include "mapping/mapping.hpp"

namespace sluice::host {
namespace {

// Sets have no order.
json::value in_order(const json::value& value) {
  if (!value.is_array()) return value;
  json::array items = value.get_array();
  std::sort(items.begin(), items.end(),
            [](const auto& left, const auto& right) { return expr::compare(left, right) < 0; });
  return items;
}

std::string outcome(const MapResult& result) {
  switch (result.status) {
    case MapResult::Status::Filtered:
      return "the filter leaves the record out";
    case MapResult::Status::Rejected:
      return "the record is an error: " + result.rejection.message;
    case MapResult::Status::Mapped:
      return "the document is " + to_json(document_of(result));
  }
  return {};
}

std::string difference(const json::object& expected, const MapResult& result) {
  const json::object document = document_of(result);
  std::string lines;
  for (const auto& member : expected) {
    const auto* found = document.if_contains(member.key());
    const json::value actual = found == nullptr ? json::value(nullptr) : *found;
    const bool is_set = result.sets.contains(std::string{member.key()});
    const bool same = is_set ? expr::equal(in_order(member.value()), in_order(actual))
                             : expr::equal(member.value(), actual);
    if (same ||
        (found == nullptr && member.value().is_array() && member.value().get_array().empty())) {
      continue;
    }
    lines += "  " + std::string{member.key()} + ": expected " + to_json(member.value()) + ", is " +
             (found == nullptr ? "absent" : to_json(actual)) + "\n";
  }
  return lines;
}

std::string judge(const MappingTest& test, const MapResult& result) {
  using Status = MapResult::Status;
  if (test.expect_filtered) {
    if (result.status == Status::Filtered) return {};
    return "  expected to be left out, but " + outcome(result) + "\n";
  }
  if (!test.expect_error.empty()) {
    const bool matches = result.status == Status::Rejected &&
                         result.rejection.message.find(test.expect_error) != std::string::npos;
    if (matches) return {};
    return "  expected the error \"" + test.expect_error + "\", but " + outcome(result) + "\n";
  }
  if (result.status != Status::Mapped)
    return "  expected a document, but " + outcome(result) + "\n";
  return difference(test.expect, result);
}

}  // namespace

std::vector<MappingTestResult> run_mapping_tests(const SyncConfig& sync) {
  const Mapping mapping = Mapping::compile(sync);
  std::vector<MappingTestResult> results;
  for (const auto& test : sync.tests) {
    std::string diff = judge(test, mapping.apply(json::value(test.given)));
    results.push_back({test.name, diff.empty(), std::move(diff), test.at});
  }
  return results;
}

}  // namespace sluice::host
