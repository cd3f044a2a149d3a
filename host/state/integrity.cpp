#include "state/integrity.hpp"

#include <array>
#include <sluice/error.hpp>
#include <sluice/json.hpp>

#include "state/packer.hpp"
#include "state/state_error.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t kExamples = 3;

// Each row of the query is one violation, its first column tells which.
struct Rule {
  const char* what;
  const char* violations;
};

constexpr std::array<Rule, 22> kRules{{
    {"syncs of an object that is not known",
     "SELECT name FROM syncs WHERE object NOT IN (SELECT id FROM objects)"},
    {"syncs that have delivered everything, but have no cursor to go on from",
     "SELECT name FROM syncs WHERE fingerprint<>'' AND cursor IS NULL"},
    {"cursors that are not JSON",
     "SELECT name FROM syncs WHERE NOT json_valid(coalesce(cursor,'{}')) OR NOT "
     "json_valid(coalesce(walk_cursor,'{}'))"},
    {"syncs with the place of a full walk, although none is under way",
     "SELECT name FROM syncs WHERE walking=0 AND (walk_cursor IS NOT NULL OR walked<>0)"},
    {"records of a sync that is not known",
     "SELECT key FROM records WHERE sync NOT IN (SELECT id FROM syncs)"},
    {"records in a state that is not known",
     "SELECT key FROM records WHERE state NOT BETWEEN 0 AND 3"},
    {"records that claim no destination key",
     "SELECT key FROM records WHERE state=0 AND target IS NULL"},
    {"destination keys whose owner is not known",
     "SELECT t.key FROM targets t LEFT JOIN records r ON r.sync=t.sync AND r.key=t.owner WHERE "
     "r.key "
     "IS NULL"},
    {"destination keys of an object that is not known",
     "SELECT key FROM targets WHERE object NOT IN (SELECT id FROM objects)"},
    {"destination keys with a hash of the wrong length",
     "SELECT key FROM targets WHERE length(hash) BETWEEN 2 AND 15 OR length(pending_hash) BETWEEN "
     "1 "
     "AND 15"},
    {"destination keys that await a receipt that is not there",
     "SELECT t.key FROM targets t WHERE t.pending_hash<>x'' AND NOT EXISTS(SELECT 1 FROM "
     "pending_writes p JOIN syncs s ON s.id=p.sync WHERE p.target=t.key AND s.object=t.object)"},
    {"receipts without writes",
     "SELECT receipt FROM receipts WHERE id NOT IN (SELECT receipt FROM pending_writes)"},
    {"receipts of a sync that is not known",
     "SELECT receipt FROM receipts WHERE sync NOT IN (SELECT id FROM syncs)"},
    {"writes under way without a receipt",
     "SELECT source_key FROM pending_writes WHERE receipt NOT IN (SELECT id FROM receipts)"},
    {"destination keys with two writes under way",
     "SELECT target FROM pending_writes p JOIN syncs s ON s.id=p.sync GROUP BY s.object,target "
     "HAVING count(*)>1"},
    {"intents of a sync that is not known",
     "SELECT source_key FROM intents WHERE sync NOT IN (SELECT id FROM syncs)"},
    {"orphans of a sync that is not known",
     "SELECT target FROM orphans WHERE sync NOT IN (SELECT id FROM syncs)"},
    {"errors of a sync that is not known",
     "SELECT key FROM errors WHERE sync NOT IN (SELECT id FROM syncs)"},
    {"errors in a state that is not known",
     "SELECT key FROM errors WHERE state NOT BETWEEN 0 AND 2"},
    {"account rows of a run that is not known, or with an outcome that is not",
     "SELECT key FROM run_rows WHERE run NOT IN (SELECT id FROM runs) OR outcome NOT BETWEEN 1 AND "
     "9"},
    {"runs whose sum is off",
     "SELECT r.id FROM runs r, json_each(r.summary,'$.syncs') s WHERE json_valid(r.summary) AND "
     "s.value->>'$.read' IS NOT (SELECT coalesce(sum(o.value),0) FROM json_each(s.value) o WHERE "
     "o.key IN ('delivered','unchanged','deleted','filtered','superseded','stale','pending',"
     "'rejected','valid'))"},
    {"remembered decisions with a hash of the wrong length",
     "SELECT scope FROM standing WHERE length(key_hash)<>32"},
}};

void add_rule(Database& database, const Rule& rule, std::vector<StateProblem>& problems) {
  Statement rows = database.prepare(rule.violations);
  StateProblem problem{rule.what, 0, {}};
  while (rows.step()) {
    if (++problem.count <= static_cast<std::int64_t>(kExamples))
      problem.examples.emplace_back(rows.text(0));
  }
  if (problem.count > 0) problems.push_back(std::move(problem));
}

void add_structure(Database& database, std::vector<StateProblem>& problems) {
  Statement rows = database.prepare("PRAGMA integrity_check(20)");
  StateProblem problem{"damage to the structure of the file", 0, {}};
  while (rows.step()) {
    if (rows.text(0) == "ok") continue;
    if (++problem.count <= static_cast<std::int64_t>(kExamples))
      problem.examples.emplace_back(rows.text(0));
  }
  if (problem.count > 0) problems.push_back(std::move(problem));
}

// Damage within a value is no damage to SQLite.
void add_documents(Database& database, Packer& packer, const char* documents,
                   std::vector<StateProblem>& problems) {
  Statement rows = database.prepare(documents);
  StateProblem problem{"documents that cannot be unpacked", 0, {}};
  while (rows.step()) {
    try {
      if (const auto text = packer.unpack(rows.blob(1)); !text.empty()) (void)parse_json(text);
    } catch (const std::exception&) {
      if (++problem.count <= static_cast<std::int64_t>(kExamples))
        problem.examples.emplace_back(rows.text(0));
    }
  }
  if (problem.count > 0) problems.push_back(std::move(problem));
}

void add_identity(Database& database, std::string_view integration,
                  std::vector<StateProblem>& problems) {
  Statement name = database.prepare("SELECT value FROM meta WHERE key='integration'");
  if (!name.step()) {
    problems.push_back({"the name of its integration is missing", 1, {}});
  } else if (name.blob(0) != integration) {
    problems.push_back({"it belongs to another integration", 1, {std::string{name.blob(0)}}});
  }
  if (database.scalar("SELECT count(*) FROM meta WHERE key='standing_key' AND length(value)=32") ==
      0)
    problems.push_back({"the key of its hashes is missing", 1, {}});
}

}  // namespace

json::object json_of(const StateProblem& problem) {
  json::array examples;
  for (const auto& example : problem.examples) examples.emplace_back(example);
  return {{"what", problem.what}, {"count", problem.count}, {"examples", std::move(examples)}};
}

std::vector<StateProblem> problems_of(Database& database, std::string_view integration) {
  std::vector<StateProblem> problems;
  add_structure(database, problems);
  // What stands on damaged pages says nothing.
  if (!problems.empty()) return problems;
  add_identity(database, integration, problems);
  for (const auto& rule : kRules) add_rule(database, rule, problems);
  Packer packer{database};
  add_documents(database, packer, "SELECT key,document FROM targets", problems);
  add_documents(database, packer, "SELECT target,document FROM pending_writes", problems);
  add_documents(database, packer, "SELECT target,line FROM pending_writes", problems);
  return problems;
}

}  // namespace sluice::host
