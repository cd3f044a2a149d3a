#include "pipeline/plan_log.hpp"

#include <mutex>
#include <sluice/error.hpp>
#include <utility>

#include "pipeline/plan_change.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t kLookupKeys = 100;

std::size_t lines_in(std::string_view ndjson) {
  std::size_t count = 0;
  each_line(ndjson, [&count](std::string_view) { ++count; });
  return count;
}

std::string all_ok(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += to_json(json::object{{"index", i}, {"status", "ok"}}) + '\n';
  }
  return out;
}

json::array to_array(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

const char* because(OrphanReason reason) {
  switch (reason) {
    case OrphanReason::Deleted:
      return "deleted at the source";
    case OrphanReason::Excluded:
      return "left out now";
    case OrphanReason::Moved:
    case OrphanReason::Kept:
      break;
  }
  return "has another key now";
}

const char* reason_of(RecordOutcome outcome, std::string_view skip) {
  switch (outcome) {
    case RecordOutcome::Unchanged:
      return "unchanged";
    case RecordOutcome::Superseded:
      return "superseded by another record of the same key";
    case RecordOutcome::Stale:
      return "stale: a newer copy was read before";
    case RecordOutcome::Filtered:
      return skip.empty() ? "left out by the filter" : "left out by the source's option";
    default:
      return nullptr;  // a write, or an error that the error log tells
  }
}

}  // namespace

struct PlanLog::Pending {
  std::string source_key;
  bool delivered = false;
  PlannedChange change;
  std::vector<std::string> opted_out;

  [[nodiscard]] const std::string& known_as() const {
    return change.previous_key.empty() ? change.key : change.previous_key;
  }
};

struct PlanLog::Shared {
  std::mutex mutex;
  std::unique_ptr<RecordWriter> real;
  bool can_estimate = false;
  std::map<std::string, CallTally> calls;

  void add_calls(const std::string& answer) {
    const json::object tally = parse_json(answer).as_object();
    for (const auto& entry : tally.at("calls").as_array()) {
      const auto& row = entry.as_object();
      auto& known = calls[std::string{row.at("class").as_string()}];
      known.rate = {std::string{row.at("account").as_string()},
                    std::string{row.at("class").as_string()},
                    row.at("requests").to_number<std::uint32_t>(),
                    std::chrono::milliseconds{row.at("window_ms").to_number<std::int64_t>()}};
      known.calls += row.at("calls").to_number<std::int64_t>();
    }
  }
};

class PlanLog::Writer final : public RecordWriter {
 public:
  explicit Writer(std::shared_ptr<Shared> shared)
      : shared_{std::move(shared)},
        preferred_records_{shared_->real->preferred_records()},
        max_bytes_{shared_->real->max_bytes()} {}
  ~Writer() override { shared_->real.reset(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  std::uint32_t preferred_records() const override { return preferred_records_; }
  std::uint64_t max_bytes() const override { return max_bytes_; }
  std::string write(std::string_view batch) override {
    const std::lock_guard lock{shared_->mutex};
    if (shared_->can_estimate) estimate_calls(batch);
    return all_ok(lines_in(batch));
  }
  // What an earlier run has handed over is taken for done.
  std::string poll(std::string_view request) override { return all_ok(lines_in(request) - 1); }
  void flush() override {}
  std::string lookup(const json::object& request) override {
    const std::lock_guard lock{shared_->mutex};
    return shared_->real->lookup(request);
  }
  std::string estimate(std::string_view batch) override {
    const std::lock_guard lock{shared_->mutex};
    return shared_->real->estimate(batch);
  }
  std::string screen(const json::object& request) override {
    const std::lock_guard lock{shared_->mutex};
    return shared_->real->screen(request);
  }
  std::string verify(std::string_view batch) override {
    const std::lock_guard lock{shared_->mutex};
    return shared_->real->verify(batch);
  }

 private:
  void estimate_calls(std::string_view batch) {
    try {
      shared_->add_calls(shared_->real->estimate(batch));
    } catch (const Error& error) {
      if (error.code() != Code::Unsupported) throw;
      shared_->can_estimate = false;
    }
  }

  std::shared_ptr<Shared> shared_;
  std::uint32_t preferred_records_;
  std::uint64_t max_bytes_;
};

PlanLog::PlanLog(PlanOptions options) : options_{options}, shared_{std::make_shared<Shared>()} {
  if (options_.limit == 0) options_.limit = SIZE_MAX;
}

PlanLog::~PlanLog() = default;

std::unique_ptr<RecordWriter> PlanLog::instead_of(std::unique_ptr<RecordWriter> real,
                                                  bool can_estimate, bool can_look_up) {
  if (options_.live && !can_look_up) {
    throw Error{Code::Unsupported, "this destination cannot be read: plan without --live"};
  }
  shared_->real = std::move(real);
  shared_->can_estimate = can_estimate;
  return std::make_unique<Writer>(shared_);
}

void PlanLog::upsert(const std::string& source_key, const WriteLine& line) {
  Pending pending;
  pending.source_key = source_key;
  pending.delivered = line.delivered;
  pending.change.key = line.key;
  pending.change.previous_key = line.previous_key.value_or(std::string{});
  pending.change.document = *line.document;
  if (line.delivered_document != nullptr) pending.change.delivered = *line.delivered_document;
  pending.change.if_empty = line.if_empty;
  pending.opted_out = line.standing.opted_out;
  for (const auto& scope : line.previous_standing.opted_out) {
    const auto& known = line.standing.opted_out;
    if (std::find(known.begin(), known.end(), scope) == known.end())
      pending.opted_out.push_back(scope);
  }
  if (!options_.live) return note(std::move(pending), nullptr);
  pending_.push_back(std::move(pending));
  if (pending_.size() >= kLookupKeys) look_up();
}

void PlanLog::depart(const Orphan& orphan, const std::string& action) {
  ++departures_[action];
  if (records_.size() >= options_.limit) return;
  told_.insert(orphan.source_key);
  records_.push_back(json::object{{"key", orphan.source_key},
                                  {"destination_key", orphan.target},
                                  {"does", "depart"},
                                  {"action", action},
                                  {"because", because(orphan.reason)},
                                  {"fields", json::array{}},
                                  {"sets", json::array{}}});
}

void PlanLog::settled(std::string_view key, RecordOutcome outcome, std::string_view skip) {
  const char* reason = reason_of(outcome, skip);
  if (reason == nullptr) return;
  const std::string because =
      skip.empty() ? std::string{reason} : std::string{reason} + ": " + std::string{skip};
  ++left_out_[because];
  // A record may be read several times in a run: one word on each is enough.
  if (skipped_.size() < options_.limit && told_.emplace(key).second) {
    skipped_.push_back(json::object{{"key", key}, {"because", because}});
  }
}

void PlanLog::look_up() {
  if (pending_.empty()) return;
  json::array keys;
  for (const auto& pending : pending_) keys.emplace_back(pending.known_as());
  std::string answer;
  {
    const std::lock_guard lock{shared_->mutex};
    answer = shared_->real->lookup({{"keys", std::move(keys)}});
  }
  std::map<std::string, json::object> rows;
  JsonParser parser;
  each_line(answer, [&](std::string_view line) {
    json::object row = parser.parse(line).as_object();
    std::string key{row.at("key").as_string()};
    rows.emplace(std::move(key), std::move(row));
  });
  for (auto& pending : std::exchange(pending_, {})) {
    const auto found = rows.find(pending.known_as());
    static const json::object kNothing{{"found", false}};
    note(std::move(pending), found == rows.end() ? &kNothing : &found->second);
  }
}

void PlanLog::finish() {
  look_up();
}

void PlanLog::note(Pending pending, const json::object* remote) {
  PlannedChange& change = pending.change;
  const bool exists = remote == nullptr ? pending.delivered : remote->at("found").as_bool();
  const char* does = !exists ? "create" : change.previous_key.empty() ? "update" : "rekey";
  ++does_[does];
  if (records_.size() >= options_.limit) return;
  told_.insert(pending.source_key);
  json::array fields = remote == nullptr ? field_changes(change) : field_changes(change, *remote);
  json::array sets = remote == nullptr ? set_changes(change) : set_changes(change, *remote);
  json::object record{{"key", pending.source_key}, {"destination_key", change.key}, {"does", does}};
  if (!change.previous_key.empty()) record["previous_key"] = change.previous_key;
  if (remote != nullptr && pending.delivered && !exists) {
    record["because"] = "was delivered, and is not at the destination any more";
  } else if (remote == nullptr && exists && change.delivered.fields.empty()) {
    record["because"] = "which values were delivered last is not kept: --live reads them";
  } else if (exists && fields.empty() && sets.empty() && change.previous_key.empty()) {
    record["because"] = remote != nullptr
                            ? "the destination holds these values already"
                            : "no value differs: an option of `write:` has changed, or what "
                              "became of the last write is unknown";
  }
  record["fields"] = std::move(fields);
  record["sets"] = std::move(sets);
  if (!pending.opted_out.empty()) record["opted_out"] = to_array(pending.opted_out);
  records_.push_back(std::move(record));
}

json::object PlanLog::to_json() const {
  json::object out;
  for (const char* does : {"create", "update", "rekey"}) {
    const auto found = does_.find(does);
    out[does] = found == does_.end() ? 0 : found->second;
  }
  const auto counts = [](const std::map<std::string, std::int64_t>& map) {
    json::object object;
    for (const auto& [name, count] : map) object[name] = count;
    return object;
  };
  out["depart"] = counts(departures_);
  out["left_out"] = counts(left_out_);
  out["records"] = records_;
  out["skipped"] = skipped_;
  if (!guard_.empty()) out["guard"] = guard_;
  return out;
}

std::optional<std::vector<CallTally>> PlanLog::calls() const {
  if (!shared_->can_estimate) return std::nullopt;
  const std::lock_guard lock{shared_->mutex};
  std::vector<CallTally> out;
  for (const auto& [name, tally] : shared_->calls) out.push_back(tally);
  return out;
}

}  // namespace sluice::host
