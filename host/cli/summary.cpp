#include "cli/summary.hpp"

#include <date/date.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <cstdio>

#include "cli/command.hpp"

namespace sluice::host::cli {
namespace {

void line(const std::string& text) {
  print(std::string_view{text});
}

void print_side(const json::object& statistics, const char* side) {
  const auto* part = statistics.if_contains(side);
  if (part == nullptr) return;
  const auto& counters = part->as_object().at("counters").as_object();
  std::int64_t requests = 0;
  std::string extra;
  for (const auto& counter : counters) {
    const std::string_view name{counter.key()};
    const std::int64_t count = counter.value().as_int64();
    if (name.starts_with("requests ")) {
      requests += count;
    } else {
      extra += fmt::format(", {} {}", count, name);
    }
  }
  line(fmt::format("  {:<12} {:>8} requests{}", side, requests, extra));
}

}  // namespace

std::string time_text(std::int64_t ms) {
  const date::sys_time<std::chrono::milliseconds> moment{std::chrono::milliseconds{ms}};
  return date::format("%F %T UTC", date::floor<std::chrono::seconds>(moment));
}

std::string decision_text(const json::object& entry) {
  const auto text = [&entry](const char* name) { return std::string{entry.at(name).as_string()}; };
  const std::string detail = text("detail");
  return fmt::format("{} {} {}{}", time_text(entry.at("at").as_int64()), text("who"),
                     text("action"), detail.empty() ? "" : ": " + detail);
}

void print_summary(const StageReport& report) {
  line(fmt::format("{} {}: {:.1f} s", report.integration, to_string(report.stage), report.seconds));
  for (const auto& sync : report.syncs) {
    line(fmt::format("  {:<12} {:>8} read{}", sync.sync, sync.totals.read,
                     sync.was_full && report.stage == Stage::Incremental ? " (a full walk)" : ""));
    for (int i = 1; i <= kRecordOutcomes; ++i) {
      const auto outcome = static_cast<RecordOutcome>(i);
      if (sync.totals.of(outcome) == 0) continue;
      line(fmt::format("  {:<12} {:>8} {}", "", sync.totals.of(outcome), to_string(outcome)));
    }
    if (sync.events.taken + sync.events.put_off + sync.events.given_up != 0) {
      line(fmt::format("  {:<12} {:>8} named by events, {} still older than theirs", "",
                       sync.events.taken, sync.events.put_off + sync.events.given_up));
    }
    if (const auto& found = sync.verification; found.verified != 0) {
      line(fmt::format(
          "  {:<12} {:>8} read back: {} differed ({} of them were gone); {} ids were filled in", "",
          found.verified, found.drifted, found.missing, found.ids_filled));
    }
  }
  print_side(report.statistics, "source");
  print_side(report.statistics, "destination");
}

void print_causes(const std::vector<ErrorGroup>& causes, std::size_t most) {
  for (std::size_t i = 0; i < causes.size() && i < most; ++i) {
    const auto& cause = causes[i];
    const std::string field = cause.field.empty() ? "" : " [" + cause.field + "]";
    line(fmt::format("  {:>6}  {:<18} {}{}  (e.g. {})", cause.count, cause.code, cause.message,
                     field, fmt::join(cause.examples, ", ")));
  }
  if (causes.size() > most) line(fmt::format("  … and {} more causes", causes.size() - most));
}

void print_error_groups(State& state, std::size_t most) {
  const auto causes = state.errors().groups(ErrorState::Open);
  if (causes.empty()) return;
  line(fmt::format("open errors: {}", state.errors().count(ErrorState::Open)));
  print_causes(causes, most);
}

void print_next_step(const StageReport& report, const std::string& file) {
  const bool gate = report.stage == Stage::Validate && report.lifecycle == Lifecycle::New;
  if (gate) {
    line(fmt::format("next: sluice errors export {} --csv errors.csv, correct the records, then",
                     file));
    line(fmt::format("      sluice validate --retry {}; or accept that they are not sent:", file));
    line(fmt::format("      sluice errors ignore {} --all --why \"...\"", file));
    return;
  }
  const bool paused = report.lifecycle == Lifecycle::Paused;
  line(fmt::format("next: sluice {} {}",
                   paused ? "resume" : to_string(next_stage(report.lifecycle)), file));
}

}  // namespace sluice::host::cli
