// Reproducible randomness: every drawn value depends on the seed, on what is drawn and on its index
// alone, so that any row can be made at any time without the rows before it.
//
// Draw once in an expression, or in braces: operands and arguments are evaluated in an order that
// compilers choose, and the data must not depend on it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chargebee_sandbox {

class Draw {
 public:
  Draw(std::uint64_t seed, std::uint64_t kind, std::uint64_t index)
      : state_{mix(mix(seed ^ 0x9e3779b97f4a7c15ULL) ^ mix(kind * 0xd1342543de82ef95ULL) ^ index)} {
  }

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    return mix(state_);
  }
  // A number in [0, bound); 0 when bound is 0.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  bool chance(double probability) { return unit() < probability; }

  template <typename Container>
  const auto& pick(const Container& container) {
    return container[below(std::size(container))];
  }
  // Letters and digits, as in the vendor's own ids.
  std::string token(std::size_t length) {
    static constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string out;
    for (std::size_t i = 0; i < length; ++i) out.push_back(kAlphabet[below(kAlphabet.size())]);
    return out;
  }

 private:
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

}  // namespace chargebee_sandbox
