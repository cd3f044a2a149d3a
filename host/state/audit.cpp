#include "state/audit.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace sluice::host {
namespace {

constexpr const char* kColumns = "SELECT at,who,action,detail,affected,decision FROM audit ";

AuditEntry read(const Statement& row) {
  AuditEntry entry;
  entry.at = row.integer(0);
  entry.who = row.text(1);
  entry.action = row.text(2);
  entry.detail = row.text(3);
  entry.affected = row.integer(4);
  entry.decision = row.optional_text(5);
  return entry;
}

std::string user_of_process() {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 &&
      found != nullptr) {
    return found->pw_name;
  }
  return std::to_string(::geteuid());
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

std::string os_user() {
  if (auto actor = variable("SLUICE_ACTOR"); !actor.empty()) return actor;
  const std::string user = user_of_process();
  const std::string person = variable("SUDO_USER");
  return person.empty() || person == user ? user : person + " as " + user;
}

json::object json_of(const AuditEntry& entry) {
  return {{"at", entry.at},
          {"who", entry.who},
          {"action", entry.action},
          {"detail", entry.detail},
          {"affected", entry.affected}};
}

void Audit::add(const AuditEntry& entry) {
  const std::string who = entry.who.empty() ? os_user() : entry.who;
  Statement statement = database_.prepare(
      "INSERT INTO audit(at,who,action,detail,affected,decision) VALUES(?1,?2,?3,?4,?5,?6)");
  statement.bind(1, entry.at).bind(2, who).bind(3, entry.action).bind(4, entry.detail);
  statement.bind(5, entry.affected).bind(6, entry.decision).run();
}

std::optional<AuditEntry> Audit::find(std::string_view decision) {
  Statement statement = database_.prepare(std::string{kColumns} + "WHERE decision=?1");
  statement.bind(1, decision);
  if (!statement.step()) return std::nullopt;
  return read(statement);
}

std::vector<AuditEntry> Audit::last(std::size_t count) {
  Statement statement = database_.prepare(std::string{kColumns} + "ORDER BY id DESC LIMIT ?1");
  statement.bind(1, static_cast<std::int64_t>(count));
  std::vector<AuditEntry> out;
  while (statement.step()) out.push_back(read(statement));
  return out;
}

std::optional<AuditEntry> Audit::last_of(std::string_view action) {
  Statement statement =
      database_.prepare(std::string{kColumns} + "WHERE action=?1 ORDER BY id DESC LIMIT 1");
  statement.bind(1, action);
  if (!statement.step()) return std::nullopt;
  return read(statement);
}

}  // namespace sluice::host
