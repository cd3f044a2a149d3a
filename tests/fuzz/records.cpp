// The lines of a page as the host reads them, and the batches and requests of a host as the SDK
// does.
#include <sluice/detail/codec.hpp>

#include "fuzz.hpp"
#include "pipeline/wire.hpp"

namespace {

namespace host = sluice::host;
namespace json = sluice::json;
namespace detail = sluice::detail;
using sluice::Code;
using sluice::fuzz::answered;
using sluice::fuzz::must;

void read_page(std::string_view page) {
  sluice::JsonParser parser;
  host::each_line(page, [&](std::string_view line) {
    must(!line.empty() && line.find('\n') == std::string_view::npos, "a line is one line");
    const auto record =
        answered([&] { return host::decode_record(parser, line, "x"); }, {Code::Internal});
    if (!record) return;
    must(!record->key.empty(), "a record has a key");
    json::object again{{"op", record->remove ? "delete" : "upsert"},
                       {"key", record->key},
                       {"version", record->version},
                       {"recency", record->recency},
                       {"skip", record->skip},
                       {"data", record->data}};
    const auto back = host::decode_record(parser, sluice::to_json(again), "x");
    must(back.remove == record->remove && back.key == record->key &&
             back.version == record->version && back.recency == record->recency &&
             back.skip == record->skip &&
             sluice::to_json(back.data) == sluice::to_json(record->data),
         "a record survives its encoding");
  });
}

void read_batch(std::string_view lines) {
  sluice::JsonParser parser;
  const auto batch =
      answered([&] { return detail::decode_writes(parser, lines); }, {Code::SchemaMismatch});
  if (!batch) return;
  std::string text;
  for (const auto& write : batch->writes) detail::encode(text, write);
  std::string again;
  for (const auto& write : detail::decode_writes(parser, text).writes) detail::encode(again, write);
  must(again == text, "a batch survives its encoding");
}

void read_rows(std::string_view lines) {
  const auto rows = answered([&] { return detail::decode_rows(lines); }, {Code::SchemaMismatch});
  if (!rows) return;
  const auto text = detail::encode_rows(*rows);
  must(detail::encode_rows(detail::decode_rows(text)) == text,
       "remote rows survive their encoding");
}

void read_requests(std::string_view text) {
  sluice::JsonParser parser;
  static_cast<void>(
      answered([&] { return detail::decode_poll(parser, text); }, {Code::SchemaMismatch}));
  static_cast<void>(
      answered([&] { return detail::decode_read_request(text); }, {Code::SchemaMismatch}));
  static_cast<void>(
      answered([&] { return detail::decode_lookup_request(text); }, {Code::SchemaMismatch}));
  static_cast<void>(
      answered([&] { return detail::decode_prepare_request(text); }, {Code::SchemaMismatch}));
  static_cast<void>(
      answered([&] { return detail::decode_write_request(text); }, {Code::SchemaMismatch}));
  static_cast<void>(
      answered([&] { return detail::decode_remote_lookup_request(text); }, {Code::SchemaMismatch}));
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  read_page(text);
  read_batch(text);
  read_rows(text);
  read_requests(text);
  return 0;
}
