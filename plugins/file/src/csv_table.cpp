#include "csv_table.hpp"

#include <new>
#include <sluice/error.hpp>
#include <unordered_set>

namespace file_connector {
namespace {

using sluice::Code;
using sluice::Error;

// RFC 4180: spaces belong to the value. And a row's end was found before it came here.
int is_none(unsigned char) {
  return 0;
}

void take_cell(void* text, std::size_t size, void* cells) {
  auto& row = *static_cast<std::vector<Cell>*>(cells);
  if (text == nullptr) {
    row.emplace_back();
  } else {
    row.emplace_back(std::in_place, static_cast<const char*>(text), size);
  }
}

}  // namespace

CsvParser::CsvParser(char delimiter) : delimiter_{delimiter} {
  reset();
}

CsvParser::~CsvParser() {
  ::csv_free(&parser_);
}

void CsvParser::reset() {
  ::csv_free(&parser_);
  if (::csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL) != 0) {
    throw std::bad_alloc{};
  }
  ::csv_set_delim(&parser_, static_cast<unsigned char>(delimiter_));
  ::csv_set_space_func(&parser_, &is_none);
  ::csv_set_term_func(&parser_, &is_none);
}

const std::vector<Cell>& CsvParser::parse(std::string_view row) {
  cells_.clear();
  const auto used = ::csv_parse(&parser_, row.data(), row.size(), &take_cell, nullptr, &cells_);
  if (used == row.size() && ::csv_fini(&parser_, &take_cell, nullptr, &cells_) == 0) return cells_;
  const int problem = ::csv_error(&parser_);
  reset();
  if (problem == CSV_ENOMEM) throw std::bad_alloc{};
  throw Error{Code::SchemaMismatch,
              used == row.size()
                  ? "a quote is not closed before the end"
                  : "value " + std::to_string(cells_.size() + 1) +
                        " has a quote in its middle: a value with quotes stands in quotes, with "
                        "each of them doubled"};
}

CsvTable::CsvTable(std::string_view header, char delimiter) : parser_{delimiter} {
  std::unordered_set<std::string> seen;
  for (const auto& cell : parser_.parse(header)) {
    const auto name = cell.value_or("");
    if (name.empty()) {
      throw Error{Code::SchemaMismatch,
                  "column " + std::to_string(columns_.size() + 1) + " has no name in the header"};
    }
    if (!seen.insert(name).second) {
      throw Error{Code::SchemaMismatch, "the header names two columns '" + name + "'"};
    }
    columns_.push_back(name);
    members_.emplace_back(columns_.size() == 1 ? "{" : ",");
    sluice::write_json(members_.back(), std::string_view{name});
    members_.back().push_back(':');
  }
}

std::string_view CsvTable::to_json(std::string_view row) {
  const auto& cells = parser_.parse(row);
  if (cells.size() != columns_.size()) {
    throw Error{Code::SchemaMismatch, "the row has " + std::to_string(cells.size()) +
                                          " values, the header " + std::to_string(columns_.size()) +
                                          " columns"};
  }
  json_.clear();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    json_.append(members_[i]);
    if (cells[i]) {
      sluice::write_json(json_, std::string_view{*cells[i]});
    } else {
      json_.append("null");
    }
  }
  json_.push_back('}');
  return json_;
}

void write_row(std::string& out, const std::vector<Cell>& cells, char delimiter) {
  const std::string special{'"', '\r', '\n', delimiter};
  bool first = true;
  for (const auto& cell : cells) {
    if (!first) out.push_back(delimiter);
    first = false;
    if (!cell) continue;
    if (!cell->empty() && cell->find_first_of(special) == std::string::npos) {
      out.append(*cell);
      continue;
    }
    const auto before = out.size();
    out.resize(before + 2 * cell->size() + 2);
    out.resize(before +
               ::csv_write(out.data() + before, out.size() - before, cell->data(), cell->size()));
  }
  out.append("\r\n");
}

}  // namespace file_connector
