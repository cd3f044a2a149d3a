#include "expression_generator.hpp"

namespace sluice::testing {

std::string ExpressionGenerator::one_of(std::initializer_list<std::string_view> choices) {
  return std::string{choices.begin()[pick(choices.size())]};
}

json::value ExpressionGenerator::number() {
  static const json::array numbers{0,   1,   2,    3,    -1,  -4,  7,    10,
                                   100, 0.5, 1.25, -2.5, 3.0, 1e3, 65536};
  return numbers[pick(numbers.size())];
}

json::value ExpressionGenerator::string() {
  static const json::array strings{
      "",       "a",   "b",      "abc",  "A b", "a,b,c", "é€😀",    "12",          "-3.5",    " 7 ",
      "x@y.zz", "Abc", "a b  c", "null", "1e2", "[1,2]", "abcabc", "line\nbreak", "quote\"d"};
  return strings[pick(strings.size())];
}

json::value ExpressionGenerator::item() {
  json::object object;
  if (chance(80)) object["k"] = string();
  if (chance(80)) object["v"] = number();
  if (chance(30)) object["p"] = chance(50);
  if (chance(20)) object["value"] = nullptr;
  if (chance(20)) object["key"] = string();
  return object;
}

json::value ExpressionGenerator::record() {
  json::object record;
  const auto put = [&](const char* name, json::value value) {
    if (chance(4)) return;
    record[name] = chance(4) ? json::value(nullptr) : std::move(value);
  };
  put("n", number());
  put("m", number());
  put("s", string());
  put("t", string());
  put("b", chance(50));
  record["z"] = nullptr;
  json::array numbers;
  json::array words;
  json::array list;
  for (std::size_t i = pick(5); i > 0; --i) numbers.push_back(number());
  for (std::size_t i = pick(4); i > 0; --i) words.push_back(string());
  for (std::size_t i = pick(4); i > 0; --i) list.push_back(item());
  put("a", std::move(numbers));
  put("w", std::move(words));
  put("l", std::move(list));
  put("o", item());
  if (chance(20)) record["x y"] = string();
  return record;
}

std::string ExpressionGenerator::expression() {
  variables_ = 0;
  return chance(40) ? many(Type::Any, Dot::Record, 4) : make(Type::Any, Dot::Record, 4);
}

std::string ExpressionGenerator::make(Type type, Dot dot, int depth) {
  // Now and then something of another type, so that failures are compared too.
  if (chance(6)) type = Type::Any;
  if (depth <= 0) return leaf(type, dot);
  switch (type) {
    case Type::Number:
      return make_number(dot, depth - 1);
    case Type::String:
      return make_string(dot, depth - 1);
    case Type::Boolean:
      return make_boolean(dot, depth - 1);
    case Type::Array:
      return make_array(dot, depth - 1);
    case Type::Object:
      return make_object(dot, depth - 1);
    case Type::Any:
      return any(dot, depth);
  }
  return ".";
}

std::string ExpressionGenerator::any(Dot dot, int depth) {
  constexpr Type kTypes[] = {Type::Number, Type::String, Type::Boolean, Type::Array, Type::Object};
  return make(kTypes[pick(5)], dot, depth);
}

std::string ExpressionGenerator::literal(Type type) {
  switch (type) {
    case Type::Number:
      return one_of({"0", "1", "2", "-1", "3", "0.5", "10", "1e1", "2.5"});
    case Type::String:
      return one_of({"\"\"", "\"a\"", "\"b\"", "\",\"", "\"abc\"", "\" \"", "\"é\"", "\"\\u0041\"",
                     "\"a\\nb\""});
    case Type::Boolean:
      return one_of({"true", "false", "null"});
    case Type::Array:
      return one_of({"[]", "[1,2]", "[3,1,2,1]", "[\"a\",\"b\"]", "[null]", "[[1],2]"});
    case Type::Object:
      return one_of({"{}", "{a:1}", "{\"a\":{\"b\":2}}", "{k:\"z\",v:null}"});
    case Type::Any:
      return one_of({"1", "\"a\"", "null", "[]", "{}", "true"});
  }
  return "null";
}

std::string ExpressionGenerator::leaf(Type type, Dot dot) {
  if (chance(25)) return literal(type);
  if (dot == Dot::Number || dot == Dot::String || dot == Dot::Array) {
    return chance(75) ? "." : literal(type);
  }
  if (dot == Dot::Item) {
    switch (type) {
      case Type::Number:
        return one_of({".v", ".[\"v\"]", ".v?"});
      case Type::String:
        return one_of({".k", ".\"k\"", ".k?"});
      case Type::Boolean:
        return one_of({".p", ".missing"});
      default:
        return one_of({".", ".v", ".k", ".nothing"});
    }
  }
  switch (type) {
    case Type::Number:
      return one_of({".n", ".m", ".o.v", ".a[0]", ".a[-1]", ".l[0].v", ".a[1]"});
    case Type::String:
      return one_of({".s", ".t", ".o.k", ".w[0]", ".[\"x y\"]", ".\"x y\"", ".s"});
    case Type::Boolean:
      return one_of({".b", ".z", ".o.p", ".missing.deep"});
    case Type::Array:
      return one_of({".a", ".w", ".l", ".a[1:]", ".w[:-1]", ".a[-2:3]"});
    case Type::Object:
      return one_of({".o", ".l[0]", ".l[-1]", "."});
    case Type::Any:
      return one_of({".", ".n", ".s", ".z", ".b", ".a", ".o", ".l"});
  }
  return ".";
}

// Adding 0 turns the negative zero, which jq writes as -0, into 0.
std::string ExpressionGenerator::make_number(Dot dot, int depth) {
  const auto number = [&] { return make(Type::Number, dot, depth); };
  const auto string = [&] { return make(Type::String, dot, depth); };
  const auto array = [&] { return make(Type::Array, dot, depth); };
  switch (pick(14)) {
    case 0:
      return "(" + number() + one_of({" + ", " - ", " * ", "-"}) + number() + " + 0)";
    case 1:
      return "(" + number() + one_of({" / ", " % "}) + number() + " + 0)";
    case 2:
      return "(" + string() + " | length)";
    case 3:
      return "(" + array() + " | length)";
    case 4:
      return "(" + number() + one_of({" | floor)", " | ceil + 0)", " | round + 0)", " | length)"});
    case 5:
      return "(" + array() + one_of({" | add)", " | min)", " | max)", " | first)", " | last)"});
    case 6:
      return "(" + string() + " | tonumber)";
    case 7:
      return "(-" + number() + " + 0)";
    case 8:
      return "(if " + make(Type::Boolean, dot, depth) + " then " + number() + " else " + number() +
             " end)";
    case 9:
      return "(" + number() + " // " + number() + ")";
    case 10: {
      const std::string name = "$v" + std::to_string(variables_++);
      return "(" + number() + " as " + name + " | " + number() + " + " + name + ")";
    }
    case 11:
      return "first(" + many(Type::Number, dot, depth) + ")";
    case 12:
      return "(" + number() + " | " + make(Type::Number, Dot::Number, depth) + ")";
    default:
      return leaf(Type::Number, dot);
  }
}

std::string ExpressionGenerator::make_string(Dot dot, int depth) {
  const auto string = [&] { return make(Type::String, dot, depth); };
  switch (pick(14)) {
    case 0:
      return "(" + string() + " + " + string() + ")";
    case 1:
      return "\"x\\(" + make(Type::Any, dot, depth) + ")y\\(" + string() + ")\"";
    case 2:
      return "(" + string() + one_of({" | ascii_downcase)", " | ascii_upcase)", " | tostring)"});
    case 3:
      return "(" + string() + " | " + one_of({"ltrimstr(", "rtrimstr("}) +
             make(Type::String, dot, depth) + "))";
    case 4:
      return "(" + make(Type::Array, dot, depth) + " | join(" + literal(Type::String) + "))";
    case 5:
      return "(" + make(Type::Any, dot, depth) + one_of({" | type)", " | tojson)", " | tostring)"});
    case 6:
      return "(" + string() + " * " + make(Type::Number, dot, 0) + ")";
    case 7:
      return "(" + string() + one_of({")[1:]", ")[:2]", ")[-1:]", ")[1:2]"});
    case 8:
      return "(" + string() + " // " + string() + ")";
    case 9:
      return "(if " + make(Type::Boolean, dot, depth) + " then " + string() + " elif " +
             make(Type::Boolean, dot, depth) + " then " + string() + " else " + string() + " end)";
    case 10:
      return "(" + string() + " | " + make(Type::String, Dot::String, depth) + ")";
    case 11:
      return "(" + string() + " | split(" + literal(Type::String) + ") | last)";
    default:
      return leaf(Type::String, dot);
  }
}

std::string ExpressionGenerator::make_boolean(Dot dot, int depth) {
  const auto any = [&] { return make(Type::Any, dot, depth); };
  const auto string = [&] { return make(Type::String, dot, depth); };
  const auto array = [&] { return make(Type::Array, dot, depth); };
  const auto boolean = [&] { return make(Type::Boolean, dot, depth); };
  switch (pick(14)) {
    case 0:
      return "(" + any() + one_of({" == ", " != ", " < ", " <= ", " > ", " >= "}) + any() + ")";
    case 1:
      return "(" + boolean() + one_of({" and ", " or "}) + boolean() + ")";
    case 2:
      return "(" + boolean() + " | not)";
    case 3:
      return "(" + string() + one_of({" | startswith(", " | endswith("}) + string() + "))";
    case 4:
      return "(" + string() +
             one_of({" | test(\"a\"))", " | test(\"^[a-z]+$\"; \"i\"))",
                     " | test(\"b.c|[0-9]{2}\"))", " | test([\"AB\",\"i\"]))"});
    case 5:
      return "(" + make(Type::Object, dot, depth) + one_of({" | has(\"k\"))", " | has(\"zz\"))"});
    case 6:
      return "(" + array() + one_of({" | has(0))", " | any)", " | all)", " | has(1))"});
    case 7:
      return "(" + array() + one_of({" | any(. == 1))", " | all(. != null))", " | any(. > 2))"});
    case 8:
      return "(" + any() + one_of({" | contains(", " | inside("}) + any() + "))";
    case 9:
      return "any(" + many(Type::Any, dot, depth) + "; . == " + literal(Type::Any) + ")";
    case 10:
      return "(" + string() + " | in(" + make(Type::Object, dot, depth) + "))";
    case 11:
      return "all(" + many(Type::Any, dot, depth) + "; .)";
    default:
      return leaf(Type::Boolean, dot);
  }
}

std::string ExpressionGenerator::make_array(Dot dot, int depth) {
  const auto array = [&] { return make(Type::Array, dot, depth); };
  switch (pick(20)) {
    case 0:
      return "[" + many(Type::Any, dot, depth) + "]";
    case 1:
      return "(" + array() + " | map(" + make(Type::Any, Dot::Number, depth) + "))";
    case 2:
      return "(" + array() + " | map(select(" + make(Type::Boolean, Dot::Number, depth) + ")))";
    case 3:
      return "(" + array() +
             one_of({" | sort)", " | unique)", " | reverse)", " | flatten)", " | flatten(1))"});
    case 4:
      return "(.l | " +
             one_of({"sort_by(.v)", "sort_by(.k, -.v)", "unique_by(.k)", "group_by(.p)", "map(.k)",
                     "map(select(.p))", "map({(.k): .v})", "[min_by(.v), max_by(.v)]"}) +
             ")";
    case 5:
      return "(" + make(Type::Object, dot, depth) +
             one_of({" | keys)", " | to_entries)", " | keys_unsorted)"});
    case 6:
      return "(" + make(Type::String, dot, depth) + " | split(" + literal(Type::String) + "))";
    case 7:
      return "(" + array() + one_of({" + ", " - "}) + array() + ")";
    case 8:
      return "[" + make(Type::String, dot, depth) + " / " + literal(Type::String) + "]";
    case 9:
      return "[range(" + one_of({"3", "0", "1;4", "2.5"}) + ")]";
    case 10:
      return "[" + many(Type::Any, dot, depth) + " | values]";
    case 11:
      return "[(" + many(Type::Any, dot, depth) + ")?]";
    case 12:
      return "(" + array() + " | " + make(Type::Array, Dot::Array, depth) + ")";
    case 13:
      return "[" + array() + " | .[] as $e | " + make(Type::Any, dot, depth) + ", $e]";
    case 14:
      return "(" + make(Type::Any, dot, depth) + " | tojson | fromjson | [.])";
    case 15:
      return "[last(" + many(Type::Any, dot, depth) + ")]";
    case 16:
      return "(" + array() + " | sort_by(" + make(Type::Any, Dot::Number, depth) + "))";
    default:
      return leaf(Type::Array, dot);
  }
}

std::string ExpressionGenerator::make_object(Dot dot, int depth) {
  const auto object = [&] { return make(Type::Object, dot, depth); };
  switch (pick(9)) {
    case 0:
      return "{a: (" + make(Type::Any, dot, depth) + "), \"b c\": (" + make(Type::Any, dot, depth) +
             ")}";
    case 1:
      return "{(" + make(Type::String, dot, depth) + "): (" + make(Type::Any, dot, depth) + ")}";
    case 2:
      return "(" + object() + one_of({" + ", " * "}) + object() + ")";
    case 3:
      return "(" + object() + " | with_entries(" +
             one_of({"select(.value != null)", "{key, value: (.value | tojson)}",
                     "{key: (\"x\" + .key), value: 1}", "select(.key > \"k\")"}) +
             "))";
    case 4:
      return "(" + object() + " | to_entries | from_entries)";
    case 5:
      return "({k: \"q\"} | {k, \"k2\": .k, \"k\\(1)\": 2} | {k})";
    case 6:
      return "(" + make(Type::Any, dot, depth) + " as $x | {$x, y: $x})";
    default:
      return leaf(Type::Object, dot);
  }
}

std::string ExpressionGenerator::many(Type type, Dot dot, int depth) {
  if (depth <= 0) return leaf(type, dot) + ", " + leaf(type, dot);
  switch (pick(10)) {
    case 0:
      return "(" + make(type, dot, depth - 1) + ", " + make(type, dot, depth - 1) + ")";
    case 1:
      return "(" + make(Type::Array, dot, depth - 1) + "[])";
    case 2:
      return "(" + make(Type::Any, dot, depth - 1) + " | .[]?)";
    case 3:
      return "(" + many(type, dot, depth - 1) + " | select(" +
             make(Type::Boolean, Dot::Number, depth - 1) + "))";
    case 4:
      return "(" + many(type, dot, depth - 1) + " // " + make(type, dot, depth - 1) + ")";
    case 5:
      return one_of({"empty", "(1, empty, 2)", "(null, false)", "range(2)", "range(0, 1; 2, 3)"});
    case 6:
      return "((" + many(Type::Number, dot, depth - 1) + ") " + one_of({"+", "-", "<", "=="}) +
             " (" + many(Type::Number, dot, depth - 1) + "))";
    case 7:
      return "(\"\\(" + many(Type::Any, dot, depth - 1) + ")-\\(" +
             many(Type::Any, dot, depth - 1) + ")\")";
    case 8:
      return "({a: (" + many(Type::Any, dot, depth - 1) + "), b: (" +
             many(Type::Any, dot, depth - 1) + ")})";
    default:
      return "(if " + many(Type::Boolean, dot, depth - 1) + " then " + many(type, dot, depth - 1) +
             " else " + make(type, dot, depth - 1) + " end)";
  }
}

}  // namespace sluice::testing
