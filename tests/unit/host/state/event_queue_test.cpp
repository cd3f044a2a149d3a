#include "state/event_queue.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "state_fixture.hpp"

namespace sluice::host {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class EventQueueTest : public testing::Test {
 protected:
  bool put(const std::string& id, std::vector<NamedRecord> records, std::int64_t at) {
    return queue_->put({"it", id, at, std::move(records)});
  }
  std::vector<std::string> due(std::int64_t now, std::size_t most = 100) {
    std::vector<std::string> keys;
    for (const auto& record : queue_->due("it", "people", now, most)) keys.push_back(record.key);
    return keys;
  }
  void open_again() {
    queue_.reset();
    queue_ = EventQueue::find(directory_.path());
    ASSERT_NE(queue_, nullptr);
  }

  TemporaryDirectory directory_;
  std::unique_ptr<EventQueue> queue_ = std::make_unique<EventQueue>(directory_.path());
};

TEST_F(EventQueueTest, AnEventThatComesTwiceCountsOnce) {
  EXPECT_TRUE(put("e1", {{"people", "a", 7}}, 1'000));
  queue_->settle("it", "people", queue_->due("it", "people", 1'000, 10));
  EXPECT_FALSE(put("e1", {{"people", "a", 7}}, 2'000));
  open_again();
  EXPECT_FALSE(put("e1", {{"people", "a", 7}}, 3'000));
  EXPECT_THAT(due(9'000), IsEmpty());
  EXPECT_TRUE(queue_->put({"other", "e1", 3'000, {{"people", "a", 7}}}))
      << "of another integration";
  EXPECT_TRUE(put("e2", {{"people", "b", 7}}, 1'000 + EventQueue::kRememberedMs + 1));
  EXPECT_TRUE(put("e1", {{"people", "a", 7}}, 1'000 + EventQueue::kRememberedMs + 2)) << "too old";
}

TEST_F(EventQueueTest, EventsOfOneRecordAreOneThatWaits) {
  put("e1", {{"people", "a", 7}, {"people", "b", 0}, {"orders", "a", 1}}, 1'000);
  put("e2", {{"people", "a", 9}}, 2'000);
  put("e3", {{"people", "a", 8}}, 3'000);
  const auto found = queue_->due("it", "people", 3'000, 10);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].version, 9) << "the newest one holds";
  EXPECT_EQ(queue_->count("it").records, 3);
  EXPECT_THAT(due(3'000, 1), ElementsAre("a"));
  EXPECT_EQ(queue_->counts().size(), 1U);
}

TEST_F(EventQueueTest, WhatIsNamedWhileItIsBeingReadIsReadAgain) {
  put("e1", {{"people", "a", 1}, {"people", "b", 1}}, 1'000);
  const auto reading = queue_->due("it", "people", 1'000, 10);
  put("e2", {{"people", "a", 2}}, 1'500);
  queue_->settle("it", "people", reading);
  EXPECT_THAT(due(2'000), ElementsAre("a"));
  const auto again = queue_->due("it", "people", 2'000, 10);
  put("e3", {{"people", "a", 3}}, 2'500);
  queue_->put_off("it", "people", again, 60'000);
  EXPECT_THAT(due(2'500), ElementsAre("a"));
}

TEST_F(EventQueueTest, WhatIsPutOffIsDueLater) {
  put("e1", {{"people", "a", 1}}, 1'000);
  auto records = queue_->due("it", "people", 1'000, 10);
  ++records.front().tries;
  queue_->put_off("it", "people", records, 60'000);
  open_again();
  EXPECT_THAT(due(59'999), IsEmpty());
  EXPECT_EQ(queue_->count("it").due, 60'000);
  EXPECT_EQ(queue_->due("it", "people", 60'000, 10).front().tries, 1);
  put("e2", {{"people", "a", 2}}, 2'000);
  EXPECT_EQ(queue_->due("it", "people", 2'000, 10).front().tries, 0) << "news begins anew";
}

TEST_F(EventQueueTest, ManyAtOnce) {
  constexpr int kThreads = 8, kEach = 50;
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([this, thread] {
      for (int i = 0; i < kEach; ++i) {
        const std::string id = std::to_string(thread) + "." + std::to_string(i);
        EXPECT_TRUE(put(id, {{"people", id, 1}}, 1'000));
      }
    });
  }
  threads.clear();
  open_again();
  EXPECT_EQ(queue_->count("it").records, kThreads * kEach);
}

TEST_F(EventQueueTest, NothingIsLeftOfWhoIsForgotten) {
  put("e1", {{"people", "somebody@example.com", 1}, {"people", "b", 1}}, 1'000);
  queue_->forget("it", "somebody@example.com");
  EXPECT_THAT(due(1'000), ElementsAre("b"));
  queue_->keep_syncs("it", {"orders"});
  EXPECT_THAT(due(1'000), IsEmpty());
  queue_->drop("it");
  EXPECT_TRUE(put("e1", {{"people", "b", 1}}, 1'000)) << "ids go with the integration";
  queue_.reset();
  std::ifstream file{directory_.path() / ".serve" / "events.db", std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_GT(bytes.size(), 1'000U);
  EXPECT_EQ(bytes.find("somebody"), std::string::npos);
}

TEST_F(EventQueueTest, AnotherProgramsFileIsRefused) {
  {
    Database database{directory_.path() / ".serve" / "events.db", Database::Mode::Shared};
    database.execute("PRAGMA user_version=99");
  }
  EXPECT_THROW(EventQueue{directory_.path()}, Error);
  EXPECT_EQ(EventQueue::find(directory_.path() / "elsewhere"), nullptr);
}

}  // namespace
}  // namespace sluice::host
