// From C++ to the C contract: buffers that carry their own release, exceptions that become
// failures.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "sluice/abi.h"
#include "sluice/error.hpp"

namespace sluice::detail {

// The text moves to the heap; the receiver releases it.
[[nodiscard]] sluice_buffer to_buffer(std::string text);
void release(sluice_buffer& buffer) noexcept;

[[nodiscard]] inline std::string_view view(sluice_slice slice) noexcept {
  return slice.data == nullptr ? std::string_view{} : std::string_view{slice.data, slice.size};
}

// Fills `failure` (unless it is NULL) with one line of valid UTF-8; when there is no memory left
// for the message, with a fixed one. Returns the code.
sluice_code fail(sluice_failure* failure, Code code, std::string_view message,
                 std::int64_t retry_after_ms = 0) noexcept;

// Turns the exception that is being handled into a failure. With `stopped`, whatever went wrong is
// a consequence of the stop: the failure is Cancelled.
sluice_code fail_with_current_exception(sluice_failure* failure, bool stopped) noexcept;

// Runs `body`; nothing escapes.
template <typename Body>
sluice_code guarded(sluice_failure* failure, const Body& body) noexcept {
  try {
    body();
    return SLUICE_OK;
  } catch (...) {
    return fail_with_current_exception(failure, false);
  }
}

}  // namespace sluice::detail
