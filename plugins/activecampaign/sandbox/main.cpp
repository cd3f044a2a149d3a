#include <cstdio>
#include <exception>

#include "command_line.hpp"
#include "sluice/testing/sandbox.hpp"

int main(int argc, char** argv) {
  using namespace activecampaign_sandbox;
  CommandLine command;
  try {
    command = parse_command_line({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sluice-sandbox-activecampaign: %s; see --help\n", error.what());
    return 2;
  }
  if (command.help) {
    std::printf("%s\n", command.help->c_str());
    return 0;
  }
  sluice::testing::SandboxClock clock{command.time_scale};
  sluice::testing::SandboxOptions options;
  options.port = command.port;
  Sandbox sandbox{clock, std::move(command.config)};
  sluice::testing::SandboxServer server{clock, options};
  sandbox.install(server);
  return sluice::testing::run_sandbox(server);
}
