#include "pipeline/batch_writer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "state/error_log.hpp"

namespace sluice::host {
namespace {

std::string line_of(int number) {
  return "<" + std::to_string(number) + ">\n";
}

// Dies of certain records, and now and then of none.
class Mortal final : public RecordWriter {
 public:
  [[nodiscard]] std::uint32_t preferred_records() const override { return 100; }
  [[nodiscard]] std::uint64_t max_bytes() const override { return 1 << 20; }
  std::string write(std::string_view batch) override {
    ++writes;
    die_of(batch);
    if (failures-- > 0) throw Error{Code::RateLimited, "slower", 1};
    std::string outcomes;
    const auto count = std::count(batch.begin(), batch.end(), '\n');
    for (std::ptrdiff_t i = 0; i < count; ++i)
      outcomes += "{\"index\":" + std::to_string(i) + ",\"status\":\"ok\"}\n";
    written += batch;
    return outcomes;
  }
  std::string poll(std::string_view request) override {
    ++polls;
    const auto header = request.find('\n') + 1;
    EXPECT_EQ(request.substr(0, header), "receipt\n");
    die_of(request);
    if (failures-- > 0) throw Error{Code::RateLimited, "slower", 1};
    std::string outcomes;
    const auto lines = request.substr(header);
    for (std::ptrdiff_t i = 0; i < std::count(lines.begin(), lines.end(), '\n'); ++i)
      outcomes += "{\"index\":" + std::to_string(i) + ",\"status\":\"ok\"}\n";
    return outcomes;
  }
  void flush() override {}
  std::string lookup(const json::object&) override { return {}; }
  std::string estimate(std::string_view) override { return {}; }
  std::string screen(const json::object&) override { return {}; }
  std::string verify(std::string_view) override { return {}; }

  void die_of(std::string_view text) {
    const bool dies = std::any_of(poison.begin(), poison.end(), [&](int number) {
      return text.find(line_of(number)) != std::string_view::npos;
    });
    if (!dies && deaths_of_chance-- <= 0) return;
    alive = false;
    throw Error{Code::Transient, "worker of connector 'mortal' was killed by signal 11"};
  }

  std::set<int> poison;
  int deaths_of_chance = 0;
  int failures = 0;
  bool alive = true;
  int writes = 0;
  int polls = 0;
  std::string written;
};

class Slot final : public WriterSlot {
 public:
  Slot() { file.id = "mortal"; }
  const PluginFile& plugin() const override { return file; }
  RecordWriter& writer() override { return mortal; }
  bool alive() const override { return mortal.alive; }
  void recover(const Error& problem, Death death) override {
    if (mortal.alive) return;
    mortal.alive = true;
    ++restarts;
    if (death == Death::Unexplained && ++unexplained > Side::kMaxRestarts) throw problem;
  }
  void explain_death() override { --unexplained; }

  PluginFile file;
  Mortal mortal;
  int restarts = 0;
  int unexplained = 0;
};

class BatchWriterTest : public ::testing::Test {
 protected:
  // The records that were not written.
  std::set<int> write(int count) {
    return left_out(count, [this](const auto& lines) { return writer_.write(lines); });
  }
  // The records of a receipt that cannot be told of.
  std::set<int> poll(int count) {
    return left_out(count, [this](const auto& lines) { return writer_.poll("receipt\n", lines); });
  }

  template <typename Call>
  std::set<int> left_out(int count, Call call) {
    std::vector<std::string> lines;
    for (int i = 0; i < count; ++i) lines.push_back(line_of(i));
    const std::vector<WriteResult> results = call(lines);
    EXPECT_EQ(results.size(), lines.size());
    std::set<int> left_out;
    for (int i = 0; i < count; ++i) {
      const auto& result = results[static_cast<std::size_t>(i)];
      if (result.status == WriteResult::Status::Ok) continue;
      EXPECT_EQ(result.status, WriteResult::Status::Rejected);
      EXPECT_EQ(result.code, kCrashedConnector);
      left_out.insert(i);
    }
    return left_out;
  }

  Slot slot_;
  Mortal& mortal_ = slot_.mortal;
  BatchWriter writer_{slot_, {}};
};

TEST_F(BatchWriterTest, WritesABatchOnce) {
  EXPECT_EQ(write(50), std::set<int>{});
  EXPECT_EQ(mortal_.writes, 1);
}

TEST_F(BatchWriterTest, AsksForAReceiptOnceOrAfterADeathOfChanceAgain) {
  EXPECT_EQ(poll(50), std::set<int>{});
  EXPECT_EQ(mortal_.polls, 1);
  mortal_.deaths_of_chance = 1;
  EXPECT_EQ(poll(50), std::set<int>{});
  EXPECT_EQ(mortal_.polls, 3);
  mortal_.poison = {0};
  EXPECT_EQ(poll(0), std::set<int>{});
}

TEST_F(BatchWriterTest, FindsTheRecordThatKillsWhoAsksForAReceipt) {
  for (const int poison : {0, 7, 36}) {
    mortal_.poison = {poison};
    EXPECT_EQ(poll(37), std::set<int>{poison});
  }
  EXPECT_EQ(mortal_.writes, 0);
}

TEST_F(BatchWriterTest, OtherFailuresOfAQuestionAreTheCallersToRepeat) {
  mortal_.failures = 1;
  EXPECT_THROW((void)poll(3), Error);
  EXPECT_EQ(mortal_.polls, 1);
}

TEST_F(BatchWriterTest, FindsTheRecordWhereverItIs) {
  for (int poison = 0; poison < 37; ++poison) {
    mortal_.poison = {poison};
    mortal_.written.clear();
    EXPECT_EQ(write(37), std::set<int>{poison});
    for (int i = 0; i < 37; ++i) {
      const bool is_written = mortal_.written.find(line_of(i)) != std::string::npos;
      EXPECT_EQ(is_written, i != poison) << i;
    }
  }
  EXPECT_EQ(slot_.unexplained, 0);
}

TEST_F(BatchWriterTest, FindsSeveral) {
  mortal_.poison = {0, 7, 8, 9, 99};
  EXPECT_EQ(write(100), mortal_.poison);
}

TEST_F(BatchWriterTest, FindsOneInLogarithmicallyManyRestarts) {
  mortal_.poison = {700};
  EXPECT_EQ(write(1024), mortal_.poison);
  EXPECT_LE(slot_.restarts, 12);
}

TEST_F(BatchWriterTest, ADeathOfChanceCostsNoRecord) {
  mortal_.deaths_of_chance = 1;
  EXPECT_EQ(write(10), std::set<int>{});
  EXPECT_EQ(slot_.unexplained, 1);
}

TEST_F(BatchWriterTest, ABatchOfOneGetsASecondChance) {
  mortal_.deaths_of_chance = 1;
  EXPECT_EQ(write(1), std::set<int>{});
  mortal_.poison = {0};
  EXPECT_EQ(write(1), std::set<int>{0});
}

TEST_F(BatchWriterTest, GivesUpWhenTheRecordsAreNotToBlame) {
  for (int i = 0; i < 100; ++i) mortal_.poison.insert(i);
  try {
    (void)write(100);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::Transient);
    EXPECT_NE(std::string{error.what()}.find("'mortal'"), std::string::npos);
    EXPECT_NE(std::string{error.what()}.find("not the records' fault"), std::string::npos);
  }
  EXPECT_LT(slot_.restarts, 25);
}

TEST_F(BatchWriterTest, GivesUpOnAConnectorThatDiesAtRandom) {
  EXPECT_THROW(
      {
        for (int i = 0; i < 10; ++i) {
          mortal_.deaths_of_chance = 1;
          (void)write(10);
        }
      },
      Error);
}

TEST_F(BatchWriterTest, SendsAgainWhatTheDestinationPutsOff) {
  mortal_.failures = 1;
  EXPECT_EQ(write(10), std::set<int>{});
  EXPECT_EQ(mortal_.writes, 2);
  EXPECT_EQ(slot_.restarts, 0);
}

}  // namespace
}  // namespace sluice::host
