#include "pipeline/lint.hpp"

#include "integration/findings.hpp"
#include "integration/options.hpp"
#include "mapping/mapping.hpp"

namespace sluice::host {
namespace {

class OptionsLint {
 public:
  OptionsLint(const SpecOf& spec_of, const std::string& file, std::vector<Diagnostic>& diagnostics)
      : spec_of_{spec_of}, file_{file}, diagnostics_{diagnostics} {}

  void run(const Integration& integration) {
    const json::object source = connection(integration.source, "source");
    const json::object destination = connection(integration.destination, "destination");
    for (const auto& sync : integration.syncs) {
      check(source, "read", sync.read.stream, sync.read.options, sync.read.option_positions,
            {"syncs." + sync.name + ".read", sync.read.at, read_keys()});
      check(destination, "write", sync.write.object, sync.write.options,
            sync.write.option_positions,
            {"syncs." + sync.name + ".write", sync.write.at, write_keys()});
    }
  }

 private:
  // The connector's spec; empty when there is none.
  json::object connection(const Connection& connection, const char* side) {
    if (connection.connector.empty()) return {};
    try {
      json::object spec = spec_of_(connection);
      add(validate_options(connection.options, spec.at("config").as_object(),
                           connection.option_positions, file_,
                           {side, connection.at, connection_keys()}));
      return spec;
    } catch (const Error& error) {
      diagnostics_.push_back({Diagnostic::Severity::Error, file_, connection.at, error.what(), ""});
      return {};
    }
  }

  // Where the connector says without a connection what the stream or object takes.
  void check(const json::object& spec, const char* member, const std::string& name,
             const json::object& options, const OptionPositions& positions,
             const OptionScope& scope) {
    const auto* named = spec.if_contains(member);
    const auto* schema = named != nullptr ? named->as_object().if_contains(name) : nullptr;
    if (schema == nullptr) return;
    add(validate_options(options, schema->as_object(), positions, file_, scope));
  }

  void add(std::vector<Diagnostic> found) {
    diagnostics_.insert(diagnostics_.end(), found.begin(), found.end());
  }

  const SpecOf& spec_of_;
  const std::string& file_;
  std::vector<Diagnostic>& diagnostics_;
};

}  // namespace

void lint_further(LintResult& result, const std::string& file, const SpecOf& spec_of) {
  if (!result.integration) return;
  OptionsLint{spec_of, file, result.diagnostics}.run(*result.integration);
  for (const auto& sync : result.integration->syncs) lint_mapping(sync, file, result.diagnostics);
  sort_findings(result.diagnostics, file);
}

}  // namespace sluice::host
