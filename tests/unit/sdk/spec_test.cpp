#include "sluice/spec.hpp"

#include <gtest/gtest.h>

#include "errors.hpp"

namespace sluice {
namespace {

TEST(Spec, DescribesEveryKindOfOptionAsJsonSchema) {
  const auto schema = Spec{"Billing"}
                          .string("site")
                          .required()
                          .describe("The site")
                          .example("acme")
                          .secret("key")
                          .required()
                          .integer("page")
                          .fallback(100)
                          .minimum(1)
                          .maximum(250)
                          .number("ratio")
                          .boolean("live")
                          .fallback(false)
                          .choice("mode", {"a", "b"})
                          .strings("lists")
                          .schema();
  EXPECT_EQ(to_json(schema),
            R"({"type":"object","properties":{)"
            R"("site":{"type":"string","description":"The site","examples":["acme"]},)"
            R"("key":{"type":"string","writeOnly":true},)"
            R"("page":{"type":"integer","default":100,"minimum":1,"maximum":250},)"
            R"("ratio":{"type":"number"},)"
            R"("live":{"type":"boolean","default":false},)"
            R"("mode":{"type":"string","enum":["a","b"]},)"
            R"("lists":{"type":"array","items":{"type":"string"}}},)"
            R"("required":["site","key"],"additionalProperties":false})");
}

TEST(Spec, MarksPaths) {
  EXPECT_EQ(to_json(Spec{}.file("path").directory("folder").file("key").read_only().schema()),
            R"({"type":"object","properties":{"path":{"type":"string","format":"file-path"},)"
            R"("folder":{"type":"string","format":"directory-path"},)"
            R"("key":{"type":"string","format":"file-path","access":"read"}},)"
            R"("additionalProperties":false})");
}

TEST(Spec, LeavesRequiredOutWhenNothingIs) {
  EXPECT_EQ(to_json(Spec{}.schema()),
            R"({"type":"object","properties":{},"additionalProperties":false})");
}

TEST(Spec, RefusesAuthorsMistakes) {
  testing::expect_error(Code::Internal, "'site' is declared twice",
                        [] { static_cast<void>(Spec{}.string("site").secret("site")); });
  testing::expect_error(Code::Internal, "before you describe",
                        [] { static_cast<void>(Spec{}.required()); });
}

}  // namespace
}  // namespace sluice
