// Text of others, made safe to show.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace sluice::host {

inline constexpr std::size_t kUncut = std::numeric_limits<std::size_t>::max();

// One line that is safe to log, print or store: what would act on a terminal (escape sequences,
// line breaks, marks that turn the direction) becomes a space, broken UTF-8 the replacement
// character; at most `limit` bytes.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t limit = 4096);

}  // namespace sluice::host
