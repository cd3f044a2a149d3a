// The rows of a CSV file (RFC 4180) as JSON objects, and back.
#pragma once

#include <csv.h>

#include <optional>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace file_connector {

// A value of a row; none for nothing between two delimiters. `""` is the empty text.
using Cell = std::optional<std::string>;

// Cuts rows into cells. Not thread-safe: keeps its buffers.
class CsvParser {
 public:
  explicit CsvParser(char delimiter);
  ~CsvParser();
  CsvParser(const CsvParser&) = delete;
  CsvParser& operator=(const CsvParser&) = delete;

  // The cells of one row without its end, valid until the next call.
  // Errors: SchemaMismatch when a quote stands where none may, or is not closed.
  [[nodiscard]] const std::vector<Cell>& parse(std::string_view row);

 private:
  void reset();

  char delimiter_;
  csv_parser parser_{};
  std::vector<Cell> cells_;
};

// Rows by the names in the header. Not thread-safe: keeps its buffers.
class CsvTable {
 public:
  // Errors: SchemaMismatch when two columns have one name, or one has none.
  CsvTable(std::string_view header, char delimiter);

  [[nodiscard]] const std::vector<std::string>& columns() const noexcept { return columns_; }
  // The row as a JSON object: every value a text, or null where there is none; valid until the next
  // call. Errors: SchemaMismatch as of CsvParser, and when the row has fewer or more values than
  // there are columns.
  [[nodiscard]] std::string_view to_json(std::string_view row);

 private:
  CsvParser parser_;
  std::vector<std::string> columns_;
  std::vector<std::string> members_;  // `"name":` as JSON
  std::string json_;
};

// Appends the cells as a row with its end, "\r\n".
void write_row(std::string& out, const std::vector<Cell>& cells, char delimiter);

}  // namespace file_connector
