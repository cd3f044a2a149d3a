// The integration file's grammar as one table: what may stand where, what it means, what holds when
// it is left out.
//
// The loader checks files against it, the messages quote it and the JSON Schema for editors is
// generated from it, so none of the three can disagree with the others.
#pragma once

#include <optional>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::host {

struct KeyRule;

// What may stand at one place.
struct Shape {
  enum class Kind {
    Text,        // a string; `accepts` may narrow it
    Expression,  // a scalar whose text is an expression, taken as written
    Choice,      // one of `words`
    Number,      // within `above` < x <= `most`
    Boolean,
    Block,     // a mapping with the keys of `keys`
    Map,       // a mapping from names that a person chooses to `item`
    Sequence,  // of `item`
    Values,    // a mapping of any values
    Nothing,   // `~`
    OneOf,     // whichever of `variants` fits the kind of node
  };

  Kind kind = Kind::Text;
  std::string expected;  // for messages: "a duration such as 6h"
  bool (*accepts)(std::string_view) = nullptr;
  std::string pattern;      // of Text, for the JSON Schema: as near to `accepts` as a pattern comes
  bool number_too = false;  // of Text: a number may stand without quotes
  std::vector<std::string> words;
  double above = 0;
  double most = 0;
  std::vector<KeyRule> keys;
  bool open = false;        // of Block: further keys are the connector's own
  std::string also;         // of an open Block: what its further keys are
  std::vector<Shape> item;  // of Map and Sequence: exactly one
  bool (*accepts_name)(std::string_view) = nullptr;  // of Map
  bool not_empty = false;                            // of Map, Sequence and Values
  std::vector<Shape> variants;
};

struct KeyRule {
  std::string name;
  Shape shape;
  std::string about;  // for people, in an editor's pop-up and in `docs/integration-file.md`
  bool required = false;
  std::optional<json::value> fallback;  // what holds when the key is left out
};

// The whole file.
[[nodiscard]] const Shape& integration_shape();

// What stands under `source:` and `destination:`.
[[nodiscard]] const Shape& connection_shape();

// A file in `presets/`.
[[nodiscard]] const Shape& preset_shape();

// The keys of a block in the order of the table.
[[nodiscard]] std::vector<std::string> key_names(const Shape& block);

}  // namespace sluice::host
