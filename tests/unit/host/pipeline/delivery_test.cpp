#include "pipeline/delivery.hpp"

#include <gtest/gtest.h>
#include <sluice/abi.h>

#include <algorithm>
#include <vector>

#include "../state/state_fixture.hpp"

namespace sluice::host {
namespace {

// Answers every batch with a receipt, and every receipt as it is told to.
class Importer final : public RecordWriter {
 public:
  [[nodiscard]] std::uint32_t preferred_records() const override { return batch_size; }
  [[nodiscard]] std::uint64_t max_bytes() const override { return 1 << 20; }
  std::string write(std::string_view batch) override {
    written.emplace_back(batch);
    if (lost_answers-- > 0) throw Error{Code::Transient, "the answer was lost"};
    if (!answers.empty()) {
      const std::string answer = answers.front();
      answers.erase(answers.begin());
      return answer;
    }
    return pending(receipt_of(++batches));
  }
  std::string poll(std::string_view request) override {
    const std::string header{request.substr(0, request.find('\n'))};
    asked.emplace_back(parse_json(header).at("receipt").as_string());
    overdue.push_back(parse_json(header).at("overdue").as_bool());
    if (overdue.back() && decides_when_overdue) return "{\"index\":0,\"status\":\"ok\"}\n";
    if (!reachable || (fails_after >= 0 && fails_after-- == 0))
      throw Error{Code::Transient, "nobody answers"};
    if (asked_again-- > 0) return "{\"index\":0,\"status\":\"retry\"}\n";
    if (done) return "{\"index\":0,\"status\":\"ok\"}\n";
    return pending(asked.back());
  }
  void flush() override {}
  std::string lookup(const json::object&) override { return {}; }
  std::string estimate(std::string_view) override { return {}; }
  std::string screen(const json::object&) override { return {}; }
  std::string verify(std::string_view) override { return {}; }

  // Longer than what a string keeps in itself.
  static std::string receipt_of(int number) {
    return "import-number-" + std::to_string(number) + "-of-a-long-name";
  }

  static std::string pending(const std::string& receipt) {
    return R"({"index":0,"status":"pending","after_ms":0,"receipt":")" + receipt + "\"}\n";
  }

  std::uint32_t batch_size = 1;
  int batches = 0;
  int lost_answers = 0;
  std::vector<std::string> written;
  std::vector<std::string> answers;  // of the next batches, instead of receipts
  bool done = false;
  bool reachable = true;
  int fails_after = -1;  // so many questions are answered, and the next one is not
  int asked_again = 0;   // so many receipts tell that their write is to be sent again
  std::vector<std::string> asked;
  std::vector<bool> overdue;  // as told by each question
  bool decides_when_overdue = false;
};

class Slot final : public WriterSlot {
 public:
  Slot() {
    file.id = "importer";
    file.capabilities = SLUICE_CAP_RECEIPTS;
  }
  const PluginFile& plugin() const override { return file; }
  RecordWriter& writer() override { return importer; }
  bool alive() const override { return true; }
  void recover(const Error&, Death) override {}
  void explain_death() override {}
  PluginFile file;
  Importer importer;
};

class DeliveryTest : public StateFixture {
 protected:
  void add(const std::string& key) {
    PlannedWrite write;
    write.row = ++row_;
    write.source_key = key;
    write.target = key + "@x.io";
    write.line = R"({"op":"upsert","key":")" + write.target + "\"}\n";
    write.hash = "hash";
    delivery_.add(std::move(write));
  }

  void put_target(const std::string& key, const SetMembers& members) {
    TargetRow target;
    target.key = key;
    target.sync = sync_.id;
    target.owner = "a";
    target.document = state_.packer().pack(encode_document({{}, members}));
    target.hash = "h";
    state_.ledger().put_target(sync_.object, target);
  }

  // Another run's, over the same state.
  Delivery delivery_of(std::int64_t run) {
    return {state_,
            sync_,
            slot_,
            checkpoint_,
            DeliverySettings{.run = run},
            [this] { return now_ += 5'000; },
            {}};
  }

  std::int64_t now_ = 1'000'000;
  std::int64_t row_ = 0;
  SyncRow sync_ = state_.sync("people", "people");
  std::int64_t run_ = state_.runs().start("test", 1);
  Slot slot_;
  Checkpoint checkpoint_;
  Delivery delivery_{state_,
                     sync_,
                     slot_,
                     checkpoint_,
                     DeliverySettings{.run = run_, .poll_again = std::chrono::milliseconds{1}},
                     [this] { return now_ += 5'000; },
                     {}};
};

TEST_F(DeliveryTest, AsksForTheReceiptThatIsDueAlthoughABatchBringsAnother) {
  add("a");
  add("b");
  slot_.importer.asked.clear();
  while (slot_.importer.asked.empty()) delivery_.tend();  // the first receipt, and the second comes
  delivery_.flush();                                      // a batch under way is another thread's
  for (const auto& receipt : slot_.importer.asked) {
    bool issued = false;
    for (int i = 1; i <= slot_.importer.batches; ++i) {
      issued = issued || receipt == Importer::receipt_of(i);
    }
    EXPECT_TRUE(issued) << receipt;
  }
  slot_.importer.done = true;
  EXPECT_TRUE(delivery_.settle_receipts());
  EXPECT_EQ(delivery_.delivered(), 2);
}

TEST_F(DeliveryTest, ReceiptsAreAskedForBetweenBatchesThatFollowOneAnother) {
  slot_.importer.done = true;
  for (const char* key : {"a", "b", "c", "d"}) add(key);
  EXPECT_EQ(slot_.importer.asked, (std::vector{Importer::receipt_of(1), Importer::receipt_of(2),
                                               Importer::receipt_of(3)}));
  EXPECT_EQ(delivery_.delivered(), 3);
}

TEST_F(DeliveryTest, AWriteThatAReceiptSendsAgainMayFillABatchOfItsOwn) {
  for (const char* key : {"a", "b", "c"}) add(key);
  delivery_.flush();
  slot_.importer.asked.clear();
  slot_.importer.asked_again = 3;
  slot_.importer.done = true;
  EXPECT_TRUE(delivery_.settle_receipts());
  EXPECT_EQ(slot_.importer.batches, 6);
  std::vector<std::string> asked = slot_.importer.asked;
  std::sort(asked.begin(), asked.end());
  EXPECT_EQ(std::unique(asked.begin(), asked.end()), asked.end());
  EXPECT_EQ(asked.size(), 6U);
  EXPECT_EQ(delivery_.delivered(), 3);
}

TEST_F(DeliveryTest, AWriteThatAReceiptSendsAgainIsNotForgottenWhenTheProcessIsKilled) {
  add("a");
  delivery_.flush();
  slot_.importer.batch_size = 2;
  Delivery next = delivery_of(run_);
  slot_.importer.asked_again = 1;
  slot_.importer.done = true;
  while (slot_.importer.asked.empty()) next.tend();
  EXPECT_EQ(slot_.importer.batches, 1);  // it waits for its batch to become full
  EXPECT_EQ(state_.errors().count(ErrorState::Open), 1);
  EXPECT_TRUE(next.settle_receipts());
  EXPECT_EQ(slot_.importer.batches, 2);
  EXPECT_EQ(state_.errors().count(ErrorState::Open), 0);
  EXPECT_EQ(next.new_errors(), 0);
}

TEST_F(DeliveryTest, AnEarlierRunsWriteThatIsSentAgainLeavesNoErrorBehind) {
  add("a");
  delivery_.flush();
  const auto run = state_.runs().start("test", 2);
  Delivery next = delivery_of(run);
  slot_.importer.asked_again = 1;
  slot_.importer.done = true;
  EXPECT_TRUE(next.settle_receipts());
  EXPECT_EQ(slot_.importer.batches, 2);
  EXPECT_EQ(next.delivered(), 1);
  EXPECT_EQ(state_.errors().count(ErrorState::Open), 0);
}

TEST_F(DeliveryTest, AFaultWhileAnotherReceiptIsAskedForTouchesNoReceiptThatHasAnswered) {
  for (const char* key : {"a", "b"}) add(key);
  delivery_.flush();
  slot_.importer.asked.clear();
  slot_.importer.asked_again = 1;
  slot_.importer.fails_after = 1;  // the first answers, the second is unreachable
  while (slot_.importer.asked.size() < 2) delivery_.tend();
  slot_.importer.fails_after = -1;
  slot_.importer.done = true;
  EXPECT_TRUE(delivery_.settle_receipts());
  const auto& asked = slot_.importer.asked;
  EXPECT_EQ(std::count(asked.begin(), asked.end(), asked.front()), 1);
  EXPECT_EQ(delivery_.delivered(), 2);
}

// Six hours by default; each look at the clock here takes five seconds.
TEST_F(DeliveryTest, AReceiptPastItsDeadlineIsToBeDecidedByLooking) {
  add("a");
  delivery_.flush();
  slot_.importer.decides_when_overdue = true;
  while (slot_.importer.asked.empty()) delivery_.tend();
  EXPECT_FALSE(slot_.importer.overdue.front());
  now_ += 6 * 3'600'000;
  EXPECT_TRUE(delivery_.settle_receipts());
  EXPECT_TRUE(slot_.importer.overdue.back());
  EXPECT_EQ(delivery_.delivered(), 1);
  EXPECT_TRUE(state_.receipts().open(sync_.id).empty());
}

TEST_F(DeliveryTest, AccountsForARecordThatAnEarlierRunHasHandedOver) {
  add("a");
  add("b");
  delivery_.flush();
  EXPECT_FALSE(delivery_.awaits_earlier("a@x.io"));  // this run's own account will tell

  const auto run = state_.runs().start("test", 2);
  Delivery next = delivery_of(run);
  EXPECT_TRUE(next.awaits_earlier("a@x.io"));
  EXPECT_FALSE(next.awaits_earlier("c@x.io"));
  state_.runs().record(run, 1, sync_.id, "a", RecordOutcome::Pending);
  slot_.importer.done = true;
  EXPECT_TRUE(next.settle_receipts());
  EXPECT_FALSE(next.awaits_earlier("a@x.io"));
  const auto totals = state_.runs().totals(run, sync_.id);
  EXPECT_EQ(totals.of(RecordOutcome::Delivered), 1);
  EXPECT_EQ(totals.of(RecordOutcome::Pending), 0);
}

TEST_F(DeliveryTest, AnEarlierRunsImportDoesNotChangeWhatThisRunHasFound) {
  add("a");
  delivery_.flush();
  const auto run = state_.runs().start("test", 2);
  Delivery next = delivery_of(run);
  // The record has left the key that the import is about, and was refused under its new one.
  state_.runs().record(run, 1, sync_.id, "a", RecordOutcome::Rejected);
  slot_.importer.done = true;
  EXPECT_TRUE(next.settle_receipts());
  EXPECT_EQ(state_.runs().totals(run, sync_.id).of(RecordOutcome::Rejected), 1);
}

TEST_F(DeliveryTest, ADeletionMayBeAnsweredWithAReceiptToo) {
  put_target("a@x.io", {});
  state_.ledger().put_orphan(sync_.id, {"a@x.io", "a", OrphanReason::Deleted});
  state_.runs().record(run_, 1, sync_.id, "a", RecordOutcome::Pending);
  WriteLine line;
  line.remove = true;
  line.key = "a@x.io";
  PlannedWrite write;
  write.remove = true;
  write.source_key = "a";
  write.target = "a@x.io";
  write.line = encode_write(line);
  delivery_.add(std::move(write));
  delivery_.flush();
  const auto held = state_.ledger().find_target(sync_.object, "a@x.io");
  ASSERT_TRUE(held.has_value());
  EXPECT_FALSE(held->pending_hash.empty());  // nothing else is written there meanwhile

  slot_.importer.done = true;
  EXPECT_TRUE(delivery_.settle_receipts());
  EXPECT_FALSE(state_.ledger().find_target(sync_.object, "a@x.io").has_value());
  EXPECT_TRUE(state_.ledger().orphans(sync_.id).empty());
  EXPECT_EQ(state_.runs().totals(run_, sync_.id).of(RecordOutcome::Deleted), 1);
}

TEST_F(DeliveryTest, GivesUpOnReceiptsThatNobodyAnswersFor) {
  add("a");
  delivery_.flush();
  slot_.importer.reachable = false;
  EXPECT_THROW(delivery_.settle_receipts(), Error);
  EXPECT_GT(slot_.importer.asked.size(), 3U);
  EXPECT_EQ(state_.receipts().open(sync_.id).size(), 1U);  // the next run asks again
}

TEST_F(DeliveryTest, WhatIsIgnoredWhileItWaitsIsNotSent) {
  slot_.importer.batch_size = 2;
  Delivery delivery{state_,
                    sync_,
                    slot_,
                    checkpoint_,
                    {.run = state_.runs().start("test", 2)},
                    [this] { return now_ += 1; },
                    {}};
  for (const char* key : {"a", "b"}) {
    RecordError error;
    error.key = key;
    error.stage = "write";
    error.code = "rejected";
    error.value_hash = "hash";
    state_.errors().report(sync_.id, error, 1);
  }
  PlannedWrite write;
  write.row = 1;
  write.source_key = "a";
  write.target = "a@x.io";
  write.line = "{\"op\":\"upsert\",\"key\":\"a@x.io\"}\n";
  write.hash = "hash";
  delivery.add(write);
  ErrorSelection chosen;
  chosen.keys = {"a"};
  state_.errors().ignore(chosen, {});
  delivery.flush();
  EXPECT_EQ(slot_.importer.batches, 0);
  EXPECT_FALSE(delivery.touches("a", "a@x.io"));
  EXPECT_TRUE(state_.ledger().intents(sync_.id).empty());
}

TEST_F(DeliveryTest, ABatchWhoseFateIsUnknownIsSentAgainAsRepeated) {
  slot_.importer.lost_answers = 1;
  add("a");
  delivery_.flush();
  ASSERT_EQ(slot_.importer.written.size(), 2U);
  EXPECT_EQ(slot_.importer.written[0].find("repeated"), std::string::npos);
  EXPECT_NE(slot_.importer.written[1].find("\"repeated\":true"), std::string::npos);
}

TEST_F(DeliveryTest, WhatRemainsUnderATakenKeyIsWithdrawnFromIt) {
  Ledger& ledger = state_.ledger();
  ledger.put_remaining(sync_.object, "a@x.io", {{"tags", {"kept", "old"}}});
  slot_.importer.answers = {
      "{\"index\":0,\"status\":\"ok\",\"rekeyed\":false,\"remote_id\":\"8\",\"opted_out\":[\"x\"]}"
      "\n",
      "{\"index\":0,\"status\":\"ok\",\"remote_id\":\"8\"}\n"};
  PlannedWrite write;
  write.row = 1;
  write.source_key = "a";
  write.target = "a@x.io";
  write.previous_target = "b@x.io";
  write.line =
      "{\"op\":\"upsert\",\"key\":\"a@x.io\",\"previous_key\":\"b@x.io\",\"remote_id\":\"7\","
      "\"fields\":{\"n\":1},\"sets\":{\"tags\":{\"add\":[\"kept\"],\"remove\":[\"mine\"]}}}\n";
  write.document = state_.packer().pack(encode_document({{}, {{"tags", {"kept"}}}}));
  write.hash = "hash";
  put_target("b@x.io", {});
  delivery_.add(std::move(write));
  delivery_.flush();
  ASSERT_EQ(slot_.importer.written.size(), 2U);
  EXPECT_EQ(slot_.importer.written[1],
            "{\"op\":\"upsert\",\"key\":\"a@x.io\",\"remote_id\":\"8\",\"fields\":{\"n\":1},"
            "\"sets\":{\"tags\":{\"add\":[],\"remove\":[\"old\"]}},\"delivered\":true,"
            "\"opted_out\":[\"x\"],\"repeated\":true}\n");
  EXPECT_TRUE(ledger.remaining(sync_.object, "a@x.io").empty());
  EXPECT_EQ(ledger.find_target(sync_.object, "a@x.io")->remote_id, "8");
  // It stays where it was, and is settled as what has been left behind.
  EXPECT_TRUE(ledger.find_target(sync_.object, "b@x.io").has_value());
  EXPECT_EQ(delivery_.delivered(), 1);
}

}  // namespace
}  // namespace sluice::host
