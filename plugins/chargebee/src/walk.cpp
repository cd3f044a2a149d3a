#include "walk.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <functional>
#include <utility>

namespace chargebee {

using sluice::Code;
using sluice::Context;
using sluice::Error;

namespace {

constexpr std::int64_t kOffsetLifetime = 3600;
constexpr int kMostRepeats = 3;

std::int64_t seconds_now(Context& context) {
  return std::chrono::duration_cast<std::chrono::seconds>(context.now().time_since_epoch()).count();
}

[[noreturn]] void invalid() {
  throw Error{Code::CursorInvalid,
              "the cursor is not one of this stream's: start the stream again"};
}

std::optional<std::int64_t> optional_instant(const json::object& object, std::string_view name) {
  if (!object.contains(name)) return std::nullopt;
  const auto time = instant(object, name);
  if (!time) invalid();
  return time;
}

std::size_t hash_of_ids(const json::array& rows, std::string_view member) {
  std::string ids;
  for (const auto& row : rows) {
    const auto* outer = row.if_object();
    const auto* inner = outer != nullptr ? object_in(*outer, member) : nullptr;
    if (inner != nullptr) ids += text_of(*inner, "id") + "\n";
  }
  return ids.empty() ? 0 : std::hash<std::string>{}(ids);
}

}  // namespace

json::object WalkState::to_json() const {
  json::object object;
  if (!offset.empty()) {
    object["offset"] = offset;
    object["offset_at"] = offset_at;
  }
  if (after) object["after"] = *after;
  if (last) object["last"] = *last;
  return object;
}

WalkState WalkState::from_json(const json::value& value) {
  if (!value.is_object()) invalid();
  const auto& object = value.get_object();
  WalkState state;
  if (const auto* offset = object.if_contains("offset")) {
    if (!offset->is_string()) invalid();
    state.offset = text_of(object, "offset");
    state.offset_at = optional_instant(object, "offset_at").value_or(0);
  }
  state.after = optional_instant(object, "after");
  state.last = optional_instant(object, "last");
  return state;
}

ListWalk::ListWalk(Api& api, ListQuery query, WalkState state)
    : api_{api}, query_{std::move(query)}, state_{std::move(state)} {}

ListPage ListWalk::request(Context& context, const WalkState& state,
                           const json::storage_ptr& storage) {
  sluice::Pairs parameters{{"limit", std::to_string(query_.limit)}};
  const auto& sort = query_.time_sort.empty() ? query_.sort : query_.time_sort;
  if (!sort.empty()) parameters.emplace_back("sort_by[asc]", sort);
  if (query_.include_deleted) parameters.emplace_back("include_deleted", "true");
  parameters.insert(parameters.end(), query_.filters.begin(), query_.filters.end());
  if (state.after) {
    const std::string name = query_.time_sort + "[after]";
    // Two filters on one attribute: the stricter one holds.
    std::erase_if(parameters, [&](const auto& pair) { return pair.first == name; });
    parameters.emplace_back(name, std::to_string(*state.after));
  }
  if (!state.offset.empty()) parameters.emplace_back("offset", state.offset);
  return api_.list(context, query_.path, parameters, storage,
                   query_.thin ? std::string_view{query_.member} : std::string_view{});
}

WalkState ListWalk::reopened(Context& context, const WalkState& state) const {
  WalkState anew;
  anew.last = state.last;
  anew.after = state.after;
  if (!query_.time_sort.empty() && state.last) anew.after = *state.last - 1;
  context.info("GET " + query_.path + ": the offset is no longer valid; reopening the list" +
               (anew.after ? " at " + std::to_string(*anew.after) : " at its beginning"));
  return anew;
}

ListPage ListWalk::open(Context& context, WalkState& from, const json::storage_ptr& storage) {
  if (!from.offset.empty() && seconds_now(context) - from.offset_at > kOffsetLifetime) {
    from = reopened(context, from);
  }
  try {
    return request(context, from, storage);
  } catch (const OffsetRefused& refused) {
    from = reopened(context, from);
    if (reopened_at_ && from.after <= *reopened_at_) {
      throw Error{
          Code::Transient,
          "GET " + query_.path + " refuses its own offsets again and again: " + refused.what()};
    }
    reopened_at_ = from.after.value_or(0);
    return request(context, from, storage);
  }
}

WalkStep ListWalk::fetch(Context& context, const json::storage_ptr& storage) {
  WalkState from = state_;
  WalkStep step{open(context, from, storage), {}, false, 0};
  const ListPage& page = step.page;
  step.ids = hash_of_ids(page.rows, query_.member);
  refuse_circles(page, step.ids, from);
  step.state.after = from.after;
  step.state.last = from.last;
  for (auto& row : step.page.rows) {
    const auto time = query_.time_sort.empty()
                          ? std::nullopt
                          : instant(row_object(row, query_.member), query_.time_sort);
    if (time) step.state.last = std::max(step.state.last.value_or(*time), *time);
  }
  step.end = page.next_offset.empty();
  step.state.offset = page.next_offset;
  step.state.offset_at = step.end ? 0 : seconds_now(context);
  return step;
}

void ListWalk::refuse_circles(const ListPage& page, std::size_t ids, const WalkState& state) const {
  const bool same_rows = ids != 0 && ids == previous_ids_ && !page.next_offset.empty();
  const bool same_offset =
      !page.next_offset.empty() &&
      (page.next_offset == state.offset || (!milestone_.empty() && page.next_offset == milestone_));
  // A single equal page may be chance: rows that entered before it push it along.
  if (same_offset || (same_rows && repeats_ + 1 >= kMostRepeats)) {
    throw Error{Code::SchemaMismatch,
                "GET " + query_.path +
                    " answers the same page over and over; stopped instead of "
                    "reading for ever"};
  }
}

void ListWalk::accept(const WalkStep& step) {
  repeats_ = step.ids != 0 && step.ids == previous_ids_ ? repeats_ + 1 : 0;
  previous_ids_ = step.ids;
  // A milestone at every power of two catches circles of any length.
  if (std::has_single_bit(++pages_)) milestone_ = step.state.offset;
  state_ = step.state;
}

}  // namespace chargebee
