#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "cli/catalog_text.hpp"
#include "cli/command.hpp"
#include "integration/findings.hpp"

namespace sluice::host::cli {
namespace {

void print_account(const char* side, const std::string& connector, const AccountInfo& account) {
  print(std::string_view{fmt::format("{:<12} {} {}{}", side, connector, account.id,
                                     account.title.empty() ? "" : " (" + account.title + ")")});
}

void print_missing(const json::array& prepared) {
  std::vector<std::string> missing;
  for (const auto& field : prepared) {
    const auto& object = field.as_object();
    if (object.at("status").as_string() == "missing")
      missing.emplace_back(object.at("name").as_string());
  }
  if (missing.empty()) return;
  print(std::string_view{
      fmt::format("fields that `sluice initial` will create: {}", fmt::join(missing, ", "))});
}

json::array to_json(const std::vector<Diagnostic>& diagnostics) {
  json::array out;
  for (const auto& diagnostic : diagnostics) out.emplace_back(to_string(diagnostic));
  return out;
}

}  // namespace

int run_check(Call& call) {
  const auto session = open_session(call);
  CheckReport report = session->check();
  sort_findings(report.diagnostics, session->integration().file);
  if (call.json) {
    print(
        json::object{{"ok", report.ok()},
                     {"source", {{"account_id", report.source.id}, {"title", report.source.title}}},
                     {"destination",
                      {{"account_id", report.destination.id}, {"title", report.destination.title}}},
                     {"diagnostics", to_json(report.diagnostics)},
                     {"fields", report.prepared}});
    return report.ok() ? kDone : kUsage;
  }
  print_account("source", session->integration().source.connector, report.source);
  print_account("destination", session->integration().destination.connector, report.destination);
  print_missing(report.prepared);
  for (const auto& diagnostic : report.diagnostics) complain(to_string(diagnostic));
  if (report.ok()) print(std::string_view{"both sides answer, and the file fits them"});
  return report.ok() ? kDone : kUsage;
}

int run_discover(Call& call) {
  const auto session = open_session(call);
  const json::object catalog = session->discover();
  if (call.json) {
    print(catalog);
    return kDone;
  }
  const Integration& integration = session->integration();
  std::set<std::string, std::less<>> read, written;
  for (const auto& sync : integration.syncs) {
    read.insert(sync.read.stream);
    written.insert(sync.write.object);
  }
  print("source: " + integration.source.connector);
  print_streams(catalog.at("source").as_object(),
                [&read](std::string_view name) { return read.contains(name); });
  print("destination: " + integration.destination.connector);
  print_objects(catalog.at("destination").as_object(),
                [&written](std::string_view name) { return written.contains(name); });
  return kDone;
}

}  // namespace sluice::host::cli
