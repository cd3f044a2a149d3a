// What the targets share. A target is LLVMFuzzerTestOneInput over bytes that somebody else made; it
// says with `must` what holds whatever they are. It depends on nothing but its input.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <sluice/error.hpp>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <utility>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace sluice::fuzz {

// Ends the program, which the fuzzer and the replay report with the input.
[[noreturn]] inline void fail(std::string_view what) {
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

inline void must(bool holds, std::string_view what) {
  if (!holds) fail(what);
}

// An input, cut into pieces from its beginning. What it does not have is zero or empty.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : rest_{reinterpret_cast<const char*>(data), size} {}
  explicit Input(std::string_view text) : rest_{text} {}

  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

  std::string_view text(std::size_t size) {
    const auto piece = rest_.substr(0, size);
    rest_.remove_prefix(piece.size());
    return piece;
  }

  // Little-endian.
  template <typename Number>
  Number number() {
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (const char c : text(sizeof(Number))) {
      value |= std::uint64_t{static_cast<unsigned char>(c)} << shift;
      shift += 8;
    }
    return static_cast<Number>(value);
  }

  // Up to the separator, which is passed over; all that is left when there is none.
  std::string_view until(std::string_view separator) {
    const auto at = rest_.find(separator);
    const auto piece = rest_.substr(0, at);
    rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + separator.size());
    return piece;
  }

 private:
  std::string_view rest_;
};

// Levels of containers.
inline std::size_t depth_of(const json::value& value) {
  std::size_t inner = 0;
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object) inner = std::max(inner, depth_of(member.value()));
    return inner + 1;
  }
  if (const auto* array = value.if_array()) {
    for (const auto& item : *array) inner = std::max(inner, depth_of(item));
    return inner + 1;
  }
  return 0;
}

// What `call` answers; nothing when it refuses the input with one of these codes. Anything else
// that it throws is a finding. A refusal says something, in one readable line.
template <typename Call>
auto answered(Call&& call, std::initializer_list<Code> codes, std::string* why = nullptr)
    -> std::optional<decltype(call())> {
  try {
    return std::forward<Call>(call)();
  } catch (const Error& error) {
    const std::string_view what{error.what()};
    bool is_known = false;
    for (const auto code : codes) is_known = is_known || code == error.code();
    must(is_known, "the error has a code that is meant for it: " + std::string{what});
    must(!what.empty(), "the error says something");
    must(error.retry_after_ms() >= 0, "no pause is negative");
    if (why != nullptr) *why = what;
    return std::nullopt;
  }
}

}  // namespace sluice::fuzz
