// A walk over one of Chargebee's lists, page by page, that survives refused offsets and never runs
// in circles.
#pragma once

#include <cstdint>
#include <optional>
#include <sluice/context.hpp>
#include <sluice/json.hpp>
#include <string>

#include "api.hpp"

namespace chargebee {

struct ListQuery {
  std::string path;    // "/customers"
  std::string member;  // "customer"
  // The attribute to sort by, which is also filterable in time; empty: the list offers none.
  std::string time_sort = {};
  std::string sort = {};  // another attribute to sort by
  bool include_deleted = false;
  sluice::Pairs filters = {};
  std::uint32_t limit = 100;
  bool thin = false;  // the rows' objects only pass through: thin_rows.hpp
};

// Where a walk stands; part of cursors.
struct WalkState {
  std::string offset;
  std::int64_t offset_at = 0;  // when the offset was given out, seconds, this machine's clock
  std::optional<std::int64_t> after;  // filter of the sort attribute, since a list was reopened
  std::optional<std::int64_t> last;   // highest sort attribute seen

  [[nodiscard]] json::object to_json() const;
  // Errors: throws Error{CursorInvalid}.
  [[nodiscard]] static WalkState from_json(const json::value& value);
};

struct WalkStep {
  ListPage page;
  WalkState state;  // after this page
  bool end = false;
  std::size_t ids = 0;  // hash of the rows' ids
};

// Threads: [handle].
class ListWalk {
 public:
  ListWalk(Api& api, ListQuery query, WalkState state = {});

  // The next page, its rows in `storage`. The walk stays where it is until `accept`, so that a
  // caller that fails later can repeat it. Errors: those of Api::list, without OffsetRefused;
  // SchemaMismatch when the list repeats itself for ever.
  [[nodiscard]] WalkStep fetch(sluice::Context& context, const json::storage_ptr& storage = {});
  void accept(const WalkStep& step);

 private:
  [[nodiscard]] ListPage request(sluice::Context& context, const WalkState& state,
                                 const json::storage_ptr& storage);
  // A refused offset reopens the list: `from` is then where.
  [[nodiscard]] ListPage open(sluice::Context& context, WalkState& from,
                              const json::storage_ptr& storage);
  [[nodiscard]] WalkState reopened(sluice::Context& context, const WalkState& state) const;
  void refuse_circles(const ListPage& page, std::size_t ids, const WalkState& state) const;

  Api& api_;
  ListQuery query_;
  WalkState state_;
  std::size_t previous_ids_ = 0;  // hash of the last accepted page's ids
  int repeats_ = 0;
  std::string milestone_;  // an earlier offset: a list that comes back to it goes in circles
  std::uint64_t pages_ = 0;
  std::optional<std::int64_t> reopened_at_;
};

}  // namespace chargebee
