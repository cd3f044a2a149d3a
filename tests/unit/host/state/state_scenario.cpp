#include "state_scenario.hpp"

#include <vector>

namespace sluice::host {
namespace {

constexpr std::int64_t kPeople = 4;

std::string hash_of(std::int64_t step) {
  return std::string(16, static_cast<char>('a' + step));
}

TargetRow target_of(State& state, const SyncRow& sync, const std::string& owner,
                    const std::string& key, std::int64_t step) {
  TargetRow target;
  target.key = key;
  target.sync = sync.id;
  target.owner = owner;
  target.document =
      state.packer().pack(R"({"fields":{"step":)" + std::to_string(step) + R"(},"sets":{}})");
  target.hash = hash_of(step);
  return target;
}

}  // namespace

void write_step(State& state, std::int64_t step) {
  SyncRow sync = state.sync("people", "rows");
  sync.cursor = R"({"at":)" + std::to_string(step) + "}";
  sync.fingerprint = "f";
  state.put_sync(sync);
  const std::int64_t run = state.runs().start("incremental", step);
  Ledger& ledger = state.ledger();
  for (std::int64_t i = 0; i < kPeople; ++i) {
    const std::string key = "p" + std::to_string(step * kPeople / 2 + i);
    const std::string address = key + "@x.example";
    ledger.put_record(sync.id, sync.object, {key, address, step, step, 1, RecordState::Candidate});
    ledger.put_target(sync.object, target_of(state, sync, key, address, step));
    state.runs().record(run, i, sync.id, key, RecordOutcome::Delivered);
    if (i == 0) {
      ledger.put_intent(sync.id, {key, "old" + address, address});
      ledger.put_orphan(sync.id, {address, key, OrphanReason::Excluded});
      ledger.put_standing(sync.object, address, std::vector<std::string>{"news"}, std::nullopt);
    }
  }
  RecordError error;
  error.key = "bad" + std::to_string(step);
  error.stage = "check";
  error.code = "no_email";
  error.message = "there is no address";
  state.errors().report(sync.id, error, step);
  state.errors().resolve(sync.id, "bad" + std::to_string(step - 1), step);
  for (const auto& open : state.receipts().open(sync.id)) {
    for (const auto& write : state.receipts().writes(open.id)) {
      TargetRow target = target_of(state, sync, write.source_key, write.target, step);
      ledger.put_target(sync.object, target);
    }
    state.receipts().settle(open.id);
  }
  const std::string waiting = "p" + std::to_string(step * kPeople / 2);
  TargetRow target = target_of(state, sync, waiting, waiting + "@x.example", step);
  target.pending_hash = hash_of(step + 1);
  ledger.put_target(sync.object, target);
  const auto receipt = state.receipts().add(sync.id, run, "r" + std::to_string(step), step, step);
  state.receipts().add_write(
      sync.id, receipt,
      {waiting, 1, target.key, "", R"({"op":"upsert"})", target.document, target.hash});
}

void make_scenario(const std::filesystem::path& root) {
  State state = State::open(root, kScenario, "test");
  for (std::int64_t step = 1; step <= 3; ++step) {
    write_step(state, step);
    state.commit();
  }
}

std::string dump(Database& database) {
  std::vector<std::string> tables;
  {
    Statement names =
        database.prepare("SELECT name FROM sqlite_schema WHERE type='table' ORDER BY name");
    while (names.step()) tables.emplace_back(names.text(0));
  }
  std::string out;
  for (const auto& table : tables) {
    std::string columns;
    Statement info = database.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid");
    info.bind(1, table);
    while (info.step()) {
      const std::string name{info.text(0)};
      columns += (columns.empty() ? "quote(" : "||','||quote(") + name + ")";
    }
    Statement rows = database.prepare("SELECT " + columns + " FROM " + table + " ORDER BY 1");
    while (rows.step()) out.append(table).append(":").append(rows.text(0)).append("\n");
  }
  return out;
}

std::string dump_state(const std::filesystem::path& root) {
  Database database{scenario_file(root), Database::Mode::ReadOnly};
  return dump(database);
}

}  // namespace sluice::host
