// Random expressions of the language that Sluice and jq share, most of them well-typed for the
// records that go with them.
#pragma once

#include <cstdint>
#include <random>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::testing {

class ExpressionGenerator {
 public:
  explicit ExpressionGenerator(std::uint32_t seed) : random_{seed} {}

  // {n, m: numbers, s, t: strings, b: boolean, z: null, a: numbers, w: strings, l: objects, o:
  // object}, some missing.
  [[nodiscard]] json::value record();
  // An expression over such a record.
  [[nodiscard]] std::string expression();

 private:
  enum class Type { Number, String, Boolean, Array, Object, Any };
  // What `.` is: the record, or a value of a type.
  enum class Dot { Record, Number, String, Array, Item };

  std::size_t pick(std::size_t count) { return random_() % count; }
  bool chance(std::size_t percent) { return pick(100) < percent; }
  std::string one_of(std::initializer_list<std::string_view> choices);

  json::value number();
  json::value string();
  json::value item();

  // `depth` is how deep the expression may still nest.
  std::string make(Type type, Dot dot, int depth);
  std::string leaf(Type type, Dot dot);
  std::string literal(Type type);
  std::string any(Dot dot, int depth);
  std::string make_number(Dot dot, int depth);
  std::string make_string(Dot dot, int depth);
  std::string make_boolean(Dot dot, int depth);
  std::string make_array(Dot dot, int depth);
  std::string make_object(Dot dot, int depth);
  // Zero, one or many values.
  std::string many(Type type, Dot dot, int depth);

  std::mt19937 random_;
  int variables_ = 0;
};

}  // namespace sluice::testing
