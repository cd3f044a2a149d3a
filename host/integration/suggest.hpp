// "did you mean": the help that goes with an unknown word.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::host {

// The candidate that `word` most likely stands for: few edits away, or equal but for case, `-`, `_`
// and spaces.
[[nodiscard]] std::optional<std::string> closest(std::string_view word,
                                                 const std::vector<std::string>& candidates);

// `did you mean "x"? allowed here: a, b, c`; the first half only when something is close.
[[nodiscard]] std::string suggestion(std::string_view word,
                                     const std::vector<std::string>& candidates);

// `"a", "b" or "c"`
[[nodiscard]] std::string alternatives(const std::vector<std::string>& words);

[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace sluice::host
