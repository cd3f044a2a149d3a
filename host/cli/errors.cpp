#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/csv.hpp"
#include "cli/summary.hpp"
#include "state/decision.hpp"

namespace sluice::host::cli {
namespace {

State existing(const Call& call, const std::string& name) {
  auto state = State::open_read_only(call.state_root, name);
  if (!state) throw UsageError{"\"" + name + "\" has not been run yet: there are no errors"};
  return std::move(*state);
}

ErrorSelection selection_of(const Call& call) {
  return {call.text("sync"),
          call.texts("key"),
          call.text("stage"),
          call.text("code"),
          call.text("field"),
          {},
          {}};
}

int list(const Call& call, State state) {
  const ErrorState which = call.flag("ignored") ? ErrorState::Ignored : ErrorState::Open;
  const ErrorSelection selection = selection_of(call);
  const auto causes = state.errors().groups(which, selection);
  std::int64_t count = 0;
  for (const auto& cause : causes) count += cause.count;
  if (call.json) {
    json::array groups;
    for (const auto& cause : causes) groups.push_back(json_of(cause));
    PrintedRows rows{{{"count", count}, {"causes", std::move(groups)}}, "errors"};
    state.errors().each(
        which, [&rows](const RecordError& error) { rows.add(json_of(error)); }, selection);
    rows.finish();
    return kDone;
  }
  if (count == 0) print(std::string_view{"no errors"});
  print_causes(causes, 20);
  // Single records only where a person has asked for less than everything.
  if (selection.is_everything()) return kDone;
  constexpr std::size_t kMost = 50;
  const auto first = state.errors().page(which, selection, {}, kMost);
  for (const auto& error : first) {
    print(std::string_view{fmt::format("{:<24} {:<18} {}", error.key, error.code, error.message)});
    if (which == ErrorState::Ignored) {
      print(
          std::string_view{fmt::format("{:<24} ignored by {}{}", "", error.decided_by,
                                       error.decided_why.empty() ? "" : ": " + error.decided_why)});
    }
  }
  if (const auto more = count - static_cast<std::int64_t>(first.size()); more > 0)
    print(std::string_view{fmt::format("… and {} more: `sluice errors export`", more)});
  return kDone;
}

int decide(const Call& call, const std::string& name, Decision::Action action) {
  (void)existing(call, name);
  Decision decision;
  decision.action = action;
  decision.errors = selection_of(call);
  decision.why = call.text("why");
  if (decision.errors.is_everything() && !call.flag("all"))
    throw UsageError{
        "say which errors: --key KEY, --code CODE, --stage STAGE, --field FIELD, "
        "--sync NAME (together: those that fit all), or --all"};
  if (!decision.errors.is_everything() && call.flag("all"))
    throw UsageError{"--all means every error: leave it out, or the other choices"};
  const Handed handed = hand_in(call.state_root, name, decision, patience_of(call));
  const bool ignores = action == Decision::Action::Ignore;
  if (call.json) {
    print(json::object{{ignores ? "ignored" : "retried", handed.affected}, {"done", handed.done}});
  } else if (!handed.done) {
    print(std::string_view{
        fmt::format("handed to {}, which takes it at its next checkpoint", handed.holder)});
  } else {
    print(std::string_view{
        fmt::format("{} errors {}", handed.affected,
                    ignores ? "ignored: their records are not sent until they change"
                            : "are tried again by the next incremental run, or by `sluice "
                              "validate --retry`")});
  }
  return kDone;
}

}  // namespace

void declare_errors(po::options_description& options,
                    po::positional_options_description& positional) {
  options.add_options()("action", po::value<std::string>()->required(),
                        "list, export, ignore or retry")                      //
      ("file", po::value<std::string>()->required(), "the integration file")  //
      ("key", po::value<std::vector<std::string>>()->composing(),
       "only the error of this record; repeatable")                     //
      ("code", po::value<std::string>(), "only errors with this code")  //
      ("stage", po::value<std::string>(),
       "only errors of this stage: check, mapping, constraint, duplicate, source, write")  //
      ("field", po::value<std::string>(), "only errors of this field")                     //
      ("sync", po::value<std::string>(), "only errors of this sync")                       //
      ("all", po::bool_switch(), "ignore, retry: every error")                             //
      ("ignored", po::bool_switch(), "list, export: ignored errors instead of open ones")  //
      ("csv", po::value<std::string>()->default_value("-"),
       "export: the file to write; - is stdout");
  declare_decision(options);
  positional.add("action", 1).add("file", 1);
}

int run_errors(Call& call) {
  const std::string action = call.text("action");
  const std::string name = load_file(call).name;
  if (action == "list") return list(call, existing(call, name));
  if (action == "export") {
    State state = existing(call, name);
    const auto which = call.flag("ignored") ? ErrorState::Ignored : ErrorState::Open;
    const auto count = write_errors_csv(call.text("csv"), state, which, selection_of(call));
    if (call.text("csv") != "-" && !call.json) {
      print(std::string_view{fmt::format("{} errors written to {}", count, call.text("csv"))});
    }
    return kDone;
  }
  if (action == "ignore") return decide(call, name, Decision::Action::Ignore);
  if (action == "retry") return decide(call, name, Decision::Action::Retry);
  throw UsageError{"there is no `sluice errors " + action + "`: use list, export, ignore or retry"};
}

}  // namespace sluice::host::cli
