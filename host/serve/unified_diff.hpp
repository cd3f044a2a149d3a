// What differs between two versions of a file.
#pragma once

#include <string>
#include <string_view>

namespace sluice::host::serve {

// A unified diff for `patch -p0`, with three lines around each change; empty when nothing differs.
// Of texts that differ in thousands of lines it is right, but not the shortest.
[[nodiscard]] std::string unified_diff(const std::string& file, std::string_view before,
                                       std::string_view after);

}  // namespace sluice::host::serve
