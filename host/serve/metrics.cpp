#include "serve/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
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
    const auto& facts = side.value().as_object();
    add_side(base + ',' + label("side", side.key()) + ',' +
                 label("connector", facts.at("connector").as_string()),
             facts);
  }
}

void Metrics::add_side(const std::string& of, const json::object& side) {
  restarts_[of] += number(side, "restarts");
  for (const auto& counter : side.at("counters").as_object()) {
    const std::string_view name = counter.key();
    const auto count = counter.value().to_number<std::int64_t>();
    if (name.substr(0, kRequests.size()) == kRequests) {
      requests_[of + ',' + label("operation", name.substr(kRequests.size()))] += count;
    } else {
      counters_[of + ',' + label("name", name)] += count;
    }
  }
  // "200 GET /customers"
  for (const auto& answer : side.at("answers").as_object()) {
    const std::string_view name = answer.key();
    const auto space = std::min(name.find(' '), name.size());
    answers_[of + ',' + label("operation", name.substr(std::min(space + 1, name.size()))) + ',' +
             label("status", name.substr(0, space))] += answer.value().to_number<std::int64_t>();
  }
  for (const auto& entry : side.at("latency_ms").as_object()) {
    Latency& latency = latency_[of];
    const std::string_view name = entry.key();
    const auto count = entry.value().to_number<std::int64_t>();
    if (name == "sum") {
      latency.sum_ms += count;
      continue;
    }
    latency.count += count;
    std::int64_t limit = 0;
    const auto end = std::from_chars(name.data(), name.data() + name.size(), limit);
    if (end.ec == std::errc{}) latency.within[limit] += count;
  }
  for (const auto& entry : side.at("budgets").as_array()) {
    const auto& row = entry.as_object();
    RateClass rate;
    rate.account = std::string{row.at("account").as_string()};
    rate.name = std::string{row.at("class").as_string()};
    rate.requests = row.at("requests").to_number<std::uint32_t>();
    rate.window = std::chrono::milliseconds{row.at("window_ms").to_number<std::int64_t>()};
    limits_[label("account", rate.account) + ',' + label("class", rate.name)] = rate;
  }
}

void Metrics::write_latency(std::string& out) const {
  constexpr std::string_view kName = "sluice_request_seconds";
  head(out, kName, "histogram", "How long vendors took to answer.");
  for (const auto& [labels, latency] : latency_) {
    std::int64_t count = 0;
    for (const auto& [limit, within] : latency.within) {
      count += within;
      out += fmt::format("{}_bucket{{{},le=\"{}\"}} {}\n", kName, labels,
                         static_cast<double>(limit) / 1000, count);
    }
    out += fmt::format("{}_bucket{{{},le=\"+Inf\"}} {}\n", kName, labels, latency.count);
    out +=
        fmt::format("{}_sum{{{}}} {}\n", kName, labels, static_cast<double>(latency.sum_ms) / 1000);
    out += fmt::format("{}_count{{{}}} {}\n", kName, labels, latency.count);
  }
}

void Metrics::write_budgets(std::string& out) const {
  head(out, "sluice_budget_used_requests", "gauge",
       "Requests let through in the window that ends now, by all on this machine.");
  for (const auto& [labels, rate] : limits_)
    out += fmt::format("sluice_budget_used_requests{{{}}} {}\n", labels, budget_.used(rate));
  head(out, "sluice_budget_limit_requests", "gauge", "How many may be, in that window.");
  for (const auto& [labels, rate] : limits_)
    out += fmt::format("sluice_budget_limit_requests{{{}}} {}\n", labels, rate.requests);
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

void Metrics::add_event(const std::string& integration, std::string_view result) {
  const std::lock_guard guard{mutex_};
  ++events_[label("integration", integration) + ',' + label("result", result)];
}

void Metrics::add_refused_event() {
  const std::lock_guard guard{mutex_};
  ++refused_events_;
}

std::string Metrics::text(Service& service, const Alerts& alerts) const {
  std::string out;
  {
    const std::lock_guard guard{mutex_};
    write(out, "sluice_runs_total", "Runs that this service started and that have ended.", runs_);
    write(out, "sluice_records_total", "Records by what became of them.", records_);
    write(out, "sluice_requests_total", "Requests sent to the vendors.", requests_);
    write(out, "sluice_answers_total", "What the vendors answered, by status.", answers_);
    write_latency(out);
    write_budgets(out);
    write(out, "sluice_connector_events_total", "What connectors count besides requests.",
          counters_);
    write(out, "sluice_worker_restarts_total", "Workers that had to be started anew.", restarts_);
    write(out, "sluice_hook_events_total", "Events that vendors' webhooks brought.", events_);
    head(out, "sluice_hook_refused_total", "counter", "Events refused for an unknown secret.");
    out += fmt::format("sluice_hook_refused_total {}\n", refused_events_);
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
  head(out, "sluice_alerts_firing", "gauge", "Alerts that stand.");
  for (const auto& [integration, alert] : alerts.firing())
    out += fmt::format("sluice_alerts_firing{{{},{}}} 1\n", label("integration", integration),
                       label("alert", to_string(alert)));
  head(out, "sluice_hook_records_waiting", "gauge",
       "Records that events named and that no run has read anew yet.");
  for (const auto& [integration, waiting] : service.waiting())
    out += fmt::format("sluice_hook_records_waiting{{{}}} {}\n", label("integration", integration),
                       waiting.records);
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
