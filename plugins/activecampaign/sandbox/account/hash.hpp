// 32 hexadecimal digits for a text, stable over runs and machines: what the vendor shows as a hash
// or a cache id.
#pragma once

#include <string>
#include <string_view>

namespace activecampaign_sandbox {

[[nodiscard]] std::string hash_text(std::string_view text);

}  // namespace activecampaign_sandbox
