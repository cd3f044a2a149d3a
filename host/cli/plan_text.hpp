// A plan as a person reads it.
#pragma once

#include <sluice/json.hpp>

namespace sluice::host::cli {

struct PlanStyle {
  bool coloured = false;
  bool all_skips = false;  // unchanged records one by one too
};

// `plan` as plan_run answers it (pipeline/plan.hpp).
void print_plan(const json::object& plan, const PlanStyle& style);

}  // namespace sluice::host::cli
