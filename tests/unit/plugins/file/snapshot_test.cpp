// Files that are replaced as a whole.
#include "snapshot.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <sluice/error.hpp>

#include "file_fixture.hpp"

namespace file_connector {
namespace {

namespace fs = std::filesystem;
using sluice::Code;
using sluice::Effect;
using sluice::Outcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SnapshotTest : public FileTest {
 protected:
  SnapshotTest() { name("out.csv"); }
  void name(const std::string& file) { path = folder / file; }

  FileDestination destination(std::string_view more = "") {
    return FileDestination{config_of_files(path.filename().string(), more)};
  }
  std::unique_ptr<sluice::Writer> writer(FileDestination& over) {
    return over.open(context, {.object = "records", .match = "email"});
  }
  std::vector<Outcome> write(sluice::Writer& writer, std::string_view ndjson) {
    sluice::JsonParser parser;
    const auto batch = sluice::detail::decode_writes(parser, ndjson);
    return writer.write(context, batch.writes);
  }
  // A whole run.
  std::vector<Outcome> run(std::string_view ndjson, std::string_view more = "") {
    auto over = destination(more);
    const auto into = writer(over);
    auto outcomes = write(*into, ndjson);
    into->flush(context);
    return outcomes;
  }
  static std::string upsert(const std::string& key, const std::string& fields) {
    return R"({"op":"upsert","key":")" + key + R"(","fields":{"email":")" + key + "\"" + fields +
           "}}\n";
  }
};

TEST_F(SnapshotTest, WritesATableWithAHeader) {
  run(upsert("a@b", R"(,"Name":"Ann, \"A\"","Age":7,"Vip":true)") + upsert("c@d", R"(,"X":"")"));
  EXPECT_EQ(contents(),
            "email,Name,Age,Vip,X\r\na@b,\"Ann, \"\"A\"\"\",7,true,\r\nc@d,,,,\"\"\r\n");
}

TEST_F(SnapshotTest, ReplacesRowsInTheirPlaceAndAddsNewOnesAtTheEnd) {
  run(upsert("a@b", R"(,"n":1)") + upsert("c@d", R"(,"n":2)") + upsert("e@f", R"(,"n":3)"));
  const auto outcomes =
      run(upsert("g@h", R"(,"m":"x")") + upsert("c@d", R"(,"n":20)") + upsert("e@f", R"(,"n":3)") +
          R"({"op":"delete","key":"a@b","action":"delete","fields":{}})"
          "\n");
  EXPECT_EQ(outcomes.at(0).effect, Effect::Created);
  EXPECT_EQ(outcomes.at(1).effect, Effect::Updated);
  EXPECT_EQ(outcomes.at(2).effect, Effect::Unchanged);
  EXPECT_EQ(outcomes.at(3).effect, Effect::Deleted);
  EXPECT_EQ(contents(), "email,n,m\r\nc@d,20,\r\ne@f,3,\r\ng@h,,x\r\n");
}

TEST_F(SnapshotTest, KeepsTheOldFileWholeUntilTheRunEnds) {
  run(upsert("a@b", R"(,"n":1)"));
  const auto before = contents();
  {
    auto over = destination();
    const auto into = writer(over);
    write(*into, upsert("a@b", R"(,"n":2)") + upsert("c@d", ""));
    EXPECT_EQ(contents(), before);
    EXPECT_EQ(into->lookup(context, {"a@b"}, false).at(0).fields.at("n"), "2");
  }
  // The run was cut off. What it had delivered is delivered by the next one, which has nothing new.
  EXPECT_EQ(contents(), before);
  auto over = destination();
  const auto into = writer(over);
  EXPECT_EQ(into->lookup(context, {"a@b"}, false).at(0).fields.at("n"), "2");
  into->flush(context);
  EXPECT_EQ(contents(), "email,n\r\na@b,2\r\nc@d,\r\n");
}

TEST_F(SnapshotTest, KeepsTheOldFileWholeWhenTheNewOneCannotBeWritten) {
  run(upsert("a@b", ""));
  const auto before = contents();
  auto over = destination();
  const auto into = writer(over);
  write(*into, upsert("c@d", ""));
  fs::create_directory(folder / ".out.csv.new");
  const auto error = error_of([&] { into->flush(context); });
  EXPECT_EQ(error.code(), Code::Transient);
  EXPECT_THAT(error.what(), HasSubstr(".out.csv.new"));
  EXPECT_EQ(contents(), before);
  fs::remove(folder / ".out.csv.new");
  into->flush(context);
  EXPECT_EQ(contents(), before + "c@d\r\n");
}

TEST_F(SnapshotTest, KeepsTheFilesPermissions) {
  run(upsert("a@b", ""));
  fs::permissions(path, fs::perms{0640});
  run(upsert("c@d", ""));
  EXPECT_EQ(fs::status(path).permissions(), fs::perms{0640});
}

TEST_F(SnapshotTest, ChangesSetsInACell) {
  const auto tags = [&](const std::string& change) {
    run(R"({"op":"upsert","key":"a@b","fields":{"email":"a@b"},"sets":{"tags":)" + change + "}}\n");
    return contents();
  };
  EXPECT_EQ(tags(R"({"add":["x","y"],"remove":[]})"),
            "email,tags\r\na@b,\"[\"\"x\"\",\"\"y\"\"]\"\r\n");
  EXPECT_EQ(tags(R"({"add":["z"],"remove":["x"]})"),
            "email,tags\r\na@b,\"[\"\"y\"\",\"\"z\"\"]\"\r\n");
}

TEST_F(SnapshotTest, VerifiesWhatOthersChanged) {
  run(upsert("a@b", R"(,"n":1,"t":"[x")"));
  auto over = destination();
  const auto into = writer(over);
  const auto differs = [&] {
    sluice::JsonParser parser;
    const auto batch = sluice::detail::decode_writes(parser, upsert("a@b", R"(,"n":1,"t":"[x")"));
    return into->verify(context, batch.writes).at(0).names;
  };
  EXPECT_THAT(differs(), ElementsAre());
  std::ofstream{path} << "email,n,t\r\na@b,5,[x\r\n";
  EXPECT_THAT(differs(), ElementsAre("n"));
}

TEST_F(SnapshotTest, WritesCompressedFiles) {
  name("out.ndjson.gz");
  run(upsert("a@b", R"(,"n":1.5)"));
  run(upsert("c@d", ""));
  FileSource source{config_of_files("out.ndjson.gz", R"("key":"email")")};
  const auto seen = walk(context, source, sluice::ReadMode::Full).records;
  ASSERT_EQ(keys_of(seen), (std::vector<std::string>{"a@b", "c@d"}));
  EXPECT_EQ(seen[0].data, R"({"email":"a@b","n":1.5})");
  EXPECT_EQ(contents().substr(0, 2), "\x1f\x8b");
}

TEST_F(SnapshotTest, TakesOverAJournal) {
  name("out.ndjson");
  put("{\"email\":\"a@b\",\"n\":1}\n{\"email\":\"a@b\",\"n\":2.50}\n{\"email\":\"c@d\"}\n"
      "{\"email\":\"c@d\",\"_deleted\":true}\n");
  run(upsert("e@f", ""), R"("replace":true)");
  EXPECT_EQ(contents(), "{\"email\":\"a@b\",\"n\":2.50}\n{\"email\":\"e@f\"}\n");
}

TEST_F(SnapshotTest, NeverReplacesWhatItDoesNotUnderstand) {
  put("email,n\r\na@b,1\r\nc@d\r\n");
  const auto error = error_of([&] { run(upsert("e@f", "")); });
  EXPECT_EQ(error.code(), Code::SchemaMismatch);
  EXPECT_THAT(error.what(), HasSubstr("out.csv:3: the row has 1 values"));
  EXPECT_EQ(contents(), "email,n\r\na@b,1\r\nc@d\r\n");
}

TEST_F(SnapshotTest, NeedsTheDirectoryAndOneName) {
  const auto refused = [&](std::string_view options) {
    return error_of([&] {
      FileDestination over{sluice::Config{sluice::parse_json(options).as_object()}};
      static_cast<void>(over.check(context));
    });
  };
  EXPECT_THAT(refused(R"({"path":"out.csv"})").what(), HasSubstr("set 'directory' and 'files'"));
  EXPECT_THAT(refused(R"({"path":"out.ndjson","replace":true})").what(),
              HasSubstr("set 'directory' and 'files'"));
  EXPECT_THAT(refused(R"({"directory":".","files":"*.csv"})").what(),
              HasSubstr("must be the name of one file"));
  EXPECT_EQ(refused(R"({"directory":"/nonexistent","files":"a.csv"})").code(), Code::NotFound);
}

TEST(Cells, KeepWhatTheyCan) {
  EXPECT_EQ(to_cell(nullptr), std::nullopt);
  EXPECT_EQ(to_cell("a"), "a");
  EXPECT_EQ(to_cell(1.5), "1.5");
  EXPECT_EQ(to_cell(true), "true");
  EXPECT_EQ(to_cell(sluice::json::array{"a"}), R"(["a"])");
  EXPECT_EQ(from_cell("1"), "1");
  EXPECT_EQ(from_cell("[1]"), "[1]");
  EXPECT_EQ(from_cell("[x"), "[x");
  EXPECT_EQ(from_cell(R"(["a"])"), sluice::json::array{"a"});
}

}  // namespace
}  // namespace file_connector
