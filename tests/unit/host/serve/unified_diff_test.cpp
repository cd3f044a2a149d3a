#include "serve/unified_diff.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace sluice::host::serve {
namespace {

// What a diff makes of a text, as patch does: each hunk at its place, its old lines as they stand.
std::string applied(const std::string& diff, const std::string& before) {
  const auto next_line = [](const std::string& text, std::size_t& at) {
    const auto end = std::min(text.find('\n', at), text.size() - 1) + 1;
    auto line = text.substr(at, end - at);
    at = end;
    return line;
  };
  std::string out;
  std::size_t at = 0, old_at = 0, old_line = 0;
  next_line(diff, at), next_line(diff, at);
  while (at < diff.size()) {
    const auto head = next_line(diff, at);
    int from = 0, count = 1;
    EXPECT_GE(std::sscanf(head.c_str(), "@@ -%d,%d", &from, &count), 1) << head;
    const auto first = static_cast<std::size_t>(count == 0 ? from : from - 1);
    for (; old_line < first; ++old_line) out += next_line(before, old_at);
    while (at < diff.size() && diff[at] != '@') {
      auto line = next_line(diff, at);
      if (at < diff.size() && diff[at] == '\\') next_line(diff, at), line.pop_back();
      if (line[0] != '+') {
        EXPECT_EQ(line.substr(1), next_line(before, old_at));
        ++old_line;
      }
      if (line[0] != '-') out += line.substr(1);
    }
  }
  return out + before.substr(old_at);
}

TEST(UnifiedDiff, TellsAChangeWithThreeLinesAround) {
  EXPECT_EQ(unified_diff("x.yaml", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nV\n6\n7\n8\n9\n"),
            "--- x.yaml\n+++ x.yaml\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+V\n 6\n 7\n 8\n");
  EXPECT_EQ(unified_diff("a b.yaml", "", "1\n"),
            "--- a b.yaml\t\n+++ a b.yaml\t\n@@ -0,0 +1 @@\n+1\n");
  EXPECT_EQ(unified_diff("x", "1\n", "1"),
            "--- x\n+++ x\n@@ -1 +1 @@\n-1\n+1\n\\ No newline at end of file\n");
  EXPECT_EQ(unified_diff("x", "same\n", "same\n"), "");
}

TEST(UnifiedDiff, MakesTheOneTextOfTheOther) {
  std::mt19937 random{7};
  const auto text = [&random](int lines) {
    std::string out;
    for (int i = 0; i < lines; ++i)
      out += std::string(1, static_cast<char>('a' + random() % 5)) + (i + 1 < lines ? "\n" : "");
    return random() % 2 == 0 ? out : out + "\n";
  };
  for (int i = 0; i < 500; ++i) {
    const std::string before = text(static_cast<int>(random() % 30));
    const std::string after = text(static_cast<int>(random() % 30));
    const std::string diff = unified_diff("x", before, after);
    if (before == after) continue;
    ASSERT_EQ(applied(diff, before), after) << diff;
  }
}

TEST(UnifiedDiff, TakesTextsThatHaveNothingInCommon) {
  std::string before = "first\n", after = "first\n";
  for (int i = 0; i < 100'000; ++i) {
    before += std::to_string(i) + "\n";
    after += std::to_string(-1 - i) + "\n";
  }
  EXPECT_EQ(applied(unified_diff("x", before, after), before), after);
}

}  // namespace
}  // namespace sluice::host::serve
