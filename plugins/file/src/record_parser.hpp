// From a line of the file to what Sluice must know about a record.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "options.hpp"

namespace file_connector {

struct RecordHead {
  std::string key;
  std::optional<std::int64_t> version;  // when the options name its member
  std::optional<std::int64_t> recency;  // likewise
  bool deleted = false;
};

// What the names in the options mean: "a.b" is member b of member a, or, as in a table, one name.
enum class Names { Nested, Plain };

// Not thread-safe: keeps its buffers.
class RecordParser {
 public:
  explicit RecordParser(const Options& options, Names names = Names::Nested);
  ~RecordParser();

  // Errors: SchemaMismatch saying why the line is no record; the place is for the caller to add.
  [[nodiscard]] RecordHead parse(std::string_view line);

 private:
  using Path = std::vector<std::string>;
  class Quick;

  [[nodiscard]] RecordHead parse_exactly(std::string_view line);

  Path key_;
  Path version_;
  Path recency_;
  Path deleted_;
  std::unique_ptr<Quick> quick_;
  sluice::JsonParser parser_;
  std::vector<unsigned char> memory_;  // for the values of one line
};

// Blank, or a byte order mark alone.
[[nodiscard]] bool is_blank(std::string_view line) noexcept;
// Without a byte order mark and the '\r' of foreign line ends.
[[nodiscard]] std::string_view trimmed(std::string_view line) noexcept;

// The text of a key: a text that is not empty, or a whole number.
[[nodiscard]] std::optional<std::string> key_text(const sluice::json::value& value);
// A whole number as it is; a date or timestamp (ISO 8601) as milliseconds since 1970, UTC unless it
// says otherwise.
[[nodiscard]] std::optional<std::int64_t> sortable(const sluice::json::value& value);

}  // namespace file_connector
