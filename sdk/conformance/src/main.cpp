// sluice-conformance PLUGIN.so --scenarios DIR: does a connector do what the contract asks?
#include <boost/program_options.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <thread>

#include "connector/connector.hpp"
#include "report.hpp"
#include "runner.hpp"

namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;
using namespace sluice;
using namespace sluice::conformance;

po::options_description options() {
  po::options_description described{"options"};
  described.add_options()("scenarios", po::value<std::string>(),
                          "folder of *.yaml and quirks.yaml")(
      "only", po::value<std::vector<std::string>>()->composing(),
      "a group or group.check; may be repeated")(
      "jobs",
      po::value<unsigned>()->default_value(std::max(4U, 2 * std::thread::hardware_concurrency())),
      "checks at the same time")("limit", po::value<unsigned>()->default_value(60),
                                 "seconds that one check may take")(
      "json", po::bool_switch(), "print one JSON document")("junit", po::value<std::string>(),
                                                            "write JUnit XML to this file as well")(
      "list", po::bool_switch(), "print the names of the checks and make none")("help",
                                                                                "this text");
  return described;
}

host::PluginFile plugin_of(const std::string& path) {
  const auto folder = fs::absolute(path).parent_path();
  const auto catalog = host::Catalog::scan({folder});
  for (const auto& plugin : catalog.plugins())
    if (plugin.path.filename() == fs::path{path}.filename()) return plugin;
  for (const auto& problem : catalog.problems())
    if (problem.path.filename() == fs::path{path}.filename())
      throw Error{Code::Config, path + ": " + problem.message};
  throw Error{Code::Config, path + ": there is no plugin of this name (libsluice_<id>.so)"};
}

bool is_wanted(const Check& check, const std::vector<std::string>& only) {
  return only.empty() || std::any_of(only.begin(), only.end(), [&](const std::string& name) {
           return check.group == name || check.id() == name;
         });
}

void refuse_unknown(const std::vector<Check>& checks, const std::vector<std::string>& only) {
  for (const auto& name : only) {
    if (std::none_of(checks.begin(), checks.end(),
                     [&](const Check& check) { return is_wanted(check, {name}); }))
      throw Error{Code::Config, "there is no group or check \"" + name + "\": see --list"};
  }
}

int run(const po::variables_map& values) {
  const std::vector<Check> checks = all_checks();
  if (values["list"].as<bool>()) {
    for (const auto& check : checks) std::cout << check.id() << ": " << check.about << '\n';
    return 0;
  }
  if (values.count("plugin") == 0 || values.count("scenarios") == 0)
    throw po::error{"say which plugin, and where its scenarios are: PLUGIN.so --scenarios DIR"};
  const fs::path folder = values["scenarios"].as<std::string>();
  const auto scenarios = load_scenarios(folder);
  const auto quirks = load_quirks(folder);
  const auto plugin = plugin_of(values["plugin"].as<std::string>());
  std::vector<std::string> only;
  if (values.count("only") != 0) only = values["only"].as<std::vector<std::string>>();
  refuse_unknown(checks, only);
  auto jobs = plan_jobs(checks, plugin, scenarios, quirks);
  std::erase_if(jobs, [&](const Job& job) {
    return job.check->needs != Check::Needs::Sandbox && !is_wanted(*job.check, only);
  });
  std::vector<Result> results;
  if (only.empty()) results = untried(plugin, scenarios);
  const RunOptions limits{values["jobs"].as<unsigned>(),
                          std::chrono::seconds{values["limit"].as<unsigned>()}};
  for (auto& result : run_jobs(jobs, plugin, limits)) results.push_back(std::move(result));
  if (values.count("junit") != 0) {
    const auto path = values["junit"].as<std::string>();
    std::ofstream file{path};
    file << as_junit(plugin, results);
    if (!file.flush()) throw Error{Code::Config, path + " cannot be written"};
  }
  std::cout << (values["json"].as<bool>() ? to_json(as_json(plugin, results)) + "\n"
                                          : as_text(plugin, results));
  return all_hold(results) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    po::options_description all = options();
    all.add_options()("plugin", po::value<std::string>(), "the plugin");
    po::positional_options_description positional;
    positional.add("plugin", 1);
    po::variables_map values;
    po::store(po::command_line_parser(argc, argv).options(all).positional(positional).run(),
              values);
    po::notify(values);
    if (values.count("help") != 0) {
      std::cout << "usage: sluice-conformance libsluice_<id>.so --scenarios DIR\n\n"
                   "Tries a connector as a host would on its worst day, and says what it does not "
                   "do as it must.\nExit codes: 0 it conforms, 1 it does not, 2 a scenario or an "
                   "option is wrong.\n\n"
                << options();
      return 0;
    }
    return run(values);
  } catch (const std::exception& error) {
    std::cerr << "sluice-conformance: " << error.what() << '\n';
    return 2;
  }
}
