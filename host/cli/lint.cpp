#include <fmt/format.h>

#include <cstdio>

#include "cli/command.hpp"
#include "integration/findings.hpp"
#include "integration/load.hpp"
#include "integration/options.hpp"
#include "integration/schema.hpp"
#include "mapping/mapping.hpp"

namespace sluice::host::cli {
namespace {

// The connectors' own options can be checked too when their plugins are there: their schemas need
// no connection.
void lint_connection(const Call& call, const Catalog& catalog, const Connection& connection,
                     const char* side, const std::string& file,
                     std::vector<Diagnostic>& diagnostics) {
  if (connection.connector.empty()) return;
  try {
    const json::object spec = read_spec(catalog.find(connection.connector), call.mode);
    auto found = validate_options(connection.options, spec.at("config").as_object(),
                                  connection.option_positions, file,
                                  {side, connection.at, connection_keys()});
    diagnostics.insert(diagnostics.end(), found.begin(), found.end());
  } catch (const Error& error) {
    diagnostics.push_back({Diagnostic::Severity::Error, file, connection.at, error.what(), ""});
  }
}

}  // namespace

int run_lint(Call& call) {
  LoadOptions options;
  options.preset_directories = preset_directories();
  options.resolve_secrets = false;
  const std::string file = call.text("file");
  LintResult result = lint_integration(file, options);
  if (result.integration) {
    const Catalog catalog = Catalog::scan(call.plugin_directories);
    lint_connection(call, catalog, result.integration->source, "source", file, result.diagnostics);
    lint_connection(call, catalog, result.integration->destination, "destination", file,
                    result.diagnostics);
    for (const auto& sync : result.integration->syncs) lint_mapping(sync, file, result.diagnostics);
    sort_findings(result.diagnostics, file);
  }
  if (call.json) {
    json::array rows;
    for (const auto& diagnostic : result.diagnostics) rows.emplace_back(to_string(diagnostic));
    print(json::object{{"ok", result.ok()}, {"diagnostics", std::move(rows)}});
  } else {
    for (const auto& diagnostic : result.diagnostics)
      std::fprintf(stderr, "%s\n", to_string(diagnostic).c_str());
    if (result.ok() && !call.quiet) print(std::string_view{file + ": fine"});
  }
  return result.ok() ? kDone : kUsage;
}

int run_schema(Call&) {
  print(integration_schema());
  return kDone;
}

int run_test(Call& call) {
  LoadOptions options;
  options.preset_directories = preset_directories();
  options.resolve_secrets = false;
  LintResult loaded = lint_integration(call.text("file"), options);
  if (!loaded.ok() || !loaded.integration) throw IntegrationError{loaded.diagnostics};
  json::array rows;
  int failed = 0;
  int passed = 0;
  for (const auto& sync : loaded.integration->syncs) {
    for (const auto& test : run_mapping_tests(sync)) {
      ++(test.passed ? passed : failed);
      rows.push_back(json::object{
          {"sync", sync.name}, {"name", test.name}, {"passed", test.passed}, {"diff", test.diff}});
      if (call.json) continue;
      print(std::string_view{
          fmt::format("{} {}: {}", test.passed ? "ok  " : "FAIL", sync.name, test.name)});
      if (!test.passed) print(std::string_view{test.diff});
    }
  }
  if (call.json) {
    print(json::object{{"passed", passed}, {"failed", failed}, {"tests", std::move(rows)}});
  } else {
    print(std::string_view{fmt::format("{} passed, {} failed", passed, failed)});
  }
  return failed == 0 ? kDone : kRecordErrors;
}

}  // namespace sluice::host::cli
