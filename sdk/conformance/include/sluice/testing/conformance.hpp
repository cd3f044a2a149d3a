// The conformance kit as GoogleTest cases: one for every check, so that a connector's test program
// shows them beside its own tests.
//
//   int main(int argc, char** argv) {
//     testing::InitGoogleTest(&argc, argv);
//     sluice::testing::register_conformance({.plugin = PLUGIN, .scenarios = SCENARIOS});
//     return RUN_ALL_TESTS();
//   }
#pragma once

#include <string>

namespace sluice::testing {

struct Conformance {
  std::string plugin = {};                     // path of libsluice_<id>.so
  std::string scenarios = {};                  // folder of *.yaml and quirks.yaml
  std::string program = "sluice-conformance";  // a path, or a name that PATH knows
};

// Registers a test Conformance.<group>_<name> for every check of the kit; `program` runs once, when
// the first of them does. A check that the connector's capabilities do not call for, or that
// quirks.yaml excuses, is skipped with the reason. To be called before RUN_ALL_TESTS. Errors:
// throws std::runtime_error when the program cannot be run.
void register_conformance(Conformance what);

}  // namespace sluice::testing
