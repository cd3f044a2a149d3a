// New integration files, and changes to those that are there: shown, never made.
#include <sys/stat.h>

#include <algorithm>

#include "integration/yaml_text.hpp"
#include "pipeline/lint.hpp"
#include "serve/api.hpp"
#include "serve/decide.hpp"
#include "serve/draft.hpp"
#include "serve/new_files.hpp"
#include "serve/shown_file.hpp"
#include "serve/unified_diff.hpp"
#include "serve/views.hpp"

namespace sluice::host::serve {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestFile = 1'048'576;

const fs::path& folder_of(Api& api) {
  return api.service().options().configs;
}

LintResult lint(Api& api, const std::string& text, const std::string& file) {
  LoadOptions options = api.service().options().load;
  options.resolve_secrets = false;
  LintResult result = lint_integration_text(text, file, options);
  lint_further(result, file, [&api](const Connection& connection) {
    const auto& specs = api.connectors().specs;
    const auto spec = specs.find(connection.connector);
    if (spec == specs.end())
      throw Error{Code::Config, "there is no connector \"" + connection.connector +
                                    "\" here: install its plugin"};
    return spec->second;
  });
  return result;
}

json::array texts_of(const std::vector<Diagnostic>& diagnostics) {
  json::array out;
  for (const auto& diagnostic : diagnostics) out.emplace_back(to_string(diagnostic));
  return out;
}

// A file that is there already, or that calls itself the same.
struct Taken {
  std::string file;  // in the folder
  std::string diff;  // empty when the file cannot be shown
};

std::optional<Taken> taken(Api& api, const std::string& integration, const std::string& text) {
  const auto standing = api.service().standing(integration);
  Taken out;
  for (const char* extension : {".yaml", ".yml"}) {
    struct stat found {};
    const fs::path file = folder_of(api) / (integration + extension);
    if (out.file.empty() && ::lstat(file.c_str(), &found) == 0) out.file = file.filename();
  }
  if (standing) out.file = standing->member.file.filename();
  if (out.file.empty()) return std::nullopt;
  for (const auto& each : api.service().standings()) {
    if (each.member.file.filename() != out.file || each.member.broken) continue;
    try {
      out.diff = unified_diff(out.file, shown_text(api, each.member), text);
    } catch (const IntegrationError&) {
      // It has been changed meanwhile, and has errors now.
    }
  }
  return out;
}

// What a draft comes to.
struct Rendered {
  NewFile made;
  std::string file;  // in the folder
  std::string text;
  bool ok = false;
  json::array diagnostics;
  std::optional<Taken> taken;
};

// That a secret's file is not there yet is no news before it is written.
void leave_out_unwritten(const NewFile& made, LintResult& result) {
  if (!result.integration) return;
  const Integration& integration = *result.integration;
  std::erase_if(result.diagnostics, [&](const Diagnostic& diagnostic) {
    if (diagnostic.severity != Diagnostic::Severity::Note) return false;
    const auto is_of = [&](const Connection& side, const std::string& role) {
      return std::any_of(
          side.option_positions.begin(), side.option_positions.end(), [&](const auto& option) {
            const Position& at = option.second.value;
            return made.secrets.contains("secrets/" + made.integration + "." + role + "." +
                                         option.first) &&
                   at.line == diagnostic.at.line && at.column == diagnostic.at.column;
          });
    };
    return is_of(integration.source, "source") || is_of(integration.destination, "destination");
  });
}

Rendered render(Api& api, const Request& request) {
  Rendered out;
  out.made =
      new_file_of(body_of(request, {"integration", "source", "destination", "schedule", "syncs"}),
                  api.connectors().specs);
  out.file = out.made.integration + ".yaml";
  out.text = yaml_text(out.made.document);
  LintResult result = lint(api, out.text, (folder_of(api) / out.file).string());
  leave_out_unwritten(out.made, result);
  out.ok = result.ok();
  out.diagnostics = texts_of(result.diagnostics);
  out.taken = taken(api, out.made.integration, out.text);
  return out;
}

// One side's answer, from a process of its own. A refusal of the vendor's is no refusal of ours.
json::object ask_side(Api& api, const Request& request, const Caller& caller, bool discover) {
  const TrialSide side =
      trial_side_of(body_of(request, {"connector", "role", "options"}), api.connectors().specs);
  std::vector<std::string> command{"connectors", "try", side.role};
  if (discover) command.emplace_back("--discover");
  try {
    return api.command(command, caller, {}, to_json(json::value(side.block)));
  } catch (const Problem& problem) {
    if (problem.status() != 409) throw;
    throw Problem{502, "connect", problem.what()};
  }
}

}  // namespace

Reply diff_file(Api& api, const Request& request, const Caller&) {
  const Standing standing = api.standing_of(request);
  const std::string after = text_in(body_of(request, {"text"}), "text", kLongestFile);
  const std::string before = shown_text(api, standing.member);
  const LintResult result = lint(api, after, standing.member.file.string());
  json::array diagnostics = texts_of(result.diagnostics);
  std::string diff = unified_diff(standing.member.file.filename(), before, after);
  if (diff.find(kHidden) != std::string::npos) {
    diagnostics.emplace_back(
        "a secret stands in the file in plain and is shown as ***: put it into the diff before you "
        "apply it, or better into a file of its own");
  }
  return Reply::json(json::object{
      {"ok", result.ok()}, {"diagnostics", std::move(diagnostics)}, {"diff", std::move(diff)}});
}

Reply try_connection(Api& api, const Request& request, const Caller& caller) {
  return Reply::json(json::value(ask_side(api, request, caller, false)));
}

Reply discover(Api& api, const Request& request, const Caller& caller) {
  json::object found = ask_side(api, request, caller, true);
  json::object out;
  for (const char* member : {"streams", "objects"}) {
    const auto* rows = found.if_contains(member);
    out[member] = rows != nullptr ? *rows : json::value(json::array{});
  }
  return Reply::json(json::value(std::move(out)));
}

Reply get_presets(Api& api, const Request&, const Caller&) {
  json::array rows;
  for (const auto& preset : available_presets(folder_of(api), api.service().options().load)) {
    json::array fields;
    for (const auto& field : preset.fields)
      fields.push_back(json::value(view_of(field, preset.file)));
    rows.push_back(json::object{
        {"name", preset.name}, {"description", preset.description}, {"fields", std::move(fields)}});
  }
  return Reply::json(json::object{{"presets", std::move(rows)}});
}

Reply render_file(Api& api, const Request& request, const Caller&) {
  Rendered made = render(api, request);
  json::array secrets;
  for (const auto& [file, secret] : made.made.secrets) secrets.emplace_back(file);
  json::object out{{"file", made.taken ? made.taken->file : made.file},
                   {"text", std::move(made.text)},
                   {"ok", made.ok},
                   {"diagnostics", std::move(made.diagnostics)},
                   {"exists", made.taken.has_value()},
                   {"secrets", std::move(secrets)}};
  if (made.taken && !made.taken->diff.empty()) out["diff"] = made.taken->diff;
  return Reply::json(json::value(std::move(out)));
}

Reply write_file(Api& api, const Request& request, const Caller& caller) {
  Rendered made = render(api, request);
  const std::string& name = made.made.integration;
  if (made.taken) {
    json::object more;
    if (!made.taken->diff.empty()) more["diff"] = made.taken->diff;
    throw Problem{409, "exists",
                  made.taken->file +
                      " is there already, and existing files are never rewritten: "
                      "choose another name, or apply the change by hand",
                  std::move(more)};
  }
  if (!made.ok) {
    throw Problem{422,
                  "invalid",
                  made.file + " would have errors: correct them first",
                  {{"diagnostics", std::move(made.diagnostics)}}};
  }
  NewFiles files;
  PutDown put_down{api, name, Decision::Action::Create, made.file, caller};
  // Whoever types a secret's last line break does not mean it, and reading takes it away.
  for (const auto& [file, secret] : made.made.secrets)
    files.write_secret(folder_of(api) / file, secret + '\n');
  files.write(folder_of(api) / made.file, made.text);
  files.keep();
  put_down.keep();
  api.service().read_files();
  take_waiting(api.service().options().state_root, name);
  return Reply::json(json::object{{"integration", name}, {"file", made.file}}, 201);
}

}  // namespace sluice::host::serve
