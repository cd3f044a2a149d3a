// What the text of a scalar means: YAML 1.2's core types, and the small notations of the file.
//
// Each `parse_…` answers nothing when the text is not of its form.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "integration/integration.hpp"
#include "integration/limits.hpp"

namespace sluice::host {

// A plain scalar by the core schema of YAML 1.2: `null`, `true`, `017` (seventeen), `0x1F`, `0o17`,
// `1.5`; anything else, `no` and `12:30` included, is a string. Nothing for a number that JSON
// cannot carry exactly: beyond 64 bits, `.inf`, `.nan`.
[[nodiscard]] std::optional<json::value> core_value(std::string_view text);

// A number by the same rules; nothing for any other text.
[[nodiscard]] std::optional<double> core_number(std::string_view text);

// `90s`, `15m`, `6h`, `1d`: at least one second, at most 366 days.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

// `512MiB`, `4GiB`, `1TiB`: at least one MiB, at most 1024 TiB; in bytes
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

// `120/min`, `5/s`, `1000/h`
[[nodiscard]] std::optional<RateLimit> parse_rate(std::string_view text);

// `50`, `2%`, `0.5%`
[[nodiscard]] std::optional<DeleteLimit> parse_delete_limit(std::string_view text);

// Five fields of digits, names, `*`, `,`, `-` and `/`; their ranges are checked by the scheduler.
[[nodiscard]] bool is_cron(std::string_view text);

// Whether the time zone database knows the name.
[[nodiscard]] bool is_timezone(const std::string& name);

// Letters, digits, `-`, `_` and `.`, starting with a letter or digit, at most kMaxNameBytes: fit
// for file names, logs and commands.
[[nodiscard]] bool is_name(std::string_view text);

// "a number", "a string", "nothing" …: the kind of a value, without the value.
[[nodiscard]] std::string kind_of(const json::value& value);

}  // namespace sluice::host
