// The site's data as functions of the seed and an index: nothing is stored, any row can be made at
// any time, and equal seeds give equal rows. Rows that were written to are kept by the store; the
// generator knows only how they began.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "random.hpp"
#include "settings.hpp"
#include "sluice/json.hpp"

namespace chargebee_sandbox {

namespace json = sluice::json;

// What lists sort and filter by, without the row itself. Seconds, but for resource_version.
struct RowKeys {
  std::string id;
  std::int64_t created_at = 0;
  std::int64_t updated_at = 0;  // 0: the row has none
  std::int64_t resource_version = 0;
  bool deleted = false;
};

// Ordinals of a customer's own subscriptions run from 0; those given to them have one of these.
inline constexpr unsigned kGiftOrdinal = 200;      // bought by the live customer before
inline constexpr unsigned kSelfGiftOrdinal = 201;  // bought by themselves
// One subscription, addressed as customer index and ordinal.
[[nodiscard]] constexpr std::uint64_t subscription_source(std::uint64_t customer,
                                                          unsigned ordinal) {
  return customer * 256 + ordinal;
}

class Generator {
 public:
  explicit Generator(const Settings& settings);

  // Customers, deleted ones included. Indices beyond are valid too and serve for customers created
  // later.
  [[nodiscard]] std::uint64_t total() const { return total_; }

  [[nodiscard]] RowKeys customer_keys(std::uint64_t index) const;
  [[nodiscard]] json::object customer(std::uint64_t index) const;
  [[nodiscard]] std::optional<json::object> card(std::uint64_t index) const;

  [[nodiscard]] std::vector<unsigned> subscription_ordinals(std::uint64_t customer) const;
  [[nodiscard]] RowKeys subscription_keys(std::uint64_t source) const;
  [[nodiscard]] json::object subscription(std::uint64_t source) const;

  // Whether that customer bought a gift; gifts are addressed by their gifter's index.
  [[nodiscard]] bool is_gifter(std::uint64_t index) const;
  [[nodiscard]] RowKeys gift_keys(std::uint64_t gifter) const;
  [[nodiscard]] json::object gift(std::uint64_t gifter) const;

  // The invoice of a subscription's first term, if it had one.
  [[nodiscard]] bool has_invoice(std::uint64_t subscription) const;
  [[nodiscard]] RowKeys invoice_keys(std::uint64_t subscription) const;
  [[nodiscard]] json::object invoice(std::uint64_t subscription) const;

  [[nodiscard]] std::int64_t data_start() const { return start_; }

 private:
  [[nodiscard]] Draw draw(std::uint64_t kind, std::uint64_t index) const;
  [[nodiscard]] bool deleted(std::uint64_t index) const;
  [[nodiscard]] std::int64_t customer_created(std::uint64_t index) const;
  [[nodiscard]] std::string email(std::uint64_t index) const;
  [[nodiscard]] std::string own_email(std::uint64_t index) const;
  [[nodiscard]] std::string_view currency(std::uint64_t index) const;
  [[nodiscard]] std::int64_t subscription_mrr(std::uint64_t source) const;
  [[nodiscard]] std::string_view pii_state(std::uint64_t index) const;
  [[nodiscard]] std::optional<std::uint64_t> live_before(std::uint64_t index) const;
  [[nodiscard]] std::optional<std::uint64_t> receiver(std::uint64_t gifter) const;
  [[nodiscard]] bool is_self_gift(std::uint64_t gifter) const;
  [[nodiscard]] std::uint64_t gifter_of(std::uint64_t subscription) const;
  [[nodiscard]] std::string_view gift_status(std::uint64_t gifter) const;
  [[nodiscard]] std::string_view subscription_status(std::uint64_t source) const;
  void add_person(json::object& row, std::uint64_t index) const;
  void add_address(json::object& row, std::uint64_t index) const;
  void add_custom_fields(json::object& row, std::uint64_t index) const;
  void add_accounts(json::object& row, std::uint64_t index) const;
  void add_terms(json::object& row, std::uint64_t source, std::string_view status) const;
  void add_products(json::object& row, std::uint64_t source, std::string_view status) const;

  Settings settings_;
  std::uint64_t live_;
  std::uint64_t deleted_count_;
  std::uint64_t total_;
  std::int64_t start_;
};

}  // namespace chargebee_sandbox
