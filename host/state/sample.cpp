#include "state/sample.hpp"

namespace sluice::host {

std::string last_delivered(State& state) {
  // The newest rows only: there is no index by time, and any that was delivered lately will do.
  Statement statement = state.database().prepare(
      "SELECT owner FROM (SELECT owner,delivered_at FROM targets WHERE owner<>'' ORDER BY id DESC "
      "LIMIT 1000) ORDER BY delivered_at DESC LIMIT 1");
  return statement.step() ? std::string{statement.text(0)} : std::string{};
}

}  // namespace sluice::host
