#include "account/times.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <sstream>

#include "sluice/error.hpp"

namespace activecampaign_sandbox {

namespace {

struct Wall {
  int year;
  unsigned month;
  unsigned day;
  std::int64_t hour;
  std::int64_t minute;
  std::int64_t second;
};

Wall split(Seconds time, std::int64_t offset_minutes) {
  const std::chrono::sys_seconds local{std::chrono::seconds{time + offset_minutes * 60}};
  const auto midnight = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{midnight};
  const std::int64_t rest = (local - midnight).count();
  return {int{date.year()}, unsigned{date.month()}, unsigned{date.day()},
          rest / 3600,      rest / 60 % 60,         rest % 60};
}

std::optional<Seconds> read(const std::string& text, const char* format) {
  std::istringstream in{text};
  date::sys_seconds time;
  in >> date::parse(format, time);
  if (in.fail() || in.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
  return time.time_since_epoch().count();
}

// The account keeps whole seconds.
void drop_fraction(std::string& text) {
  const std::size_t point = text.find('.');
  if (point == std::string::npos) return;
  const std::size_t end = text.find_first_not_of("0123456789", point + 1);
  text.erase(point, end == std::string::npos ? end : end - point);
}

}  // namespace

std::string iso_time(Seconds time, std::int64_t offset_minutes) {
  const Wall w = split(time, offset_minutes);
  const std::int64_t offset = std::abs(offset_minutes);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}{:02}:{:02}", w.year, w.month, w.day,
                     w.hour, w.minute, w.second, offset_minutes < 0 ? '-' : '+', offset / 60,
                     offset % 60);
}

std::string wall_time(Seconds time, std::int64_t offset_minutes) {
  const Wall w = split(time, offset_minutes);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", w.year, w.month, w.day, w.hour,
                     w.minute, w.second);
}

std::string day(Seconds time, std::int64_t offset_minutes) {
  const Wall w = split(time, offset_minutes);
  return fmt::format("{:04}-{:02}-{:02}", w.year, w.month, w.day);
}

std::optional<Seconds> parse_time(std::string_view text,
                                  std::optional<std::int64_t> assume_offset_minutes) {
  if (text.size() < 10 || text[4] != '-') return std::nullopt;
  std::string value{text};
  if (value.size() > 10 && value[10] == ' ') value[10] = 'T';
  if (!value.empty() && (value.back() == 'Z' || value.back() == 'z')) {
    value.pop_back();
    value += "+00:00";
  }
  drop_fraction(value);
  for (const char* format : {"%FT%T%Ez", "%FT%T%z"}) {
    if (const auto exact = read(value, format)) return exact;
  }
  if (!assume_offset_minutes) return std::nullopt;
  for (const char* format : {"%FT%T", "%FT%H:%M", "%F"}) {
    if (const auto local = read(value, format)) return *local - *assume_offset_minutes * 60;
  }
  return std::nullopt;
}

std::int64_t parse_utc_offset(std::string_view text) {
  const auto zero = parse_time("1970-01-01T00:00:00" + std::string{text}, std::nullopt);
  const bool is_signed = text.starts_with('+') || text.starts_with('-');
  if (!is_signed || !zero || std::abs(*zero) > 14 * std::int64_t{3600} || *zero % 60 != 0) {
    throw sluice::Error{sluice::Code::Config,
                        fmt::format("utc-offset: '{}' is not like -05:00", text)};
  }
  return -*zero / 60;
}

}  // namespace activecampaign_sandbox
