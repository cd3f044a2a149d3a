#include "pipeline/record_mapper.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <sluice/error.hpp>

#include "../mapping/expression_generator.hpp"
#include "mapping/expression.hpp"

namespace sluice::host {
namespace {

using sluice::testing::ExpressionGenerator;

SyncConfig sync_of(std::string filter, std::vector<std::pair<std::string, std::string>> fields) {
  SyncConfig sync;
  sync.name = "people";
  sync.write.match = "key";
  if (!filter.empty()) sync.filter = ExpressionText{std::move(filter), {}};
  for (auto& [name, value] : fields) {
    FieldMapping field;
    field.name = name;
    field.value = {std::move(value), {}};
    sync.fields.push_back(std::move(field));
  }
  return sync;
}

Mapping mapping_of(const std::string& filter) {
  return Mapping::compile(sync_of(filter, {{"key", R"("k")"}}));
}

std::string line_of(std::string_view data) {
  return R"({"op":"upsert","key":"1","version":2,"recency":3,"data":)" + std::string{data} + "}";
}

bool is_legal(const std::string& expression) {
  try {
    static_cast<void>(Expression::parse({expression, {}}));
    return true;
  } catch (const ExpressionError&) {
    return false;
  }
}

std::optional<std::string> outcome(const std::string& expression, const json::value& record) {
  try {
    return to_json(Expression::parse({expression, {}}).evaluate_all(record));
  } catch (const EvaluationError&) {
    return std::nullopt;
  }
}

// The same document with every letter of its keys and values escaped.
std::string escaped(std::string_view json) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  bool is_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') is_text = !is_text;
    if (is_text && c == '\\') {
      out.append(json.substr(i++, 2));
    } else if (is_text && c >= 'a' && c <= 'z') {
      const auto code = static_cast<unsigned char>(c);
      out.append("\\u00").push_back(kHex[code >> 4]);
      out.push_back(kHex[code & 15]);
    } else {
      out.push_back(c);
    }
  }
  return out;
}

TEST(RecordMapper, AnExpressionYieldsTheSameOfWhatIsReadAsOfTheWholeRecord) {
  ExpressionGenerator generator{20261126};
  int smaller = 0;
  for (int i = 0; i < 6'000; ++i) {
    const std::string expression = generator.expression();
    if (!is_legal(expression)) continue;
    const json::value whole = generator.record();
    RecordMapper mapper{mapping_of(expression), "x"};
    const std::string text = to_json(whole);
    const auto wanted = outcome(expression, whole);
    for (const auto& line : {line_of(text), line_of(escaped(text))}) {
      const Incoming record = mapper.read(line, {});
      ASSERT_EQ(outcome(expression, record.data), wanted)
          << expression << "\n  of " << text << "\n  as " << to_json(record.data);
      if (to_json(record.data).size() < text.size()) ++smaller;
    }
  }
  EXPECT_GT(smaller, 3'000);
}

TEST(RecordMapper, OnlyWhatTheMappingLooksAtIsRead) {
  const auto data = [](const std::string& expression, const std::string& record) {
    RecordMapper mapper{mapping_of(expression), "x"};
    return to_json(mapper.read(line_of(record), {}).data);
  };
  const std::string record =
      R"({"a":{"b":1,"c":[{"d":1,"e":2},{"d":3}]},"f":{"g":[1,2]},"h":-0,"i":1.0})";
  EXPECT_EQ(data(".a.b", record), R"({"a":{"b":1}})");
  EXPECT_EQ(data("[.a.c[].d]", record), R"({"a":{"c":[{"d":1},{"d":3}]}})");
  EXPECT_EQ(data(".a != null or .f", record), R"({"a":{},"f":{}})");
  EXPECT_EQ(data("if .f then .h else .i end", record), R"({"f":{},"h":0,"i":1})");
  EXPECT_EQ(data("keys", record), to_json(parse_json(record)));
  EXPECT_EQ(data(".f as $x | $x.g | length", record), R"({"f":{"g":[1,2]}})");
  EXPECT_EQ(data(".a.x", R"({"a":5})"), R"({"a":5})");
  EXPECT_EQ(data(".a", "7"), "7");
}

TEST(RecordMapper, OfEqualMembersTheLastOneCounts) {
  RecordMapper mapper{mapping_of(".a.b"), "x"};
  EXPECT_EQ(to_json(mapper.read(line_of(R"({"a":1,"a":{"b":1,"b":2}})"), {}).data),
            R"({"a":{"b":2}})");
}

TEST(RecordMapper, TheRestOfALineIsReadAsItIsElsewhere) {
  RecordMapper mapper{mapping_of(".a"), "x"};
  for (
      const std::string line :
      {R"({"op":"delete","key":"k","version":7})", R"({"key":"k","op":"upsert","skip":"why"})",
       R"({"op":"upsert","key":"k","version":3.0,"recency":1e3,"data":{"a":18446744073709551615}})",
       R"({"op":"upsert","key":"k\"\u00e9","extra":[{}],"data":null})",
       R"({"op":"upsert","key":"k","data":{"a":1},"data":{"a":2}})",
       R"({"op":"upsert","key":"k","version":"9","data":{"a":0.1}})"}) {
    JsonParser parser;
    const Incoming wanted = decode_record(parser, line, "x");
    const Incoming read = mapper.read(line, {});
    EXPECT_EQ(read.remove, wanted.remove) << line;
    EXPECT_EQ(read.key, wanted.key) << line;
    EXPECT_EQ(read.version, wanted.version) << line;
    EXPECT_EQ(read.recency, wanted.recency) << line;
    EXPECT_EQ(read.skip, wanted.skip) << line;
    EXPECT_EQ(to_json(read.data), to_json(wanted.data)) << line;
  }
}

TEST(RecordMapper, ABrokenLineIsTheConnectors) {
  RecordMapper mapper{mapping_of(".a"), "x"};
  for (const std::string line :
       {R"({"op":"upsert","key":"k","data":{"a":1}}})", R"({"op":"upsert","key":"k","data":{"a":1)",
        R"({"op":"upsert","key":"","data":{}})", R"({"op":"move","key":"k"})", R"({"key":"k"})",
        "[]", "", R"({"op":"upsert","key":"k","data":{"a":1e400}})",
        R"({"op":"upsert","key":"k","data":{"a":123456789012345678901}})",
        R"({"op":"upsert","key":"k","data":{"a":"\ud800"}})",
        "{\"op\":\"upsert\",\"key\":\"k\",\"data\":{\"b\":\"\xff\"}}"}) {
    JsonParser parser;
    EXPECT_THROW(static_cast<void>(decode_record(parser, line, "x")), Error) << line;
    EXPECT_THROW(static_cast<void>(mapper.read(line, {})), Error) << line;
  }
}

TEST(RecordMapper, ARejectionTellsOfTheWholeRecord) {
  const auto mapping =
      Mapping::compile(sync_of("", {{"key", ".id"}, {"x", ".a != null and (.a.b | error) == 1"}}));
  const std::string data = R"({"id":"k","a":{"b":"boom","c":2}})";
  RecordMapper mapper{mapping, "x"};
  const std::string line = line_of(data);
  const MapResult wanted = mapping.apply(parse_json(data));
  const MapResult result = mapper.map(mapper.read(line, {}), line);
  ASSERT_EQ(result.status, MapResult::Status::Rejected);
  EXPECT_EQ(result.rejection.message, wanted.rejection.message);
  EXPECT_EQ(result.rejection.value, wanted.rejection.value);
}

}  // namespace
}  // namespace sluice::host
