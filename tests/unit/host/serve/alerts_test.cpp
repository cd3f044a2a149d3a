#include "serve/alerts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <deque>

namespace sluice::host::serve {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr std::int64_t kStart = 1'700'006'400'000;
constexpr std::int64_t kHour = 3'600'000;

// What a receiver has been told; it may be out of order for a while.
class Receiver {
 public:
  bool post(const std::string& body) {
    const std::lock_guard guard{mutex_};
    tries_.push_back(body);
    changed_.notify_all();
    if (!works_) return false;
    const json::value document = parse_json(body);
    const auto text = [&](const char* name) { return std::string{document.at(name).as_string()}; };
    told_.push_back(text("integration") + " " + text("alert") + " " + text("state"));
    ids_.insert(text("id"));
    return true;
  }
  void works(bool works) {
    const std::lock_guard guard{mutex_};
    works_ = works;
  }
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock{mutex_};
    EXPECT_TRUE(
        changed_.wait_for(lock, std::chrono::minutes{1}, [&] { return told_.size() >= count; }));
    EXPECT_EQ(ids_.size(), told_.size()) << "each has an id of its own";
    return told_;
  }
  void wait_for_a_try() {
    std::unique_lock lock{mutex_};
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::minutes{1}, [&] { return !tries_.empty(); }));
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool works_ = true;
  std::vector<std::string> told_, tries_;
  std::set<std::string> ids_;
};

class AlertsTest : public testing::Test {
 protected:
  AlertsTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sluice-test-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    start();
  }
  ~AlertsTest() override {
    alerts_.reset();
    std::filesystem::remove_all(directory_);
  }
  void start(const std::string& url = "http://receiver") {
    alerts_.reset();
    alerts_ = std::make_unique<Alerts>(
        directory_, AlertOptions{url, 0.1, std::chrono::hours{13}}, [this] { return now_.load(); },
        [this](const std::string& to, const std::string& body) {
          EXPECT_EQ(to, "http://receiver");
          return receiver_.post(body);
        });
  }
  void ends(const std::string& integration, int code, std::int64_t read = 0,
            std::int64_t rejected = 0, const std::string& stage = "incremental") {
    Service::Ended run;
    run.integration = integration;
    run.stage = stage;
    run.end.exit_code = code;
    run.end.message = "why";
    json::array syncs;
    syncs.push_back(json::object{{"read", read}, {"rejected", rejected}});
    if (code <= 1) run.end.document["syncs"] = std::move(syncs);
    alerts_->judge(run);
  }
  static Standing standing(std::optional<std::int64_t> read_up_to) {
    Standing out;
    out.member.name = "a";
    out.member.schedule.every = std::chrono::hours{6};
    out.schedule.read_up_to = read_up_to;
    out.schedule.is_known = true;
    return out;
  }

  std::filesystem::path directory_;
  std::atomic<std::int64_t> now_{kStart};
  Receiver receiver_;
  std::unique_ptr<Alerts> alerts_;
};

TEST_F(AlertsTest, AFailureIsToldOnceAndItsEndOnce) {
  ends("a", 3);
  ends("a", 3);
  ends("a", 4);  // interrupted: neither
  ends("a", 6);  // somebody else's
  EXPECT_THAT(alerts_->firing(), ElementsAre(Pair("a", Alert::RunFailed)));
  ends("a", 0);
  ends("a", 1);
  EXPECT_THAT(alerts_->firing(), IsEmpty());
  ends("b", 5);
  EXPECT_THAT(receiver_.wait_for(3),
              ElementsAre("a run_failed firing", "a run_failed resolved", "b run_failed firing"));
}

TEST_F(AlertsTest, WhoeverStartsARunSeesItsEnd) {
  Service::Ended run;
  run.integration = "a";
  run.by = "ann";
  run.end.exit_code = 3;
  alerts_->judge(run);
  EXPECT_THAT(alerts_->firing(), IsEmpty());
}

TEST_F(AlertsTest, AShareOfFewRecordsSaysNothing) {
  ends("a", 1, 10, 10);
  EXPECT_THAT(alerts_->firing(), IsEmpty());
  ends("a", 1, 100, 11);
  EXPECT_THAT(alerts_->firing(), ElementsAre(Pair("a", Alert::RejectedShare)));
  ends("a", 0, 3, 0);
  ends("a", 0, 200, 0, "events");
  EXPECT_THAT(alerts_->firing(), ElementsAre(Pair("a", Alert::RejectedShare)));
  ends("a", 0, 100, 10);
  EXPECT_THAT(alerts_->firing(), IsEmpty());
}

TEST_F(AlertsTest, AnOldCursorIsToldUntilItIsReadAgain) {
  alerts_->judge({standing(kStart)});
  EXPECT_THAT(alerts_->firing(), IsEmpty());
  now_ = kStart + 13 * kHour + 1'000;
  alerts_->judge({standing(kStart)});
  alerts_->judge({standing(kStart)});
  EXPECT_THAT(alerts_->firing(), ElementsAre(Pair("a", Alert::CursorAge)));
  // After a start nothing is known of the state for a moment.
  start();
  Standing unknown = standing(std::nullopt);
  unknown.schedule.is_known = false;
  alerts_->judge({unknown});
  EXPECT_THAT(alerts_->firing(), ElementsAre(Pair("a", Alert::CursorAge)));
  alerts_->judge({standing(now_.load())});
  EXPECT_THAT(receiver_.wait_for(2), ElementsAre("a cursor_age firing", "a cursor_age resolved"));
  // An interval of a day may be a day old.
  Standing daily = standing(kStart);
  daily.member.schedule.every = std::chrono::hours{24};
  now_ = kStart + 47 * kHour;
  alerts_->judge({daily});
  EXPECT_THAT(alerts_->firing(), IsEmpty());
}

TEST_F(AlertsTest, WhatIsGoneIsOver) {
  ends("a", 3);
  Standing broken;
  broken.member.name = "unreadable";
  broken.member.broken = true;
  alerts_->judge({broken});
  EXPECT_THAT(alerts_->firing(), ElementsAre(Pair("a", Alert::RunFailed)));
  alerts_->judge(std::vector<Standing>{});
  EXPECT_THAT(alerts_->firing(), IsEmpty());
}

TEST_F(AlertsTest, ARestartNeitherRepeatsNorLosesOne) {
  receiver_.works(false);
  ends("a", 3);
  receiver_.wait_for_a_try();
  ends("a", 0);
  ends("b", 3);
  start();
  EXPECT_THAT(alerts_->firing(), ElementsAre(Pair("b", Alert::RunFailed)));
  ends("b", 3);
  receiver_.works(true);
  EXPECT_THAT(receiver_.wait_for(3),
              ElementsAre("a run_failed firing", "a run_failed resolved", "b run_failed firing"));
  start();
  ends("b", 3);
  ends("b", 0);
  EXPECT_THAT(receiver_.wait_for(4).back(), "b run_failed resolved");
}

TEST_F(AlertsTest, WithoutAReceiverTheyStandAllTheSame) {
  start("");
  ends("a", 3);
  EXPECT_THAT(alerts_->firing(), ElementsAre(Pair("a", Alert::RunFailed)));
}

}  // namespace
}  // namespace sluice::host::serve
