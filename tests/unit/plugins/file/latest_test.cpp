#include <gmock/gmock.h>

#include <sluice/error.hpp>

#include "file_fixture.hpp"

namespace file_connector {
namespace {

using sluice::ReadMode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LatestTest : public FileTest {
 protected:
  std::vector<SeenRecord> latest(std::uint32_t limit, std::string_view options = "") {
    FileSource source{config(options)};
    return walk(context, source, ReadMode::Latest, nullptr, limit).records;
  }
};

TEST_F(LatestTest, ShowsTheLastLinesNewestFirst) {
  put("{\"id\":\"a\"}\n{\"id\":\"b\"}\n{\"id\":\"c\"}\n");
  EXPECT_THAT(keys_of(latest(2)), ElementsAre("c", "b"));
  EXPECT_THAT(keys_of(latest(10)), ElementsAre("c", "b", "a"));
}

TEST_F(LatestTest, ShowsAKeyOnceAsItIsNow) {
  put("{\"id\":\"a\",\"n\":1}\n{\"id\":\"b\"}\n{\"id\":\"a\",\"n\":2}\n");
  const auto seen = latest(3);
  EXPECT_THAT(keys_of(seen), ElementsAre("a", "b"));
  EXPECT_EQ(seen[0].data, R"({"id":"a","n":2})");
}

TEST_F(LatestTest, LeavesDeletedRecordsOut) {
  put("{\"id\":\"a\"}\n{\"id\":\"b\"}\n{\"id\":\"b\",\"_deleted\":true}\n");
  EXPECT_THAT(keys_of(latest(3, R"("deleted":"_deleted")")), ElementsAre("a"));
}

TEST_F(LatestTest, ReadsEmptyAndUnfinishedFiles) {
  put("");
  EXPECT_THAT(latest(3), IsEmpty());
  put("{\"id\":\"a\"}\n{\"id\":");
  EXPECT_THAT(keys_of(latest(3)), ElementsAre("a"));
}

TEST_F(LatestTest, RanksAsTheFullWalkDoes) {
  put("{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
  FileSource source{config()};
  const auto full = walk(context, source, ReadMode::Full).records;
  const auto seen = latest(2);
  EXPECT_EQ(seen[0].recency, full[1].recency);
  EXPECT_EQ(seen[1].recency, full[0].recency);
}

}  // namespace
}  // namespace file_connector
