#include "poll_pace.hpp"

#include <algorithm>

namespace activecampaign {

PollPace::Milliseconds PollPace::next(Milliseconds age) const noexcept {
  return std::clamp(std::max(age / 2, expected_ - age), Milliseconds{500}, kLongest);
}

void PollPace::learn(Milliseconds age, bool early) noexcept {
  // Creeping back keeps the first question close to the moment at which it can be answered.
  const auto learnt = early ? std::min(age, expected_ * 9 / 10) : age;
  expected_ = std::clamp(learnt, kShortest, kLongest);
}

}  // namespace activecampaign
