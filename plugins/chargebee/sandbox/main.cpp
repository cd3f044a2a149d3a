#include <exception>
#include <iostream>

#include "sandbox.hpp"

int main(int argc, char** argv) {
  using namespace chargebee_sandbox;
  Settings settings;
  try {
    if (parse_command_line(argc, argv, settings) == CommandLine::Help) return 0;
  } catch (const std::exception& error) {
    std::cerr << "sluice-sandbox chargebee: " << error.what() << "\nTry --help.\n";
    return 2;
  }
  try {
    sluice::testing::SandboxClock clock{settings.time_scale};
    Sandbox sandbox{settings, clock};
    return sluice::testing::run_sandbox(sandbox.server());
  } catch (const std::exception& error) {
    std::cerr << "sluice-sandbox chargebee: " << error.what() << '\n';
    return 1;
  }
}
