// The checks, in groups. Each is a function that throws Failed (or lets an Error out) when the
// connector does not do what it must.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench.hpp"

namespace sluice::conformance {

struct Check {
  std::string group;
  std::string name;
  std::string about;               // what holds when it passes
  std::uint64_t capabilities = 0;  // it is made only for connectors that declare all of these
  // Of the scenario. What needs the sandbox alone is made before all others, without a bench and
  // once for scenarios that start it alike; where it fails, their checks are not run.
  enum class Needs { Nothing, Read, Write, Either, Sandbox } needs = Needs::Nothing;
  std::function<void(Bench&)> run;
  // What the contract leaves open may be explained in quirks.yaml; what a connector has promised
  // may not.
  bool promised = true;
  bool once = false;  // says nothing about the scenario: made with the first one alone

  [[nodiscard]] std::string id() const { return group + "." + name; }
};

void add_sandbox_checks(std::vector<Check>& checks);
void add_binary_checks(std::vector<Check>& checks);
void add_spec_checks(std::vector<Check>& checks);
void add_config_checks(std::vector<Check>& checks);
void add_check_checks(std::vector<Check>& checks);
void add_discover_checks(std::vector<Check>& checks);
void add_read_checks(std::vector<Check>& checks);
void add_write_checks(std::vector<Check>& checks);
void add_fault_checks(std::vector<Check>& checks);
void add_cancellation_checks(std::vector<Check>& checks);
void add_hygiene_checks(std::vector<Check>& checks);

[[nodiscard]] std::vector<Check> all_checks();

}  // namespace sluice::conformance
