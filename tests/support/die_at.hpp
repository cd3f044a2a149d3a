// Kills this process at the n-th of its calls that change a file: the C library's own are replaced
// in the program that links this, whoever makes them.
#pragma once

#include <cstdint>
#include <functional>

namespace sluice::host {

// Runs `work` in a child process that gets SIGKILL instead of its `at`-th such call (write, pwrite,
// fsync, fdatasync, ftruncate, rename, unlink, mkdir). True when it was killed; false: it had ended
// before. An exception of `work` fails the test.
[[nodiscard]] bool killed_at(std::int64_t at, const std::function<void()>& work);

}  // namespace sluice::host
