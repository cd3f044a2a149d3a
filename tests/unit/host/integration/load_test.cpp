#include "integration/load.hpp"

#include "lint_fixture.hpp"

namespace sluice::host {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using LoadTest = LintTest;

std::string at(Position position) {
  return std::to_string(position.line) + ":" + std::to_string(position.column);
}

TEST_F(LoadTest, FillsInDefaults) {
  const auto integration = load(kHead + kSync);
  EXPECT_EQ(integration.name, "demo");
  EXPECT_EQ(integration.file, "x.yaml");
  EXPECT_EQ(integration.schedule.every, 6h);
  EXPECT_EQ(integration.source.connector, "file");
  EXPECT_EQ(integration.source.share, 1.0);
  EXPECT_FALSE(integration.source.rate);
  ASSERT_EQ(integration.syncs.size(), 1U);
  const auto& write = integration.syncs[0].write;
  EXPECT_EQ(write.mode, WriteMode::Upsert);
  EXPECT_EQ(write.on_delete, "keep");
  EXPECT_EQ(write.on_exclude, "keep");
  EXPECT_EQ(write.on_duplicate, DuplicatePolicy::Error);
  EXPECT_FALSE(write.max_deletes.count);
  EXPECT_FALSE(write.max_deletes.percent);
  EXPECT_TRUE(write.documents);
  EXPECT_EQ(integration.retention.runs, 90 * 24h);
  EXPECT_EQ(integration.retention.resolved_errors, 30 * 24h);
}

TEST_F(LoadTest, ReadsWhatTheStateKeeps) {
  const auto integration =
      load(kHead + "retention: {runs: 7d}\n" +
           "syncs: {s: {read: {stream: a}, write: {object: b, match: c, documents: false}}}\n");
  EXPECT_EQ(integration.retention.runs, 7 * 24h);
  EXPECT_EQ(integration.retention.resolved_errors, 30 * 24h);
  EXPECT_FALSE(integration.syncs[0].write.documents);
  EXPECT_TRUE(integration.syncs[0].write.options.empty());
}

TEST_F(LoadTest, ReadsConnections) {
  environment["KEY"] = "017";
  const auto integration = load(
      "integration: demo\n"
      "source:\n"
      "  connector: billing\n"
      "  rate: 120/min\n"
      "  share: 0.8\n"
      "  api_key: ${KEY}\n"
      "  limit: 017\n"
      "  flag: no\n"
      "  code: \"017\"\n"
      "  headers: {accept: [a, true]}\n"
      "destination: {connector: file}\n" +
      kSync);
  const auto& source = integration.source;
  EXPECT_EQ(source.rate->requests, 120U);
  EXPECT_EQ(source.rate->window, 1min);
  EXPECT_EQ(source.share, 0.8);
  EXPECT_EQ(
      to_json(source.options),
      R"({"api_key":"017","limit":17,"flag":"no","code":"017","headers":{"accept":["a",true]}})");
  const auto& key = source.option_positions.at("api_key");
  EXPECT_EQ(at(key), "6:3");
  EXPECT_EQ(at(key.value), "6:12");
  EXPECT_TRUE(key.substituted);
  EXPECT_FALSE(source.option_positions.at("limit").substituted);
  EXPECT_EQ(at(source.option_positions.at("headers.accept[1]").value), "10:25");
}

TEST_F(LoadTest, ReadsEverythingOfASync) {
  const auto integration =
      load(kHead +
           "syncs:\n"
           "  zebra:\n"
           "    read: {stream: s, active: true}\n"
           "    write: {object: o, match: email, mode: create, on_delete: drop,\n"
           "            on_duplicate: latest, max_deletes: 2%, color: red}\n"
           "    check: [{that: .a | is_email, say: no address}]\n"
           "    filter: .b != false\n"
           "    fields:\n"
           "      Nick name: .n\n"
           "      MRR: {value: '.m | money', type: number, null: clear, "
           "overwrite: if_empty}\n"
           "      Fixed: 5\n"
           "    rules: [{when: .c, set: {labels: [x], n: 1}}]\n"
           "    tests:\n"
           "      - {name: t1, given: {a: b}, expect: {c: ~}}\n"
           "      - {name: t2, given: {}, expect_error: bad}\n"
           "      - {name: t3, given: {}, expect_filtered: true}\n"
           "  ant:\n"
           "    read: {stream: s}\n"
           "    write: {object: o, match: id, max_deletes: 50}\n");
  ASSERT_EQ(integration.syncs.size(), 2U);
  const auto& sync = integration.syncs[0];
  EXPECT_EQ(sync.name, "zebra") << "the order of the file is kept";
  EXPECT_EQ(integration.syncs[1].name, "ant");
  EXPECT_EQ(integration.syncs[1].write.max_deletes.count, 50U);
  EXPECT_EQ(to_json(sync.read.options), R"({"active":true})");
  EXPECT_EQ(sync.write.mode, WriteMode::Create);
  EXPECT_EQ(sync.write.on_delete, "drop");
  EXPECT_EQ(sync.write.on_duplicate, DuplicatePolicy::Latest);
  EXPECT_EQ(sync.write.max_deletes.percent, 2.0);
  EXPECT_EQ(to_json(sync.write.options), R"({"color":"red"})");
  ASSERT_EQ(sync.checks.size(), 1U);
  EXPECT_EQ(sync.checks[0].that.text, ".a | is_email");
  EXPECT_EQ(at(sync.checks[0].that.at), "9:20");
  EXPECT_EQ(sync.checks[0].say, "no address");
  EXPECT_EQ(sync.filter->text, ".b != false");
  ASSERT_EQ(sync.fields.size(), 3U);
  EXPECT_EQ(sync.fields[0].name, "Nick name");
  EXPECT_EQ(sync.fields[1].value.text, ".m | money");
  EXPECT_EQ(at(sync.fields[1].value.at), "13:21");
  EXPECT_EQ(sync.fields[1].type, "number");
  EXPECT_EQ(sync.fields[1].null, NullPolicy::Clear);
  EXPECT_EQ(sync.fields[1].overwrite, Overwrite::IfEmpty);
  EXPECT_EQ(sync.fields[2].value.text, "5");
  ASSERT_EQ(sync.rules.size(), 1U);
  EXPECT_EQ(to_json(sync.rules[0].set), R"({"labels":["x"],"n":1})");
  ASSERT_EQ(sync.tests.size(), 3U);
  EXPECT_EQ(to_json(sync.tests[0].expect), R"({"c":null})");
  EXPECT_EQ(sync.tests[1].expect_error, "bad");
  EXPECT_TRUE(sync.tests[2].expect_filtered);
}

TEST_F(LoadTest, ReadsSchedules) {
  EXPECT_EQ(load(kHead + "schedule: {every: 90s}\n" + kSync).schedule.every, 90s);
  const auto manual = load(kHead + "schedule: manual\n" + kSync).schedule;
  EXPECT_FALSE(manual.every);
  EXPECT_EQ(manual.cron, "");
  const auto cron =
      load(kHead + "schedule: {cron: \"0 */6 * * *\", timezone: Europe/Berlin}\n" + kSync).schedule;
  EXPECT_FALSE(cron.every);
  EXPECT_EQ(cron.cron, "0 */6 * * *");
  EXPECT_EQ(cron.timezone, "Europe/Berlin");
}

struct Case {
  const char* text;
  std::vector<std::string> findings;
};

TEST_F(LoadTest, RefusesWhatIsWrongInTheHead) {
  const std::vector<Case> cases = {
      {"schedul: manual\n",
       {"x.yaml:4:1: error: unknown key \"schedul\" (did you mean \"schedule\"? allowed here: "
        "integration, source, destination, schedule, retention, syncs)"}},
      {"Zzz: 1\n",
       {"x.yaml:4:1: error: unknown key \"Zzz\" (allowed here: integration, source, destination, "
        "schedule, retention, syncs)"}},
      {"schedule: 6h\n",
       {"x.yaml:4:11: error: schedule must be manual, {every: 6h} or {cron: \"0 */6 * * *\"}; "
        "found \"6h\""}},
      {"schedule: {every: 6}\n",
       {"x.yaml:4:19: error: schedule.every must be a duration such as 90s, 15m, 6h or 1d; found "
        "the number 6"}},
      {"schedule: {every: 6h, cron: 0 * * * *}\n",
       {"x.yaml:4:23: error: schedule has both every and cron (keep one of them)"}},
      {"schedule: {}\n",
       {"x.yaml:4:11: error: schedule has neither every nor cron (write {every: 6h}, {cron: \"0 "
        "*/6 * * *\"} or manual)"}},
      {"schedule: {every: 6h, timezone: UTC}\n",
       {"x.yaml:4:23: error: schedule.timezone needs cron (an interval does not depend on a time "
        "zone)"}},
      {"schedule: {cron: hourly, timezone: Mars/Base}\n",
       {"x.yaml:4:18: error: schedule.cron must be a cron expression of five fields such as \"0 "
        "*/6 * * *\"; found \"hourly\"",
        "x.yaml:4:36: error: schedule.timezone must be a time zone such as Europe/Berlin; found "
        "\"Mars/Base\""}},
      {"schedule: [manual]\n",
       {"x.yaml:4:11: error: schedule must be manual, {every: 6h} or {cron: \"0 */6 * * *\"}; "
        "found a sequence"}},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(findings(kHead + text + kSync), expected) << text;
  }
}

TEST_F(LoadTest, ReadsWhatAWorkerMayUse) {
  environment["SPOOL"] = "/var/spool/x";
  const auto integration = load(
      "integration: demo\n"
      "source: {connector: billing}\n"
      "destination:\n"
      "  connector: file\n"
      "  worker:\n"
      "    memory: 512MiB\n"
      "    file_size: 1TiB\n"
      "    descriptors: 64\n"
      "    hang_after: 90s\n"
      "    read: [/etc/a.pem, b]\n"
      "    write: [\"${SPOOL}\"]\n"
      "    confinement: required\n" +
      kSync);
  const auto& worker = integration.destination.worker;
  EXPECT_EQ(worker.memory, 512U << 20);
  EXPECT_EQ(worker.file_size, std::uint64_t{1} << 40);
  EXPECT_EQ(worker.descriptors, 64U);
  EXPECT_EQ(worker.hang_after, 90s);
  EXPECT_EQ(worker.read, (std::vector<std::string>{"/etc/a.pem", "b"}));
  EXPECT_EQ(worker.write, std::vector<std::string>{"/var/spool/x"});
  EXPECT_EQ(worker.confinement, Confine::Required);
  EXPECT_TRUE(integration.destination.options.empty());
  EXPECT_EQ(integration.source.worker.confinement, Confine::Auto);
  EXPECT_EQ(integration.source.worker.memory, std::uint64_t{2} << 30);
}

TEST_F(LoadTest, RefusesWhatIsWrongInAConnection) {
  const std::vector<Case> cases = {
      {"connector: file, rate: 120",
       {"x.yaml:2:33: error: source.rate must be a rate such as 120/min, 5/s or 1000/h; found the "
        "number 120"}},
      {"connector: file, share: 1.5",
       {"x.yaml:2:34: error: source.share must be a number above 0 and up to 1, such as 0.8; found "
        "the number 1.5"}},
      {"connector: file, sha256: ABC",
       {"x.yaml:2:35: error: source.sha256 must be a SHA-256 of 64 digits 0-9a-f; found \"ABC\""}},
      {"connector: file, worker: {memory: 5}",
       {"x.yaml:2:44: error: source.worker.memory must be a size from 64MiB, such as 512MiB or "
        "4GiB; found the number 5"}},
      {"connector: file, worker: {memory: 1MiB}",
       {"x.yaml:2:44: error: source.worker.memory must be a size from 64MiB, such as 512MiB or "
        "4GiB; found \"1MiB\""}},
      {"connector: file, worker: {descriptors: 1}",
       {"x.yaml:2:49: error: source.worker.descriptors must be a whole number from 64 to 1048576; "
        "found the number 1"}},
      {"connector: file, share: [1]",
       {"x.yaml:2:34: error: source.share must be a number above 0 and up to 1, such as 0.8; found "
        "a sequence"}},
      {"connector: 5",
       {"x.yaml:2:21: error: source.connector must be a connector's id of letters, digits, '-', "
        "'_' and '.'; found the number 5 (put it in quotes)"}},
      {"connector: ../file",
       {"x.yaml:2:21: error: source.connector must be a connector's id of letters, digits, '-', "
        "'_' and '.'; found \"../file\""}},
      {"connector: ~",
       {"x.yaml:2:21: error: source.connector must be a connector's id of letters, digits, '-', "
        "'_' and '.'; found nothing"}},
      {"path: x",
       {"x.yaml:2:9: error: source lacks the key \"connector\" (The connector's id; `sluice "
        "connectors` shows those that are installed.)"}},
      {"connector: file, size: 18446744073709551616",
       {"x.yaml:2:33: error: \"18446744073709551616\" is a number that cannot be kept exactly "
        "(numbers have up to 64 bits; put it in quotes to make it a string)"}},
  };
  for (const auto& [text, expected] : cases) {
    const std::string file = "integration: demo\nsource: {" + std::string{text} +
                             "}\ndestination: {connector: file}\n" + kSync;
    EXPECT_EQ(findings(file), expected) << text;
  }
}

TEST_F(LoadTest, RefusesWhatIsWrongInASync) {
  const std::vector<Case> cases = {
      {"    filter:\n",
       {"x.yaml:8:5: error: syncs.people.filter must be an expression; found nothing"}},
      {"    filter: ' '\n", {"x.yaml:8:13: error: syncs.people.filter is empty"}},
      {"    filter: [a]\n",
       {"x.yaml:8:13: error: syncs.people.filter must be an expression; found a sequence"}},
      {"    filter: .a == \"${STAGE}\"\n",
       {"x.yaml:8:13: warning: syncs.people.filter has a ${…}, which is not replaced in an "
        "expression"}},
      {"    checks: []\n",
       {"x.yaml:8:5: error: unknown key \"checks\" in syncs.people (did you mean \"check\"? "
        "allowed "
        "here: read, write, check, filter, preset, fields, rules, tests)"}},
      {"    check: {that: .a, say: b}\n",
       {"x.yaml:8:12: error: syncs.people.check must be a sequence of {that: …, say: …}; found a "
        "mapping"}},
      {"    check: [{that: .a}]\n",
       {"x.yaml:8:13: error: syncs.people.check[0] lacks the key \"say\" (What the record error "
        "says when it is not.)"}},
      {"    check: [.a]\n",
       {"x.yaml:8:13: error: syncs.people.check[0] must be {that: …, say: …}; found \".a\""}},
      {"    fields: {Nick name: {valu: .a}}\n",
       {"x.yaml:8:25: error: syncs.people.fields.\"Nick name\" lacks the key \"value\" (The "
        "expression that computes the value.)",
        "x.yaml:8:26: error: unknown key \"valu\" in syncs.people.fields.\"Nick name\" (did you "
        "mean \"value\"? allowed here: value, type, null, overwrite)"}},
      {"    fields: {a: {value: .a, type: strng, null: maybe}}\n",
       {"x.yaml:8:35: error: syncs.people.fields.a.type must be \"text\", \"number\", \"date\", "
        "\"datetime\" or \"boolean\"; found \"strng\"",
        "x.yaml:8:48: error: syncs.people.fields.a.null must be \"keep\" or \"clear\"; found "
        "\"maybe\""}},
      {"    fields: {a: }\n",
       {"x.yaml:8:14: error: syncs.people.fields.a must be an expression or a mapping with a "
        "value; found nothing"}},
      {"    fields: {a: ~}\n",
       {"x.yaml:8:14: error: \"a\" is left out by ~ but not in a preset (remove the line, or write "
        "an expression)"}},
      {"    fields: {Email: .a, eMail: .b}\n",
       {"x.yaml:8:25: error: \"eMail\" is the same field as in line 8 (upper and lower case make "
        "no "
        "difference)"}},
      {"    rules: [{when: .a, set: {}}]\n",
       {"x.yaml:8:29: error: syncs.people.rules[0].set is empty"}},
      {"    tests: [{name: t, given: {}}]\n",
       {"x.yaml:8:13: error: the test expects nothing (one of expect, expect_error and "
        "expect_filtered says what must happen)"}},
      {"    tests: [{name: t, given: {}, expect: {}, expect_error: x}]\n",
       {"x.yaml:8:46: error: the test expects two different things (one of expect, expect_error "
        "and expect_filtered says what must happen)"}},
      {"    tests: [{name: t, given: {}, expect_filtered: no}]\n",
       {"x.yaml:8:34: error: the test expects nothing (one of expect, expect_error and "
        "expect_filtered says what must happen)",
        "x.yaml:8:51: error: syncs.people.tests[0].expect_filtered must be true or false; found "
        "\"no\""}},
      {"    preset: ../secret\n",
       {"x.yaml:8:13: error: syncs.people.preset must be a preset's name of letters, digits, '-', "
        "'_' and '.'; found \"../secret\""}},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(findings(kHead + kSync + text), expected) << text;
  }
}

TEST_F(LoadTest, RefusesWhatIsWrongInWrite) {
  const std::vector<Case> cases = {
      {"object: o, match: email, mode: upser",
       {"x.yaml:7:44: error: syncs.people.write.mode must be \"upsert\", \"create\" or \"update\"; "
        "found \"upser\" (did you mean \"upsert\"?)"}},
      {"object: o, match: email, max_deletes: some",
       {"x.yaml:7:51: error: syncs.people.write.max_deletes must be a number such as 50 or a "
        "percentage such as 2%; found \"some\""}},
      {"object: o, match: email, ledger: false, on_delete: mark",
       {"x.yaml:7:53: error: on_delete needs the ledger, which `ledger: false` turns off (remove "
        "one of the two)"}},
      {"object: o",
       {"x.yaml:7:12: error: syncs.people.write lacks the key \"match\" (The destination field "
        "that "
        "identifies a record.)"}},
      {"object: 017, match: email",
       {"x.yaml:7:21: error: syncs.people.write.object must be an object's name; found the number "
        "017 (put it in quotes)"}},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(
        findings(kHead + "syncs:\n  people:\n    read: {stream: s}\n    write: {" + text + "}\n"),
        expected)
        << text;
  }
}

TEST_F(LoadTest, RefusesWhatIsWrongAtTheTop) {
  EXPECT_THAT(findings("- a\n"),
              ElementsAre("x.yaml:1:1: error: the file must be a mapping with integration, source, "
                          "destination and syncs; found a sequence"));
  EXPECT_THAT(findings("word\n"), ElementsAre(HasSubstr("found \"word\"")));
  EXPECT_THAT(findings(kHead + "syncs: {}\n"), ElementsAre("x.yaml:4:8: error: syncs is empty"));
  EXPECT_THAT(findings(kHead + "syncs: {a b: {read: {stream: s}, write: {object: o, match: m}}}\n"),
              ElementsAre("x.yaml:4:9: error: \"a b\" cannot be a name in syncs (use letters, "
                          "digits, '-', '_' and '.', starting with a letter or digit)"));
  EXPECT_THAT(findings(kHead + "syncs: {a: b}\n"),
              ElementsAre("x.yaml:4:12: error: syncs.a must be a mapping with read, write and "
                          "fields; found \"b\""));
}

TEST_F(LoadTest, FindsEverythingInOneGo) {
  const auto all = findings(
      "integration: a b\n"
      "source: {connector: file, key: \"${NONE}\"}\n"
      "destination: {}\n"
      "destination: {}\n"
      "extra: 1\n"
      "syncs: {a: {read: {}, write: {object: o, match: m, mode: x}}}\n");
  EXPECT_EQ(all.size(), 7U) << ::testing::PrintToString(all);
}

TEST_F(LoadTest, SubstitutesInEveryValueButExpressions) {
  environment = {
      {"RATE", "5/s"}, {"SHARE", "0.5"}, {"MODE", "update"}, {"LABEL", "x"}, {"MAX", "7"}};
  const auto integration = load(
      "integration: demo-${LABEL}\n"
      "source: {connector: file, rate: \"${RATE}\", share: \"${SHARE}\"}\n"
      "destination: {connector: file}\n"
      "syncs:\n"
      "  people:\n"
      "    read: {stream: s}\n"
      "    write: {object: o, match: m, mode: \"${MODE}\", max_deletes: \"${MAX}\"}\n"
      "    rules: [{when: .a, set: {labels: [\"${LABEL}\"]}}]\n");
  EXPECT_EQ(integration.name, "demo-x");
  EXPECT_EQ(integration.source.rate->requests, 5U);
  EXPECT_EQ(integration.source.share, 0.5);
  EXPECT_EQ(integration.syncs[0].write.mode, WriteMode::Update);
  EXPECT_EQ(integration.syncs[0].write.max_deletes.count, 7U);
  EXPECT_EQ(to_json(integration.syncs[0].rules[0].set), R"({"labels":["x"]})");
}

TEST_F(LoadTest, NeverShowsASubstitutedValue) {
  environment["SECRET"] = "hunter2";
  const std::string file =
      "integration: demo\nsource: {connector: file, rate: \"${SECRET}\", "
      "share: \"${SECRET}\"}\ndestination: {connector: \"../${SECRET}\"}\n" +
      kSync;
  const auto all = findings(file);
  EXPECT_EQ(all.size(), 3U);
  for (const auto& finding : all) EXPECT_THAT(finding, ::testing::Not(HasSubstr("hunter2")));
  EXPECT_THAT(all[0], HasSubstr("found the value of \"${SECRET}\""));
}

TEST_F(LoadTest, LintsWithoutSecrets) {
  options.resolve_secrets = false;
  const auto result = lint(
      "integration: demo\n"
      "source: {connector: file, api_key: \"${KEY}\", rate: \"${RATE}\"}\n"
      "destination: {connector: file}\n" +
      kSync);
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.diagnostics.size(), 2U);
  EXPECT_EQ(result.diagnostics[0].severity, Diagnostic::Severity::Note);
  EXPECT_FALSE(result.integration->source.option_positions.at("api_key").resolved);
}

// Each of these took minutes while some step looked at everything again for every entry.
TEST_F(LoadTest, CopesWithTheLargestFiles) {
  std::string fields = "{";
  std::string unknown;
  for (int i = 0; i < 30'000; ++i) {
    const auto number = std::to_string(i);
    fields += "ü" + number + ": .a, ";
    unknown += "k" + number + ": x\n";
  }
  const auto integration = load(kHead + kSync + "    fields: " + fields + "}\n");
  EXPECT_EQ(integration.syncs[0].fields.size(), 30'000U);
  EXPECT_EQ(integration.syncs[0].fields[9].value.at.column, 13 + 9 * 8 + 5);
  EXPECT_EQ(findings(kHead + kSync + unknown).size(), 1000U);
}

TEST_F(LoadTest, GoesOnAsFarAsItCan) {
  const auto result = lint(kHead + "extra: 1\n" + kSync + "    filter: .a\n");
  EXPECT_FALSE(result.ok());
  ASSERT_TRUE(result.integration);
  EXPECT_EQ(result.integration->syncs[0].filter->text, ".a");
}

class PresetTest : public LintTest {
 protected:
  PresetTest() { options.preset_directories = {folder.path()}; }
  std::string with_preset(const std::string& fields) {
    return kHead + kSync + "    preset: basics\n    fields: " + fields + "\n";
  }
  ScratchFolder folder;
};

TEST_F(PresetTest, PutsOwnFieldsOverThoseOfThePreset) {
  const auto file = folder.write("basics.yaml",
                                 "description: d\nfields:\n  A: .a\n  B: {value: .b, null: clear}\n"
                                 "  C: .c\n");
  const auto sync = load(with_preset("{b: .own, D: .d, C: ~}")).syncs[0];
  EXPECT_EQ(sync.preset, "basics");
  EXPECT_EQ(sync.preset_file, file);
  ASSERT_EQ(sync.fields.size(), 3U);
  EXPECT_EQ(sync.fields[0].name, "A");
  EXPECT_TRUE(sync.fields[0].from_preset);
  EXPECT_EQ(at(sync.fields[0].value.at), "3:6");
  EXPECT_EQ(sync.fields[1].name, "b") << "case makes no difference";
  EXPECT_EQ(sync.fields[1].value.text, ".own");
  EXPECT_EQ(sync.fields[1].null, NullPolicy::Keep);
  EXPECT_FALSE(sync.fields[1].from_preset);
  EXPECT_EQ(sync.fields[2].name, "D");
}

TEST_F(PresetTest, NamesThePresetsThatExist) {
  folder.write("basic.yaml", "fields: {a: .a}\n");
  folder.write("other.yaml", "fields: {a: .a}\n");
  folder.write("notes.txt", "");
  EXPECT_THAT(findings(with_preset("{}")),
              ElementsAre("x.yaml:8:13: error: there is no preset \"basics\" (did you mean "
                          "\"basic\"? allowed here: basic, other)"));
}

TEST_F(PresetTest, ReportsWhatIsWrongInAPresetUnderItsName) {
  const auto file = folder.write("basics.yaml", "feilds: {a: .a}\nfields: {b: {}, c: ~}\n");
  EXPECT_THAT(
      findings(with_preset("{}")),
      ElementsAre(file + ":1:1: error: unknown key \"feilds\" (did you mean \"fields\"? allowed "
                         "here: description, fields)",
                  file + ":2:13: error: fields.b lacks the key \"value\" (The expression that "
                         "computes the value.)",
                  file + ":2:17: error: \"c\" is left out by ~ in a preset (remove the line, or "
                         "write an expression)"));
}

TEST_F(PresetTest, LooksBesideTheFileFirst) {
  folder.write("basics.yaml", "fields: {a: .far}\n");
  folder.write("here/presets/basics.yaml", "fields: {a: .near}\n");
  const auto path = folder.write("here/x.yaml", with_preset("{}"));
  EXPECT_EQ(load_integration(path, options).syncs[0].fields[0].value.text, ".near");
}

class LoadFileTest : public LintTest {
 protected:
  std::string message(const std::string& path) {
    try {
      static_cast<void>(load_integration(path, options));
    } catch (const IntegrationError& e) {
      EXPECT_EQ(e.code(), Code::Config);
      EXPECT_FALSE(e.diagnostics().empty());
      return e.what();
    }
    return "loaded";
  }
  ScratchFolder folder;
};

TEST_F(LoadFileTest, SaysWhyAFileCannotBeRead) {
  const auto path = (folder.path() / "x.yaml").string();
  EXPECT_EQ(message(path), path + ": error: no such file");
  EXPECT_EQ(message(folder.path().string()),
            folder.path().string() + ": error: is a directory, not a file");
  folder.write("x.yaml", std::string(1024 * 1024 + 1, '#'));
  EXPECT_EQ(message(path),
            path + ": error: the file is larger than 1 MiB (divide its syncs among several files)");
  folder.write("x.yaml", kHead + kSync);
  EXPECT_EQ(message(path), "loaded");
}

TEST_F(LoadFileTest, SumsUpWhatIsWrong) {
  const auto path = folder.write("x.yaml", kHead + "a: 1\nb: 2\nc: 3\n" + kSync);
  EXPECT_THAT(message(path), HasSubstr(":4:1: error: unknown key \"a\""));
  EXPECT_THAT(message(path), ::testing::EndsWith("; and 2 more errors"));
}

TEST_F(LoadTest, ReadsAConnectionThatStandsAlone) {
  environment["KEY"] = "s3cret";
  const auto connection = load_connection_text(
      R"({"connector": "crm", "key": "${KEY}", "port": 80, "share": 0.5})", "stdin", options);
  EXPECT_EQ(connection.connector, "crm");
  EXPECT_EQ(connection.share, 0.5);
  EXPECT_EQ(to_json(json::value(connection.options)), R"({"key":"s3cret","port":80})");
  EXPECT_TRUE(connection.option_positions.at("key").substituted);
  for (const char* wrong : {"", "[]", "{connector: crm, share: 2}", "{site: acme}", "{",
                            "{connector: crm, key: \"${MISSING}\"}"}) {
    EXPECT_THROW(static_cast<void>(load_connection_text(wrong, "stdin", options)), IntegrationError)
        << wrong;
  }
}

TEST_F(LoadTest, TellsThePresetsThatAFileCanName) {
  const ScratchFolder folder;
  folder.write("here/presets/basics.yaml", "fields: {a: .near}\n");
  folder.write("here/presets/broken.yaml", "feilds: {}\n");
  folder.write("all/basics.yaml", "fields: {a: .far}\n");
  folder.write("all/more.yaml", "description: more of them\nfields: {b: .b, c: .c}\n");
  options.preset_directories = {folder.path() / "all"};
  const auto presets = available_presets(folder.path() / "here", options);
  ASSERT_EQ(presets.size(), 2U);
  EXPECT_EQ(presets[0].name, "basics");
  EXPECT_EQ(presets[0].fields.at(0).value.text, ".near");
  EXPECT_EQ(presets[1].name, "more");
  EXPECT_EQ(presets[1].description, "more of them");
  EXPECT_EQ(presets[1].fields.size(), 2U);
}

}  // namespace
}  // namespace sluice::host
