#include "jq_oracle.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>

namespace sluice::testing {
namespace {

constexpr std::size_t kBatch = 100;
constexpr const char* kFailed = "\"failed\"";

class Workspace {
 public:
  Workspace() {
    std::string pattern = ::testing::TempDir() + "sluice-jq-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
    folder_ = pattern;
  }
  ~Workspace() {
    std::error_code ec;
    std::filesystem::remove_all(folder_, ec);
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  [[nodiscard]] std::string write(const char* name, const std::string& text) const {
    const auto path = folder_ / name;
    std::ofstream{path} << text;
    return path.string();
  }

 private:
  std::filesystem::path folder_;
};

// Standard output of the command; nullopt when it fails.
std::optional<std::string> output_of(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string text;
  std::array<char, 65536> buffer{};
  for (std::size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    text.append(buffer.data(), n);
  }
  if (pclose(pipe) != 0) return std::nullopt;
  return text;
}

// One line of output a case.
std::optional<std::vector<std::string>> run(const Workspace& workspace,
                                            std::span<const JqCase> cases) {
  std::string program;
  json::array inputs;
  for (const auto& one : cases) {
    if (!program.empty()) program += ",\n";
    // A line break ends a comment that the expression may end with.
    program += "(.[" + std::to_string(inputs.size()) + "] | try [" + one.expression + "\n] catch " +
               kFailed + ")";
    inputs.push_back(one.input);
  }
  const auto program_file = workspace.write("program.jq", program);
  const auto input_file = workspace.write("input.json", to_json(inputs));
  const auto output = output_of("jq -c -f '" + program_file + "' '" + input_file + "' 2>/dev/null");
  if (!output) return std::nullopt;
  std::vector<std::string> lines;
  for (std::size_t start = 0; start < output->size();) {
    const std::size_t end = output->find('\n', start);
    lines.push_back(output->substr(start, end - start));
    start = end + 1;
  }
  if (lines.size() != cases.size()) return std::nullopt;
  return lines;
}

void ask(const Workspace& workspace, std::span<const JqCase> cases, std::span<JqAnswer> answers) {
  const auto lines = run(workspace, cases);
  if (!lines) {
    // One expression that does not compile spoils its batch: look for it.
    if (cases.size() == 1) return;
    const std::size_t half = cases.size() / 2;
    ask(workspace, cases.first(half), answers.first(half));
    ask(workspace, cases.subspan(half), answers.subspan(half));
    return;
  }
  for (std::size_t i = 0; i < cases.size(); ++i) {
    answers[i].text = (*lines)[i];
    if ((*lines)[i] == kFailed) {
      answers[i].kind = JqAnswer::Kind::Failed;
      continue;
    }
    answers[i].kind = JqAnswer::Kind::Values;
    answers[i].values = parse_json((*lines)[i]).as_array();
  }
}

}  // namespace

bool jq_available() {
  static const bool available =
      output_of("jq --version 2>/dev/null").value_or("").starts_with("jq-1.6");
  return available;
}

std::vector<JqAnswer> ask_jq(const std::vector<JqCase>& cases) {
  const Workspace workspace;
  std::vector<JqAnswer> answers(cases.size());
  for (std::size_t i = 0; i < cases.size(); i += kBatch) {
    const std::size_t count = std::min(kBatch, cases.size() - i);
    ask(workspace, std::span{cases}.subspan(i, count), std::span{answers}.subspan(i, count));
  }
  return answers;
}

}  // namespace sluice::testing
