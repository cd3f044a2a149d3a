#include "integration/options.hpp"

#include "lint_fixture.hpp"

namespace sluice::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const json::object& schema() {
  static const json::object kSchema = parse_json(R"({
    "type": "object",
    "properties": {
      "site": {"type": "string", "description": "The site's name."},
      "api_key": {"type": "string", "writeOnly": true},
      "page": {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
      "ratio": {"type": "number"},
      "deep": {"type": "boolean", "default": false},
      "mode": {"type": "string", "enum": ["auto", "bulk"], "default": "auto"},
      "paths": {"type": "array", "items": {"type": "string"}},
      "auth": {"type": "object", "properties": {"user": {"type": "string"}},
               "required": ["user"], "additionalProperties": false}
    },
    "required": ["site"],
    "additionalProperties": false})")
                                          .as_object();
  return kSchema;
}

class OptionsTest : public LintTest {
 protected:
  // The findings about `source: {connector: x, …}`.
  std::vector<std::string> problems(const std::string& source) {
    const auto result = lint(text(source));
    const auto& connection = result.integration.value().source;
    return texts(validate_options(connection.options, schema(), connection.option_positions,
                                  "x.yaml", {"source", connection.at, connection_keys()}));
  }
  std::string completed(const std::string& source) {
    auto connection = load(text(source)).source;
    apply_defaults(connection.options, schema(), connection.option_positions);
    return to_json(connection.options);
  }

 private:
  static std::string text(const std::string& source) {
    return "integration: demo\nsource: {connector: x, " + source +
           "}\ndestination: {connector: y}\n" + kSync;
  }
};

TEST_F(OptionsTest, AcceptsWhatTheSchemaAllows) {
  EXPECT_THAT(problems("site: acme, page: 7, ratio: 2, deep: true, mode: bulk, paths: [a, b], "
                       "auth: {user: me}"),
              IsEmpty());
}

TEST_F(OptionsTest, SaysWhatIsWrongAndWhere) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"page: 7", "x.yaml:2:9: error: source lacks the option \"site\" (The site's name.)"},
      {"site: a, pag: 7",
       "x.yaml:2:33: error: unknown option \"pag\" in source (did you mean \"page\"? allowed here: "
       "site, api_key, page, ratio, deep, mode, paths, auth, connector, rate, share, sha256, "
       "worker)"},
      {"site: a, shar: 1",
       "x.yaml:2:33: error: unknown option \"shar\" in source (did you mean \"share\"? allowed "
       "here: site, api_key, page, ratio, deep, mode, paths, auth, connector, rate, share, sha256, "
       "worker)"},
      {"site: 017",
       "x.yaml:2:30: error: source.site must be a string; found the number 17 (put it in quotes)"},
      {"site: ~", "x.yaml:2:30: error: source.site must be a string; found nothing"},
      {"site: [a]", "x.yaml:2:30: error: source.site must be a string; found a sequence"},
      {"site: a, page: \"7\"", "x.yaml:2:39: error: source.page must be an integer; found \"7\""},
      {"site: a, page: 1.5",
       "x.yaml:2:39: error: source.page must be an integer; found the number 1.5"},
      {"site: a, page: 0",
       "x.yaml:2:39: error: source.page must be at least 1; found the number 0"},
      {"site: a, page: 101",
       "x.yaml:2:39: error: source.page must be at most 100; found the number 101"},
      {"site: a, deep: no", "x.yaml:2:39: error: source.deep must be a boolean; found \"no\""},
      {"site: a, mode: bluk",
       "x.yaml:2:39: error: source.mode must be \"auto\" or \"bulk\"; found \"bluk\" (did you mean "
       "\"bulk\"?)"},
      {"site: a, paths: [a, 5]",
       "x.yaml:2:44: error: source.paths[1] must be a string; found the number 5 (put it in "
       "quotes)"},
      {"site: a, auth: {}", "x.yaml:2:33: error: source.auth lacks the option \"user\""},
      {"site: a, auth: {user: u, usr: v}",
       "x.yaml:2:49: error: unknown option \"usr\" in source.auth (did you mean \"user\"? allowed "
       "here: user)"},
      {"site: a, api_key: abc",
       "x.yaml:2:42: warning: source.api_key is a secret and stands in the file in plain text "
       "(write ${NAME} and set the environment variable, or ${file:/run/secrets/…})"},
      {"site: a, api_key: 12345",
       "x.yaml:2:42: error: source.api_key must be a string; found an integer"},
  };
  for (const auto& [source, message] : cases) {
    EXPECT_THAT(problems(source), ElementsAre(message)) << source;
  }
}

TEST_F(OptionsTest, TakesAStringOutOfTheEnvironmentForWhatTheSchemaAsks) {
  environment = {{"PAGE", "7"}, {"DEEP", "true"}, {"SITE", "017"}, {"KEY", "k"}, {"BAD", "sekret"}};
  EXPECT_THAT(
      problems("site: \"${SITE}\", page: \"${PAGE}\", deep: \"${DEEP}\", api_key: \"${KEY}\""),
      IsEmpty());
  EXPECT_EQ(completed("site: \"${SITE}\", page: \"${PAGE}\", deep: \"${DEEP}\""),
            R"({"site":"017","page":7,"deep":true,"mode":"auto"})");
  EXPECT_THAT(
      problems("site: a, page: \"${BAD}\""),
      ElementsAre("x.yaml:2:39: error: source.page must be an integer; found another text"));
  EXPECT_THAT(problems("site: a, mode: \"${BAD}\""),
              ElementsAre("x.yaml:2:39: error: source.mode must be \"auto\" or \"bulk\"; found "
                          "another text"));
}

TEST_F(OptionsTest, PassesOverWhatHasNoValueHere) {
  options.resolve_secrets = false;
  EXPECT_THAT(problems("site: \"${NONE}\", page: \"${NONE}\", api_key: \"${NONE}\""), IsEmpty());
}

TEST_F(OptionsTest, FillsInDefaults) {
  EXPECT_EQ(completed("site: a, page: 3"), R"({"site":"a","page":3,"deep":false,"mode":"auto"})");
  EXPECT_EQ(completed("site: a, page: 3.0"), R"({"site":"a","page":3,"deep":false,"mode":"auto"})");
  EXPECT_EQ(completed("site: a, page: 1.5"),
            R"({"site":"a","page":1.5,"deep":false,"mode":"auto"})")
      << "what is wrong is left to validate_options";
}

TEST_F(OptionsTest, RefusesEveryOptionWhereNoneIsDeclared) {
  const auto none = parse_json(R"({"type":"object","properties":{},"additionalProperties":false})");
  EXPECT_THAT(texts(validate_options({{"a", 1}}, none.as_object(), {}, "x.yaml")),
              ElementsAre("x.yaml: error: unknown option \"a\" (no options are allowed here)"));
}

}  // namespace
}  // namespace sluice::host
