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
class OptionsLint {
 public:
  OptionsLint(const Call& call, LintResult& result, const std::string& file)
      : mode_{call.mode},
        catalog_{Catalog::scan(call.plugin_directories)},
        file_{file},
        diagnostics_{result.diagnostics} {}

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
      json::object spec = read_spec(catalog_.find(connection.connector, connection.sha256), mode_);
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

  RunMode mode_;
  Catalog catalog_;
  const std::string& file_;
  std::vector<Diagnostic>& diagnostics_;
};

}  // namespace

int run_lint(Call& call) {
  LoadOptions options;
  options.preset_directories = preset_directories();
  options.resolve_secrets = false;
  const std::string file = call.text("file");
  LintResult result = lint_integration(file, options);
  if (result.integration) {
    OptionsLint{call, result, file}.run(*result.integration);
    for (const auto& sync : result.integration->syncs) lint_mapping(sync, file, result.diagnostics);
    sort_findings(result.diagnostics, file);
  }
  if (call.json) {
    json::array rows;
    for (const auto& diagnostic : result.diagnostics) rows.emplace_back(to_string(diagnostic));
    print(json::object{{"ok", result.ok()}, {"diagnostics", std::move(rows)}});
  } else {
    for (const auto& diagnostic : result.diagnostics) complain(to_string(diagnostic));
    if (result.ok() && !call.quiet) print(std::string_view{file + ": fine"});
  }
  return result.ok() ? kDone : kUsage;
}

void declare_schema(po::options_description& options, po::positional_options_description&) {
  options.add_options()("connector", po::value<std::vector<std::string>>()->composing(),
                        "only the options of this connector; repeatable (default: all that are "
                        "installed)");
}

int run_schema(Call& call) {
  const Catalog catalog = Catalog::scan(call.plugin_directories);
  std::vector<std::string> ids = call.texts("connector");
  if (ids.empty()) {
    for (const auto& plugin : catalog.plugins()) ids.push_back(plugin.id);
  }
  std::vector<json::object> specs;
  specs.reserve(ids.size());
  for (const auto& id : ids) specs.push_back(read_spec(catalog.find(id), call.mode));
  print(integration_schema(specs));
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
