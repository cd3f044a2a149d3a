#include "state/rate_budget.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sluice/error.hpp>

#include "state/layout.hpp"
#include "state/private_files.hpp"

namespace sluice::host {
namespace {

constexpr std::uint64_t kMagic = 0x31455441524c53;  // "SLRATE1"
constexpr std::uint32_t kSlots = 20'000;

// Requests reach the vendor some time after they were let through, one later than another: this
// much is kept free so that none falls into the earlier window.
std::int64_t margin_ms(std::int64_t window_ms) {
  return std::clamp<std::int64_t>(window_ms / 25, 20, 400);
}

}  // namespace

WallClock system_wall_clock() {
  return [] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
}

// The file of one account and class, mapped: a ring of the moments of its latest reservations.
class RateBudget::Window {
 public:
  explicit Window(const std::filesystem::path& path) {
    file_ = open_private_file(path, O_RDWR);
    if (file_ < 0) fail(path);
    const Guard guard{file_};
    struct stat info {};
    const bool fresh =
        ::fstat(file_, &info) == 0 && info.st_size != static_cast<off_t>(sizeof(Layout));
    if (fresh && ::ftruncate(file_, static_cast<off_t>(sizeof(Layout))) != 0) fail(path);
    void* memory = ::mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
    if (memory == MAP_FAILED) fail(path);
    layout_ = static_cast<Layout*>(memory);
    if (layout_->magic != kMagic) {
      std::memset(static_cast<void*>(layout_), 0, sizeof(Layout));
      layout_->magic = kMagic;
    }
  }
  ~Window() {
    ::munmap(layout_, sizeof(Layout));
    ::close(file_);
  }
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  std::int64_t reserve(std::int64_t now, std::uint32_t requests, std::int64_t window_ms,
                       std::uint32_t n) {
    const Guard guard{file_};
    requests = std::min(requests, kSlots);
    const std::int64_t span = window_ms + margin_ms(window_ms);
    std::int64_t at = now;
    for (std::uint32_t i = 0; i < n; ++i) {
      at = std::max(at, std::min(layout_->not_before, now + kLongestPause));
      // Moments further ahead than any reservation can be come from a clock that has since been set
      // back.
      const std::int64_t oldest = slot(requests);
      const std::int64_t newest = slot(1);
      const std::int64_t horizon = now + span * 1000;
      if (oldest != 0 && oldest < horizon) at = std::max(at, oldest + span);
      if (newest < horizon) at = std::max(at, newest);
      layout_->head = (layout_->head + 1) % kSlots;
      layout_->moments[layout_->head] = at;
    }
    return at - now;
  }

  void hold_until(std::int64_t moment) {
    const Guard guard{file_};
    layout_->not_before = std::max(layout_->not_before, moment);
  }

 private:
  static constexpr std::int64_t kLongestPause = 24LL * 3600 * 1000;

  struct Layout {
    std::uint64_t magic;
    std::int64_t not_before;
    std::uint64_t head;
    std::int64_t moments[kSlots];
  };

  struct Guard {
    explicit Guard(int f) : file{f} {
      while (::flock(file, LOCK_EX) != 0 && errno == EINTR) {
      }
    }
    ~Guard() { ::flock(file, LOCK_UN); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    int file;
  };

  [[noreturn]] void fail(const std::filesystem::path& path) {
    const int problem = errno;
    if (file_ >= 0) ::close(file_);
    throw Error{Code::Config,
                "cannot use the rate file " + path.string() + ": " + std::strerror(problem)};
  }

  // The moment of the n-th latest reservation; 0: there are fewer.
  [[nodiscard]] std::int64_t slot(std::uint32_t n) const {
    return layout_->moments[(layout_->head + kSlots - (n - 1)) % kSlots];
  }

  int file_ = -1;
  Layout* layout_ = nullptr;
};

RateBudget::RateBudget(std::filesystem::path directory, WallClock clock)
    : directory_{std::move(directory)}, clock_{std::move(clock)} {}

RateBudget::~RateBudget() = default;

RateBudget::Window& RateBudget::window(const RateClass& rate) {
  auto& window = windows_[rate.account + '\n' + rate.name];
  if (!window) {
    make_private_directory(directory_);
    window = std::make_unique<Window>(
        directory_ / (file_name(rate.account) + "." + file_name(rate.name) + ".rate"));
  }
  return *window;
}

std::chrono::milliseconds RateBudget::acquire(const RateClass& rate, std::uint32_t n) {
  if (rate.requests == 0 || n == 0) return std::chrono::milliseconds{0};
  const std::lock_guard lock{mutex_};
  return std::chrono::milliseconds{
      window(rate).reserve(clock_(), rate.requests, rate.window.count(), n)};
}

void RateBudget::back_off(const RateClass& rate, std::chrono::milliseconds pause) {
  if (rate.requests == 0) return;
  const std::lock_guard lock{mutex_};
  window(rate).hold_until(clock_() + pause.count());
}

}  // namespace sluice::host
