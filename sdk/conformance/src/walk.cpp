#include "walk.hpp"

#include <algorithm>
#include <thread>

namespace sluice::conformance {
namespace {

constexpr std::size_t kMostPages = 10'000;
constexpr int kMostTries = 10;

void add_record(SeenPage& page, std::string_view line) {
  const auto record = parse_json(line).as_object();
  const auto* key = record.if_contains("key");
  expect(key != nullptr && key->is_string() && !key->get_string().empty(),
         "a record has no key: " + std::string{line.substr(0, 200)});
  expect(record.contains("op") && record.contains("version"),
         "a record has no op or version: " + std::string{line.substr(0, 200)});
  const std::string name{key->get_string()};
  expect(page.records.emplace(name, record).second, "record " + name + " stands in a page twice");
}

std::string some(const std::vector<std::string>& keys) {
  std::string text = std::to_string(keys.size()) + " (";
  for (std::size_t i = 0; i < std::min<std::size_t>(keys.size(), 5); ++i)
    text += (i > 0 ? ", " : "") + keys[i];
  return text + (keys.size() > 5 ? ", …)" : ")");
}

}  // namespace

json::object read_request(const ReadPlan& plan, json::value cursor, const char* mode) {
  json::object request{{"stream", plan.stream}, {"mode", mode}, {"options", plan.options}};
  if (!cursor.is_null()) request["cursor"] = std::move(cursor);
  return request;
}

SeenPage next_page(host::RecordReader& reader) {
  const auto page = reader.read();
  SeenPage seen{{}, page.cursor, page.end};
  for (std::string_view rest{page.records}; !rest.empty();) {
    const auto size = rest.find('\n');
    add_record(seen, rest.substr(0, size));
    rest.remove_prefix(size + 1);
  }
  return seen;
}

Pages walk(host::Connector& connector, const json::object& request) {
  const auto reader = connector.open_reader(request);
  Pages pages;
  do {
    pages.push_back(next_page(*reader));
    expect(pages.size() < kMostPages,
           "the walk does not end within " + std::to_string(kMostPages) + " pages");
  } while (!pages.back().end);
  return pages;
}

Keys keys_of(const Pages& pages) {
  Keys keys;
  for (const auto& page : pages) keys.insert(page.records.begin(), page.records.end());
  return keys;
}

void expect_same(const Keys& expected, const Keys& found, const std::string& where) {
  std::vector<std::string> missing, extra;
  for (const auto& [key, record] : expected) {
    if (found.count(key) == 0) missing.push_back(key);
  }
  for (const auto& [key, record] : found) {
    if (expected.count(key) == 0) extra.push_back(key);
  }
  expect(missing.empty(), where + ", records are lost: " + some(missing));
  expect(extra.empty(), where + ", there are records that were not there before: " + some(extra));
}

void persist(const std::function<void()>& call, const std::vector<Code>& also) {
  for (int tries = 1;; ++tries) {
    try {
      return call();
    } catch (const Error& error) {
      const bool passing = error.code() == Code::RateLimited || error.code() == Code::Transient ||
                           std::find(also.begin(), also.end(), error.code()) != also.end();
      if (!passing || tries == kMostTries) throw;
      const auto pause = std::clamp<std::int64_t>(error.retry_after_ms(), 20, 2000);
      std::this_thread::sleep_for(std::chrono::milliseconds{pause});
    }
  }
}

}  // namespace sluice::conformance
