#include "snapshot_store.hpp"

#include <unordered_set>
#include <utility>

namespace file_connector {
namespace {

namespace json = sluice::json;

std::filesystem::path beside(const std::filesystem::path& path) {
  return path.parent_path() / ("." + path.filename().string() + ".changes");
}

}  // namespace

SnapshotStore::SnapshotStore(const Options& options, std::filesystem::path path, std::string match)
    : options_{options},
      path_{std::move(path)},
      match_{std::move(match)},
      csv_{format_of(options, path_).csv},
      changes_{beside(path_), match_} {}

void SnapshotStore::refresh(sluice::Context& context) {
  refresh_snapshot(context);
  changes_.refresh(context);
}

void SnapshotStore::refresh_to_write(sluice::Context& context) {
  changes_.refresh_to_write(context);
  refresh_snapshot(context);
}

void SnapshotStore::refresh_snapshot(sluice::Context& context) {
  if (snapshot_ && snapshot_->state() == state_of(path_)) return;
  snapshot_.reset();
  snapshot_.emplace(context, options_, path_, match_);
}

std::optional<json::object> SnapshotStore::find(const std::string& key) const {
  return changes_.speaks_of(key) ? changes_.find(key) : snapshot_->find(key);
}

void SnapshotStore::put(const std::string& key, const json::object& document) {
  changes_.put(key, document);
}

void SnapshotStore::put_new(const std::string& key, const json::object& fields) {
  if (csv_) {
    changes_.put(key, stored(fields));
  } else {
    changes_.put_new(key, fields);
  }
}

void SnapshotStore::remove(const std::string& key) {
  changes_.remove(key);
}

json::object SnapshotStore::stored(json::object document) const {
  if (!csv_) return document;
  json::object cells;
  for (const auto& member : document) {
    const auto cell = to_cell(member.value());
    if (!cell) continue;
    cells[member.key()] = member.key() == match_ ? json::value(*cell) : from_cell(*cell);
  }
  return cells;
}

// Those of the file, and behind them what the changes bring.
std::vector<std::string> SnapshotStore::columns(const std::vector<std::string>& changed) const {
  auto columns = snapshot_->columns();
  if (columns.empty()) columns.push_back(match_);
  std::unordered_set<std::string> known{columns.begin(), columns.end()};
  for (const auto& key : changed) {
    const auto document = changes_.find(key);
    if (!document) continue;
    for (const auto& member : *document) {
      if (known.emplace(member.key()).second) columns.emplace_back(member.key());
    }
  }
  return columns;
}

void SnapshotStore::sync(sluice::Context& context) {
  refresh_to_write(context);
  const auto changed = changes_.keys();
  if (changed.empty()) return;
  SnapshotWriter out{options_, path_, csv_ ? columns(changed) : std::vector<std::string>{}};
  const auto add_changed = [&](const std::string& key) {
    if (const auto document = changes_.find(key)) out.add(sluice::to_json(*document));
  };
  snapshot_->each(context, [&](const std::string& key, std::string_view document) {
    if (changes_.speaks_of(key)) {
      add_changed(key);
    } else {
      out.add(document);
    }
  });
  for (const auto& key : changed) {
    context.throw_if_stopped();
    if (!snapshot_->has(key)) add_changed(key);
  }
  out.finish();
  changes_.clear();
  snapshot_.reset();
}

}  // namespace file_connector
