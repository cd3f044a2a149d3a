// How log lines look on stderr.
#pragma once

#include <string_view>

namespace sluice::host::cli {

// "W people: …" in text, coloured on a terminal. Before any other thread runs: the default logger
// may not change under one that logs.
void set_up_log();
// One JSON document a line from here on: {"time","level","integration"?,"run"?,"message"}. Before
// any other thread runs.
void log_as_json();

}  // namespace sluice::host::cli
