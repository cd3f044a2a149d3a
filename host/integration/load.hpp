// From an integration file to `Integration`, or to every reason why not.
//
// Loading reads the file, its preset and what `${…}` refers to; it opens no connection and knows no
// connector. Options that belong to a connector are carried along as JSON and checked with
// options.hpp once its schema is known.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <sluice/error.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "integration/integration.hpp"

namespace sluice::host {

// The value of a variable of this process's environment.
[[nodiscard]] std::optional<std::string> process_environment(const std::string& name);

struct LoadOptions {
  // Where `${NAME}` is looked up.
  std::function<std::optional<std::string>(const std::string&)> environment = process_environment;
  // Where `preset: NAME` finds NAME.yaml; `presets/` beside the integration file is looked at
  // first.
  std::vector<std::filesystem::path> preset_directories;
  // Whether every `${…}` must have a value. When false, one without is a note, its text stays as
  // written and nothing that depends on it is checked: for commands that need no connection.
  bool resolve_secrets = true;
};

// An integration file that cannot be used. `what()` is the first error, and how many more there
// are.
class IntegrationError : public Error {
 public:
  explicit IntegrationError(std::vector<Diagnostic> diagnostics);

  // In the order of the file; at least one is an error.
  [[nodiscard]] const std::vector<Diagnostic>& diagnostics() const noexcept { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

struct LintResult {
  // What could be understood, so that further checks (expressions, options) can report more in the
  // same go. Empty when the file is not readable as YAML. Only to be run when `ok()`.
  std::optional<Integration> integration;
  std::vector<Diagnostic> diagnostics;  // in the order of the file

  [[nodiscard]] bool ok() const noexcept;  // no errors; warnings and notes do not count
};

// Errors: throws IntegrationError (Code::Config) with everything that was found.
[[nodiscard]] Integration load_integration(const std::string& path,
                                           const LoadOptions& options = {});

// Like `load_integration`, but answers with all findings instead of throwing.
[[nodiscard]] LintResult lint_integration(const std::string& path, const LoadOptions& options = {});

// The same for text that is already in memory; `path` names it in findings, and relative paths
// start from its folder.
[[nodiscard]] LintResult lint_integration_text(std::string_view text, const std::string& path,
                                               const LoadOptions& options = {});

// The same for what stands under `source:` or `destination:`, alone in a text (JSON is fine, too):
// for trying a connection before there is a file. Errors: throws IntegrationError.
[[nodiscard]] Connection load_connection_text(std::string_view text, const std::string& path,
                                              const LoadOptions& options = {});

// A ready-made set of fields.
struct Preset {
  std::string name;
  std::string file;
  std::string description;
  std::vector<FieldMapping> fields;
};

// The presets that an integration file in `directory` can name, in order; those with errors are
// left out.
[[nodiscard]] std::vector<Preset> available_presets(const std::filesystem::path& directory,
                                                    const LoadOptions& options = {});

}  // namespace sluice::host
