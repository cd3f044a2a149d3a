#include "integration/load.hpp"

#include <algorithm>
#include <cstdlib>

#include "integration/build.hpp"
#include "integration/check.hpp"

namespace sluice::host {
namespace {

bool is_error(const Diagnostic& d) {
  return d.severity == Diagnostic::Severity::Error;
}

std::string summary(const std::vector<Diagnostic>& diagnostics) {
  const auto first = std::find_if(diagnostics.begin(), diagnostics.end(), is_error);
  if (first == diagnostics.end()) return "the integration file cannot be used";
  const auto more = std::count_if(first + 1, diagnostics.end(), is_error);
  std::string text = to_string(*first);
  if (more > 0)
    text += "; and " + std::to_string(more) + (more == 1 ? " more error" : " more errors");
  return text;
}

LintResult interpret(const std::optional<YamlDocument>& document, const std::string& path,
                     const LoadOptions& options, Findings& findings) {
  LintResult result;
  if (document) {
    const auto directory = std::filesystem::path{path}.parent_path();
    const PresetFolders folders = preset_folders(directory, options);
    const Substitution substitution{options, directory};
    check_shape(document->root(), integration_shape(), substitution, findings);
    const Reader reader{document->source(), substitution, findings};
    result.integration = build_integration(document->root(), reader, options, folders);
  }
  result.diagnostics = findings.sorted();
  return result;
}

}  // namespace

Connection load_connection_text(std::string_view text, const std::string& path,
                                const LoadOptions& options) {
  Findings findings{path};
  Connection connection;
  if (const auto document = parse_yaml(text, findings)) {
    const Substitution substitution{options, std::filesystem::path{path}.parent_path()};
    check_shape(document->root(), connection_shape(), substitution, findings);
    connection = build_connection(&document->root(), {document->source(), substitution, findings});
  }
  if (findings.has_errors()) throw IntegrationError{findings.sorted()};
  return connection;
}

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string{value};
}

IntegrationError::IntegrationError(std::vector<Diagnostic> diagnostics)
    : Error{Code::Config, summary(diagnostics)}, diagnostics_{std::move(diagnostics)} {}

bool LintResult::ok() const noexcept {
  return integration.has_value() && std::none_of(diagnostics.begin(), diagnostics.end(), is_error);
}

Integration load_integration(const std::string& path, const LoadOptions& options) {
  auto result = lint_integration(path, options);
  if (!result.ok()) throw IntegrationError{std::move(result.diagnostics)};
  return std::move(*result.integration);
}

LintResult lint_integration(const std::string& path, const LoadOptions& options) {
  Findings findings{path};
  const auto document = parse_yaml_file(path, findings);
  return interpret(document, path, options, findings);
}

LintResult lint_integration_text(std::string_view text, const std::string& path,
                                 const LoadOptions& options) {
  Findings findings{path};
  const auto document = parse_yaml(text, findings);
  return interpret(document, path, options, findings);
}

}  // namespace sluice::host
