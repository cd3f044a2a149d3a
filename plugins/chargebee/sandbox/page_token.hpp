// next_offset: an opaque text that says where a list continues. It is bound to the list's filters
// and order, and holds characters that must be encoded in a query.
#pragma once

#include <cstdint>
#include <string>

#include "list_query.hpp"
#include "table.hpp"

namespace chargebee_sandbox {

[[nodiscard]] std::string write_token(const ListQuery& query, const Start& next,
                                      std::int64_t now_ms);

// Errors: throws ApiError (400 param_wrong_value, param offset) for a text that is no token, that
// belongs to another list or that is older than `expiry_ms` (0: never too old).
[[nodiscard]] Start read_token(const ListQuery& query, const std::string& token,
                               std::int64_t now_ms, std::int64_t expiry_ms);

}  // namespace chargebee_sandbox
