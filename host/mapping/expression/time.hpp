// Dates and times: epoch seconds to text in a time zone, and checks of text dates.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace date {
class time_zone;
}

namespace sluice::host::expr {

// A time zone by its IANA name ("UTC", "Europe/Berlin").
class Zone {
 public:
  // Errors: throws Failure for an unknown name.
  static Zone named(std::string_view name);

  // Seconds to add to UTC at that moment.
  [[nodiscard]] std::int64_t offset_at(std::int64_t epoch_seconds) const;

 private:
  const date::time_zone* zone_ = nullptr;  // null: UTC, which needs no database
};

// `2024-05-01`; `2024-05-01T14:00:00+02:00`; by a strftime-like format such as `%d.%m.%Y`.
// Errors: throws Failure for years outside 0000 to 9999 and for a format that cannot be carried
// out.
[[nodiscard]] std::string format_date(std::int64_t epoch_seconds, const Zone& zone);
[[nodiscard]] std::string format_datetime(std::int64_t epoch_seconds, const Zone& zone);
[[nodiscard]] std::string format_time(std::int64_t epoch_seconds, const Zone& zone,
                                      std::string_view format);

// ISO-8601 text: a calendar date, alone or with a time of day, that with an offset or not.
struct IsoTime {
  std::int64_t seconds = 0;  // since the epoch, as if the text were in UTC if it has no offset
  bool has_time = false;
  bool has_offset = false;
};
// nullopt: not of that form, or no such day or time (2023-02-29).
[[nodiscard]] std::optional<IsoTime> read_iso_time(std::string_view text) noexcept;

}  // namespace sluice::host::expr
