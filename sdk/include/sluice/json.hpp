// JSON with exact numbers.
//
// Boost.JSON 1.81 mis-rounds about a third of all doubles, turns integers beyond 64 bits into
// doubles in silence and writes infinity as `Infinity`. Everything that crosses Sluice is therefore
// read and written by the functions below:
//
//  - an integer within int64 or uint64 stays an integer;
//  - a decimal becomes the nearest double (as jq, Python and JavaScript read it) and is written
//  back
//    with the fewest digits that read back as the same double, never as `1.999E1`;
//  - an integer beyond 64 bits, or a decimal beyond the range of a double, is an error: never a
//    different number.
//
// Values are plain `boost::json::value`; numbers, strings and containers are used with Boost.JSON's
// own API.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace sluice {

namespace json = boost::json;

// Containers nested deeper than this are refused by the parser and by everything that walks values
// recursively.
inline constexpr std::size_t kMaxJsonDepth = 64;

// Parses one JSON document (UTF-8, RFC 8259; of duplicate keys the last wins).
// Errors: throws Error{SchemaMismatch} saying what is wrong and at which byte.
[[nodiscard]] json::value parse_json(std::string_view text, json::storage_ptr storage = {});

// A parser that keeps its buffers: for many documents in a row about twice as fast as `parse_json`.
// Threads: [instance] one thread at a time. The value lives in `storage`, not in the parser.
class JsonParser {
 public:
  JsonParser();
  ~JsonParser();
  JsonParser(JsonParser&&) noexcept;
  JsonParser& operator=(JsonParser&&) noexcept;
  [[nodiscard]] json::value parse(std::string_view text, json::storage_ptr storage = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Appends `value` to `out` as compact JSON in one line. Object members keep their order.
void write_json(std::string& out, const json::value& value);
void write_json(std::string& out, const json::object& object);
void write_json(std::string& out, std::string_view text);
[[nodiscard]] std::string to_json(const json::value& value);

// Appends the shortest decimal text that reads back as `number`. Whole numbers below 1e17 carry no
// exponent or point. Errors: throws Error{SchemaMismatch} for infinity and NaN, which JSON cannot
// express.
void write_number(std::string& out, double number);

// Like `to_json`, with the members of every object sorted by key: equal values give equal bytes.
// For hashing.
[[nodiscard]] std::string to_canonical_json(const json::value& value);

}  // namespace sluice
