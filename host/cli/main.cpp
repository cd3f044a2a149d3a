#include <signal.h>
#include <spdlog/spdlog.h>

#include <boost/program_options/parsers.hpp>
#include <cstdio>
#include <iostream>
#include <sluice/error.hpp>

#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/log.hpp"
#include "cli/standard_streams.hpp"
#include "connector/heap.hpp"
#include "connector/private_memory.hpp"
#include "integration/load.hpp"
#include "integration/one_line.hpp"
#include "integration/suggest.hpp"
#include "pipeline/sync_context.hpp"
#include "state/layout.hpp"
#include "state/state_error.hpp"

namespace {

using namespace sluice;
using namespace sluice::host;
using namespace sluice::host::cli;

void print_usage(std::FILE* out) {
  std::fprintf(out,
               "sluice %s: moves records between systems, as an integration file says\n\n"
               "usage: sluice <verb> [arguments] [options]\n\n",
               SLUICE_VERSION);
  for (const auto& verb : verbs()) {
    std::fprintf(out, "  %-12s %s\n", std::string{verb.name}.c_str(),
                 std::string{verb.summary}.c_str());
  }
  std::fprintf(out,
               "\n`sluice <verb> --help` tells a verb's options. Exit codes: 0 done; 1 done, with "
               "new record errors;\n"
               "2 usage or integration file; 3 cannot connect; 4 interrupted or disk "
               "full, resumable;\n"
               "5 refused by a gate or guard, or a damaged state; 6 busy; 70 internal error.\n");
}

const Verb& find_verb(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& verb : verbs()) {
    if (verb.name == name) return verb;
    names.emplace_back(verb.name);
  }
  throw UsageError{"there is no verb \"" + name + "\": " + suggestion(name, names)};
}

std::string usage_of(const Verb& verb) {
  std::string text = "usage: sluice ";
  text.append(verb.name).append(" ").append(verb.arguments);
  return text + (verb.arguments.empty() ? "" : " ") + "[options]";
}

void set_log_level(const po::variables_map& values) {
  const bool verbose = values.count("verbose") != 0 && values["verbose"].as<bool>();
  const bool quiet = values.count("quiet") != 0 && values["quiet"].as<bool>();
  spdlog::set_level(verbose ? spdlog::level::debug
                    : quiet ? spdlog::level::err
                            : spdlog::level::warn);
  const auto format = values.count("log") != 0 ? values["log"].as<std::string>() : "text";
  if (format != "text" && format != "json")
    throw UsageError{"--log " + format + ": use text or json"};
  if (format == "json") log_as_json();
}

Call parse(const Verb& verb, int argc, char** argv, const po::options_description& options,
           const po::positional_options_description& positional) {
  Call call;
  call.verb = verb.name;
  try {
    po::store(
        po::command_line_parser(argc - 1, argv + 1).options(options).positional(positional).run(),
        call.values);
    if (!call.flag("help")) po::notify(call.values);
  } catch (const po::required_option&) {
    throw UsageError{"an argument is missing: " + usage_of(verb)};
  } catch (const po::too_many_positional_options_error&) {
    throw UsageError{"there are too many arguments: " + usage_of(verb)};
  } catch (const po::error& error) {
    throw UsageError{std::string{error.what()} + "; see `sluice " + std::string{verb.name} +
                     " --help`"};
  }
  return call;
}

void complete(Call& call) {
  call.state_root =
      call.has("state") ? std::filesystem::path{call.text("state")} : default_state_root();
  for (const auto& folder : call.texts("plugins")) call.plugin_directories.emplace_back(folder);
  for (auto& folder : default_plugin_directories())
    call.plugin_directories.push_back(std::move(folder));
  call.mode = call.flag("in-process") ? RunMode::InProcess : RunMode::Worker;
  call.json = call.flag("json");
  call.quiet = call.flag("quiet");
}

po::options_description common_options() {
  po::options_description common{"options of every verb"};
  common.add_options()("help,h", po::bool_switch(), "show this")  //
      ("state", po::value<std::string>(),
       "state directory (default: SLUICE_STATE or the XDG state directory)")  //
      ("plugins", po::value<std::vector<std::string>>()->composing(),
       "further directory of plugins")                                                 //
      ("json", po::bool_switch(), "one JSON document on stdout")                       //
      ("in-process", po::bool_switch(), "run connectors in this process (debugging)")  //
      ("quiet,q", po::bool_switch(), "only errors")                                    //
      ("verbose,v", po::bool_switch(), "log every request")                            //
      ("log", po::value<std::string>()->default_value("text"),
       "text, or json: a document a line on stderr, with the ids of integration and run");
  return common;
}

int exit_code_of(const Error& error) {
  switch (error.code()) {
    case Code::Auth:
    case Code::NotFound:
    case Code::Transient:
    case Code::RateLimited:
    case Code::SchemaMismatch:  // what stands at the source or is answered there
      return kConnect;
    case Code::Cancelled:
      return kInterrupted;
    case Code::Config:
    case Code::Unsupported:
      return kUsage;
    case Code::Rejected:
      return kRefused;
    default:
      return kInternal;
  }
}

int report(const Call& call, int code, const std::string& message) {
  if (call.json) {
    json::object document{{"error", message}, {"exit_code", code}};
    if (!call.statistics.empty()) document["statistics"] = call.statistics;
    print(json::value(std::move(document)));
  }
  if (call.has("log") && call.text("log") == "json") {
    spdlog::error("{}", message);
  } else {
    complain("sluice: " + message);
  }
  return code;
}

int run(int argc, char** argv, Call& call) {
  if (argc < 2) {
    print_usage(stderr);
    return kUsage;
  }
  const std::string name = argv[1];
  if (name == "help" || name == "--help" || name == "-h") {
    print_usage(stdout);
    return kDone;
  }
  if (name == "version" || name == "--version") {
    print(std::string_view{"sluice " SLUICE_VERSION});
    return kDone;
  }
  const Verb& verb = find_verb(name);
  po::options_description own{"options of `sluice " + name + "`"};
  po::options_description hidden;
  po::positional_options_description positional;
  verb.declare(own, positional);
  po::options_description all;
  all.add(own).add(common_options());
  const std::stop_token stop = call.stop;
  call = parse(verb, argc, argv, all, positional);
  call.stop = stop;
  if (call.flag("help")) {
    std::cout << usage_of(verb) << '\n' << verb.summary << "\n\n" << all;
    return kDone;
  }
  set_log_level(call.values);
  complete(call);
  // Under a debugger the connectors run in this process: then its memory is to be looked at.
  if (call.mode == RunMode::Worker) keep_memory_private();
  return verb.run(call);
}

// Every failure is told, and has its exit code.
int run_and_report(int argc, char** argv) {
  Call call;
  try {
    const Interrupt interrupt;
    call.stop = interrupt.token();
    return run(argc, argv, call);
  } catch (const IntegrationError& error) {
    for (const auto& diagnostic : error.diagnostics()) complain(to_string(diagnostic));
    if (call.json) {
      json::array diagnostics;
      for (const auto& each : error.diagnostics()) diagnostics.emplace_back(to_string(each));
      print(json::object{
          {"error", error.what()}, {"exit_code", kUsage}, {"diagnostics", std::move(diagnostics)}});
    }
    return kUsage;
  } catch (const Busy& error) {
    return report(call, kBusy, error.what());
  } catch (const Refused& error) {
    return report(call, kRefused, error.what());
  } catch (const StateError& error) {
    const bool continues = error.kind() == StateError::Kind::Full;
    return report(call, continues ? kInterrupted : kRefused, error.what());
  } catch (const Error& error) {
    return report(call, exit_code_of(error), error.what());
  } catch (const std::exception& error) {
    return report(call, kInternal, std::string{"internal error: "} + error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  hold_standard_streams();
  share_one_heap();
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a limit on the size of files is told like a full disk
  set_up_log();
  const int code = run_and_report(argc, argv);
  if (has_printed_all()) return code;
  complain(
      "sluice: standard output could not be written, what was printed is not complete: is the disk "
      "full?");
  return code == kDone || code == kRecordErrors ? kInterrupted : code;
}
