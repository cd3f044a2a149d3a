#include "integration/integration.hpp"

#include <algorithm>

namespace sluice::host {
namespace {

const char* severity_name(Diagnostic::Severity severity) {
  switch (severity) {
    case Diagnostic::Severity::Note:
      return "note";
    case Diagnostic::Severity::Warning:
      return "warning";
    case Diagnostic::Severity::Error:
      break;
  }
  return "error";
}

}  // namespace

Position position_of(const ExpressionText& expression, std::size_t offset) {
  offset = std::min(offset, expression.text.size());
  std::pair<std::size_t, Position> start{0, expression.at};
  for (const auto& jump : expression.jumps) {
    if (jump.first > offset) break;
    start = jump;
  }
  Position result = start.second;
  for (std::size_t i = start.first; i < offset; ++i) {
    // A line break with nothing behind it: what is missing there is missing at the line's end.
    const bool is_break = expression.text[i] == '\n';
    const bool is_continuation = (static_cast<unsigned char>(expression.text[i]) & 0xC0U) == 0x80U;
    if (!is_break && !is_continuation) ++result.column;
  }
  return result;
}

std::string to_string(const Diagnostic& diagnostic) {
  std::string result = diagnostic.file;
  if (diagnostic.at.line > 0) {
    result += ":" + std::to_string(diagnostic.at.line);
    if (diagnostic.at.column > 0) result += ":" + std::to_string(diagnostic.at.column);
  }
  result += std::string{": "} + severity_name(diagnostic.severity) + ": " + diagnostic.message;
  if (!diagnostic.hint.empty()) result += " (" + diagnostic.hint + ")";
  return result;
}

}  // namespace sluice::host
