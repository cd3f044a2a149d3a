// Dresses a request for the wire: URL, authentication, standard headers.
#pragma once

#include <sluice/http.hpp>

namespace sluice::http {

struct Core;

// Errors: throws Error{Config} when a header holds a line break.
[[nodiscard]] Transport::Exchange make_exchange(const Core& core, const HttpRequest& request);

}  // namespace sluice::http
