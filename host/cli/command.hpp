// The command line: verbs, the options that all of them take, exit codes.
#pragma once

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/variables_map.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <sluice/json.hpp>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "integration/integration.hpp"
#include "pipeline/session.hpp"

namespace sluice::host::cli {

enum Exit : int {
  kDone = 0,
  kRecordErrors = 1,  // done, with record errors that are new in this run
  kUsage = 2,         // wrong command line or integration file
  kConnect = 3,       // cannot connect, credentials refused, or data that cannot be read
  kInterrupted = 4,   // resumable
  kRefused = 5,       // a gate or guard says no
  kBusy = 6,          // another process holds the integration
  kInternal = 70,
};

// A wrong command line; what() says what is right.
class UsageError : public Error {
 public:
  explicit UsageError(const std::string& message) : Error{Code::Config, message} {}
};

namespace po = boost::program_options;

// One call of a verb, parsed.
struct Call {
  std::string verb;
  po::variables_map values;
  std::filesystem::path state_root;
  std::vector<std::filesystem::path> plugin_directories;
  RunMode mode = RunMode::Worker;
  bool json = false;
  bool quiet = false;
  std::stop_token stop;
  json::object statistics;  // of a run that failed

  [[nodiscard]] bool has(const char* name) const { return values.count(name) != 0; }
  [[nodiscard]] bool flag(const char* name) const { return has(name) && values[name].as<bool>(); }
  [[nodiscard]] std::string text(const char* name) const {
    return has(name) ? values[name].as<std::string>() : std::string{};
  }
  [[nodiscard]] std::vector<std::string> texts(const char* name) const {
    return has(name) ? values[name].as<std::vector<std::string>>() : std::vector<std::string>{};
  }
};

// One verb: a file of this folder each.
struct Verb {
  std::string_view name;
  std::string_view arguments;  // for the usage line, "<integration.yaml>"
  std::string_view summary;    // one line
  void (*declare)(po::options_description& options, po::positional_options_description& positional);
  int (*run)(Call& call);
};

[[nodiscard]] const std::vector<Verb>& verbs();

// Declares the positional <integration.yaml>.
void declare_file(po::options_description& options, po::positional_options_description& positional);
// Declares what all decisions take that a run may have to carry out: --why, --wait.
void declare_decision(po::options_description& options);
[[nodiscard]] std::chrono::seconds patience_of(const Call& call);
// Loads the file named on the command line. Errors: IntegrationError, UsageError.
[[nodiscard]] Integration load_file(const Call& call);
// The same, ready to run; Ctrl-C stops it.
[[nodiscard]] std::unique_ptr<Session> open_session(Call& call);

// Where `preset:` is looked up, besides the folder of the integration file.
[[nodiscard]] std::vector<std::filesystem::path> preset_directories();

// Writes one JSON document or line of text to stdout. Nothing that stands in them can act on a
// terminal: escape sequences and line breaks of records and vendors become spaces.
void print(const json::value& document);
void print(std::string_view line);
// The same for a line that is painted; its maker has cleaned what stands in it (`one_line`).
void print_painted(std::string_view line);
// Prints a document whose last member is an array, row by row: {"count":2,"rows":[…]}. Rows are not
// kept. What is printed is cleaned as by `print`.
class PrintedRows {
 public:
  // `head`: the members before the array; `rows`: the array's name.
  PrintedRows(const json::object& head, std::string_view rows);
  void add(const json::object& row);
  // Ends the document; without it, what has been printed is no JSON.
  void finish();

 private:
  void append(std::string text);

  std::string text_;  // not printed yet
  bool has_rows_ = false;
};
// The same as `print`, to stderr.
void complain(std::string_view line);
[[nodiscard]] bool is_terminal(int descriptor);

int run_check(Call& call);
int run_connectors(Call& call);
int run_discover(Call& call);
int run_errors(Call& call);
int run_lint(Call& call);
int run_plan(Call& call);
int run_schema(Call& call);
int run_serve(Call& call);
int run_show(Call& call);
int run_stage_verb(Call& call);
int run_status(Call& call);
int run_lifecycle(Call& call);
int run_state(Call& call);
int run_unlink(Call& call);
int run_test(Call& call);

void declare_connectors(po::options_description& options,
                        po::positional_options_description& positional);
void declare_errors(po::options_description& options,
                    po::positional_options_description& positional);
void declare_nothing(po::options_description& options,
                     po::positional_options_description& positional);
void declare_lifecycle(po::options_description& options,
                       po::positional_options_description& positional);
void declare_plan(po::options_description& options, po::positional_options_description& positional);
void declare_schema(po::options_description& options,
                    po::positional_options_description& positional);
void declare_serve(po::options_description& options,
                   po::positional_options_description& positional);
void declare_show(po::options_description& options, po::positional_options_description& positional);
void declare_stage(po::options_description& options,
                   po::positional_options_description& positional);
void declare_state(po::options_description& options,
                   po::positional_options_description& positional);
void declare_status(po::options_description& options,
                    po::positional_options_description& positional);
void declare_unlink(po::options_description& options,
                    po::positional_options_description& positional);

}  // namespace sluice::host::cli
