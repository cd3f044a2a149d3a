#include "integration/findings.hpp"

#include <algorithm>
#include <tuple>

namespace sluice::host {

void Findings::add(Diagnostic::Severity severity, Position at, std::string message,
                   std::string hint) {
  if (known_.size() >= kMaxFindings) return;
  if (!known_.emplace(at.line, at.column, message).second) return;
  all_.push_back({severity, file_, at, std::move(message), std::move(hint)});
}

void Findings::error(Position at, std::string message, std::string hint) {
  add(Diagnostic::Severity::Error, at, std::move(message), std::move(hint));
}

void Findings::warning(Position at, std::string message, std::string hint) {
  add(Diagnostic::Severity::Warning, at, std::move(message), std::move(hint));
}

void Findings::note(Position at, std::string message, std::string hint) {
  add(Diagnostic::Severity::Note, at, std::move(message), std::move(hint));
}

void Findings::add(const std::vector<Diagnostic>& others) {
  all_.insert(all_.end(), others.begin(), others.end());
}

bool Findings::has_errors() const noexcept {
  return std::any_of(all_.begin(), all_.end(),
                     [](const Diagnostic& d) { return d.severity == Diagnostic::Severity::Error; });
}

std::vector<Diagnostic> Findings::sorted() const {
  auto result = all_;
  sort_findings(result, file_);
  return result;
}

void sort_findings(std::vector<Diagnostic>& findings, const std::string& file) {
  const auto rank = [&](const Diagnostic& d) {
    return std::tuple{d.file != file, d.at.line, d.at.column};
  };
  std::stable_sort(findings.begin(), findings.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return rank(a) < rank(b); });
}

}  // namespace sluice::host
