// The rows of one kind of resource, their versions, and the sorted lists over them.
//
// Every list that was asked for is kept as a view: the sorted numbers of its rows. A write moves
// one row in each view, so that walking 100,000 rows costs one scan and not one for each page. With
// a visibility lag, views keep showing a row's earlier version until the lag is over.
//
// Threads: none of its own; the sandbox calls it under a lock.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "list_query.hpp"
#include "resource.hpp"
#include "sluice/json.hpp"

namespace chargebee_sandbox {

using RowNumber = std::uint32_t;
inline constexpr std::uint64_t kNoSource = ~0ULL;

struct Version {
  std::int64_t created = 0;  // seconds; the columns that lists sort and filter by
  std::int64_t updated = 0;  // 0: none
  std::int64_t resource_version = 0;
  bool deleted = false;
  bool present = true;  // false: not there (any more), not even as a deleted row
  std::shared_ptr<const sluice::json::object> values;  // null: as generated
};

// A page's rows, in order, and where the next one starts.
struct Page {
  std::vector<RowNumber> rows;
  bool more = false;
  std::size_t end = 0;  // position after the last row
};

// Where a list continues: at a position, or after a row that had this sort value.
struct Start {
  std::size_t position = 0;
  bool after_row = false;
  std::string value;
  RowNumber row = 0;
};

class Table {
 public:
  // Makes a generated row from its source.
  using Maker = std::function<sluice::json::object(std::uint64_t source)>;
  // Rows that can match a query, found without a scan; nothing = all rows.
  using Candidates = std::function<std::optional<std::vector<RowNumber>>(const ListQuery&)>;

  Table(const ResourceKind& kind, Maker maker, Candidates candidates, std::int64_t lag_ms);

  [[nodiscard]] const ResourceKind& kind() const { return kind_; }
  [[nodiscard]] RowNumber size() const { return static_cast<RowNumber>(rows_.size()); }
  void reserve(std::size_t rows);

  // Adds a row that is visible at once. Its id must be new.
  RowNumber load(std::string id, std::uint64_t source, Version version);
  // Adds a row, or gives the row of that id its next version.
  RowNumber write(const std::string& id, Version version, std::int64_t now_ms);

  // The row of that id, if it is present.
  [[nodiscard]] std::optional<RowNumber> find(std::string_view id) const;
  [[nodiscard]] const std::string& id(RowNumber row) const { return rows_[row].id; }
  [[nodiscard]] std::uint64_t source(RowNumber row) const { return rows_[row].source; }
  [[nodiscard]] const Version& current(RowNumber row) const { return rows_[row].now; }
  [[nodiscard]] sluice::json::object values(RowNumber row) const {
    return values_of(row, rows_[row].now);
  }
  // The row as JSON text: as it is, or as lists show it.
  [[nodiscard]] std::shared_ptr<const std::string> text(RowNumber row) const;
  [[nodiscard]] std::shared_ptr<const std::string> listed_text(RowNumber row) const;

  // Whether lists can show the row yet, or still.
  [[nodiscard]] bool is_listed(RowNumber row) const { return listed(row).present; }

  // Makes the changes visible whose lag is over.
  void settle(std::int64_t now_ms);
  [[nodiscard]] Page page(const ListQuery& query, const Start& start);
  // The row's value of the query's sort attribute, as text.
  [[nodiscard]] std::string sort_value(const ListQuery& query, RowNumber row) const;

 private:
  struct Row {
    std::string id;
    std::uint64_t source;
    Version now;
    mutable std::shared_ptr<const std::string> text;
  };
  struct View {
    ListQuery query;
    std::vector<RowNumber> rows;
  };
  struct Pending {
    std::int64_t due_ms;
    RowNumber row;
    Version version;
  };
  struct IdHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  [[nodiscard]] const Version& listed(RowNumber row) const;
  [[nodiscard]] sluice::json::object values_of(RowNumber row, const Version& version) const;
  [[nodiscard]] bool matches(const ListQuery& query, RowNumber row) const;
  [[nodiscard]] std::int64_t number_key(const ListQuery& query, RowNumber row) const;
  [[nodiscard]] int compare(const ListQuery& query, RowNumber a, RowNumber b) const;
  View& view(const ListQuery& query);
  void fill(View& view) const;
  void show(RowNumber row, const std::function<void()>& change);

  const ResourceKind& kind_;
  Maker maker_;
  Candidates candidates_;
  std::int64_t lag_ms_;
  std::vector<Row> rows_;
  std::unordered_map<std::string, RowNumber, IdHash, std::equal_to<>> by_id_;
  std::list<View> views_;                           // latest used first
  std::unordered_map<RowNumber, Version> lagging_;  // what lists still show
  std::deque<Pending> pending_;
  mutable std::size_t cached_bytes_ = 0;
};

}  // namespace chargebee_sandbox
