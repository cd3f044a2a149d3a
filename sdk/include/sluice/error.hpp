// The one error type of Sluice. Throw it when the current operation cannot continue.
//
// The host decides by `code` alone, never by text; the text is for the person who has to act: it
// says what is wrong, where, and what to do. It never contains a secret.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sluice {

// The values are those of `sluice_code` in abi.h.
enum class Code : std::int32_t {
  Ok = 0,
  Config = 1,          // an option is missing, has the wrong type or an impossible value
  Auth = 2,            // the vendor refuses the credentials or their rights
  NotFound = 3,        // a named thing (stream, object, site) does not exist
  RateLimited = 4,     // the vendor's limit is reached; retry_after_ms says when to try again
  Transient = 5,       // network, 5xx, broken answer: the same call may succeed later
  Rejected = 6,        // the vendor understood the request and refuses it for good
  CursorInvalid = 7,   // the cursor cannot be continued: start the stream again
  SchemaMismatch = 8,  // data is not shaped as it must be
  Cancelled = 9,       // the host asked to stop
  Unsupported = 10,    // the connector does not offer this
  Internal = 11,       // a defect of the connector or of Sluice
};

// The code's name as used in logs and documentation, for example "RateLimited".
[[nodiscard]] std::string_view to_string(Code code) noexcept;

class Error : public std::runtime_error {
 public:
  Error(Code code, const std::string& message, std::int64_t retry_after_ms = 0)
      : std::runtime_error(message), code_{code}, retry_after_ms_{retry_after_ms} {}

  [[nodiscard]] Code code() const noexcept { return code_; }
  // For RateLimited and Transient: how long to wait before the next try, 0 when the vendor did not
  // say.
  [[nodiscard]] std::int64_t retry_after_ms() const noexcept { return retry_after_ms_; }

 private:
  Code code_;
  std::int64_t retry_after_ms_;
};

}  // namespace sluice
