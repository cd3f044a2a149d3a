#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/csv.hpp"
#include "cli/summary.hpp"

namespace sluice::host::cli {
namespace {

json::object to_json(const RecordError& error) {
  return {{"sync", error.sync},
          {"key", error.key},
          {"stage", error.stage},
          {"code", error.code},
          {"field", error.field},
          {"message", error.message},
          {"first_seen", error.first_seen},
          {"last_seen", error.last_seen},
          {"attempts", error.attempts}};
}

State existing(const Call& call, const std::string& name) {
  auto state = State::open_read_only(call.state_root, name);
  if (!state) throw UsageError{"\"" + name + "\" has not been run yet: there are no errors"};
  return std::move(*state);
}

int list(const Call& call, State state) {
  const ErrorState which = call.flag("ignored") ? ErrorState::Ignored : ErrorState::Open;
  if (call.json) {
    json::array rows;
    state.errors().each(which,
                        [&rows](const RecordError& error) { rows.push_back(to_json(error)); });
    print(rows);
    return kDone;
  }
  if (state.errors().count(which) == 0) print(std::string_view{"no errors"});
  if (which == ErrorState::Open) print_error_groups(state, 20);
  constexpr int kMost = 50;
  int shown = 0;
  state.errors().each(which, [&shown](const RecordError& error) {
    if (shown++ < kMost) {
      print(
          std::string_view{fmt::format("{:<24} {:<18} {}", error.key, error.code, error.message)});
    }
  });
  if (shown > kMost) {
    print(std::string_view{fmt::format("… and {} more: `sluice errors export`", shown - kMost)});
  }
  return kDone;
}

int decide(const Call& call, const std::string& name, bool ignore) {
  State state = State::open(call.state_root, name, "errors");
  const std::string key = call.text("key");
  const std::string code = call.text("code");
  if (ignore && key.empty() && code.empty() && !call.flag("all")) {
    throw UsageError{"say which: --key KEY, --code CODE or --all"};
  }
  const std::int64_t count = ignore ? state.errors().ignore(key, code) : state.errors().reopen(key);
  state.audit(ignore ? "ignore" : "retry",
              fmt::format("{} errors, key \"{}\", code \"{}\"", count, key, code),
              system_wall_clock()());
  state.commit();
  if (call.json) {
    print(json::object{{ignore ? "ignored" : "retried", count}});
  } else {
    print(std::string_view{
        fmt::format("{} errors {}", count,
                    ignore ? "ignored" : "are tried again by the next incremental run")});
  }
  return kDone;
}

}  // namespace

void declare_errors(po::options_description& options,
                    po::positional_options_description& positional) {
  options.add_options()("action", po::value<std::string>()->required(),
                        "list, export, ignore or retry")                                   //
      ("file", po::value<std::string>()->required(), "the integration file")               //
      ("key", po::value<std::string>(), "only the error of this record")                   //
      ("code", po::value<std::string>(), "ignore: only errors with this code")             //
      ("all", po::bool_switch(), "ignore: every open error")                               //
      ("ignored", po::bool_switch(), "list, export: ignored errors instead of open ones")  //
      ("csv", po::value<std::string>()->default_value("-"),
       "export: the file to write; - is stdout");
  positional.add("action", 1).add("file", 1);
}

int run_errors(Call& call) {
  const std::string action = call.text("action");
  const std::string name = load_file(call).name;
  if (action == "list") return list(call, existing(call, name));
  if (action == "export") {
    State state = existing(call, name);
    const auto which = call.flag("ignored") ? ErrorState::Ignored : ErrorState::Open;
    const auto count = write_errors_csv(call.text("csv"), state, which);
    if (call.text("csv") != "-" && !call.json) {
      print(std::string_view{fmt::format("{} errors written to {}", count, call.text("csv"))});
    }
    return kDone;
  }
  if (action == "ignore" || action == "retry") return decide(call, name, action == "ignore");
  throw UsageError{"there is no `sluice errors " + action + "`: use list, export, ignore or retry"};
}

}  // namespace sluice::host::cli
