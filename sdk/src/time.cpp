#include "sluice/time.hpp"

#include <chrono>

namespace sluice {
namespace {

// Reads from the front of a text; once something did not fit, it stays so.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_{text} {}

  int digits(std::size_t count) noexcept {
    int number = 0;
    for (; count > 0; --count) {
      if (!take_one_of("0123456789")) {
        fits_ = false;
        return 0;
      }
      number = number * 10 + (last_ - '0');
    }
    return number;
  }
  bool take_one_of(std::string_view chars) noexcept {
    if (rest_.empty() || chars.find(rest_.front()) == std::string_view::npos) return false;
    last_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) noexcept { fits_ = take_one_of({&c, 1}) && fits_; }
  // What stands behind a point, in thousandths.
  int thousandths() noexcept {
    int number = 0;
    int scale = 100;
    bool any = false;
    while (take_one_of("0123456789")) {
      number += (last_ - '0') * scale;
      scale /= 10;
      any = true;
    }
    fits_ = fits_ && any;
    return number;
  }
  void require(bool holds) noexcept { fits_ = fits_ && holds; }

  [[nodiscard]] char last() const noexcept { return last_; }
  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
  [[nodiscard]] bool fits() const noexcept { return fits_; }

 private:
  std::string_view rest_;
  char last_ = '\0';
  bool fits_ = true;
};

std::chrono::milliseconds time_of_day(Scanner& in) noexcept {
  const std::chrono::hours hours{in.digits(2)};
  in.expect(':');
  const std::chrono::minutes minutes{in.digits(2)};
  in.expect(':');
  const std::chrono::seconds seconds{in.digits(2)};
  const std::chrono::milliseconds fraction{in.take_one_of(".,") ? in.thousandths() : 0};
  // 60: a leap second.
  in.require(hours.count() < 24 && minutes.count() < 60 && seconds.count() <= 60);
  return hours + minutes + seconds + fraction;
}

std::chrono::minutes offset(Scanner& in) noexcept {
  if (in.at_end() || in.take_one_of("Z")) return {};
  in.require(in.take_one_of("+-"));
  const int sign = in.last() == '-' ? -1 : 1;
  const std::chrono::hours hours{in.digits(2)};
  static_cast<void>(in.take_one_of(":"));
  const std::chrono::minutes minutes{in.at_end() ? 0 : in.digits(2)};
  in.require(hours.count() < 24 && minutes.count() < 60);
  return sign * (hours + minutes);
}

}  // namespace

std::optional<std::int64_t> milliseconds_of(std::string_view iso_time) noexcept {
  Scanner in{iso_time};
  const std::chrono::year year{in.digits(4)};
  in.expect('-');
  const std::chrono::month month{static_cast<unsigned>(in.digits(2))};
  in.expect('-');
  const std::chrono::day day{static_cast<unsigned>(in.digits(2))};
  const std::chrono::year_month_day date{year, month, day};
  std::chrono::milliseconds time{0};
  if (!in.at_end()) {
    in.require(in.take_one_of("T "));
    time = time_of_day(in);
    time -= offset(in);
  }
  if (!in.fits() || !in.at_end() || !date.ok()) return std::nullopt;
  return (std::chrono::sys_days{date}.time_since_epoch() + time) / std::chrono::milliseconds{1};
}

}  // namespace sluice
