#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <sluice/json.hpp>
#include <sluice/testing/conformance.hpp>
#include <stdexcept>
#include <vector>

namespace sluice::testing {
namespace {

std::string shell_word(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return text + "'";
}

// What the program prints; its own errors go to stderr.
std::string output_of(const std::string& command, int most) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error{"cannot run " + command};
  std::string text;
  std::array<char, 4096> bytes{};
  while (const auto got = std::fread(bytes.data(), 1, bytes.size(), pipe))
    text.append(bytes.data(), got);
  const int status = ::pclose(pipe);
  if (!WIFEXITED(status) || WEXITSTATUS(status) > most)
    throw std::runtime_error{command + " does not work; it says why on stderr"};
  return text;
}

// The report of one run of the program, made when it is first asked for.
class Report {
 public:
  explicit Report(Conformance what) : what_{std::move(what)} {}

  [[nodiscard]] std::vector<std::string> checks() const {
    const std::string text = output_of(shell_word(what_.program) + " --list", 0);
    std::vector<std::string> names;
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
      names.push_back(text.substr(at, text.find(':', at) - at));
    return names;
  }

  const json::object& read() {
    if (!report_) {
      report_ = parse_json(output_of(shell_word(what_.program) + " " + shell_word(what_.plugin) +
                                         " --json --scenarios " + shell_word(what_.scenarios),
                                     1))
                    .as_object();
    }
    return *report_;
  }

 private:
  Conformance what_;
  std::optional<json::object> report_;
};

class CheckTest final : public ::testing::Test {
 public:
  CheckTest(std::shared_ptr<Report> report, std::string check)
      : report_{std::move(report)}, check_{std::move(check)} {}

  void TestBody() override {
    bool made = false;
    std::string excuse = "the connector does not offer it";
    for (const auto& result : report_->read().at("checks").as_array()) {
      const std::string id = std::string{result.at("group").as_string()} + "." +
                             std::string{result.at("name").as_string()};
      if (id != check_) continue;
      const auto* message = result.as_object().if_contains("message");
      const std::string why = message == nullptr ? "" : std::string{message->as_string()};
      const auto& status = result.at("status");
      if (status == json::value("not proved")) {
        excuse = why;
        continue;
      }
      made = true;
      EXPECT_EQ(status, json::value("passed"))
          << "scenario " << std::string{result.at("scenario").as_string()} << ": " << why;
    }
    if (!made) GTEST_SKIP() << excuse;
  }

 private:
  std::shared_ptr<Report> report_;
  std::string check_;
};

}  // namespace

void register_conformance(Conformance what) {
  const auto report = std::make_shared<Report>(std::move(what));
  for (const auto& check : report->checks()) {
    std::string name = check;
    for (char& c : name)
      if (c == '.') c = '_';
    ::testing::RegisterTest("Conformance", name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                            [report, check]() -> ::testing::Test* {
                              return new CheckTest{report, check};
                            });
  }
}

}  // namespace sluice::testing
