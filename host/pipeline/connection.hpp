// Both ends of an integration, or one by itself before there is a file: found, checked, asked.
#pragma once

#include <memory>
#include <sluice/json.hpp>
#include <string>
#include <vector>

#include "pipeline/side.hpp"
#include "state/rate_budget.hpp"
#include "state/state_error.hpp"

namespace sluice::host {

struct AccountInfo {
  std::string id;
  std::string title;
};

// A side that is ready to start, and what its connector says of itself.
struct FoundSide {
  std::unique_ptr<Side> side;  // null when `diagnostics` has errors
  json::object spec;
  std::vector<Diagnostic> diagnostics;
};

// `role` is "source" or "destination". Finds and loads the plugin, holds the options against its
// spec and fills in their defaults; makes no connector yet. `file` names where the connection
// stands. Errors: Error{Config} for a plugin that is missing or cannot be used.
[[nodiscard]] FoundSide find_side(const std::string& role, Connection& connection,
                                  const std::string& file, const Catalog& catalog,
                                  RateBudget& budget, RunMode mode);

// Connect on first use. Errors: those of the connector, with the side's name in front.
[[nodiscard]] AccountInfo account_of(Side& side);
[[nodiscard]] json::object catalog_of(Side& side);

// Another call on a side. Errors: those of the call, with the side's name in front, so that a
// person knows where to look.
template <typename Call>
auto on_side(const Side& side, Call&& call) {
  try {
    return call();
  } catch (const StateError&) {
    throw;  // a file of the host's own, such as one of the budgets
  } catch (const Error& error) {
    throw Error{error.code(), side.name() + " (" + side.plugin().id + "): " + error.what(),
                error.retry_after_ms()};
  }
}

}  // namespace sluice::host
