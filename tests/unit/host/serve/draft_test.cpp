#include "serve/draft.hpp"

#include <gtest/gtest.h>

#include "serve/http.hpp"

namespace sluice::host::serve {
namespace {

json::object object_of(std::string_view text) {
  return parse_json(text).as_object();
}

const Specs kSpecs{
    {"crm", object_of(R"({"roles": ["source"], "config": {"type": "object", "properties": {
        "site": {"type": "string"}, "port": {"type": "integer", "minimum": 1},
        "key": {"type": "string", "writeOnly": true}}, "required": ["site", "key"],
        "additionalProperties": false}})")},
    {"file", object_of(R"({"roles": ["source", "destination"], "config": {"type": "object",
        "properties": {"path": {"type": "string"}}, "required": ["path"],
        "additionalProperties": false}})")}};

json::object draft(std::string_view change = "{}") {
  json::object out = object_of(R"({"integration": "acme",
      "source": {"connector": "crm", "options": {"site": "acme", "key": "p\"$s"}},
      "destination": {"connector": "file", "options": {"path": "out.ndjson"}},
      "schedule": {"every": "6h"},
      "syncs": [{"name": "people", "read": {"stream": "people", "options": {"all": true}},
                 "write": {"object": "records", "match": "email", "mode": "create", "options": {}},
                 "fields": [{"name": "email", "value": ".email"},
                            {"name": "MRR", "value": ".mrr", "type": "number"}]}]})");
  for (auto& member : object_of(change)) out[member.key()] = member.value();
  return out;
}

// What is wrong, as "pointer: detail" one a line.
template <typename Call>
std::string faults_of(Call&& call) {
  try {
    static_cast<void>(call());
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.status(), 422);
    const auto body = parse_json(problem.reply().body).as_object();
    std::string out;
    for (const auto& each : body.at("errors").as_array()) {
      out += std::string{each.at("pointer").as_string()} + ": " +
             std::string{each.at("detail").as_string()} + "\n";
    }
    return out;
  }
  return {};
}
std::string faults(std::string_view change) {
  return faults_of([change] { return new_file_of(draft(change), kSpecs); });
}
std::string side_faults(std::string_view side) {
  return faults_of([side] { return trial_side_of(object_of(side), kSpecs); });
}

TEST(Draft, BecomesAFileThatRefersToItsSecrets) {
  const NewFile made = new_file_of(draft(), kSpecs);
  EXPECT_EQ(made.integration, "acme");
  EXPECT_EQ(to_json(json::value(made.document)),
            R"({"integration":"acme","source":{"connector":"crm","site":"acme",)"
            R"("key":"${file:secrets/acme.source.key}"},)"
            R"("destination":{"connector":"file","path":"out.ndjson"},"schedule":{"every":"6h"},)"
            R"("syncs":{"people":{"read":{"stream":"people","all":true},)"
            R"("write":{"object":"records","match":"email","mode":"create"},)"
            R"("fields":{"email":".email","MRR":{"value":".mrr","type":"number"}}}}})");
  EXPECT_EQ(made.secrets,
            (std::map<std::string, std::string>{{"secrets/acme.source.key", "p\"$s"}}));
}

TEST(Draft, KeepsAReferenceAsItIs) {
  const auto made = new_file_of(
      draft(R"({"source": {"connector": "crm", "options": {"site": "a", "key": "${KEY}"}}})"),
      kSpecs);
  EXPECT_TRUE(made.secrets.empty());
  EXPECT_EQ(made.document.at("source").at("key"), "${KEY}");
}

TEST(Draft, TellsEachPlaceThatIsWrong) {
  EXPECT_EQ(faults(R"({"source": {"connector": "crm", "options": {"port": 0, "kye": "x"}}})"),
            "/source/options/site: is required\n/source/options/key: is required\n"
            "/source/options/port: port must be at least 1; found the number 0\n"
            "/source/options/kye: unknown option \"kye\" (did you mean \"key\"? allowed here: "
            "site, port, key)\n");
  EXPECT_EQ(faults(R"({"destination": {"connector": "crm", "options": {}}, "syncs": [{}]})"),
            "/destination/connector: \"crm\" is not a destination\n"
            "/syncs/0/name: is required\n/syncs/0/read: is required\n"
            "/syncs/0/read/stream: is required\n/syncs/0/write: is required\n"
            "/syncs/0/write/object: is required\n/syncs/0/write/match: is required\n"
            "/syncs: there must be one at least\n");
  for (const char* name : {"\"\"", "\"../a\"", "\".a\"", "\"a/b\"", "7"}) {
    EXPECT_EQ(faults(std::string{"{\"integration\": "} + name + "}").substr(0, 13), "/integration:")
        << name;
  }
}

TEST(Draft, ReadsNoFileThatARequestNames) {
  EXPECT_NE(faults(R"({"source": {"connector": "crm",
                       "options": {"site": "${file:/etc/shadow}", "key": "k"}}})"),
            "");
  EXPECT_NE(faults(R"({"syncs": [{"name": "a", "read": {"stream": "${file:/etc/shadow}"},
                       "write": {"object": "o", "match": "m"}}]})"),
            "");
  EXPECT_NE(side_faults(R"({"connector": "file", "role": "source",
                            "options": {"path": "a$${x}${file:/etc/shadow}"}})"),
            "");
  EXPECT_EQ(side_faults(R"({"connector": "file", "role": "source",
                            "options": {"path": "a$${file:b}"}})"),
            "");
}

TEST(Draft, ASideIsTriedWithTheSecretAsItWasTyped) {
  const auto side = trial_side_of(object_of(R"({"connector": "crm", "role": "source",
                    "options": {"site": "${SITE}", "key": "a${b $${c} $"}})"),
                                  kSpecs);
  EXPECT_EQ(side.role, "source");
  EXPECT_EQ(to_json(json::value(side.block)),
            R"({"connector":"crm","site":"${SITE}","key":"a$${b $$${c} $"})");
}

TEST(Draft, ASideMayNotWidenWhatItsProcessReaches) {
  EXPECT_EQ(side_faults(R"({"connector": "file", "role": "source",
                            "options": {"path": "x", "worker": {"read": ["/"]}}})"),
            "/options/worker: is set in the file, by hand\n");
}

}  // namespace
}  // namespace sluice::host::serve
