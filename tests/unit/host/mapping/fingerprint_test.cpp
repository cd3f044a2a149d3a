#include "mapping_fixture.hpp"

namespace sluice::host {
namespace {

SyncConfig example() {
  auto sync = sync_with({field("a", ".a | date(\"UTC\")"), field("b", ".b")},
                        {rule(".x", {{"tags", json::array{"t"}}})});
  sync.filter = ExpressionText{".f", {}};
  sync.checks.push_back({{".c", {}}, "no c"});
  return sync;
}

TEST(Fingerprint, IsStableAcrossRuns) {
  EXPECT_EQ(fingerprint(example()), fingerprint(example()));
  EXPECT_EQ(fingerprint(example()).size(), 32U);
}

TEST(Fingerprint, IgnoresWhatChangesNothing) {
  auto same = example();
  same.name = "renamed";
  same.fields[1].value.text = "  .a|date( \"UTC\" ) # day";
  std::swap(same.fields[1], same.fields[2]);
  same.fields[1].at = {5, 6};
  same.checks[0].say = "c is missing";
  same.write.max_deletes.percent = 50;
  same.tests.emplace_back();
  EXPECT_EQ(fingerprint(same), fingerprint(example()));
}

TEST(Fingerprint, SeesWhatChangesWrites) {
  const auto changed = [](auto change) {
    auto sync = example();
    change(sync);
    return fingerprint(sync) != fingerprint(example());
  };
  EXPECT_TRUE(
      changed([](SyncConfig& s) { s.fields[1].value.text = ".a | date(\"Europe/Berlin\")"; }));
  EXPECT_TRUE(changed([](SyncConfig& s) { s.fields[1].null = NullPolicy::Clear; }));
  EXPECT_TRUE(changed([](SyncConfig& s) { s.fields[1].overwrite = Overwrite::IfEmpty; }));
  EXPECT_TRUE(changed([](SyncConfig& s) { s.fields[1].name = "A"; }));
  EXPECT_TRUE(changed([](SyncConfig& s) { s.fields.pop_back(); }));
  EXPECT_TRUE(changed([](SyncConfig& s) { s.filter.reset(); }));
  EXPECT_TRUE(changed([](SyncConfig& s) { s.checks.clear(); }));
  EXPECT_TRUE(changed([](SyncConfig& s) { s.rules[0].set["tags"] = json::array{"u"}; }));
  EXPECT_TRUE(changed([](SyncConfig& s) { s.rules[0].when.text = ".y"; }));
  EXPECT_TRUE(changed([](SyncConfig& s) { s.read.options["o"] = 1; }));
  EXPECT_TRUE(changed([](SyncConfig& s) { s.write.options["o"] = 1; }));
  EXPECT_TRUE(changed([](SyncConfig& s) { s.write.mode = WriteMode::Create; }));
  EXPECT_TRUE(changed([](SyncConfig& s) { s.write.on_exclude = "drop"; }));
}

TEST(WriteHash, TellsWritesApart) {
  const auto sync = example();
  MapResult base;
  base.fields = {{"a", 1}, {"b", "x"}};
  base.sets["tags"] = {"t", "u"};
  const auto hash = [&](auto change, WriteConfig write = {}) {
    MapResult result = base;
    change(result, write);
    return write_hash(result, write);
  };
  const auto original = hash([](MapResult&, WriteConfig&) {});
  EXPECT_EQ(original.size(), 32U);
  EXPECT_EQ(original, hash([](MapResult& r, WriteConfig&) {
              r.fields = {{"b", "x"}, {"a", 1.0}};
            }));
  EXPECT_EQ(original, hash([](MapResult& r, WriteConfig&) { r.key = "k"; }));
  EXPECT_NE(original, hash([](MapResult& r, WriteConfig&) { r.fields["a"] = "1"; }));
  EXPECT_NE(original, hash([](MapResult& r, WriteConfig&) { r.fields["c"] = nullptr; }));
  EXPECT_NE(original, hash([](MapResult& r, WriteConfig&) { r.sets["tags"] = {"t"}; }));
  EXPECT_NE(original, hash([](MapResult& r, WriteConfig&) { r.sets["tags"] = {"t,u"}; }));
  EXPECT_NE(original, hash([](MapResult& r, WriteConfig&) { r.if_empty = {"a"}; }));
  EXPECT_NE(original, hash([](MapResult&, WriteConfig& w) { w.options["o"] = 1; }));
}

}  // namespace
}  // namespace sluice::host
