#include "connector/abi_call.hpp"

#include <algorithm>

namespace sluice::host {
namespace {

// The bytes of the UTF-8 sequence that starts at `at`, 0 when it is broken.
std::size_t sequence_length(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = at + 1; i < at + length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  if (length >= 3) {
    const unsigned char second = byte(at + 1);
    const bool is_overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool is_surrogate = first == 0xED && second >= 0xA0;
    const bool is_beyond = first == 0xF4 && second >= 0x90;
    if (is_overlong || is_surrogate || is_beyond) return 0;
  }
  return length;
}

}  // namespace

std::string one_line(std::string_view text, std::size_t limit) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  std::string line;
  line.reserve(std::min(text.size(), limit) + 4);
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(text, i);
    if (line.size() + std::max<std::size_t>(length, 3) > limit) return line + "…";
    if (length == 0) {
      line += "\xEF\xBF\xBD";
      ++i;
      continue;
    }
    const auto byte = static_cast<unsigned char>(text[i]);
    if (length == 1 && (byte < 0x20 || byte == 0x7F)) {
      line += ' ';
    } else {
      line.append(text, i, length);
    }
    i += length;
  }
  return line;
}

void AbiFailure::check(sluice_code code, std::string_view connector,
                       std::string_view function) const {
  if (code == SLUICE_OK) return;
  const auto who = [&] { return "connector '" + std::string{connector} + "' "; };
  if (code < SLUICE_CONFIG || code > SLUICE_INTERNAL) {
    throw Error{Code::Internal, who() + "answered " + std::string{function} +
                                    " with the unknown code " + std::to_string(code)};
  }
  const auto& message = failure_.message;
  std::string text;
  if (message.data != nullptr) text = one_line({message.data, message.size});
  if (text.empty()) text = who() + "failed in " + std::string{function} + " and does not say why";
  throw Error{static_cast<Code>(code), text, std::max<std::int64_t>(failure_.retry_after_ms, 0)};
}

void report_escaped_exception(std::string_view connector, std::string_view function,
                              std::string_view what) {
  std::string message =
      "connector '" + std::string{connector} + "' let an exception out of " + std::string{function};
  if (!what.empty()) message += ": " + one_line(what);
  throw Error{Code::Internal, message};
}

}  // namespace sluice::host
