// Calling a plugin's functions: ownership of what they hand out, and their failures as
// sluice::Error.
#pragma once

#include <sluice/abi.h>

#include <exception>
#include <sluice/error.hpp>
#include <string>
#include <string_view>

namespace sluice::host {

[[nodiscard]] inline sluice_slice to_slice(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

// A buffer that a plugin fills; released when it goes.
class AbiBuffer {
 public:
  explicit AbiBuffer(sluice_buffer buffer = {}) noexcept : buffer_{buffer} {}
  ~AbiBuffer() {
    if (buffer_.release != nullptr) buffer_.release(buffer_.owner);
  }
  AbiBuffer(const AbiBuffer&) = delete;
  AbiBuffer& operator=(const AbiBuffer&) = delete;

  [[nodiscard]] sluice_buffer* out() noexcept { return &buffer_; }
  // Empty when the plugin left the data out.
  [[nodiscard]] std::string_view text() const noexcept {
    return buffer_.data == nullptr ? std::string_view{}
                                   : std::string_view{buffer_.data, buffer_.size};
  }
  // A size without data: the plugin broke the contract.
  [[nodiscard]] bool is_broken() const noexcept {
    return buffer_.data == nullptr && buffer_.size != 0;
  }

 private:
  sluice_buffer buffer_;
};

// The failure out-parameter of a call.
class AbiFailure {
 public:
  AbiFailure() = default;
  ~AbiFailure() {
    if (failure_.message.release != nullptr) failure_.message.release(failure_.message.owner);
  }
  AbiFailure(const AbiFailure&) = delete;
  AbiFailure& operator=(const AbiFailure&) = delete;

  [[nodiscard]] sluice_failure* out() noexcept { return &failure_; }
  // Errors: for any code but SLUICE_OK throws Error with that code and the plugin's message; a code
  // that the contract does not know is Internal. `connector` and `function` name who failed where
  // the plugin says nothing.
  void check(sluice_code code, std::string_view connector, std::string_view function) const;

 private:
  sluice_failure failure_{};
};

// Error{Internal} for a plugin whose function let an exception out, which the contract forbids.
[[noreturn]] void report_escaped_exception(std::string_view connector, std::string_view function,
                                           std::string_view what);

// Runs one call of a plugin's function; `call` does nothing else.
template <typename Call>
auto guarded(std::string_view connector, std::string_view function, Call&& call)
    -> decltype(call()) {
  try {
    return call();
  } catch (const std::exception& error) {
    report_escaped_exception(connector, function, error.what());
  } catch (...) {
    report_escaped_exception(connector, function, {});
  }
}

}  // namespace sluice::host
