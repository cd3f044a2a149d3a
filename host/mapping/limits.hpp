// How large expressions, their evaluation and what comes of it may become. docs/limits.md says what
// a person sees at each.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::host {

inline constexpr std::size_t kMaxExpressionBytes = std::size_t{1} << 20;
// Of parentheses, brackets, `if`.
inline constexpr int kMaxExpressionNesting = 100;
// Of strings in strings.
inline constexpr int kMaxInterpolationNesting = 20;
// Of the tree: `1+1+1+…`.
inline constexpr std::uint32_t kMaxExpressionDepth = 400;

// Of one evaluation; the third of `"ab" * 3`.
inline constexpr std::uint32_t kMaxExpressionValues = 1'000'000;
inline constexpr std::size_t kMaxExpressionMemory = std::size_t{64} << 20;
inline constexpr std::size_t kMaxRepeatedBytes = kMaxExpressionMemory / 4;

// Of what a record becomes.
inline constexpr std::size_t kMaxDocumentBytes = std::size_t{16} << 20;

}  // namespace sluice::host
