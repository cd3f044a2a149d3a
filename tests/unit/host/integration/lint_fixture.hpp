#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "integration/load.hpp"

namespace sluice::host {

inline std::vector<std::string> texts(const std::vector<Diagnostic>& diagnostics) {
  std::vector<std::string> result;
  for (const auto& diagnostic : diagnostics) result.push_back(to_string(diagnostic));
  return result;
}

// Lints text under the name x.yaml with an environment of its own.
class LintTest : public ::testing::Test {
 protected:
  LintTest() {
    options.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment.find(name);
      if (found == environment.end()) return std::nullopt;
      return found->second;
    };
  }

  LintResult lint(const std::string& text) {
    return lint_integration_text(text, "x.yaml", options);
  }
  std::vector<std::string> findings(const std::string& text) {
    return texts(lint(text).diagnostics);
  }
  // Of a text that must be free of findings.
  Integration load(const std::string& text) {
    auto result = lint(text);
    EXPECT_THAT(texts(result.diagnostics), ::testing::IsEmpty());
    return result.integration.value_or(Integration{});
  }

  std::map<std::string, std::string> environment;
  LoadOptions options;
};

// A folder that is gone after the test.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sluice-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  std::string write(const std::string& name, const std::string& text) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream{file, std::ios::binary} << text;
    return file.string();
  }

 private:
  std::filesystem::path path_;
};

// The smallest file that is right; a test replaces or appends what it is about.
inline const std::string kHead =
    "integration: demo\n"
    "source: {connector: file, path: in.ndjson}\n"
    "destination: {connector: file, path: out.ndjson}\n";
inline const std::string kSync =
    "syncs:\n"
    "  people:\n"
    "    read: {stream: records}\n"
    "    write: {object: records, match: email}\n";

}  // namespace sluice::host
