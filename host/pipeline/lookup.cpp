#include "pipeline/lookup.hpp"

#include <algorithm>

#include "pipeline/wire.hpp"

namespace sluice::host {

void each_lookup(SyncContext& context, const std::vector<std::string>& keys,
                 const std::function<void(std::string_view)>& visit) {
  constexpr std::size_t kAtOnce = 100;
  const auto connector = context.source.connector();
  for (std::size_t at = 0; at < keys.size(); at += kAtOnce) {
    const auto begin = keys.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(kAtOnce, keys.size() - at));
    visit(connector->lookup_records({{"stream", context.config.read.stream},
                                     {"options", context.config.read.options},
                                     {"keys", json::array(begin, end)}}));
  }
}

std::size_t each_looked_up(SyncContext& context, const std::vector<std::string>& keys,
                           const std::function<void(std::string_view)>& visit) {
  std::size_t told = 0;
  each_lookup(context, keys, [&](std::string_view records) {
    each_line(records, [&](std::string_view line) {
      ++told;
      visit(line);
    });
  });
  return told;
}

}  // namespace sluice::host
