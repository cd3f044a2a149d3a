// The dashboard's files, which the program carries.
#pragma once

#include <optional>

#include "serve/http.hpp"

namespace sluice::host::serve {

// The file at the request's path, with its own Content-Security-Policy; nothing when there is none.
// They hold no data: nobody needs a token for them.
[[nodiscard]] std::optional<Reply> dashboard_file(const Request& request);

}  // namespace sluice::host::serve
