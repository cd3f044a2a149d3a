// faults and cancellation: what a vendor and a host do at the worst moment.
#include <sluice/abi.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>

#include "check.hpp"
#include "deliver.hpp"
#include "walk.hpp"

namespace sluice::conformance {
namespace {

using Clock = std::chrono::steady_clock;
using Needs = Check::Needs;
using namespace std::chrono_literals;

// The contract says one second, and the report says how long it took. What fails is judged by naps
// of this thread, two seconds of them: on a busy machine, where everything waits for its turn, they
// take longer as well.
constexpr auto kNap = 10ms;
constexpr int kMostNaps = 200;

// Whether `done` comes before the naps are over.
bool comes_in_time(const std::atomic<bool>& done) {
  for (int naps = 0; naps < kMostNaps && !done; ++naps) std::this_thread::sleep_for(kNap);
  return done;
}

// Runs a call in a thread of its own.
class Call {
 public:
  explicit Call(const std::function<void()>& call)
      : thread_{[this, call] {
          try {
            call();
          } catch (const Error& thrown) {
            error_ = thrown;
          }
          returned_ = Clock::now();
          done_ = true;
        }} {}

  [[nodiscard]] const std::atomic<bool>& done() const noexcept { return done_; }
  // What it threw, once it has returned.
  const std::optional<Error>& error() {
    thread_.join();
    return error_;
  }
  [[nodiscard]] std::string since(Clock::time_point moment) const {
    const auto took = std::max(returned_, moment) - moment;
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()) +
           " ms";
  }

 private:
  std::optional<Error> error_;
  Clock::time_point returned_;
  std::atomic<bool> done_ = false;
  std::jthread thread_;
};

// Reads and writes while faults strike, as the host does: what fails for a while is called again.
// Afterwards nothing is lost and nothing refused.
void endure(Bench& bench, const json::object& fault, const std::vector<Code>& also) {
  if (const auto& plan = bench.scenario.read;
      plan && (bench.plugin.capabilities & SLUICE_CAP_SOURCE) != 0) {
    const auto connector = bench.start();
    const auto all = keys_of(walk(*connector, read_request(*plan)));
    bench.sandbox().fault(fault);
    Keys found;
    std::unique_ptr<host::RecordReader> reader;
    persist([&] { reader = connector->open_reader(read_request(*plan)); }, also);
    for (bool end = false; !end;) {
      persist(
          [&] {
            const auto page = next_page(*reader);
            found.insert(page.records.begin(), page.records.end());
            end = page.end;
          },
          also);
    }
    expect(bench.sandbox().faults_fired() > 0, "the fault met no request of the connector");
    bench.sandbox().heal();
    expect_same(all, found, "read while a fault strikes");
  }
  if (const auto& plan = bench.scenario.write;
      plan && (bench.plugin.capabilities & SLUICE_CAP_DESTINATION) != 0) {
    Flow flow{bench};
    bench.sandbox().fault(fault);
    auto outcomes = deliver(flow, upsert_lines(*plan));
    // What may be refused under this fault is reported, and so not lost.
    if (!also.empty())
      std::erase_if(outcomes, [](const json::object& outcome) {
        return outcome.at("status") == json::value("rejected");
      });
    expect_ok(outcomes, "written while a fault strikes");
    bench.sandbox().heal();
    auto lines = upsert_lines(*plan);
    for (auto& line : lines) line["repeated"] = true;
    expect_ok(deliver(flow, lines), "written again after the fault");
  }
}

// Runs `what`, cancels while it runs, and says how it ended.
void cancel_during(Bench& bench, host::Connector& connector, const std::string& name,
                   const std::function<void()>& what) {
  Call call{what};
  while (bench.sandbox().faults_fired() == 0) std::this_thread::sleep_for(kNap);
  std::this_thread::sleep_for(100ms);
  const auto cancelled = Clock::now();
  connector.cancel();
  const bool in_time = comes_in_time(call.done());
  bench.sandbox().heal();  // so that one that does not listen ends as well
  const auto error = call.error();
  expect(in_time, name + " goes on for " + call.since(cancelled) + " after it was cancelled");
  expect(!error || error->code() == Code::Cancelled,
         name + ", when cancelled, ends with " +
             (error ? std::string{to_string(error->code())} + ": " + error->what() : ""));
  bench.measured = name + " ended " + call.since(cancelled) + " after it was cancelled";
}

// In this process: a host that runs a worker would not wait for one that does not listen.
void cancel_writing(Bench& bench, const json::object& fault, const std::string& name) {
  Flow flow{bench, host::RunMode::InProcess};
  bench.sandbox().fault(fault);
  cancel_during(bench, *flow.connector, name,
                [&] { static_cast<void>(flow.writer->write(batch_of(upsert_lines(flow.plan)))); });
}

void cancel_with(Bench& bench, const json::object& fault, const std::string& when) {
  const auto& scenario = bench.scenario;
  if (scenario.read && (bench.plugin.capabilities & SLUICE_CAP_SOURCE) != 0) {
    const auto connector = bench.start(host::RunMode::InProcess);
    bench.sandbox().fault(fault);
    cancel_during(bench, *connector, "reading " + when,
                  [&] { static_cast<void>(walk(*connector, read_request(*scenario.read))); });
    return;
  }
  cancel_writing(bench, fault, "writing " + when);
}

void cancel_for_good(Bench& bench) {
  const auto connector = bench.start();
  static_cast<void>(connector->check());
  connector->cancel();
  const auto began = Clock::now();
  Call call{[&] { static_cast<void>(connector->check()); }};
  const bool in_time = comes_in_time(call.done());
  const auto error = call.error();
  expect(error && error->code() == Code::Cancelled,
         "check after cancel " +
             (error ? "ends with " + std::string{to_string(error->code())} + ": " + error->what()
                    : "succeeds"));
  expect(in_time, "a call after cancel takes " + call.since(began));
  bench.measured = "a call after cancel took " + call.since(began);
}

}  // namespace

void add_fault_checks(std::vector<Check>& checks) {
  const auto add = [&](const char* name, const char* about, const json::object& fault,
                       const std::vector<Code>& also = {}) {
    checks.push_back({"faults", name, about, 0, Needs::Either,
                      [fault, also](Bench& bench) { endure(bench, fault, also); }, false, false});
  };
  const json::object retry_after{{"Retry-After", "1"}};
  add("limit_with_pause", "429 with Retry-After is waited for",
      {{"kind", "status"}, {"status", 429}, {"headers", retry_after}, {"times", 1}});
  add("limit_without_pause", "429 without Retry-After passes",
      {{"kind", "status"}, {"status", 429}, {"times", 1}});
  add("server_error", "500 and 503 pass", {{"kind", "status"}, {"status", 503}, {"times", 2}});
  add("truncated", "an answer that is cut off passes", {{"kind", "truncate"}, {"times", 1}});
  add("slow", "a slow answer is waited for", {{"kind", "delay"}, {"delay_ms", 400}, {"times", 3}});
  add("web_page", "a web page in place of JSON is no data", {{"kind", "html200"}, {"times", 1}});
  add("oversized", "an answer without end is cut off, and nothing is lost",
      {{"kind", "body"}, {"blanks", 68 << 20}, {"times", 1}},
      {Code::Rejected, Code::SchemaMismatch});
  add("reset", "a connection that breaks before the request is handled passes",
      {{"kind", "reset_before"}, {"times", 1}});
  add("reset_after", "a connection that breaks in the middle of a write passes",
      {{"kind", "reset_after"}, {"times", 1}});
}

void add_cancellation_checks(std::vector<Check>& checks) {
  checks.push_back({"cancellation", "idle", "calls after cancel end at once", 0, Needs::Nothing,
                    cancel_for_good, true, false});
  checks.push_back({"cancellation", "request", "a request ends within a second", 0, Needs::Either,
                    [](Bench& bench) {
                      cancel_with(bench, {{"kind", "hold"}}, "a held answer");
                    },
                    false, false});
  checks.push_back({"cancellation", "pause",
                    "a pause that the vendor asked for ends within a second", 0, Needs::Either,
                    [](Bench& bench) {
                      cancel_with(bench,
                                  {{"kind", "status"},
                                   {"status", 429},
                                   {"headers", json::object{{"Retry-After", "30"}}}},
                                  "after 429");
                    },
                    false, false});
  checks.push_back({"cancellation", "write", "a write ends within a second", SLUICE_CAP_DESTINATION,
                    Needs::Write,
                    [](Bench& bench) {
                      cancel_writing(bench, {{"kind", "hold"}}, "a write");
                    },
                    false, false});
}

}  // namespace sluice::conformance
