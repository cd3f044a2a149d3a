#include "report.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::conformance {
namespace {

using Status = Result::Status;

std::int64_t count(const std::vector<Result>& results, Status status) {
  return std::count_if(results.begin(), results.end(),
                       [&](const Result& result) { return result.status == status; });
}

std::string place_of(const Result& result) {
  const std::string id = result.group + "." + result.name;
  return result.scenario.empty() ? id : id + " [" + result.scenario + "]";
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        // XML 1.0 has no other control characters, escaped or not.
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

const char* name_of(Status status) {
  switch (status) {
    case Status::Passed:
      return "passed";
    case Status::Failed:
      return "failed";
    case Status::NotProved:
      return "not proved";
    case Status::NotRun:
      break;
  }
  return "not run";
}

}  // namespace

bool all_hold(const std::vector<Result>& results) {
  return count(results, Status::Failed) == 0;
}

std::string as_text(const host::PluginFile& plugin, const std::vector<Result>& results) {
  std::string text = fmt::format("{} {}: conformance\n", plugin.id, plugin.version);
  std::vector<std::string> groups;
  for (const auto& result : results)
    if (std::find(groups.begin(), groups.end(), result.group) == groups.end())
      groups.push_back(result.group);
  for (const auto& group : groups) {
    std::vector<Result> own;
    for (const auto& result : results)
      if (result.group == group) own.push_back(result);
    text += fmt::format("  {:<13}{:>3} passed", group, count(own, Status::Passed));
    for (const auto status : {Status::Failed, Status::NotProved, Status::NotRun})
      if (const auto number = count(own, status))
        text += fmt::format(", {} {}", number, name_of(status));
    text += '\n';
  }
  std::string measured;
  for (const auto& result : results)
    if (result.status == Status::Passed && !result.message.empty())
      measured += fmt::format("  {}: {}\n", place_of(result), result.message);
  if (!measured.empty()) text += "\nmeasured:\n" + measured;
  for (const auto status : {Status::NotProved, Status::Failed}) {
    if (count(results, status) == 0) continue;
    text += fmt::format("\n{}:\n", name_of(status));
    for (const auto& result : results)
      if (result.status == status)
        text += fmt::format("  {}: {}\n      {}\n", place_of(result), result.about, result.message);
  }
  if (const auto left = count(results, Status::NotRun))
    text += fmt::format("\nnot run: {} checks, for want of a sandbox\n", left);
  text += all_hold(results) ? "\nit conforms\n" : "\nit does not conform\n";
  return text;
}

json::object as_json(const host::PluginFile& plugin, const std::vector<Result>& results) {
  json::array checks;
  for (const auto& result : results) {
    json::object check{{"scenario", result.scenario},
                       {"group", result.group},
                       {"name", result.name},
                       {"about", result.about},
                       {"status", name_of(result.status)}};
    if (!result.message.empty()) check["message"] = result.message;
    check["ms"] = result.took.count();
    checks.push_back(std::move(check));
  }
  return {{"id", plugin.id},
          {"version", plugin.version},
          {"holds", all_hold(results)},
          {"checks", std::move(checks)}};
}

std::string as_junit(const host::PluginFile& plugin, const std::vector<Result>& results) {
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"{}\" tests=\"{}\" "
      "failures=\"{}\" skipped=\"{}\">\n",
      escaped(plugin.id), results.size(), count(results, Status::Failed),
      count(results, Status::NotProved) + count(results, Status::NotRun));
  for (const auto& result : results) {
    text += fmt::format("  <testcase classname=\"{}.{}\" name=\"{}\" time=\"{:.3f}\"",
                        escaped(plugin.id), escaped(result.group), escaped(place_of(result)),
                        static_cast<double>(result.took.count()) / 1000);
    if (result.status == Status::Passed) {
      text += "/>\n";
      continue;
    }
    const char* element = result.status == Status::Failed ? "failure" : "skipped";
    text += fmt::format("><{} message=\"{}\"/></testcase>\n", element, escaped(result.message));
  }
  return text + "</testsuite>\n";
}

}  // namespace sluice::conformance
