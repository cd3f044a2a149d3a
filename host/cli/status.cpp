#include "pipeline/status.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "cli/command.hpp"
#include "cli/summary.hpp"
#include "integration/load.hpp"
#include "state/state_error.hpp"

namespace sluice::host::cli {
namespace {

constexpr std::size_t kHistory = 20;
constexpr std::size_t kCauses = 8;

std::string age_text(std::int64_t seconds) {
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 7200) return fmt::format("{} min", seconds / 60);
  if (seconds < 172'800) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} days", seconds / 86'400);
}

void line(const std::string& text) {
  print(std::string_view{text});
}

std::string text_of(const json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

// "customers 10 read, 9 delivered, 1 rejected"
std::string counts_of(const json::object& summary) {
  std::string text;
  const auto* syncs = summary.if_contains("syncs");
  if (syncs == nullptr) return text;
  for (const auto& entry : syncs->as_array()) {
    const auto& sync = entry.as_object();
    text += (text.empty() ? "" : "; ") + text_of(sync, "sync");
    const char* separator = " ";
    for (const auto& member : sync) {
      const bool shown = member.value().is_int64() && member.value().get_int64() != 0 &&
                         member.key() != "open_errors";
      if (!shown) continue;
      std::string name{member.key()};
      if (name == "new_errors") name = "new errors";
      text += fmt::format("{}{} {}", separator, member.value().get_int64(), name);
      separator = ", ";
    }
  }
  return text;
}

void print_run(const json::object& run, bool running) {
  const bool ended = run.at("ended").as_int64() != 0;
  const auto& summary = run.at("summary").as_object();
  const std::string message = text_of(summary, "message");
  const std::string counts = counts_of(summary);
  line(fmt::format("  run {}: {} {}, {}{}{}", run.at("id").as_int64(), text_of(run, "stage"),
                   time_text(run.at("started").as_int64()),
                   ended     ? text_of(run, "result")
                   : running ? "running"
                             : "killed",
                   counts.empty() ? "" : ": " + counts, message.empty() ? "" : ": " + message));
}

void print_causes(const json::object& status) {
  const std::int64_t open = status.at("open_errors").as_int64();
  const std::int64_t ignored = status.at("ignored_errors").as_int64();
  if (open > 0) line(fmt::format("  open errors: {}", open));
  const auto& causes = status.at("errors").as_array();
  for (std::size_t i = 0; i < std::min(causes.size(), kCauses); ++i) {
    const auto& cause = causes[i].as_object();
    line(fmt::format("    {:>6}  {:<18} {}", cause.at("count").as_int64(), text_of(cause, "code"),
                     text_of(cause, "message")));
  }
  if (causes.size() > kCauses)
    line(fmt::format("    … and {} more causes", causes.size() - kCauses));
  if (ignored > 0) line(fmt::format("  ignored errors: {}", ignored));
}

void print_status(const json::object& status, const std::string& file) {
  line(fmt::format("{}: {}", text_of(status, "integration"), text_of(status, "state")));
  const std::string holder = text_of(status, "running");
  if (!holder.empty()) line("  held by " + holder);
  bool first = true;
  for (const auto& run : status.at("runs").as_array()) {
    print_run(run.as_object(), first && !holder.empty());
    first = false;
  }
  if (const auto* cursor = status.if_contains("cursor")) {
    line(fmt::format("  the source is read up to {}, {} ago",
                     time_text(cursor->at("as_of").as_int64()),
                     age_text(cursor->at("age_seconds").as_int64())));
  }
  for (const auto& entry : status.at("full_needed").as_array()) {
    line(
        fmt::format("  sync '{}': full needed: {}; the next run walks over everything and sends "
                    "what differs",
                    text_of(entry.as_object(), "sync"), text_of(entry.as_object(), "reason")));
  }
  if (const auto pending = status.at("pending_writes").as_int64(); pending > 0)
    line(fmt::format("  writes that the destination is still working on: {}", pending));
  print_causes(status);
  for (const auto& entry : status.at("decisions").as_array())
    line("  " + decision_text(entry.as_object()));
  if (const auto* next = status.if_contains("next_run")) {
    line(fmt::format("  next run by the schedule ({}): {}", text_of(status, "schedule"),
                     time_text(next->as_int64())));
  }
  const bool paused = text_of(status, "state") == "paused";
  line(fmt::format("  next: sluice {} {}", paused ? "resume" : text_of(status, "next"), file));
}

struct File {
  std::optional<Integration> integration;
  bool complete = false;
};

// The specs of the connectors that are installed; none for one that is not, or that cannot be used.
class Specs {
 public:
  explicit Specs(const Call& call)
      : mode_{call.mode}, catalog_{Catalog::scan(call.plugin_directories)} {}

  void add_fingerprints(StatusRequest& request) {
    if (request.file == nullptr || !request.complete) return;
    const json::object* source = find(request.file->source);
    const json::object* destination = find(request.file->destination);
    if (source == nullptr || destination == nullptr) return;
    for (const auto& sync : request.file->syncs)
      request.spec_fingerprints[sync.name] = spec_fingerprint(sync, *source, *destination);
  }

 private:
  const json::object* find(const Connection& connection) {
    const std::string& id = connection.connector;
    // A pinned plugin is looked at again: another file may not pin it.
    const auto known = connection.sha256.empty() ? specs_.find(id) : specs_.end();
    if (known != specs_.end()) return known->second ? &*known->second : nullptr;
    auto& spec = specs_[id];
    try {
      spec = read_spec(catalog_.find(id, connection.sha256), mode_);
    } catch (const Error&) {
      // `lint` says what is wrong with it.
    }
    return spec ? &*spec : nullptr;
  }

  RunMode mode_;
  Catalog catalog_;
  std::map<std::string, std::optional<json::object>> specs_;
};

// The file with the values of this environment, or without them: status needs no credentials.
File load_offline(const std::string& path) {
  LoadOptions options;
  options.preset_directories = preset_directories();
  auto found = lint_integration(path, options);
  if (found.ok()) return {std::move(found.integration), true};
  options.resolve_secrets = false;
  found = lint_integration(path, options);
  if (!found.ok()) throw IntegrationError{found.diagnostics};
  return {std::move(found.integration), false};
}

StatusRequest request_of(const Call& call) {
  StatusRequest request;
  request.now_ms = system_wall_clock()();
  if (call.flag("history")) request.runs = kHistory;
  if (call.flag("history") || call.flag("audit")) request.decisions = kHistory;
  if (call.has("limit")) {
    const auto limit = call.values["limit"].as<std::uint32_t>();
    if (call.flag("history")) request.runs = limit;
    if (request.decisions != 0) request.decisions = limit;
  }
  return request;
}

// Nothing, and why in `problem`, when the state cannot be used.
std::optional<State> open_or_tell(const Call& call, const std::string& folder,
                                  std::string& problem) {
  try {
    return State::open_read_only(call.state_root, folder);
  } catch (const StateError& error) {
    problem = error.what();
    return std::nullopt;
  }
}

int status_of_all(const Call& call) {
  json::array all;
  int code = kDone;
  Specs specs{call};
  for (const auto& folder : State::all(call.state_root)) {
    std::string problem;
    auto state = open_or_tell(call, folder, problem);
    if (!problem.empty()) {
      code = kRefused;
      if (!call.json) line(std::string{folder}.append(": ").append(problem));
      all.push_back(json::object{{"integration", folder}, {"error", problem}});
    }
    if (!state) continue;
    StatusRequest request = request_of(call);
    File file;
    const std::string path = state->meta("file").value_or("");
    try {
      if (!path.empty()) file = load_offline(path);
    } catch (const Error&) {
      // Gone or broken since the last run: the state speaks for itself.
    }
    if (file.integration) {
      request.file = &*file.integration;
      request.complete = file.complete;
    }
    specs.add_fingerprints(request);
    json::object status = status_of(&*state, state->meta("integration").value_or(folder), request);
    status["file"] = path;
    if (!call.json) print_status(status, path);
    all.push_back(std::move(status));
  }
  if (call.json) {
    print(json::object{{"integrations", std::move(all)}});
  } else if (all.empty()) {
    line("no integration has been run with the state in " + call.state_root.string());
  }
  return code;
}

}  // namespace

void declare_status(po::options_description& options,
                    po::positional_options_description& positional) {
  options.add_options()("file", po::value<std::string>(),
                        "the integration file; without one, all integrations of the state "
                        "directory")                                          //
      ("history", po::bool_switch(), "the last 20 runs and decisions")        //
      ("audit", po::bool_switch(), "the last 20 decisions that people took")  //
      ("limit", po::value<std::uint32_t>(), "with these: how many instead of 20");
  positional.add("file", 1);
}

int run_status(Call& call) {
  if (!call.has("file")) return status_of_all(call);
  const File file = load_offline(call.text("file"));
  auto state = State::open_read_only(call.state_root, file.integration->name);
  StatusRequest request = request_of(call);
  request.file = &*file.integration;
  request.complete = file.complete;
  if (state) Specs{call}.add_fingerprints(request);
  const json::object status = status_of(state ? &*state : nullptr, file.integration->name, request);
  if (call.json) {
    print(status);
  } else {
    print_status(status, call.text("file"));
  }
  return kDone;
}

}  // namespace sluice::host::cli
