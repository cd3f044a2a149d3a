// What a connector may hand over: the bounds that the host checks before it takes memory or gives
// meaning to the bytes. docs/limits.md says what a person sees at each.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::host {

// Any answer or batch, a page included.
inline constexpr std::size_t kMaxFramePayload = std::size_t{64} << 20;
inline constexpr std::size_t kMaxPageRecords = 100'000;
// 16 MiB of data, and its envelope.
inline constexpr std::size_t kMaxRecordBytes = std::size_t{18} << 20;
inline constexpr std::size_t kMaxCursorBytes = std::size_t{1} << 20;
// A writer that prefers more gets this many.
inline constexpr std::uint32_t kMaxBatchRecords = 1'000'000;

// Of a plugin's file, read before any of it may run.
inline constexpr std::uint64_t kMaxPluginBytes = std::uint64_t{1} << 30;
inline constexpr std::uint64_t kMaxSectionNameBytes = std::uint64_t{1} << 20;
inline constexpr std::uint64_t kMaxNoteBytes = std::uint64_t{1} << 20;
inline constexpr std::uint64_t kMaxIdentityBytes = std::uint64_t{64} << 10;

}  // namespace sluice::host
