// The conformance kit as GoogleTest cases.
#include <gtest/gtest.h>

#include <sluice/testing/conformance.hpp>

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  sluice::testing::register_conformance(
      {.plugin = PLUGIN, .scenarios = SCENARIOS, .program = PROGRAM});
  return RUN_ALL_TESTS();
}
