// The site's state: all tables, the links between them, and writes as the API makes them.
//
// Threads: none of its own; the sandbox calls it under a lock.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "generator.hpp"
#include "settings.hpp"
#include "sluice/testing/sandbox_clock.hpp"
#include "table.hpp"

namespace chargebee_sandbox {

// How a write shows.
struct WriteMode {
  // Gives the row a new resource_version and updated_at, unless the values bring their own.
  bool touch = true;
  // Appended to the events with a snapshot; empty: none.
  std::string event;
};

class Store {
 public:
  Store(const Settings& settings, const sluice::testing::SandboxClock& clock);

  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] const Generator& generator() const { return generator_; }
  [[nodiscard]] std::int64_t now_ms() const { return clock_.now_ms(); }

  // The table of a kind. Invoices are made when they are first asked for.
  [[nodiscard]] Table& table(const ResourceKind& kind);
  [[nodiscard]] Table& table(std::string_view kind) { return table(*find_kind(kind)); }
  // Makes everything visible that is due.
  void settle();
  // Makes everything visible, due or not.
  void settle_all();

  // Adds or replaces a row: `values` is the whole row, its `id` included.
  void put(const ResourceKind& kind, json::object values, const WriteMode& mode);
  // Takes a row away without a trace.
  void erase(const ResourceKind& kind, const std::string& id);
  // Deletes as the API does: the row stays with deleted:true; a customer's subscriptions and
  // invoices go too. Errors: throws ApiError for a customer who is tied to a gift.
  void remove(const ResourceKind& kind, const std::string& id);

  // The present row. Errors: throws ApiError (404).
  [[nodiscard]] json::object get(const ResourceKind& kind, const std::string& id);
  [[nodiscard]] std::vector<RowNumber> subscriptions_of(std::string_view customer) const;
  [[nodiscard]] bool is_tied_to_gift(const std::string& customer) const;
  // The card on file of a customer's row, if any.
  [[nodiscard]] std::optional<json::object> card(RowNumber customer);
  // An id as the vendor makes them, new in every call.
  [[nodiscard]] std::string new_id(std::size_t length);
  // A row's events, cards and siblings as they stand in an event's content.
  [[nodiscard]] json::object snapshot(const ResourceKind& kind, const json::object& values);
  void record_event(const std::string& type, json::object content, std::int64_t at_ms);

  // The whole state as JSON text: every row of every table, deleted ones too. Invoices only once
  // they were asked for.
  [[nodiscard]] std::string dump();

 private:
  struct HistoricEvent {
    std::string_view type;
    const ResourceKind* kind;
    std::uint64_t source;
    std::int64_t at;
  };

  void load_people();
  void load_catalogue();
  void load_history();
  void load_invoices();
  void load_rows(std::string_view kind, std::vector<json::object> rows);
  void link(const ResourceKind& kind, RowNumber row, const json::object& values);
  [[nodiscard]] json::object make(const ResourceKind& kind, std::uint64_t source) const;
  [[nodiscard]] json::object make_event(std::uint64_t index) const;
  [[nodiscard]] std::optional<std::vector<RowNumber>> candidates(const Table& table,
                                                                 const ListQuery& query) const;

  Settings settings_;
  const sluice::testing::SandboxClock& clock_;
  Generator generator_;
  std::vector<std::unique_ptr<Table>> tables_;  // as resource_kinds()
  std::unordered_map<std::string, std::vector<RowNumber>> subscriptions_of_;
  std::unordered_multiset<std::string> gift_customers_;
  std::vector<HistoricEvent> history_;
  bool has_invoices_ = false;
  Draw ids_;
};

// The columns of a row from its values.
[[nodiscard]] Version version_of(const ResourceKind& kind, json::object values);

}  // namespace chargebee_sandbox
