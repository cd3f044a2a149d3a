#include "serve/metrics.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace sluice::host::serve {
namespace {

constexpr std::array<std::string_view, 9> kOutcomes{"delivered", "unchanged",  "deleted",
                                                    "filtered",  "superseded", "stale",
                                                    "pending",   "rejected",   "valid"};
constexpr std::string_view kRequests = "requests ";

std::string label(std::string_view name, std::string_view value) {
  std::string out{name};
  out += "=\"";
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void write(std::string& out, std::string_view name, std::string_view help,
           const std::map<std::string, std::int64_t>& counts) {
  head(out, name, "counter", help);
  for (const auto& [labels, count] : counts)
    out += fmt::format("{}{{{}}} {}\n", name, labels, count);
}

std::string_view result_of(int exit_code) {
  switch (exit_code) {
    case 0:
      return "done";
    case 1:
      return "errors";
    case 4:
      return "interrupted";
    case 5:
      return "refused";
    case 6:
      return "busy";
    default:
      return "failed";
  }
}

std::int64_t number(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

}  // namespace

void Metrics::add_report(const json::object& report, const std::string& integration) {
  const std::string base = label("integration", integration);
  if (const auto* syncs = report.if_contains("syncs"); syncs != nullptr && syncs->is_array()) {
    for (const auto& entry : syncs->get_array()) {
      const auto& sync = entry.as_object();
      const std::string of = base + ',' + label("sync", sync.at("sync").as_string());
      for (const auto outcome : kOutcomes) {
        if (const auto count = number(sync, outcome); count != 0)
          records_[of + ',' + label("outcome", outcome)] += count;
      }
    }
  }
  const auto* statistics = report.if_contains("statistics");
  if (statistics == nullptr || !statistics->is_object()) return;
  for (const auto& side : statistics->get_object()) {
    const std::string of = base + ',' + label("side", side.key());
    restarts_[of] += number(side.value().as_object(), "restarts");
    for (const auto& counter : side.value().at("counters").as_object()) {
      const std::string_view name = counter.key();
      const auto count = counter.value().is_int64() ? counter.value().get_int64() : 0;
      if (name.substr(0, kRequests.size()) == kRequests) {
        requests_[of + ',' + label("operation", name.substr(kRequests.size()))] += count;
      } else {
        counters_[of + ',' + label("name", name)] += count;
      }
    }
  }
}

void Metrics::add(const Service::Ended& run) {
  const std::lock_guard guard{mutex_};
  const std::string of = label("integration", run.integration) + ',' + label("stage", run.stage);
  ++runs_[of + ',' + label("result", result_of(run.end.exit_code))];
  auto& [sum, count] = seconds_[of];
  sum += static_cast<double>(run.ended - run.started) / 1000;
  ++count;
  add_report(run.end.document, run.integration);
}

std::string Metrics::text(const Service& service) const {
  std::string out;
  {
    const std::lock_guard guard{mutex_};
    write(out, "sluice_runs_total", "Runs that this service started and that have ended.", runs_);
    write(out, "sluice_records_total", "Records by what became of them.", records_);
    write(out, "sluice_requests_total", "Requests to the vendors, by operation and status.",
          requests_);
    write(out, "sluice_connector_events_total", "What connectors count besides requests.",
          counters_);
    write(out, "sluice_worker_restarts_total", "Workers that had to be started anew.", restarts_);
    head(out, "sluice_run_seconds", "summary", "How long runs took.");
    for (const auto& [labels, seconds] : seconds_) {
      out += fmt::format("sluice_run_seconds_sum{{{}}} {}\n", labels, seconds.first);
      out += fmt::format("sluice_run_seconds_count{{{}}} {}\n", labels, seconds.second);
    }
  }
  const auto standings = service.standings();
  const std::int64_t now = service.options().clock();
  std::int64_t broken = 0, running = 0, queued = 0;
  head(out, "sluice_cursor_age_seconds", "gauge",
       "Since when nothing has been read from the source, of active integrations.");
  for (const auto& standing : standings) {
    broken += standing.member.broken ? 1 : 0;
    running += standing.schedule.running ? 1 : 0;
    queued += standing.schedule.queued ? 1 : 0;
    if (!standing.schedule.read_up_to) continue;
    out += fmt::format("sluice_cursor_age_seconds{{{}}} {}\n",
                       label("integration", standing.member.name),
                       (now - *standing.schedule.read_up_to) / 1000);
  }
  const auto gauge = [&out](std::string_view name, std::string_view help, std::int64_t value) {
    head(out, name, "gauge", help);
    out += fmt::format("{} {}\n", name, value);
  };
  gauge("sluice_integrations", "Integration files, broken ones included.",
        static_cast<std::int64_t>(standings.size()));
  gauge("sluice_integrations_broken", "Integration files that cannot be used.", broken);
  gauge("sluice_runs_running", "Runs under way.", running);
  gauge("sluice_runs_waiting", "Runs that wait for a free place.", queued);
  return out;
}

}  // namespace sluice::host::serve
