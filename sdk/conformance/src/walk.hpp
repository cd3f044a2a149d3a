// Reading a stream as the host does.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench.hpp"

namespace sluice::conformance {

struct SeenPage {
  std::map<std::string, json::object> records;  // by key, as in abi.h
  json::value cursor;
  bool end = false;
};
using Pages = std::vector<SeenPage>;
using Keys = std::map<std::string, json::object>;

[[nodiscard]] json::object read_request(const ReadPlan& plan, json::value cursor = nullptr,
                                        const char* mode = "full");

// The next page. Throws Failed for a record without what abi.h asks of it, and for one that stands
// in the page twice.
[[nodiscard]] SeenPage next_page(host::RecordReader& reader);
// All pages to the end.
[[nodiscard]] Pages walk(host::Connector& connector, const json::object& request);
[[nodiscard]] Keys keys_of(const Pages& pages);
// Throws Failed naming what is missing in `found` and what is in it that must not be.
void expect_same(const Keys& expected, const Keys& found, const std::string& where);

// Calls again after RateLimited and Transient, as the host does, up to ten times; after the codes
// of `also` too.
void persist(const std::function<void()>& call, const std::vector<Code>& also = {});

}  // namespace sluice::conformance
