// openapi.yaml, as it was when the program was built.
#pragma once

namespace sluice::host::serve {

[[nodiscard]] const char* contract() noexcept;

}  // namespace sluice::host::serve
