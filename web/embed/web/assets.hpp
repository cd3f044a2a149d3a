// The files of the dashboard, as they were when the program was built. Where Node was missing then,
// they are one page that says how to build them.
#pragma once

#include <span>
#include <string_view>

namespace sluice::web {

struct Asset {
  std::string_view path;     // "/index.html"; sorted, no two alike
  std::string_view type;     // the Content-Type
  std::string_view sha256;   // of the content, 64 hexadecimal digits: an ETag
  std::string_view content;  // any bytes
  std::string_view gzip;     // the same, packed; empty where that is not worth it
  bool immutable = false;    // the name changes with the content: browsers may keep it for good
};

// What a page of the dashboard may do: nothing inline, nothing from elsewhere. To be sent with
// every file.
inline constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// Lives as long as the program. Threads: [any].
[[nodiscard]] std::span<const Asset> assets() noexcept;

// The file at a path, "/" being the index; null when there is none.
[[nodiscard]] const Asset* find_asset(std::string_view path) noexcept;

}  // namespace sluice::web
