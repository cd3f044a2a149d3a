#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sandbox.hpp"

namespace activecampaign_sandbox {

struct CommandLine {
  SandboxConfig config;
  int port = 0;
  double time_scale = 1;
  std::optional<std::string> help;  // set: print it and end
};

// Errors: throws sluice::Error{Config} naming the option and what is wrong with it.
[[nodiscard]] CommandLine parse_command_line(const std::vector<std::string>& arguments);

}  // namespace activecampaign_sandbox
