#include <date/date.h>
#include <fmt/format.h>

#include <chrono>

#include "cli/command.hpp"
#include "cli/summary.hpp"
#include "pipeline/stages.hpp"

namespace sluice::host::cli {
namespace {

std::string time_text(std::int64_t ms) {
  if (ms == 0) return "-";
  const date::sys_time<std::chrono::milliseconds> moment{std::chrono::milliseconds{ms}};
  return date::format("%F %T UTC", date::floor<std::chrono::seconds>(moment));
}

json::object describe(const RunRow& run) {
  return {{"id", run.id},       {"stage", run.stage},   {"started", run.started},
          {"ended", run.ended}, {"result", run.result}, {"summary", run.summary}};
}

}  // namespace

void declare_status(po::options_description& options,
                    po::positional_options_description& positional) {
  declare_file(options, positional);
  options.add_options()("history", po::bool_switch(), "the last 20 runs");
}

int run_status(Call& call) {
  const Integration integration = load_file(call);
  auto state = State::open_read_only(call.state_root, integration.name);
  const Lifecycle lifecycle = state ? state->lifecycle() : Lifecycle::New;
  json::array runs;
  if (state) {
    for (const auto& run : state->runs().last(call.flag("history") ? 20 : 1))
      runs.push_back(describe(run));
  }
  const std::int64_t open = state ? state->errors().count(ErrorState::Open) : 0;
  const std::int64_t ignored = state ? state->errors().count(ErrorState::Ignored) : 0;
  if (call.json) {
    print(json::object{{"integration", integration.name},
                       {"state", to_string(lifecycle)},
                       {"open_errors", open},
                       {"ignored_errors", ignored},
                       {"next", to_string(next_stage(lifecycle))},
                       {"runs", std::move(runs)}});
    return kDone;
  }
  print(std::string_view{fmt::format("{}: {}", integration.name, to_string(lifecycle))});
  for (const auto& entry : runs) {
    const auto& run = entry.as_object();
    const bool ended = run.at("ended").as_int64() != 0;
    const auto& summary = run.at("summary").as_object();
    const auto* message = summary.if_contains("message");
    print(std::string_view{fmt::format(
        "  run {}: {} {}, {}{}", run.at("id").as_int64(), std::string{run.at("stage").as_string()},
        time_text(run.at("started").as_int64()),
        ended ? std::string{run.at("result").as_string()} : "running, or killed",
        message != nullptr ? ": " + std::string{message->as_string()} : "")});
  }
  if (state) print_error_groups(*state, 8);
  if (ignored > 0) print(std::string_view{fmt::format("  {} ignored errors", ignored)});
  print(std::string_view{
      fmt::format("next: sluice {} {}", to_string(next_stage(lifecycle)), call.text("file"))});
  return kDone;
}

int run_lifecycle(Call& call) {
  const Integration integration = load_file(call);
  State state = State::open(call.state_root, integration.name, call.verb);
  const Lifecycle now = state.lifecycle();
  if (call.verb == "pause") {
    if (now != Lifecycle::Paused) {
      state.set_meta("paused_from", to_string(now));
      state.set_lifecycle(Lifecycle::Paused);
    }
  } else if (now == Lifecycle::Paused) {
    state.set_meta("lifecycle", state.meta("paused_from").value_or("active"));
  }
  state.audit(call.verb, "", system_wall_clock()());
  state.commit();
  if (call.json) {
    print(json::object{{"integration", integration.name}, {"state", to_string(state.lifecycle())}});
  } else {
    print(std::string_view{fmt::format("{}: {}", integration.name, to_string(state.lifecycle()))});
  }
  return kDone;
}

}  // namespace sluice::host::cli
