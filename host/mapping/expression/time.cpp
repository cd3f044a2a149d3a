#include "mapping/expression/time.hpp"

#include <date/date.h>
#include <date/tz.h>

#include <chrono>
#include <sstream>

#include "mapping/expression/value.hpp"

namespace sluice::host::expr {
namespace {

using Seconds = std::chrono::seconds;

date::local_seconds local(std::int64_t epoch_seconds, std::int64_t offset) {
  constexpr std::int64_t kFirst = -62167219200;  // 0000-01-01
  constexpr std::int64_t kLast = 253402300799;   // 9999-12-31
  if (epoch_seconds + offset < kFirst || epoch_seconds + offset > kLast) {
    fail("the time " + std::to_string(epoch_seconds) +
         " is not in the years 0000 to 9999: epoch seconds are expected");
  }
  return date::local_seconds{Seconds{epoch_seconds + offset}};
}

void put(std::string& out, std::int64_t number, int digits) {
  char buffer[8];
  for (int i = digits; i-- > 0; number /= 10) buffer[i] = static_cast<char>('0' + number % 10);
  out.append(buffer, static_cast<std::size_t>(digits));
}

void put_day(std::string& out, date::local_seconds time) {
  const date::year_month_day day{date::floor<date::days>(time)};
  put(out, int{day.year()}, 4);
  out.push_back('-');
  put(out, unsigned{day.month()}, 2);
  out.push_back('-');
  put(out, unsigned{day.day()}, 2);
}

void put_clock(std::string& out, std::int64_t seconds) {
  put(out, seconds / 3600, 2);
  out.push_back(':');
  put(out, seconds / 60 % 60, 2);
}

// Reads fixed-width fields from the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) noexcept : rest_{text} {}

  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
  bool take(char c) noexcept {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // -1 without that many digits.
  int digits(std::size_t count) noexcept {
    if (rest_.size() < count) return -1;
    int number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return -1;
      number = number * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return number;
  }
  bool skip_digits() noexcept {
    if (digits(1) < 0) return false;
    while (digits(1) >= 0) {
    }
    return true;
  }

 private:
  std::string_view rest_;
};

bool read_day(Reader& reader, std::int64_t& seconds) noexcept {
  const int year = reader.digits(4);
  if (year < 0 || !reader.take('-')) return false;
  const int month = reader.digits(2);
  if (month < 0 || !reader.take('-')) return false;
  const int day = reader.digits(2);
  if (day < 0) return false;
  const date::year_month_day date{date::year{year}, date::month{static_cast<unsigned>(month)},
                                  date::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return false;
  seconds = Seconds{date::sys_days{date}.time_since_epoch()}.count();
  return true;
}

bool read_clock(Reader& reader, std::int64_t& seconds) noexcept {
  const int hour = reader.digits(2);
  if (hour < 0 || hour > 23 || !reader.take(':')) return false;
  const int minute = reader.digits(2);
  if (minute < 0 || minute > 59) return false;
  int second = 0;
  if (reader.take(':')) {
    second = reader.digits(2);
    if (second < 0 || second > 60) return false;
    if (reader.take('.') && !reader.skip_digits()) return false;
  }
  seconds += hour * 3600 + minute * 60 + second;
  return true;
}

// nothing | Z | ±hh[[:]mm]
bool read_offset(Reader& reader, IsoTime& time) noexcept {
  if (reader.done()) return true;
  time.has_offset = true;
  if (reader.take('Z')) return true;
  const bool east = reader.take('+');
  if (!east && !reader.take('-')) return false;
  const int hour = reader.digits(2);
  if (hour < 0 || hour > 18) return false;
  reader.take(':');
  const int minute = reader.done() ? 0 : reader.digits(2);
  if (minute < 0 || minute > 59) return false;
  time.seconds -= (east ? 1 : -1) * (hour * std::int64_t{3600} + minute * std::int64_t{60});
  return true;
}

}  // namespace

Zone Zone::named(std::string_view name) {
  Zone zone;
  if (name == "UTC" || name == "Etc/UTC" || name == "Z") return zone;
  try {
    zone.zone_ = date::locate_zone(name);
  } catch (const std::exception&) {
    fail("there is no time zone \"" + std::string{name} +
         "\": use an IANA name such as \"UTC\" or \"Europe/Berlin\"");
  }
  return zone;
}

std::int64_t Zone::offset_at(std::int64_t epoch_seconds) const {
  if (zone_ == nullptr) return 0;
  return zone_->get_info(date::sys_seconds{Seconds{epoch_seconds}}).offset.count();
}

std::string format_date(std::int64_t epoch_seconds, const Zone& zone) {
  std::string out;
  put_day(out, local(epoch_seconds, zone.offset_at(epoch_seconds)));
  return out;
}

std::string format_datetime(std::int64_t epoch_seconds, const Zone& zone) {
  const std::int64_t offset = zone.offset_at(epoch_seconds);
  const auto time = local(epoch_seconds, offset);
  const std::int64_t clock = (time - date::floor<date::days>(time)).count();
  std::string out;
  out.reserve(25);
  put_day(out, time);
  out.push_back('T');
  put_clock(out, clock);
  out.push_back(':');
  put(out, clock % 60, 2);
  out.push_back(offset < 0 ? '-' : '+');
  put_clock(out, offset < 0 ? -offset : offset);
  return out;
}

std::string format_time(std::int64_t epoch_seconds, const Zone& zone, std::string_view format) {
  const std::int64_t offset = zone.offset_at(epoch_seconds);
  const auto time = local(epoch_seconds, offset);
  const Seconds shift{offset};
  std::ostringstream out;
  out.imbue(std::locale::classic());
  const std::string abbreviation = format_datetime(epoch_seconds, zone).substr(19);
  date::to_stream(out, std::string{format}.c_str(), time, &abbreviation, &shift);
  if (!out) fail("the time format \"" + std::string{format} + "\" cannot be carried out");
  return std::move(out).str();
}

std::optional<IsoTime> read_iso_time(std::string_view text) noexcept {
  Reader reader{text};
  IsoTime time;
  if (!read_day(reader, time.seconds)) return std::nullopt;
  if (reader.done()) return time;
  if (!reader.take('T') && !reader.take(' ') && !reader.take('t')) return std::nullopt;
  time.has_time = true;
  if (!read_clock(reader, time.seconds) || !read_offset(reader, time)) return std::nullopt;
  if (!reader.done()) return std::nullopt;
  return time;
}

}  // namespace sluice::host::expr
