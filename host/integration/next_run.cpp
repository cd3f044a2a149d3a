#include "integration/next_run.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <charconv>
#include <sstream>
#include <string>
#include <string_view>

namespace sluice::host {
namespace {

constexpr int kDaysAhead = 8 * 366;  // the 29th of February, over a year that has none

using Bits = std::bitset<64>;

struct Field {
  int first = 0;
  int last = 0;
  std::array<std::string_view, 12> names{};  // of the values from `first` on
};

constexpr Field kMinute{0, 59, {}};
constexpr Field kHour{0, 23, {}};
constexpr Field kDay{1, 31, {}};
constexpr Field kMonth{
    1, 12, {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}};
constexpr Field kWeekday{0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}};

std::optional<int> number(std::string_view text, const Field& field) {
  int value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) {
    std::string lower{text};
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const auto* name = std::find(field.names.begin(), field.names.end(), lower);
    if (lower.empty() || name == field.names.end()) return std::nullopt;
    value = field.first + static_cast<int>(name - field.names.begin());
  }
  if (value < field.first || value > field.last) return std::nullopt;
  return value;
}

// `*`, `5`, `1-5`, `*/15`, `10-50/20`, `20/5`
bool add_part(std::string_view part, const Field& field, Bits& bits) {
  int step = 1;
  const auto slash = part.find('/');
  if (slash != std::string_view::npos) {
    const auto text = part.substr(slash + 1);
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), step);
    if (problem != std::errc{} || end != text.data() + text.size() || step < 1) return false;
    part = part.substr(0, slash);
  }
  std::optional<int> from = field.first;
  std::optional<int> to = field.last;
  if (part != "*") {
    const auto dash = part.find('-');
    from = number(part.substr(0, dash), field);
    to = dash != std::string_view::npos    ? number(part.substr(dash + 1), field)
         : slash != std::string_view::npos ? std::optional{field.last}
                                           : from;
  }
  if (!from || !to || *from > *to) return false;
  for (int value = *from; value <= *to; value += step) bits.set(static_cast<std::size_t>(value));
  return true;
}

std::optional<Bits> parse_field(std::string_view text, const Field& field) {
  Bits bits;
  while (true) {
    const auto comma = text.find(',');
    if (!add_part(text.substr(0, comma), field, bits)) return std::nullopt;
    if (comma == std::string_view::npos) return bits;
    text.remove_prefix(comma + 1);
  }
}

struct Cron {
  Bits minutes, hours, days, months, weekdays;
  bool any_day = false;  // of the two day fields, one that is `*` does not widen the other
  bool any_weekday = false;

  [[nodiscard]] bool fits(date::local_days day) const {
    const date::year_month_day calendar{day};
    if (!months.test(static_cast<unsigned>(calendar.month()))) return false;
    const bool by_day = days.test(static_cast<unsigned>(calendar.day()));
    const bool by_weekday = weekdays.test(date::weekday{day}.c_encoding());
    if (any_day) return by_weekday;
    return any_weekday ? by_day : by_day || by_weekday;
  }
};

std::optional<Cron> parse_cron(const std::string& text) {
  std::istringstream in{text};
  std::array<std::string, 5> fields;
  for (auto& field : fields) in >> field;
  const auto minutes = parse_field(fields[0], kMinute);
  const auto hours = parse_field(fields[1], kHour);
  const auto days = parse_field(fields[2], kDay);
  const auto months = parse_field(fields[3], kMonth);
  auto weekdays = parse_field(fields[4], kWeekday);
  if (!minutes || !hours || !days || !months || !weekdays) return std::nullopt;
  if (weekdays->test(7)) weekdays->set(0);
  return Cron{*minutes, *hours, *days, *months, *weekdays, fields[2] == "*", fields[4] == "*"};
}

std::optional<std::int64_t> next_cron(const Schedule& schedule, std::int64_t now_ms) {
  const auto cron = parse_cron(schedule.cron);
  if (!cron) return std::nullopt;
  const auto* zone = date::locate_zone(schedule.timezone);
  const date::sys_time<std::chrono::milliseconds> now{std::chrono::milliseconds{now_ms}};
  auto day = date::floor<date::days>(zone->to_local(now));
  for (int ahead = 0; ahead < kDaysAhead; ++ahead, day += date::days{1}) {
    if (!cron->fits(day)) continue;
    for (int minute = 0; minute < 24 * 60; ++minute) {
      if (!cron->hours.test(static_cast<std::size_t>(minute / 60)) ||
          !cron->minutes.test(static_cast<std::size_t>(minute % 60)))
        continue;
      const auto moment = zone->to_sys(day + std::chrono::minutes{minute}, date::choose::earliest);
      if (moment <= now) continue;
      return std::chrono::duration_cast<std::chrono::milliseconds>(moment.time_since_epoch())
          .count();
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> next_run(const Schedule& schedule,
                                     std::optional<std::int64_t> last_start_ms,
                                     std::int64_t now_ms) {
  if (!schedule.cron.empty()) return next_cron(schedule, now_ms);
  if (!schedule.every) return std::nullopt;
  if (!last_start_ms) return now_ms;
  return *last_start_ms + std::chrono::milliseconds{*schedule.every}.count();
}

}  // namespace sluice::host
