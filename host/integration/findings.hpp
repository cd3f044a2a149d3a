// Collects the diagnostics of one file.
#pragma once

#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "integration/integration.hpp"
#include "integration/limits.hpp"

namespace sluice::host {

// In the order of `file`; findings of other files come last.
void sort_findings(std::vector<Diagnostic>& findings, const std::string& file);

// The same finding at the same place is kept once, so that a value may be looked at more than once.
// Beyond kMaxFindings of its own, a file is so wrong that more would not help anyone.
class Findings {
 public:
  explicit Findings(std::string file) : file_{std::move(file)} {}

  void error(Position at, std::string message, std::string hint = {});
  void warning(Position at, std::string message, std::string hint = {});
  void note(Position at, std::string message, std::string hint = {});
  // Takes over what was found in another file.
  void add(const std::vector<Diagnostic>& others);

  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  [[nodiscard]] bool has_errors() const noexcept;
  [[nodiscard]] std::vector<Diagnostic> sorted() const;  // as sort_findings does

 private:
  void add(Diagnostic::Severity severity, Position at, std::string message, std::string hint);

  std::string file_;
  std::vector<Diagnostic> all_;
  std::set<std::tuple<int, int, std::string>> known_;
};

}  // namespace sluice::host
