#include "serve/unified_diff.hpp"

#include <algorithm>
#include <cstdint>
#include <dtl/dtl.hpp>
#include <vector>

namespace sluice::host::serve {
namespace {

constexpr std::size_t kAround = 3;
// Lines before times lines after: what comparing them may cost.
constexpr std::size_t kMostPairs = 4'000'000;

// With their line breaks: a last line without one is another line.
std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

struct Edit {
  char kind;  // ' ', '-', '+'
  std::string line;
};

std::vector<Edit> edits_of(std::vector<std::string> before, std::vector<std::string> after) {
  std::vector<Edit> start, edits, end;
  const auto both = [&] { return std::min(before.size(), after.size()); };
  std::size_t same = 0;
  while (same < both() && before[same] == after[same]) start.push_back({' ', before[same++]});
  const auto drop = [same](auto& lines) {
    lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(same));
  };
  drop(before);
  drop(after);
  while (both() > 0 && before.back() == after.back()) {
    end.push_back({' ', std::move(before.back())});
    before.pop_back();
    after.pop_back();
  }
  std::reverse(end.begin(), end.end());
  if (before.size() * after.size() > kMostPairs) {
    for (auto& line : before) edits.push_back({'-', std::move(line)});
    for (auto& line : after) edits.push_back({'+', std::move(line)});
  } else {
    dtl::Diff<std::string> diff{before, after};
    diff.onHuge();
    diff.compose();
    for (const auto& [line, info] : diff.getSes().getSequence()) {
      const char kind = info.type == dtl::SES_COMMON ? ' ' : info.type == dtl::SES_ADD ? '+' : '-';
      edits.push_back({kind, line});
    }
  }
  start.insert(start.end(), edits.begin(), edits.end());
  start.insert(start.end(), end.begin(), end.end());
  return start;
}

std::string range(std::size_t first, std::size_t count) {
  return std::to_string(count == 0 ? first : first + 1) +
         (count == 1 ? "" : "," + std::to_string(count));
}

}  // namespace

std::string unified_diff(const std::string& file, std::string_view before, std::string_view after) {
  if (before == after) return {};
  const auto edits = edits_of(lines_of(before), lines_of(after));
  // A tab ends a name that has blanks in it.
  const std::string name = file.find(' ') == std::string::npos ? file : file + '\t';
  std::string out = "--- " + name + "\n+++ " + name + '\n';
  std::size_t at = 0, line_before = 0, line_after = 0;  // of edits[at]
  const auto step = [&] {
    if (edits[at].kind != '+') ++line_before;
    if (edits[at].kind != '-') ++line_after;
    ++at;
  };
  while (at < edits.size()) {
    // The next change, and all that follow it with no more than what is shown around them between.
    std::size_t from = at;
    while (from < edits.size() && edits[from].kind == ' ') ++from;
    if (from == edits.size()) break;
    std::size_t last = from;
    for (std::size_t i = from; i < edits.size() && i <= last + 2 * kAround; ++i) {
      if (edits[i].kind != ' ') last = i;
    }
    while (at + kAround < from) step();
    const std::size_t end = std::min(edits.size(), last + kAround + 1);
    const std::size_t first_before = line_before, first_after = line_after;
    std::string body;
    while (at < end) {
      body += edits[at].kind + edits[at].line;
      if (edits[at].line.back() != '\n') body += "\n\\ No newline at end of file\n";
      step();
    }
    out += "@@ -" + range(first_before, line_before - first_before) + " +" +
           range(first_after, line_after - first_after) + " @@\n" + body;
  }
  return out;
}

}  // namespace sluice::host::serve
