#include <fmt/format.h>

#include <cstdio>

#include "cli/command.hpp"
#include "cli/new_connector.hpp"
#include "cli/try_connector.hpp"
#include "connector/file_trust.hpp"

namespace sluice::host::cli {
namespace {

int list(const Call& call, const Catalog& catalog) {
  json::array rows, problems;
  for (const auto& plugin : catalog.plugins()) {
    rows.push_back(json::object{
        {"id", plugin.id}, {"version", plugin.version}, {"path", plugin.path.string()}});
    if (!call.json) {
      print(std::string_view{
          fmt::format("{:<20} {:<10} {}", plugin.id, plugin.version, plugin.path.string())});
    }
  }
  for (const auto& problem : catalog.problems()) {
    problems.push_back(json::object{{"path", problem.path.string()}, {"message", problem.message}});
    if (!call.json) complain(problem.path.string() + ": " + problem.message);
  }
  if (call.json)
    print(json::object{{"connectors", std::move(rows)}, {"problems", std::move(problems)}});
  return kDone;
}

void print_option(const json::object& spec, std::string_view name, const json::object& option) {
  bool required = false;
  if (const auto* names = spec.at("config").as_object().if_contains("required"); names != nullptr) {
    for (const auto& entry : names->as_array()) required = required || entry.as_string() == name;
  }
  const auto text = [&option](const char* member) {
    const auto* value = option.if_contains(member);
    return value != nullptr && value->is_string() ? std::string{value->get_string()}
                                                  : std::string{};
  };
  std::string notes = required ? "required" : "optional";
  if (option.contains("writeOnly")) notes += ", secret";
  if (const auto* fallback = option.if_contains("default"); fallback != nullptr) {
    notes += ", default " + to_json(*fallback);
  }
  print(std::string_view{fmt::format("  {:<24} {:<8} {}", name, text("type"), notes)});
  if (!text("description").empty())
    print(std::string_view{fmt::format("  {:<24} {}", "", text("description"))});
}

int inspect(const Call& call, const PluginFile& plugin) {
  const json::object spec = read_spec(plugin, call.mode);
  if (call.json) {
    print(spec);
    return kDone;
  }
  std::string roles;
  for (const auto& role : spec.at("roles").as_array()) {
    roles += (roles.empty() ? "" : ", ") + std::string{role.as_string()};
  }
  print(std::string_view{fmt::format("{} {} ({})", plugin.id, plugin.version, roles)});
  print(std::string_view{plugin.path.string()});
  print(std::string_view{"options:"});
  for (const auto& option : spec.at("config").at("properties").as_object()) {
    print_option(spec, option.key(), option.value().as_object());
  }
  return kDone;
}

// What stands on disk, read without running any of it.
int verify(const Call& call, const Catalog& catalog) {
  json::array rows, problems;
  const std::string wanted = call.text("id");
  if (!wanted.empty()) static_cast<void>(catalog.find(wanted));
  for (const auto& plugin : catalog.plugins()) {
    if (!wanted.empty() && plugin.id != wanted) continue;
    const std::string digest = sha256_of(plugin.path);
    rows.push_back(json::object{{"id", plugin.id},
                                {"version", plugin.version},
                                {"sha256", digest},
                                {"path", plugin.path.string()}});
    if (!call.json) {
      print(std::string_view{fmt::format("{:<20} {:<10} {}  {}", plugin.id, plugin.version, digest,
                                         plugin.path.string())});
    }
  }
  for (const auto& problem : catalog.problems()) {
    if (!wanted.empty()) continue;
    problems.push_back(json::object{{"path", problem.path.string()}, {"message", problem.message}});
    if (!call.json) complain(problem.path.string() + ": " + problem.message);
  }
  const int exit = problems.empty() ? kDone : kRefused;
  if (call.json)
    print(json::object{{"connectors", std::move(rows)}, {"problems", std::move(problems)}});
  return exit;
}

int begin(const Call& call) {
  if (!call.has("id") || !call.has("name"))
    throw UsageError{
        "say what and how it is called: `sluice connectors new source|destination NAME`"};
  const std::string folder = call.has("into") ? call.text("into") : call.text("name");
  write_connector_project(call.text("id"), call.text("name"), folder);
  if (call.json) {
    print(json::object{{"folder", folder}});
    return kDone;
  }
  print(std::string_view{"wrote " + folder + "; build and test it:"});
  print(std::string_view{
      fmt::format("  cmake -S {0} -B {0}/build -G Ninja && cmake --build {0}/build && "
                  "ctest --test-dir {0}/build",
                  folder)});
  return kDone;
}

}  // namespace

void declare_connectors(po::options_description& options,
                        po::positional_options_description& positional) {
  options.add_options()("action", po::value<std::string>()->default_value("list"),
                        "sluice connectors list, verify or inspect; try a connection; new to "
                        "begin a connector")  //
      ("id", po::value<std::string>(),
       "inspect, verify: the connector's id; try, new: source or destination")              //
      ("discover", po::bool_switch(), "try: tell what there is to read or write")           //
      ("name", po::value<std::string>(), "new: the id that it gets, such as acme_billing")  //
      ("into", po::value<std::string>(), "new: the folder (default: its id)");
  positional.add("action", 1).add("id", 1).add("name", 1);
}

int run_connectors(Call& call) {
  const std::string action = call.text("action");
  if (action == "new") return begin(call);
  if (action == "try") return try_connector(call);
  const Catalog catalog = Catalog::scan(call.plugin_directories);
  if (action == "list") return list(call, catalog);
  if (action == "verify") return verify(call, catalog);
  if (action != "inspect")
    throw UsageError{
        "there is no `sluice connectors " + action +
        "`: use list, verify or inspect, try for a connection, or new to begin a connector"};
  if (!call.has("id")) throw UsageError{"say which connector: `sluice connectors inspect <id>`"};
  return inspect(call, catalog.find(call.text("id")));
}

}  // namespace sluice::host::cli
