#include <fmt/format.h>

#include <array>
#include <iostream>

#include "cli/command.hpp"
#include "cli/summary.hpp"
#include "integration/load.hpp"
#include "integration/suggest.hpp"
#include "state/backup.hpp"
#include "state/erasure.hpp"
#include "state/event_queue.hpp"

namespace sluice::host::cli {
namespace {

// The integration's name. A state is looked after without connections, so without credentials.
std::string name_of(const Call& call) {
  LoadOptions options;
  options.preset_directories = preset_directories();
  options.resolve_secrets = false;
  const LintResult found = lint_integration(call.text("file"), options);
  if (!found.ok()) throw IntegrationError{found.diagnostics};
  return found.integration->name;
}

std::string argument(const Call& call, const char* what) {
  if (!call.has("argument")) {
    throw UsageError{
        fmt::format("`sluice state {} {}` needs {}", call.text("action"), call.text("file"), what)};
  }
  return call.text("argument");
}

void line(const std::string& text) {
  print(std::string_view{text});
}

json::array json_of(const std::vector<StateProblem>& problems) {
  json::array out;
  for (const auto& problem : problems) out.push_back(json_of(problem));
  return out;
}

void print_problems(const std::vector<StateProblem>& problems) {
  for (const auto& problem : problems) {
    std::string examples;
    for (const auto& example : problem.examples)
      examples += (examples.empty() ? ": " : ", ") + example;
    line(fmt::format("  {}  {}{}{}", problem.count, problem.what, examples,
                     problem.count > static_cast<std::int64_t>(problem.examples.size()) &&
                             !problem.examples.empty()
                         ? ", …"
                         : ""));
  }
}

int check(const Call& call) {
  const std::string name = name_of(call);
  auto state = State::open_read_only(call.state_root, name);
  if (!state) throw UsageError{"\"" + name + "\" has no state in " + call.state_root.string()};
  const auto problems = problems_of(state->database(), name);
  const auto file = state->directory() / kStateFile;
  if (call.json) {
    print(json::object{{"integration", name},
                       {"file", file.string()},
                       {"ok", problems.empty()},
                       {"problems", json_of(problems)}});
  } else if (problems.empty()) {
    const Inventory known = state->inventory();
    line(fmt::format("{}: whole; {} records, {} delivered, {} runs", file.string(), known.records,
                     known.delivered, known.runs));
  } else {
    line(fmt::format("{} is damaged:", file.string()));
    print_problems(problems);
    line(
        fmt::format("put a backup in its place: sluice state restore {} BACKUP; docs/operations.md "
                    "tells what to do without one",
                    call.text("file")));
  }
  return problems.empty() ? kDone : kRefused;
}

int back_up(const Call& call) {
  const Backup backup = host::back_up(call.state_root, name_of(call),
                                      argument(call, "a file to write"), system_wall_clock()());
  if (call.json) {
    print(json::object{{"file", backup.file.string()},
                       {"bytes", backup.bytes},
                       {"ok", backup.problems.empty()},
                       {"problems", json_of(backup.problems)}});
  } else {
    line(fmt::format("{}: {} bytes. It holds people's data, as the state does",
                     backup.file.string(), backup.bytes));
    if (!backup.problems.empty()) {
      line("but the state is damaged, so that this backup cannot be restored as it is:");
      print_problems(backup.problems);
    }
  }
  return backup.problems.empty() ? kDone : kRefused;
}

constexpr const char* kMeaning =
    "What was delivered after the backup is unknown then: the next run walks over everything and "
    "sends every record again. Records that were delivered since and are gone at the source by now "
    "stay at the destination.";

bool is_confirmed(const Call& call, const std::string& name) {
  if (call.flag("yes")) return true;
  std::cout << "Restore " << name << " from " << call.text("argument") << "?\n"
            << kMeaning << "\nType the name to go on: ";
  std::string answer;
  std::getline(std::cin, answer);
  return answer == name;
}

void print_restored(const Call& call, const std::string& name, const Restored& restored) {
  line(fmt::format("{}: the state is that of {}. {}", name, time_text(restored.as_of), kMeaning));
  if (!restored.replaced.empty())
    line(fmt::format("what was there is kept in {}", restored.replaced.string()));
  line(restored.kept_decisions
           ? "who has opted out, and who decided what, is remembered up to now"
           : "who has opted out, and who decided what, is known as of then only");
  if (restored.erasures_since > 0) {
    line(
        fmt::format("{} times a person was erased after the backup, and is in it again: repeat "
                    "`sluice state forget {} KEY` for them",
                    restored.erasures_since, call.text("file")));
  }
  line(fmt::format("next: sluice plan {}, then sluice run {}", call.text("file"),
                   call.text("file")));
}

int restore(const Call& call) {
  const std::string from = argument(call, "the backup to restore");
  if (!call.flag("yes") && !is_terminal(0))
    throw UsageError{"restore replaces the state by an older one: say --yes to confirm it"};
  const std::string name = name_of(call);
  if (!is_confirmed(call, name)) {
    line("nothing was changed");
    return kRefused;
  }
  const Restored restored =
      host::restore(call.state_root, name, from, call.text("why"), system_wall_clock()());
  if (!call.json) {
    print_restored(call, name, restored);
    return kDone;
  }
  print(json::object{{"integration", name},
                     {"as_of", restored.as_of},
                     {"replaced", restored.replaced.string()},
                     {"kept_decisions", restored.kept_decisions},
                     {"erasures_since", restored.erasures_since}});
  return kDone;
}

int forget(const Call& call) {
  const std::string key = argument(call, "the person's key at the source or at the destination");
  const std::string name = name_of(call);
  if (!State::open_read_only(call.state_root, name))
    throw UsageError{"\"" + name + "\" has not been run yet: nothing is known of anybody"};
  State state = State::open(call.state_root, name, "state forget");
  const Erased erased = host::forget(state, call.state_root, name, key, system_wall_clock()());
  if (const auto events = EventQueue::find(call.state_root)) {
    events->forget(name, key);
    for (const auto& source_key : erased.source_keys) events->forget(name, source_key);
  }
  json::array unreadable;
  for (const auto& file : erased.unreadable) unreadable.emplace_back(file.string());
  const int code = unreadable.empty() ? kDone : kRefused;
  if (call.json) {
    print(json::object{{"rows", erased.rows},
                       {"source_keys", erased.source_keys.size()},
                       {"destination_keys", erased.destination_keys.size()},
                       {"archives", erased.archives},
                       {"unreadable", std::move(unreadable)}});
    return code;
  }
  for (const auto& file : erased.unreadable)
    line(file.string() + " cannot be read: it may still hold the person. Remove it by hand");
  if (erased.rows == 0) {
    line("nothing was known under this key");
    return code;
  }
  line(fmt::format(
      "{} rows erased ({} source records, {} destination keys, {} archives). Neither side was "
      "changed: while the source still has the person, the next full run reads them again",
      erased.rows, erased.source_keys.size(), erased.destination_keys.size(), erased.archives));
  return code;
}

struct Action {
  const char* name;
  int (*run)(const Call& call);
};
constexpr std::array<Action, 4> kActions{
    {{"check", check}, {"backup", back_up}, {"restore", restore}, {"forget", forget}}};

}  // namespace

void declare_state(po::options_description& options,
                   po::positional_options_description& positional) {
  options.add_options()("action", po::value<std::string>()->required(),
                        "check: is it whole; backup: copy it, also beside a run; restore: put a "
                        "backup in its place; forget: erase one person")      //
      ("file", po::value<std::string>()->required(), "the integration file")  //
      ("argument", po::value<std::string>(),
       "backup: a file to write, or a directory; restore: the backup; forget: the person's key at "
       "the "
       "source or at the destination")                                           //
      ("why", po::value<std::string>(), "restore: the reason, for the history")  //
      ("yes", po::bool_switch(), "restore: do not ask");
  positional.add("action", 1).add("file", 1).add("argument", 1);
}

int run_state(Call& call) {
  const std::string wanted = call.text("action");
  std::vector<std::string> names;
  for (const auto& action : kActions) {
    if (wanted == action.name) return action.run(call);
    names.emplace_back(action.name);
  }
  throw UsageError{"there is no `sluice state " + wanted + "`: " + suggestion(wanted, names)};
}

}  // namespace sluice::host::cli
