// The JSON inside some frames.
#pragma once

#include <sluice/context.hpp>
#include <string>
#include <string_view>

#include "connector/connector.hpp"

namespace sluice::host {

[[nodiscard]] std::string encode_plugin(const PluginFile& plugin);
[[nodiscard]] std::string encode_rate(const RateClass& rate);

// Errors: Error{Internal}.
[[nodiscard]] PluginFile decode_plugin(std::string_view text);
[[nodiscard]] RateClass decode_rate(std::string_view text);

}  // namespace sluice::host
