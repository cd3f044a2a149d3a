#include "table.hpp"

#include <algorithm>
#include <charconv>

namespace chargebee_sandbox {
namespace {

namespace json = sluice::json;

constexpr std::size_t kMaxViews = 32;
// Rows written as text once are kept up to this; beyond, they are made again for each page.
constexpr std::size_t kMaxCachedBytes = 256UL << 20;

int three_way(std::int64_t a, std::int64_t b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

}  // namespace

Table::Table(const ResourceKind& kind, Maker maker, Candidates candidates, std::int64_t lag_ms)
    : kind_{kind}, maker_{std::move(maker)}, candidates_{std::move(candidates)}, lag_ms_{lag_ms} {}

void Table::reserve(std::size_t rows) {
  rows_.reserve(rows);
  by_id_.reserve(rows);
}

RowNumber Table::load(std::string id, std::uint64_t source, Version version) {
  const RowNumber row = size();
  by_id_.emplace(id, row);
  rows_.push_back({std::move(id), source, std::move(version), nullptr});
  // Views that exist already (rows loaded after a first request) must learn of it.
  for (View& view : views_) {
    if (!matches(view.query, row)) continue;
    const auto less = [&](RowNumber a, RowNumber b) { return compare(view.query, a, b) < 0; };
    view.rows.insert(std::upper_bound(view.rows.begin(), view.rows.end(), row, less), row);
  }
  return row;
}

RowNumber Table::write(const std::string& id, Version version, std::int64_t now_ms) {
  const auto found = by_id_.find(id);
  RowNumber row = 0;
  if (found == by_id_.end()) {
    Version nothing;
    nothing.present = false;
    row = load(id, kNoSource, nothing);
  } else {
    row = found->second;
  }
  if (lag_ms_ == 0) {
    show(row, [&] {
      rows_[row].now = std::move(version);
      rows_[row].text.reset();
    });
    return row;
  }
  lagging_.try_emplace(row, rows_[row].now);
  pending_.push_back({now_ms + lag_ms_, row, version});
  rows_[row].now = std::move(version);
  rows_[row].text.reset();
  return row;
}

void Table::settle(std::int64_t now_ms) {
  while (!pending_.empty() && pending_.front().due_ms <= now_ms) {
    Pending due = std::move(pending_.front());
    pending_.pop_front();
    const bool last = std::none_of(pending_.begin(), pending_.end(),
                                   [&](const Pending& later) { return later.row == due.row; });
    show(due.row, [&] {
      if (last) {
        lagging_.erase(due.row);
      } else {
        lagging_[due.row] = std::move(due.version);
      }
    });
  }
}

// Changes what lists show of a row, keeping every view sorted.
void Table::show(RowNumber row, const std::function<void()>& change) {
  for (View& view : views_) {
    const auto less = [&](RowNumber a, RowNumber b) { return compare(view.query, a, b) < 0; };
    const auto place = std::lower_bound(view.rows.begin(), view.rows.end(), row, less);
    if (place != view.rows.end() && *place == row) view.rows.erase(place);
  }
  change();
  for (View& view : views_) {
    if (!matches(view.query, row)) continue;
    const auto less = [&](RowNumber a, RowNumber b) { return compare(view.query, a, b) < 0; };
    view.rows.insert(std::lower_bound(view.rows.begin(), view.rows.end(), row, less), row);
  }
}

std::optional<RowNumber> Table::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end() || !rows_[found->second].now.present) return std::nullopt;
  return found->second;
}

const Version& Table::listed(RowNumber row) const {
  if (!lagging_.empty()) {
    if (const auto found = lagging_.find(row); found != lagging_.end()) return found->second;
  }
  return rows_[row].now;
}

json::object Table::values_of(RowNumber row, const Version& version) const {
  return version.values ? *version.values : maker_(rows_[row].source);
}

std::shared_ptr<const std::string> Table::text(RowNumber row) const {
  const Row& entry = rows_[row];
  if (entry.text) return entry.text;
  auto made = std::make_shared<const std::string>(sluice::to_json(values_of(row, entry.now)));
  if (cached_bytes_ < kMaxCachedBytes) {
    cached_bytes_ += made->size();
    entry.text = made;
  }
  return made;
}

std::shared_ptr<const std::string> Table::listed_text(RowNumber row) const {
  if (!lagging_.empty() && lagging_.contains(row)) {
    return std::make_shared<const std::string>(sluice::to_json(values_of(row, listed(row))));
  }
  return text(row);
}

bool Table::matches(const ListQuery& query, RowNumber row) const {
  const Version& version = listed(row);
  if (!version.present || (version.deleted && !query.include_deleted)) return false;
  std::optional<json::object> values;
  for (const Condition& condition : query.conditions) {
    bool fits = true;
    switch (condition.place) {
      case Place::Id:
        fits = condition.matches_text(rows_[row].id);
        break;
      case Place::Created:
        fits = condition.matches_number(static_cast<double>(version.created));
        break;
      case Place::Updated:
        fits = version.updated == 0
                   ? condition.matches_missing()
                   : condition.matches_number(static_cast<double>(version.updated));
        break;
      case Place::Values:
        if (!values) values = values_of(row, version);
        fits = condition.matches(*values);
        break;
    }
    if (!fits) return false;
  }
  return true;
}

std::int64_t Table::number_key(const ListQuery& query, RowNumber row) const {
  const Version& version = listed(row);
  return query.sort == SortKey::Updated ? version.updated : version.created;
}

std::string Table::sort_value(const ListQuery& query, RowNumber row) const {
  switch (query.sort) {
    case SortKey::Id:
      return rows_[row].id;
    case SortKey::Name: {
      const json::object values = values_of(row, listed(row));
      const json::value* name = values.if_contains("name");
      return name != nullptr && name->is_string() ? std::string{name->get_string()} : "";
    }
    default:
      return std::to_string(number_key(query, row) * 1000);
  }
}

int Table::compare(const ListQuery& query, RowNumber a, RowNumber b) const {
  int order = 0;
  if (query.sort == SortKey::Created || query.sort == SortKey::Updated) {
    order = three_way(number_key(query, a), number_key(query, b));
  } else {
    order = sort_value(query, a).compare(sort_value(query, b));
  }
  // Rows of the same second keep the order in which they were made.
  if (order == 0) order = three_way(a, b);
  return query.descending ? -order : order;
}

void Table::fill(View& view) const {
  const auto take = [&](RowNumber row) {
    if (matches(view.query, row)) view.rows.push_back(row);
  };
  if (const auto some = candidates_ ? candidates_(view.query) : std::nullopt) {
    for (const RowNumber row : *some) take(row);
  } else {
    for (RowNumber row = 0; row < size(); ++row) take(row);
  }
  const auto less = [&](RowNumber a, RowNumber b) { return compare(view.query, a, b) < 0; };
  if (!std::is_sorted(view.rows.begin(), view.rows.end(), less)) {
    std::sort(view.rows.begin(), view.rows.end(), less);
  }
  view.rows.erase(std::unique(view.rows.begin(), view.rows.end()), view.rows.end());
}

Table::View& Table::view(const ListQuery& query) {
  const auto found = std::find_if(views_.begin(), views_.end(), [&](const View& view) {
    return view.query.fingerprint == query.fingerprint;
  });
  if (found != views_.end()) {
    views_.splice(views_.begin(), views_, found);
    return views_.front();
  }
  views_.push_front({query, {}});
  fill(views_.front());
  if (views_.size() > kMaxViews) views_.pop_back();
  return views_.front();
}

Page Table::page(const ListQuery& query, const Start& start) {
  const View& list = view(query);
  std::size_t begin = std::min(start.position, list.rows.size());
  if (start.after_row) {
    // The first row that sorts behind the one where the last page ended, wherever that one is now.
    const auto behind = [&](RowNumber row) {
      int order = 0;
      if (query.sort == SortKey::Created || query.sort == SortKey::Updated) {
        std::int64_t value = 0;
        std::from_chars(start.value.data(), start.value.data() + start.value.size(), value);
        order = three_way(number_key(query, row) * 1000, value);
      } else {
        order = sort_value(query, row).compare(start.value);
      }
      if (order == 0) order = three_way(row, start.row);
      return (query.descending ? -order : order) > 0;
    };
    const auto place = std::partition_point(list.rows.begin(), list.rows.end(),
                                            [&](RowNumber row) { return !behind(row); });
    begin = static_cast<std::size_t>(place - list.rows.begin());
  }
  Page page;
  page.end = std::min(begin + query.limit, list.rows.size());
  page.rows.assign(list.rows.begin() + static_cast<std::ptrdiff_t>(begin),
                   list.rows.begin() + static_cast<std::ptrdiff_t>(page.end));
  page.more = page.end < list.rows.size();
  return page;
}

}  // namespace chargebee_sandbox
