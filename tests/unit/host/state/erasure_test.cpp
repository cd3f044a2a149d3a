#include "state/erasure.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "state_fixture.hpp"

namespace sluice::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ErasureTest : public StateFixture {
 protected:
  static constexpr const char* kName = "an integration";

  ErasureTest() {
    state_.set_meta("integration", kName);
    fill("cust_777", "person@example.com");
    fill("cust_888", "other@example.com");
    state_.commit();
  }

  void fill(const std::string& source, const std::string& target) {
    Ledger& ledger = state_.ledger();
    ledger.put_record(sync_.id, sync_.object, {source, target, 1, 1, 1, RecordState::Candidate});
    const std::string document =
        state_.packer().pack("{\"fields\":{\"email\":\"" + target + "\"}}");
    ledger.put_target(sync_.object, {target, sync_.id, source, "r1", document, "hash", ""});
    ledger.put_orphan(sync_.id, {target, source, OrphanReason::Moved});
    ledger.put_intent(sync_.id, {source, "old " + target, target});
    ledger.put_standing(sync_.object, target, std::vector<std::string>{"s"}, std::nullopt);
    const auto receipt = state_.receipts().add(sync_.id, 1, "batch", 1, 1);
    state_.receipts().add_write(sync_.id, receipt,
                                {source, 1, target, "", "line", document, "hash"});
    RecordError error;
    error.key = source;
    error.stage = "duplicate";
    error.message = "2 records claim " + target + ": " + source;
    error.value_hash = target;
    state_.errors().report(sync_.id, error, 1);
    const auto run = state_.runs().start("full", 1);
    state_.runs().record(run, 1, sync_.id, source, RecordOutcome::Delivered);
    state_.runs().finish(run, "failed", {{"message", "at " + source}, {"read", 777}}, 2);
    state_.audit_log().add({1, "ann", "ignore", "1 errors, key " + source, 1, std::nullopt});
  }

  // The files of the state root that contain any of the texts, whatever they are.
  std::vector<std::string> files_with(const std::vector<std::string>& texts) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{directory_.path()}) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in{entry.path(), std::ios::binary};
      const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
      for (const auto& text : texts) {
        if (bytes.find(text) != std::string::npos) found.push_back(entry.path().string());
      }
    }
    return found;
  }
  Erased erase(std::string_view key) { return forget(state_, directory_.path(), kName, key, 9); }

  SyncRow sync_ = state_.sync("people", "rows");
};

TEST_F(ErasureTest, LeavesNoByteOfAPersonByTheSourceKey) {
  EXPECT_FALSE(files_with({"cust_777"}).empty());
  const Erased erased = erase("cust_777");
  EXPECT_THAT(erased.destination_keys, ElementsAre("person@example.com"));
  EXPECT_GE(erased.rows, 6);
  EXPECT_THAT(files_with({"cust_777", "person@example.com"}), IsEmpty());
}

TEST_F(ErasureTest, FindsThePersonByTheDestinationKeyInAnyCase) {
  const Erased erased = erase("Person@Example.com");
  EXPECT_THAT(erased.source_keys, ElementsAre("cust_777"));
  EXPECT_THAT(files_with({"cust_777", "person@example.com"}), IsEmpty());
}

TEST_F(ErasureTest, KeepsEverybodyElseAndTheStanding) {
  erase("cust_777");
  EXPECT_TRUE(state_.ledger().find_record(sync_.id, "cust_888"));
  EXPECT_TRUE(state_.ledger().find_target(sync_.object, "other@example.com"));
  EXPECT_EQ(state_.receipts().open(sync_.id).size(), 1U);
  EXPECT_EQ(state_.errors().count(ErrorState::Open), 1);
  EXPECT_THAT(state_.ledger().standing(sync_.object, "person@example.com").opted_out,
              ElementsAre("s"));
  EXPECT_EQ(state_.audit_log().last_of("forget")->detail.find("cust"), std::string::npos);
  EXPECT_EQ(state_.runs().last(2).back().summary.at("read").as_int64(), 777);
}

TEST_F(ErasureTest, ReachesWhatUnlinkHasPutAway) {
  state_.unlink(archive_file(directory_.path(), kName, 1'700'000'000'000));
  EXPECT_FALSE(files_with({"cust_777"}).empty());
  const Erased erased = erase("cust_777");
  EXPECT_EQ(erased.archives, 1);
  EXPECT_THAT(files_with({"cust_777", "person@example.com"}), IsEmpty());
  EXPECT_FALSE(files_with({"cust_888"}).empty());
}

TEST_F(ErasureTest, UnlinkForgetsAllButWhatPeopleDecided) {
  state_.unlink(archive_file(directory_.path(), kName, 1'700'000'000'000));
  EXPECT_EQ(state_.lifecycle(), Lifecycle::Unlinked);
  EXPECT_FALSE(state_.ledger().find_record(sync_.id, "cust_777"));
  EXPECT_TRUE(state_.runs().last(1).empty());
  EXPECT_EQ(state_.audit_log().last(9).size(), 2U);
  const SyncRow again = state_.sync("people", "rows");
  EXPECT_FALSE(again.cursor);
  EXPECT_THAT(state_.ledger().standing(again.object, "person@example.com").opted_out,
              ElementsAre("s"));
  EXPECT_TRUE(std::filesystem::exists(directory_.path() / ".unlinked" /
                                      "an%20integration-20231114T221320Z" / "state.db"));
}

TEST(WithoutKey, ReplacesWholeOccurrencesOnly) {
  EXPECT_EQ(without_key("c1, c12 and C1", "c1"), "[erased], c12 and [erased]");
  EXPECT_EQ(without_key("a@b.co: x", "A@b.co"), "[erased]: x");
  EXPECT_EQ(without_key("", "c1"), "");
}

}  // namespace
}  // namespace sluice::host
