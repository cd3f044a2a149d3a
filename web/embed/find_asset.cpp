#include <algorithm>

#include "web/assets.hpp"

namespace sluice::web {

const Asset* find_asset(std::string_view path) noexcept {
  const std::string_view wanted = path == "/" ? std::string_view{"/index.html"} : path;
  const auto all = assets();
  const auto found =
      std::lower_bound(all.begin(), all.end(), wanted,
                       [](const Asset& asset, std::string_view name) { return asset.path < name; });
  return found != all.end() && found->path == wanted ? &*found : nullptr;
}

}  // namespace sluice::web
