// Decisions of people, as requests of the API.
#pragma once

#include "serve/api.hpp"
#include "state/decision.hpp"

namespace sluice::host::serve {

// Hands a decision in, in the caller's name, and answers whether it is carried out.
[[nodiscard]] Reply decide(Api& api, const std::string& integration, Decision decision,
                           const Caller& caller);

}  // namespace sluice::host::serve
