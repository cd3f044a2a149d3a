#include "cli/command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "integration/load.hpp"
#include "integration/one_line.hpp"

namespace sluice::host::cli {

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> all{
      {"lint", "<integration.yaml>", "check a file without any connection", declare_file, run_lint},
      {"test", "<integration.yaml>", "run the tests that a file contains", declare_file, run_test},
      {"schema", "", "print the JSON Schema of integration files", declare_schema, run_schema},
      {"check", "<integration.yaml>", "connect to both sides and check the file against them",
       declare_file, run_check},
      {"discover", "<integration.yaml>", "what there is to read and to write", declare_file,
       run_discover},
      {"plan", "<integration.yaml>", "what a run would do; writes nothing", declare_plan, run_plan},
      {"validate", "<integration.yaml>", "read and check every record; write nothing",
       declare_stage, run_stage_verb},
      {"initial", "<integration.yaml>", "create missing fields, deliver the 10 latest records",
       declare_stage, run_stage_verb},
      {"full", "<integration.yaml>", "deliver every record; resumable", declare_stage,
       run_stage_verb},
      {"incremental", "<integration.yaml>", "deliver what has changed", declare_stage,
       run_stage_verb},
      {"events", "<integration.yaml>",
       "deliver the records that received events name; `serve` starts it by itself", declare_stage,
       run_stage_verb},
      {"run", "<integration.yaml>", "the stage that is due next", declare_stage, run_stage_verb},
      {"show", "<integration.yaml> <key>", "all about one record", declare_show, run_show},
      {"errors", "<list|export|ignore|retry> <integration.yaml>", "see and settle record errors",
       declare_errors, run_errors},
      {"status", "[integration.yaml]", "state, last run, open errors; of one or of all",
       declare_status, run_status},
      {"pause", "<integration.yaml>", "stop the run at its next checkpoint, refuse further ones",
       declare_lifecycle, run_lifecycle},
      {"resume", "<integration.yaml>", "allow runs again", declare_lifecycle, run_lifecycle},
      {"unlink", "<integration.yaml>", "forget what was delivered; neither side is changed",
       declare_unlink, run_unlink},
      {"state", "<check|backup|restore|forget> <integration.yaml> [file|key]",
       "look after what is remembered: check, copy, put back, erase one person", declare_state,
       run_state},
      {"serve", "--configs DIR", "run all integrations of a directory by their schedules",
       declare_serve, run_serve},
      {"connectors", "<list|inspect|verify|try|new> [id]",
       "the plugins that are found; try a connection; begin a plugin", declare_connectors,
       run_connectors},
  };
  return all;
}

void declare_file(po::options_description& options,
                  po::positional_options_description& positional) {
  options.add_options()("file", po::value<std::string>()->required(), "the integration file");
  positional.add("file", 1);
}

void declare_nothing(po::options_description&, po::positional_options_description&) {}

Integration load_file(const Call& call) {
  LoadOptions options;
  options.preset_directories = preset_directories();
  return load_integration(call.text("file"), options);
}

std::unique_ptr<Session> open_session(Call& call) {
  SessionOptions options;
  options.state_root = call.state_root;
  options.plugin_directories = call.plugin_directories;
  options.mode = call.mode;
  return std::make_unique<Session>(load_file(call), std::move(options));
}

std::vector<std::filesystem::path> preset_directories() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const auto root = program.parent_path().parent_path();
  // Installed beside the program, or in the source tree above a build directory.
  return {root / "share" / "sluice" / "presets",
          root.parent_path().parent_path() / "configs" / "presets"};
}

namespace {

constexpr std::size_t kPrintedAtOnce = 64u << 10;

// JSON leaves these two kinds of control characters as they are: DEL and C1.
std::string escape_controls(std::string text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool c1 = text[i] == '\xC2' && i + 1 < text.size() && text[i + 1] <= '\x9F';
    if (text[i] != '\x7F' && !c1) {
      out += text[i];
      continue;
    }
    if (c1) ++i;
    out += fmt::format("\\u{:04x}", static_cast<unsigned char>(text[i]));
  }
  return out;
}

}  // namespace

void print(const json::value& document) {
  print_painted(escape_controls(to_json(document)));
}

void print(std::string_view line) {
  print_painted(one_line(line, kUncut));
}

void print_painted(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

PrintedRows::PrintedRows(const json::object& head, std::string_view rows) {
  std::string text = to_json(head);
  text.pop_back();
  append(text + (head.empty() ? "" : ",") + to_json(json::value(rows)) + ":[");
}

void PrintedRows::add(const json::object& row) {
  append((has_rows_ ? "," : "") + to_json(row));
  has_rows_ = true;
}

void PrintedRows::finish() {
  append("]}\n");
  std::fwrite(text_.data(), 1, text_.size(), stdout);
  std::fflush(stdout);
  text_.clear();
}

void PrintedRows::append(std::string text) {
  text_ += escape_controls(std::move(text));
  if (text_.size() < kPrintedAtOnce) return;
  std::fwrite(text_.data(), 1, text_.size(), stdout);
  text_.clear();
}

void complain(std::string_view line) {
  std::fprintf(stderr, "%s\n", one_line(line, kUncut).c_str());
}

bool is_terminal(int descriptor) {
  return ::isatty(descriptor) == 1;
}

}  // namespace sluice::host::cli
