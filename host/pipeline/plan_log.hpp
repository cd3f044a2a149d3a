// What a run would do, noted while it runs on a copy of the state: writes field by field, records
// that are left out, what the destination's limits cost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <sluice/context.hpp>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "connector/connector.hpp"
#include "pipeline/wire.hpp"
#include "state/ledger.hpp"
#include "state/runs.hpp"

namespace sluice::host {

struct PlanOptions {
  std::size_t limit = 20;  // how many records of a kind are told in detail; 0: all
  bool live = false;       // compare with the destination instead of with what was delivered
};

// Calls that planned writes need, by class of requests. Nothing: the connector cannot tell.
struct CallTally {
  RateClass rate;
  std::int64_t calls = 0;
};

// One sync's plan. Threads: [instance] one thread, the run's.
class PlanLog {
 public:
  explicit PlanLog(PlanOptions options);
  ~PlanLog();

  // The run is about to write. `line` says what stood at the destination.
  void upsert(const std::string& source_key, const WriteLine& line);
  // A target's owner has left it, and nobody takes it over. `action` may be "keep".
  void depart(const Orphan& orphan, const std::string& action);
  // A record came to an outcome without a write.
  void settled(std::string_view key, RecordOutcome outcome, std::string_view skip);
  // A guard that would stop the run before its first removal.
  void stopped_by(std::string refusal) { guard_ = std::move(refusal); }

  // A writer that answers "ok" to every write without making it, and passes on only what reads.
  // Errors: Error{Unsupported} when `live` is wanted of a destination that cannot be read.
  [[nodiscard]] std::unique_ptr<RecordWriter> instead_of(std::unique_ptr<RecordWriter> real,
                                                         bool can_estimate, bool can_look_up);
  // After the last record, while the writer is open.
  void finish();

  // {"create":n,"update":n,"rekey":n,"depart":{action:n},
  //  "left_out":{reason:n}            why records were not written, the errors apart
  //  "records":[{"key","destination_key","previous_key"?,"does":"create"|"update"|"rekey"|"depart",
  //              "action"?,"because"?,"fields":[{"name","old","new","if_empty"?}],
  //              "sets":[{"name","add","remove"}],"opted_out"?:[scope]}],
  //  "skipped":[{"key","because"}], "guard"?:text}
  [[nodiscard]] json::object to_json() const;
  [[nodiscard]] std::optional<std::vector<CallTally>> calls() const;

 private:
  class Writer;
  struct Pending;

  void note(Pending pending, const json::object* remote);
  void look_up();

  PlanOptions options_;
  std::map<std::string, std::int64_t> does_;
  std::map<std::string, std::int64_t> departures_;
  std::map<std::string, std::int64_t> left_out_;
  json::array records_, skipped_;
  std::unordered_set<std::string> told_;  // source keys in either
  std::string guard_;
  std::vector<Pending> pending_;  // await the destination's word
  struct Shared;
  std::shared_ptr<Shared> shared_;  // with the writer, whose batches are on another thread
};

}  // namespace sluice::host
