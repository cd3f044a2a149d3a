#include "pipeline/connection.hpp"

#include <sluice/abi.h>

#include <algorithm>

#include "integration/options.hpp"

namespace sluice::host {
namespace {

// A connector of both roles answers for those that work; here one of them is asked for.
void require_role(const Side& side, const json::object& answer) {
  const auto* unusable = answer.if_contains("unusable");
  const auto* problem =
      unusable != nullptr ? unusable->as_object().if_contains(side.name()) : nullptr;
  if (problem == nullptr) return;
  throw Error{static_cast<Code>(problem->at("code").to_number<std::int32_t>()),
              std::string{problem->at("message").as_string()}};
}

}  // namespace

FoundSide find_side(const std::string& role, Connection& connection, const std::string& file,
                    const Catalog& catalog, RateBudget& budget, RunMode mode) {
  const bool writes = role == "destination";
  const PluginFile& plugin = catalog.find(connection.connector, connection.sha256);
  FoundSide found;
  if ((plugin.capabilities & (writes ? SLUICE_CAP_DESTINATION : SLUICE_CAP_SOURCE)) == 0) {
    found.diagnostics.push_back({Diagnostic::Severity::Error, file, connection.at,
                                 "connector \"" + plugin.id + "\" is not a " + role, ""});
    return found;
  }
  auto side = std::make_unique<Side>(role, plugin, connection, budget, mode);
  found.spec = side->spec();
  const json::object& schema = found.spec.at("config").as_object();
  found.diagnostics = validate_options(connection.options, schema, connection.option_positions,
                                       file, {role, connection.at, connection_keys()});
  const bool usable = std::none_of(
      found.diagnostics.begin(), found.diagnostics.end(),
      [](const auto& finding) { return finding.severity == Diagnostic::Severity::Error; });
  if (!usable) return found;
  auto files = granted_files(schema, connection.options, writes, connection.worker);
  apply_defaults(connection.options, schema, connection.option_positions);
  side->configure(connection.options, std::move(files));
  found.side = std::move(side);
  return found;
}

AccountInfo account_of(Side& side) {
  const json::object answer = on_side(side, [&] {
    json::object check = side.connector()->check();
    require_role(side, check);
    return check;
  });
  const auto text = [&answer](const char* name) {
    const auto* value = answer.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->get_string()}
                                                  : std::string{};
  };
  return {text("account_id"), text("title")};
}

json::object catalog_of(Side& side) {
  return on_side(side, [&] {
    json::object found = side.connector()->discover();
    require_role(side, found);
    return found;
  });
}

}  // namespace sluice::host
