// A table's header and rows, cut at 0x1e, as the records that they are, and written again.
#include <memory>

#include "csv_table.hpp"
#include "fuzz.hpp"
#include "options.hpp"
#include "record_parser.hpp"

namespace {

using sluice::Code;
using sluice::fuzz::answered;
using sluice::fuzz::must;

void read_back(std::string_view row, char delimiter) {
  file_connector::CsvParser parser{delimiter};
  const auto cells = answered([&] { return parser.parse(row); }, {Code::SchemaMismatch});
  if (!cells) return;
  std::string text;
  file_connector::write_row(text, *cells, delimiter);
  must(text.ends_with("\r\n"), "a row ends");
  text.resize(text.size() - 2);
  must(parser.parse(text) == *cells, "a row survives its writing");
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sluice::fuzz::Input input{data, size};
  static constexpr std::string_view kDelimiters = ",;\t|";
  const char delimiter = kDelimiters[input.number<std::uint8_t>() % kDelimiters.size()];
  const auto header = input.until("\x1e");
  auto table =
      answered([&] { return std::make_unique<file_connector::CsvTable>(header, delimiter); },
               {Code::SchemaMismatch});
  static const file_connector::Options options{
      sluice::Config{{{"path", "x"}, {"key", "id"}, {"version", "v"}, {"deleted", "d"}}}};
  file_connector::RecordParser parser{options, file_connector::Names::Plain};
  while (!input.empty()) {
    const auto row = input.until("\x1e");
    read_back(row, delimiter);
    if (!table) continue;
    const auto text =
        answered([&] { return std::string{(*table)->to_json(row)}; }, {Code::SchemaMismatch});
    if (!text) continue;
    must((*table)->to_json(row) == *text, "a table keeps nothing of an earlier row");
    const auto head = answered([&] { return parser.parse(*text); }, {Code::SchemaMismatch});
    if (!head) continue;
    must(!head->key.empty(), "a record has a key");
    const auto record = sluice::parse_json(*text);
    must(record.as_object().size() == (*table)->columns().size(), "every column is a member");
  }
  return 0;
}
