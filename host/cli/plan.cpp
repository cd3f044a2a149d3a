#include "pipeline/plan.hpp"

#include <algorithm>
#include <cstdlib>
#include <stop_token>

#include "cli/command.hpp"
#include "cli/plan_text.hpp"
#include "cli/progress_bar.hpp"

namespace sluice::host::cli {
namespace {

std::optional<Stage> stage_of(const Call& call) {
  const std::string name = call.text("stage");
  if (name.empty()) return std::nullopt;
  for (const Stage stage : {Stage::Initial, Stage::Full, Stage::Incremental}) {
    if (name == to_string(stage)) return stage;
  }
  throw UsageError{"--stage " + name + ": use initial, full or incremental"};
}

// A guard would stop the run.
bool is_stopped(const json::object& plan) {
  const auto& syncs = plan.at("syncs").as_array();
  return std::any_of(syncs.begin(), syncs.end(),
                     [](const json::value& sync) { return sync.as_object().contains("guard"); });
}

}  // namespace

void declare_plan(po::options_description& options,
                  po::positional_options_description& positional) {
  declare_file(options, positional);
  options.add_options()("stage", po::value<std::string>(),
                        "initial, full or incremental (default: the next that writes)")  //
      ("key", po::value<std::vector<std::string>>()->composing(),
       "only this record of the source; repeatable")  //
      ("limit", po::value<std::size_t>()->default_value(20),
       "how many records of a kind to tell in detail; 0: all")  //
      ("live", po::bool_switch(),
       "compare with what the destination holds now, not with what was delivered");
}

int run_plan(Call& call) {
  PlanRequest request;
  request.stage = stage_of(call);
  request.keys = call.texts("key");
  request.options.limit = call.values["limit"].as<std::size_t>();
  request.options.live = call.flag("live");
  request.stop = call.stop;
  const auto session = open_session(call);
  // Nothing has to be brought to an end in good order.
  const std::stop_callback on_stop{call.stop, [&session] { session->cancel(); }};
  ProgressBar bar{!call.json && !call.quiet && is_terminal(2)};
  request.progress = [&bar](const Progress& progress) { bar.show(progress); };
  const json::object plan = plan_run(*session, request);
  bar.clear();
  const Exit exit = is_stopped(plan) ? kRefused : kDone;
  if (call.json) {
    print(plan);
    return exit;
  }
  PlanStyle style;
  style.coloured = is_terminal(1) && std::getenv("NO_COLOR") == nullptr;
  style.all_skips = !request.keys.empty();
  print_plan(plan, style);
  return exit;
}

}  // namespace sluice::host::cli
