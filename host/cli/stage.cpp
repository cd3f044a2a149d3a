#include <spdlog/spdlog.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "cli/command.hpp"
#include "cli/csv.hpp"
#include "cli/progress_bar.hpp"
#include "cli/summary.hpp"
#include "pipeline/stages.hpp"

namespace sluice::host::cli {
namespace {

Stage stage_of(const Call& call) {
  if (call.verb == "validate") return Stage::Validate;
  if (call.verb == "initial") return Stage::Initial;
  if (call.verb == "full") return Stage::Full;
  if (call.verb == "incremental") return Stage::Incremental;
  if (call.verb == "events") return Stage::Events;
  const Integration integration = load_file(call);
  auto state = State::open_read_only(call.state_root, integration.name);
  return next_stage(state ? state->lifecycle() : Lifecycle::New);
}

StageRequest request_of(const Call& call) {
  StageRequest request;
  request.stage = stage_of(call);
  request.force = call.flag("force");
  request.keys = call.texts("key");
  request.retry = call.flag("retry");
  if (request.retry && request.stage != Stage::Validate)
    throw UsageError{
        "--retry belongs to `sluice validate`; incremental runs try open errors again "
        "by themselves"};
  request.stop = call.stop;
  request.run.resend = call.flag("resend");
  request.run.verify = call.flag("verify");
  if (request.run.verify && request.stage != Stage::Full)
    throw UsageError{"--verify belongs to `sluice full`, which reads every record"};
  if (call.has("allow-deletes"))
    request.run.allow_deletes = call.values["allow-deletes"].as<std::int64_t>();
  request.run.settle_timeout = std::chrono::seconds{call.values["settle-timeout"].as<int>()};
  request.initial_count = call.values["limit"].as<std::uint32_t>();
  return request;
}

// For a program that follows the run.
void tell_progress(const Progress& progress) {
  print(json::object{{"progress",
                      {{"stage", progress.stage},
                       {"sync", progress.sync},
                       {"read", progress.read},
                       {"delivered", progress.delivered}}}});
}

// A run that is asked to stop gets this long to reach a checkpoint before its connectors are
// stopped.
constexpr std::chrono::seconds kStopGrace{20};

}  // namespace

void declare_stage(po::options_description& options,
                   po::positional_options_description& positional) {
  declare_file(options, positional);
  options.add_options()("force", po::bool_switch(), "pass a gate that is closed (recorded)")  //
      ("key", po::value<std::vector<std::string>>()->composing(),
       "only this record of the source; repeatable")                                         //
      ("retry", po::bool_switch(), "validate: only the records that have open errors")       //
      ("limit", po::value<std::uint32_t>()->default_value(10), "initial: how many records")  //
      ("resend", po::bool_switch(), "full: send every record again, changed or not")         //
      ("verify", po::bool_switch(),
       "full: compare unchanged records with what the destination has, and write again what "
       "differs")                                                                           //
      ("allow-deletes", po::value<std::int64_t>(), "how many records this run may remove")  //
      ("settle-timeout", po::value<int>()->default_value(900),
       "seconds to wait at the end for results that the destination delivers later")  //
      ("progress", po::bool_switch(),
       "with --json: a line {\"progress\": …} now and then, before the document")  //
      ("csv", po::value<std::string>(), "write the open errors to this file afterwards");
}

int run_stage_verb(Call& call) {
  StageRequest request = request_of(call);
  const auto session = open_session(call);
  ProgressBar bar{!call.json && !call.quiet && is_terminal(2)};
  request.progress = [&bar](const Progress& progress) { bar.show(progress); };
  if (call.json && call.flag("progress")) request.progress = tell_progress;
  // Outlives the callback: it is joined before the session goes.
  std::jthread watchdog{[&session, stop = call.stop](const std::stop_token& done) {
    std::mutex mutex;
    std::condition_variable_any wake;
    bool stopping = false;
    const std::stop_callback on_stop{stop, [&] {
                                       const std::lock_guard guard{mutex};
                                       stopping = true;
                                       wake.notify_all();
                                     }};
    std::unique_lock lock{mutex};
    if (!wake.wait(lock, done, [&] { return stopping; })) return;
    if (!wake.wait_for(lock, done, kStopGrace, [] { return false; }) && !done.stop_requested())
      session->cancel();
  }};
  StageReport report;
  try {
    report = run_stage(*session, request);
  } catch (const Error&) {
    call.statistics = session->statistics();
    throw;
  }
  bar.clear();
  if (call.has("csv")) {
    auto state = State::open_read_only(call.state_root, report.integration);
    const auto count = write_errors_csv(call.text("csv"), *state, ErrorState::Open);
    if (!call.json && !call.quiet)
      print(std::to_string(count) + " open errors written to " + call.text("csv"));
  }
  if (call.json) {
    print(report.to_json());
  } else if (!call.quiet) {
    print_summary(report);
    if (report.open_errors() > 0) {
      auto state = State::open_read_only(call.state_root, report.integration);
      print_error_groups(*state, 8);
    }
    print_next_step(report, call.text("file"));
  }
  return report.new_errors() > 0 ? kRecordErrors : kDone;
}

}  // namespace sluice::host::cli
