#include "serve/shown_file.hpp"

#include <fstream>
#include <iterator>

#include "serve/views.hpp"

namespace sluice::host::serve {
namespace {

// Secrets of one side that stand in the file as they are.
void hide_secrets(const Connection& side, const json::object& schema, std::string& text) {
  for (const auto& option : side.options) {
    const auto at = side.option_positions.find(option.key());
    const bool in_plain = at != side.option_positions.end() && !at->second.substituted &&
                          at->second.resolved && option.value().is_string();
    if (!in_plain || !is_secret(schema, option.key())) continue;
    const std::string secret{option.value().get_string()};
    if (secret.empty()) continue;
    for (auto found = text.find(secret); found != std::string::npos;
         found = text.find(secret, found + kHidden.size()))
      text.replace(found, secret.size(), kHidden);
  }
}

}  // namespace

Integration load_member(Api& api, const Member& member) {
  LoadOptions options = api.service().options().load;
  options.resolve_secrets = false;
  LintResult result = lint_integration(member.file.string(), options);
  if (!result.ok()) throw IntegrationError{std::move(result.diagnostics)};
  return std::move(*result.integration);
}

std::string shown_text(Api& api, const Member& member) {
  const Integration file = load_member(api, member);
  std::ifstream in{member.file, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  const auto& specs = api.connectors().specs;
  for (const auto* side : {&file.source, &file.destination}) {
    const auto spec = specs.find(side->connector);
    if (spec != specs.end()) hide_secrets(*side, spec->second.at("config").as_object(), text);
  }
  return text;
}

}  // namespace sluice::host::serve
