// Times as vendors write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice {

// An ISO 8601 date or timestamp in milliseconds since 1970, such as for Record::version:
// "2024-05-01", "2024-05-01T10:00:00", with a fraction of a second, with "Z" or "+02:00" at the
// end; UTC where it says no zone. Nothing when the text is none, or names a day that does not
// exist.
[[nodiscard]] std::optional<std::int64_t> milliseconds_of(std::string_view iso_time) noexcept;

}  // namespace sluice
