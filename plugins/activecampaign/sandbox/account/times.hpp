// Times as the API writes them: in the account's own zone, to the second.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "account/model.hpp"

namespace activecampaign_sandbox {

// "2026-05-28T05:03:51-05:00"
[[nodiscard]] std::string iso_time(Seconds time, std::int64_t offset_minutes);

// "2026-05-28 05:03:51": wall time of the account, also where the key says `utc`.
[[nodiscard]] std::string wall_time(Seconds time, std::int64_t offset_minutes);

// "2026-05-28", the account's day.
[[nodiscard]] std::string day(Seconds time, std::int64_t offset_minutes);

// Reads an ISO 8601 time with an offset or `Z`; without one, or with a date alone, the account's
// zone is meant when `assume_offset_minutes` is given, and there is no answer when it is not.
[[nodiscard]] std::optional<Seconds> parse_time(std::string_view text,
                                                std::optional<std::int64_t> assume_offset_minutes);

// Minutes of "-05:00" or "+0530". Errors: throws sluice::Error{Config}.
[[nodiscard]] std::int64_t parse_utc_offset(std::string_view text);

}  // namespace activecampaign_sandbox
