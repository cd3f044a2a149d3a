// What people decided about an integration: rows that are only ever added. Nothing here commits.
#pragma once

#include <cstdint>
#include <optional>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "state/sqlite.hpp"

namespace sluice::host {

// Whom this process acts for: $SLUICE_ACTOR, which the service sets for the runs that people ask it
// for; else the operating system's user who runs it, by number when it has no name; after `sudo`
// "ann as sluice".
[[nodiscard]] std::string os_user();

struct AuditEntry {
  std::int64_t at = 0;        // ms since the epoch
  std::string who;            // empty: the user of this process
  std::string action;         // "ignore", "retry", "pause", "resume", "force", "allow-deletes", …
  std::string detail;         // for people
  std::int64_t affected = 0;  // errors ignored, rows erased, …
  std::optional<std::string> decision;  // of one that was handed in; see decision.hpp
};
[[nodiscard]] json::object json_of(const AuditEntry& entry);

class Audit {
 public:
  explicit Audit(Database& database) : database_{database} {}

  void add(const AuditEntry& entry);
  [[nodiscard]] std::optional<AuditEntry> find(std::string_view decision);
  // The newest first.
  [[nodiscard]] std::vector<AuditEntry> last(std::size_t count);
  // The newest entry of an action.
  [[nodiscard]] std::optional<AuditEntry> last_of(std::string_view action);

 private:
  Database& database_;
};

}  // namespace sluice::host
