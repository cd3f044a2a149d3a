// Integration files as everybody may see them who may ask for them.
#pragma once

#include <string>

#include "serve/api.hpp"

namespace sluice::host::serve {

// What the file says, without values from outside. Errors: IntegrationError.
[[nodiscard]] Integration load_member(Api& api, const Member& member);

// Stands for a secret.
inline constexpr std::string_view kHidden = "***";
// The file's text; a secret that stands in it in plain is hidden. Errors: IntegrationError.
[[nodiscard]] std::string shown_text(Api& api, const Member& member);

}  // namespace sluice::host::serve
