// A cursor of Chargebee's streams, as the state gives it back. Input: the stream and the mode (a
// line), the cursor.
#include "answers.hpp"
#include "connector.hpp"
#include "cursor.hpp"
#include "customers_reader.hpp"

namespace {

using sluice::Code;
using sluice::ReadMode;
using sluice::fuzz::answered;
using sluice::fuzz::kVendorsFault;
using sluice::fuzz::must;

void read_back(const sluice::json::value& value, const std::string& stream,
               chargebee::Cursor::Kind kind) {
  const auto cursor = answered([&] { return chargebee::Cursor::from_json(value, stream, kind); },
                               {Code::CursorInvalid});
  if (!cursor) return;
  const auto written = cursor->to_json(stream);
  must(chargebee::Cursor::from_json(written, stream, kind).to_json(stream) == written,
       "a cursor survives its encoding");
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sluice::fuzz::Input input{data, size};
  sluice::fuzz::Input words{input.until("\n")};
  sluice::ReadRequest request;
  request.stream = words.until(" ");
  request.mode = words.rest() == "full" ? ReadMode::Full : ReadMode::Incremental;
  const auto value =
      answered([&] { return sluice::parse_json(input.rest()); }, {Code::SchemaMismatch});
  if (!value || value->is_null()) return 0;
  request.cursor = *value;
  read_back(*value, request.stream,
            request.mode == ReadMode::Full ? chargebee::Cursor::Kind::Full
                                           : chargebee::Cursor::Kind::Incremental);

  sluice::fuzz::Vendor vendor{
      sluice::fuzz::Input{""},
      R"({"list":[{"customer":{"id":"a","created_at":5,"updated_at":5}}]})"};
  sluice::testing::FakeHost host;
  auto context = host.context();
  const sluice::Config config{{{"site", "acme"}, {"api_key", "k"}, {"requests_per_minute", 0}}};
  chargebee::Chargebee connector{chargebee::read_settings(config),
                                 {.transport = vendor.transport(), .clock = vendor.clock()}};
  const auto walk = [&] {
    const auto reader = connector.open(context, request);
    for (int pages = 0; pages < 6; ++pages) {
      const auto page = reader->next(context);
      must(!sluice::to_json(page.cursor).empty(), "a page has a cursor");
      if (page.end) break;
    }
    return true;
  };
  static_cast<void>(answered(walk, kVendorsFault));
  return 0;
}
