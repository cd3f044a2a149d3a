// When to ask how an import went: learnt from the imports that this account has finished.
#pragma once

#include <chrono>

namespace activecampaign {

class PollPace {
 public:
  using Milliseconds = std::chrono::milliseconds;

  // After the import was sent.
  [[nodiscard]] Milliseconds first() const noexcept { return expected_; }
  // After an answer "not yet" for an import of this age: grows with the age, so that a stuck
  // import costs little.
  [[nodiscard]] Milliseconds next(Milliseconds age) const noexcept;
  // An import was found finished at this age; `early`: at the first asking, so that it may have
  // been finished long before.
  void learn(Milliseconds age, bool early) noexcept;

 private:
  // The vendor knows nothing of an import in its first second.
  static constexpr Milliseconds kShortest{1'100};
  static constexpr Milliseconds kLongest{60'000};

  Milliseconds expected_{1'500};
};

}  // namespace activecampaign
