#include "pipeline/lint.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "cli/command.hpp"
#include "integration/load.hpp"
#include "integration/schema.hpp"
#include "mapping/mapping.hpp"

namespace sluice::host::cli {

int run_lint(Call& call) {
  LoadOptions options;
  options.preset_directories = preset_directories();
  options.resolve_secrets = false;
  const std::string file = call.text("file");
  LintResult result = lint_integration(file, options);
  const Catalog catalog = Catalog::scan(call.plugin_directories);
  lint_further(result, file, [&](const Connection& connection) {
    return read_spec(catalog.find(connection.connector, connection.sha256), call.mode);
  });
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
