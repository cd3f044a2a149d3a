// Chargebee's answers: lists, joins, errors. Input: what is asked (a line: a walk, a look-up, …),
// then the answers of answers.hpp.
#include <algorithm>
#include <string>

#include "answers.hpp"
#include "connector.hpp"
#include "cursor.hpp"
#include "customers_reader.hpp"
#include "streams.hpp"

namespace {

namespace json = sluice::json;
using sluice::ReadMode;
using sluice::fuzz::answered;
using sluice::fuzz::kVendorsFault;
using sluice::fuzz::must;
using sluice::fuzz::Vendor;

constexpr int kMostPages = 20;

void check_records(const sluice::RecordBatch& records) {
  sluice::fuzz::Input lines{records.ndjson()};
  std::size_t count = 0;
  for (; !lines.empty(); ++count) {
    const auto record = sluice::parse_json(lines.until("\n"));
    const auto& object = record.as_object();
    must(!object.at("key").as_string().empty(), "a record has a key");
    must(object.at("op") == "upsert" || object.at("op") == "delete", "a record has an operation");
    must(object.at("version").is_int64(), "a record has a version");
  }
  must(count == records.size(), "the page counts its records");
}

// Rows of the last answer to this list that was one.
std::size_t rows_of_last(const Vendor& vendor, std::string_view path) {
  const auto& asked = vendor.asked();
  for (auto it = asked.rbegin(); it != asked.rend(); ++it) {
    const auto at = it->exchange.url.find(path);
    if (at == std::string::npos || it->exchange.url.substr(at + path.size(), 1) != "?") continue;
    if (it->status < 200 || it->status >= 300) continue;
    return sluice::parse_json(it->body).as_object().at("list").as_array().size();
  }
  return 0;
}

void walk(sluice::Context& context, chargebee::Chargebee& connector, Vendor& vendor,
          const std::string& stream, ReadMode mode) {
  sluice::ReadRequest request;
  request.stream = stream;
  request.mode = mode;
  request.limit = 10;
  if (mode == ReadMode::Incremental) {
    request.cursor = json::object{
        {"chargebee", 1}, {"stream", stream}, {"kind", "incremental"}, {"bookmark", 1700000000}};
  }
  const auto reader = connector.open(context, request);
  const bool is_joined = stream == chargebee::kCustomers && mode == ReadMode::Full;
  for (int pages = 0; pages < kMostPages; ++pages) {
    vendor.forget();
    const auto page = reader->next(context);
    check_records(page.records);
    if (is_joined) {
      must(page.records.size() == rows_of_last(vendor, "/customers"),
           "every customer of a page is a record");
    }
    if (page.end) return;
    if (mode == ReadMode::Latest) continue;
    const auto kind = mode == ReadMode::Full ? chargebee::Cursor::Kind::Full
                                             : chargebee::Cursor::Kind::Incremental;
    must(chargebee::Cursor::from_json(page.cursor, stream, kind).to_json(stream) == page.cursor,
         "a cursor continues the walk that it came from");
  }
}

void run(sluice::Context& context, chargebee::Chargebee& connector, Vendor& vendor,
         std::string_view what) {
  sluice::fuzz::Input words{what};
  const auto verb = words.until(" ");
  std::string stream{words.rest()};
  if (stream.empty()) stream = chargebee::kCustomers;
  if (verb == "check") {
    must(!connector.check(context).id.empty(), "an account has a name");
  } else if (verb == "discover") {
    must(!connector.discover(context).empty(), "there is something to read");
  } else if (verb == "lookup") {
    const auto batch = connector.lookup(context, {.stream = stream}, {"a", "b", "c,d"});
    check_records(batch);
  } else {
    walk(context, connector, vendor, stream,
         verb == "incremental" ? ReadMode::Incremental
         : verb == "latest"    ? ReadMode::Latest
                               : ReadMode::Full);
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sluice::fuzz::Input input{data, size};
  const auto what = input.until("\n");
  Vendor vendor{input, R"({"list":[]})"};
  sluice::testing::FakeHost host;
  auto context = host.context();
  const sluice::Config config{{{"site", "acme"}, {"api_key", "k"}, {"requests_per_minute", 0}}};
  chargebee::Chargebee connector{chargebee::read_settings(config),
                                 {.transport = vendor.transport(), .clock = vendor.clock()}};
  const auto call = [&] {
    run(context, connector, vendor, what);
    return true;
  };
  static_cast<void>(answered(call, kVendorsFault));
  return 0;
}
