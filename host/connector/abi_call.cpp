#include "connector/abi_call.hpp"

#include <algorithm>

#include "integration/one_line.hpp"

namespace sluice::host {
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
