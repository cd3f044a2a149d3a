#include <gmock/gmock.h>

#include <sluice/error.hpp>

#include "file_fixture.hpp"

namespace file_connector {
namespace {

using ::testing::ElementsAre;

class LookupTest : public FileTest {
 protected:
  std::vector<SeenRecord> lookup(FileSource& source, const std::vector<std::string>& keys) {
    return records_of(source.lookup(context, {.stream = "records"}, keys));
  }
};

TEST_F(LookupTest, FindsTheLastLineOfAKey) {
  put("{\"id\":\"a\",\"n\":1}\n{\"id\":\"b\"}\n{\"id\":\"a\",\"n\":2}\n");
  FileSource source{config()};
  const auto seen = lookup(source, {"a", "z"});
  ASSERT_THAT(keys_of(seen), ElementsAre("z", "a"));
  EXPECT_EQ(seen[0].op, "delete");
  EXPECT_EQ(seen[1].data, R"({"id":"a","n":2})");
}

TEST_F(LookupTest, SeesChangesOfTheFile) {
  put("{\"id\":\"a\",\"n\":1}\n");
  FileSource source{config(R"("deleted":"_deleted")")};
  EXPECT_EQ(lookup(source, {"a"})[0].op, "upsert");
  append("{\"id\":\"a\",\"_deleted\":true}\n");
  EXPECT_EQ(lookup(source, {"a"})[0].op, "delete");
}

TEST_F(LookupTest, SaysNothingAboutAKeyThatABadLineMayHold) {
  put("{\"id\":\"a\"}\nnonsense\n");
  FileSource source{config(R"("bad_lines":"skip")")};
  EXPECT_THAT(keys_of(lookup(source, {"a", "z"})), ElementsAre("a"));
}

TEST_F(LookupTest, IsAnErrorWithoutTheFile) {
  FileSource source{config()};
  EXPECT_EQ(error_of([&] { lookup(source, {"a"}); }).code(), sluice::Code::NotFound)
      << "a file that is away does not mean that its records are gone";
}

TEST_F(LookupTest, IsAsNewAsTheMomentItReads) {
  put("{\"id\":\"a\"}\n");
  FileSource source{config()};
  const auto walked = walk(context, source, sluice::ReadMode::Full).records[0].version;
  host.advance(std::chrono::seconds{1});
  EXPECT_GT(lookup(source, {"a"})[0].version, walked);
}

}  // namespace
}  // namespace file_connector
