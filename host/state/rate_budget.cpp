#include "state/rate_budget.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "state/layout.hpp"
#include "state/private_files.hpp"
#include "state/state_error.hpp"

namespace sluice::host {
namespace {

constexpr std::uint64_t kMagic = 0x32455441524c53;  // "SLRATE2"
constexpr std::uint32_t kSlots = 20'000;

// Requests reach the vendor some time after they were let through, one later than another: this
// much is kept free so that none falls into the earlier window. How much it takes depends on the
// way there, so it is learnt: twice as much after an answer that the limit is broken, a quarter
// less after so many windows without one.
constexpr std::uint64_t kCalmWindows = 200;

std::int64_t least_margin_ms(std::int64_t window_ms) {
  return std::clamp<std::int64_t>(window_ms * 15 / 1000, 15, 400);
}
std::int64_t most_margin_ms(std::int64_t window_ms) {
  return std::clamp<std::int64_t>(window_ms / 10, 15, 2000);
}

}  // namespace

WallClock system_wall_clock() {
  return [] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
}

// The file of one account and class: a ring of the moments of its latest reservations. It is
// written in place and not waited for: after a power cut no window is left that it could tell
// about. Never mapped: a full disk would then kill the process.
class RateBudget::Window {
 public:
  explicit Window(std::filesystem::path path) : path_{std::move(path)} {
    file_ = open_private_file(path_, O_RDWR);
    if (file_ < 0) throw inaccessible(path_, "open", errno);
    const Guard guard{file_};
    struct stat info {};
    const bool whole = ::fstat(file_, &info) == 0 && info.st_size == kSize;
    if (whole && read_header().magic == kMagic) return;
    if (const int problem = make(); problem != 0) {
      ::close(file_);
      throw inaccessible(path_, "write", problem);
    }
  }
  ~Window() { ::close(file_); }
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  std::int64_t reserve(std::int64_t now, std::uint32_t requests, std::int64_t window_ms,
                       std::uint32_t n) {
    const Guard guard{file_};
    Header header = read_header();
    requests = std::min(requests, kSlots);
    header.reserved += n;
    if (header.reserved >= kCalmWindows * requests) {
      header.margin -= header.margin / 4;
      header.reserved = 0;
    }
    const std::int64_t span = window_ms + margin(header, window_ms);
    std::int64_t at = now;
    for (std::uint32_t i = 0; i < n; ++i) {
      at = std::max(at, std::min(header.not_before, now + kLongestPause));
      // Moments further ahead than any reservation can be come from a clock that has since been set
      // back.
      const std::int64_t oldest = moment(header, requests);
      const std::int64_t newest = moment(header, 1);
      const std::int64_t horizon = now + span * 1000;
      if (oldest != 0 && oldest < horizon) at = std::max(at, oldest + span);
      if (newest < horizon) at = std::max(at, newest);
      header.head = (header.head + 1) % kSlots;
      write(offset_of(header.head), &at, sizeof(at));
    }
    write(0, &header, sizeof(header));
    return at - now;
  }

  // Those of the future too: they are promised.
  [[nodiscard]] std::uint32_t used(std::int64_t now, std::uint32_t requests,
                                   std::int64_t window_ms) {
    const Guard guard{file_};
    const Header header = read_header();
    std::uint32_t count = 0;
    while (count < std::min(requests, kSlots) && moment(header, count + 1) > now - window_ms)
      ++count;
    return count;
  }

  void back_off(std::int64_t now, std::int64_t pause_ms, std::int64_t window_ms) {
    const Guard guard{file_};
    Header header = read_header();
    header.not_before = std::max(header.not_before, now + pause_ms);
    // Requests that left together are refused together: that is one lesson.
    const std::int64_t width = margin(header, window_ms);
    if (now >= header.widened_at + window_ms + width || now < header.widened_at) {
      header.margin = std::min(width * 2, most_margin_ms(window_ms));
      header.widened_at = now;
    }
    header.reserved = 0;
    write(0, &header, sizeof(header));
  }

 private:
  static constexpr std::int64_t kLongestPause = 24LL * 3600 * 1000;

  struct Header {
    std::uint64_t magic = 0;
    std::int64_t not_before = 0;
    std::uint64_t head = 0;
    std::int64_t margin = 0;      // what was learnt; less than the least: nothing
    std::int64_t widened_at = 0;  // when it became more
    std::uint64_t reserved = 0;   // since then, or since it became less
  };
  static constexpr off_t kSize = sizeof(Header) + kSlots * sizeof(std::int64_t);

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

  // The errno, or 0. Whatever is no budget holds nothing that counts; the room is taken at once.
  int make() const {
    if (::ftruncate(file_, 0) != 0) return errno;
    if (const int problem = ::posix_fallocate(file_, 0, kSize); problem != 0) return problem;
    const Header header{.magic = kMagic};
    return ::pwrite(file_, &header, sizeof(header), 0) == sizeof(header) ? 0 : errno;
  }

  static off_t offset_of(std::uint64_t slot) {
    return static_cast<off_t>(sizeof(Header) + slot * sizeof(std::int64_t));
  }
  void read(off_t at, void* into, std::size_t size) const {
    const auto count = ::pread(file_, into, size, at);
    if (count != static_cast<ssize_t>(size))
      throw inaccessible(path_, "read", count < 0 ? errno : EIO);
  }
  void write(off_t at, const void* from, std::size_t size) const {
    const auto count = ::pwrite(file_, from, size, at);
    if (count != static_cast<ssize_t>(size))
      throw inaccessible(path_, "write", count < 0 ? errno : ENOSPC);
  }
  [[nodiscard]] Header read_header() const {
    Header header;
    read(0, &header, sizeof(header));
    return header;
  }
  static std::int64_t margin(const Header& header, std::int64_t window_ms) {
    return std::clamp(header.margin, least_margin_ms(window_ms), most_margin_ms(window_ms));
  }
  // Of the n-th latest reservation; 0: there are fewer.
  [[nodiscard]] std::int64_t moment(const Header& header, std::uint32_t n) const {
    std::int64_t at = 0;
    read(offset_of((header.head + kSlots - (n - 1)) % kSlots), &at, sizeof(at));
    return at;
  }

  std::filesystem::path path_;
  int file_ = -1;
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

std::uint32_t RateBudget::used(const RateClass& rate) {
  if (rate.requests == 0) return 0;
  const std::lock_guard lock{mutex_};
  return window(rate).used(clock_(), rate.requests, rate.window.count());
}

void RateBudget::back_off(const RateClass& rate, std::chrono::milliseconds pause) {
  if (rate.requests == 0) return;
  const std::lock_guard lock{mutex_};
  window(rate).back_off(clock_(), pause.count(), rate.window.count());
}

}  // namespace sluice::host
