// What a sandbox receives and answers: plain values, independent of the HTTP library below them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/json.hpp"

namespace sluice::testing {

// Names and values in the order in which they came; a name may come several times.
using SandboxPairs = std::vector<std::pair<std::string, std::string>>;

// Decodes %XX; with `plus_is_space`, `+` is a space, as in queries and forms. Broken escapes stay
// as they are.
[[nodiscard]] std::string percent_decode(std::string_view text, bool plus_is_space);
// Encodes everything but letters, digits and `-._~`.
[[nodiscard]] std::string percent_encode(std::string_view text);
// Splits `a=1&b%5Bx%5D=2+3` into {{"a","1"},{"b[x]","2 3"}}. A part without `=` has an empty value.
[[nodiscard]] SandboxPairs parse_form(std::string_view text);
// The value of the last pair with that name, or null.
[[nodiscard]] const std::string* find_pair(const SandboxPairs& pairs, std::string_view name);

struct SandboxRequest {
  std::string method;     // upper case
  std::string path;       // decoded, without the query
  std::string raw_path;   // as sent
  std::string raw_query;  // as sent, without the `?`
  SandboxPairs query;     // decoded
  SandboxPairs headers;
  std::string body;
  // The pattern that matched, such as `/api/v2/customers/{id}`, and what its `{…}` segments hold,
  // decoded.
  std::string route;
  std::map<std::string, std::string, std::less<>> params;

  // The header's value, whatever the case of its name; empty when absent.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] const std::string* find_query(std::string_view name) const;
  // Errors: throws std::out_of_range when the route has no such segment.
  [[nodiscard]] const std::string& param(std::string_view name) const;
  // The body read as application/x-www-form-urlencoded.
  [[nodiscard]] SandboxPairs form() const;
  // The body read as JSON. Errors: throws Error{SchemaMismatch}.
  [[nodiscard]] json::value json_body() const;
};

// An answer, and what happens to it on the wire.
struct SandboxResponse {
  int status = 200;
  std::string content_type = "application/json";  // empty: the header is left out
  SandboxPairs headers;
  std::string body;

  // Wait so long (real time) before answering.
  std::int64_t delay_ms = 0;
  // Announce the whole length, send only so many bytes of the body, close.
  std::optional<std::size_t> truncate_at;
  // Send nothing: reset the connection.
  bool reset = false;
  // Close the connection after the answer.
  bool close = false;
  // Counted in the stats as a rate-limit answer.
  bool rate_limited = false;
  // Set by the server: the request counts as in flight until the answer is sent and the last copy
  // of this is gone.
  std::shared_ptr<void> in_flight;

  [[nodiscard]] static SandboxResponse json(int status, const sluice::json::value& value);
  [[nodiscard]] static SandboxResponse text(int status, std::string content_type, std::string body);
};

}  // namespace sluice::testing
