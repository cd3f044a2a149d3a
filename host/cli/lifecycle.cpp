#include <fmt/format.h>

#include <iostream>

#include "cli/command.hpp"
#include "state/decision.hpp"
#include "state/erasure.hpp"
#include "state/event_queue.hpp"

namespace sluice::host::cli {
namespace {

// What is known of an integration, before it is forgotten.
json::object report_of(State& state) {
  const Inventory known = state.inventory();
  return {{"state", to_string(state.reached())},
          {"runs", known.runs},
          {"records", known.records},
          {"delivered", known.delivered},
          {"pending_writes", known.pending_writes},
          {"open_errors", state.errors().count(ErrorState::Open)},
          {"ignored_errors", state.errors().count(ErrorState::Ignored)},
          {"opted_out", known.opted_out}};
}

void print_report(const std::string& name, const json::object& report) {
  const auto number = [&report](const char* member) { return report.at(member).as_int64(); };
  print(std::string_view{fmt::format(
      "{}: {} runs, {} source records known, {} delivered to the destination, {} open and {} "
      "ignored errors",
      name, number("runs"), number("records"), number("delivered"), number("open_errors"),
      number("ignored_errors"))});
  if (number("pending_writes") > 0) {
    print(std::string_view{fmt::format(
        "the destination is still working on {} writes: they take effect, but nobody will ask how "
        "they ended",
        number("pending_writes"))});
  }
}

bool is_confirmed(const Call& call, const std::string& name) {
  if (call.flag("yes")) return true;
  std::cout << "Unlink " << name << "? Neither side is changed. Type the name to go on: ";
  std::string answer;
  std::getline(std::cin, answer);
  return answer == name;
}

}  // namespace

void declare_lifecycle(po::options_description& options,
                       po::positional_options_description& positional) {
  declare_file(options, positional);
  declare_decision(options);
}

void declare_decision(po::options_description& options) {
  options.add_options()("why", po::value<std::string>(), "the reason, for the history")  //
      ("wait", po::value<int>()->default_value(10),
       "seconds to wait until a run that is under way has taken the decision");
}

std::chrono::seconds patience_of(const Call& call) {
  return std::chrono::seconds{call.values["wait"].as<int>()};
}

void declare_unlink(po::options_description& options,
                    po::positional_options_description& positional) {
  declare_file(options, positional);
  options.add_options()("why", po::value<std::string>(), "the reason, for the history")  //
      ("yes", po::bool_switch(), "do not ask");
}

int run_lifecycle(Call& call) {
  const std::string name = load_file(call).name;
  Decision decision;
  decision.action = call.verb == "pause" ? Decision::Action::Pause : Decision::Action::Resume;
  decision.why = call.text("why");
  const Handed handed = hand_in(call.state_root, name, decision, patience_of(call));
  auto state = State::open_read_only(call.state_root, name);
  const std::string now{to_string(state ? state->lifecycle() : Lifecycle::New)};
  if (call.json) {
    print(json::object{{"integration", name}, {"state", now}, {"done", handed.done}});
    return kDone;
  }
  if (!handed.done) {
    print(std::string_view{fmt::format("{}: handed to {}, which takes it at its next checkpoint",
                                       name, handed.holder)});
    return kDone;
  }
  print(std::string_view{fmt::format("{}: {}", name, now)});
  if (call.verb == "pause" && !handed.holder.empty())
    print(std::string_view{"the run that is under way stops at its next checkpoint"});
  return kDone;
}

int run_unlink(Call& call) {
  if (!call.flag("yes") && !is_terminal(0))
    throw UsageError{"unlink forgets what has been delivered: say --yes to confirm it"};
  const std::string name = load_file(call).name;
  auto known = State::open_read_only(call.state_root, name);
  if (!known || known->lifecycle() == Lifecycle::Unlinked)
    throw UsageError{"\"" + name + "\" is not linked: it has no state in " +
                     call.state_root.string()};
  known.reset();
  State state = State::open(call.state_root, name, "unlink");
  json::object report = report_of(state);
  if (!call.json) print_report(name, report);
  if (!is_confirmed(call, name)) {
    print(std::string_view{"nothing was changed"});
    return kRefused;
  }
  const std::int64_t now = system_wall_clock()();
  const auto archive = archive_file(call.state_root, name, now);
  state.audit_log().add({.at = now,
                         .who = {},
                         .action = "unlink",
                         .detail = call.text("why"),
                         .affected = report.at("delivered").as_int64(),
                         .decision = {}});
  state.unlink(archive);
  if (const auto events = EventQueue::find(call.state_root)) events->drop(name);
  if (call.json) {
    report["integration"] = name;
    report["archive"] = archive.parent_path().string();
    print(report);
    return kDone;
  }
  print(std::string_view{fmt::format(
      "unlinked; neither side was changed. The state is kept in {}; that {} people have opted out "
      "is remembered. To link again: sluice validate {}",
      archive.parent_path().string(), report.at("opted_out").as_int64(), call.text("file"))});
  return kDone;
}

}  // namespace sluice::host::cli
