// Cursors of this connector: which stream and kind of walk they belong to, and how far it came.
#pragma once

#include <cstdint>
#include <optional>
#include <sluice/json.hpp>
#include <string>
#include <vector>

#include "walk.hpp"

namespace chargebee {

// A full walk's cursor has `started_at`; an incremental one `bookmark`, and with `phase` it is
// under way.
struct Cursor {
  enum class Kind { Full, Incremental };
  Kind kind = Kind::Full;
  std::optional<std::int64_t> started_at;  // T0: the server's time when the walk began, seconds
  std::int64_t bookmark = 0;               // incremental: what changed at this time or later
  std::string phase;  // incremental, customers only: "customers", "subscriptions", "gifts", "plans"
  WalkState walk;
  std::string after;                 // phases gifts and plans: the last key that is done
  std::vector<std::string> current;  // phase plans: the plans whose subscribers `walk` is in

  [[nodiscard]] json::value to_json(const std::string& stream) const;
  // Errors: throws Error{CursorInvalid} for a cursor of another stream, kind or connector.
  [[nodiscard]] static Cursor from_json(const json::value& value, const std::string& stream,
                                        Kind kind);
};

}  // namespace chargebee
