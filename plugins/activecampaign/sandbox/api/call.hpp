// One API request with everything its handler works on, and helpers to read it leniently: the
// vendor takes ids and texts as strings or numbers and ignores what it does not know.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "account/account.hpp"
#include "account/bulk_importer.hpp"
#include "account/contact_query.hpp"
#include "sluice/json.hpp"
#include "sluice/testing/sandbox_message.hpp"

namespace activecampaign_sandbox {

namespace json = boost::json;
using sluice::testing::SandboxRequest;
using sluice::testing::SandboxResponse;

// The bulk importer's own limits.
struct BulkRates {
  // Returns whether a request with so many contacts is within the limits.
  virtual bool allows(std::size_t contacts, std::int64_t now_ms) = 0;

 protected:
  ~BulkRates() = default;
};

struct Call {
  const SandboxRequest& request;
  Account& account;
  BulkImporter& importer;
  ContactSearch& search;
  BulkRates& bulk_rates;

  // The id in the path; 0 when it is no number.
  [[nodiscard]] Id id(std::string_view param = "id") const;
  // The object under `envelope`, or an empty one. Errors: throws ApiError{400} when the body is not
  // JSON.
  [[nodiscard]] json::object body(std::string_view envelope) const;
  // The live contact of the path. Errors: throws ApiError{404}.
  [[nodiscard]] Contact& contact() const;
  // A query parameter; empty when absent.
  [[nodiscard]] std::string_view query(std::string_view name) const;
  [[nodiscard]] std::int64_t query_number(std::string_view name, std::int64_t otherwise) const;
  // `http://host/api/3`: links point to the host that the caller used.
  [[nodiscard]] std::string base_url() const;
};

// limit and offset: the limit is silently held to 100.
struct PageBounds {
  std::size_t limit;
  std::size_t offset;
};
[[nodiscard]] PageBounds page_bounds(const Call& call, std::int64_t default_limit = 20);

// `filters[name]`, `filters[name][op]` of a request, for one name.
struct TextFilter {
  std::string op;
  std::string value;
};
[[nodiscard]] std::vector<TextFilter> text_filters(const Call& call, std::string_view name,
                                                   std::string_view plain_op = "eq");
[[nodiscard]] bool passes(const std::vector<TextFilter>& filters, std::string_view text);
// 0 = no such order, 1 = ascending, -1 = descending, from `orders[name]`.
[[nodiscard]] int order_of(const Call& call, std::string_view name);

// The part of `rows` that the bounds select.
template <class Row>
std::vector<const Row*> cut_page(const std::vector<const Row*>& rows, PageBounds bounds) {
  const std::size_t first = std::min(rows.size(), bounds.offset);
  const std::size_t last = std::min(rows.size(), first + bounds.limit);
  return {rows.begin() + static_cast<std::ptrdiff_t>(first),
          rows.begin() + static_cast<std::ptrdiff_t>(last)};
}

// A number or a text of digits; 0 for anything else.
[[nodiscard]] Id to_id(std::string_view text);
[[nodiscard]] Id id_in(const json::object& object, std::string_view name);
// Strings as they are, numbers and booleans as text; nothing for null, containers and absent
// members.
[[nodiscard]] std::optional<std::string> text_in(const json::object& object, std::string_view name);
[[nodiscard]] bool truthy(const json::value& value);

[[nodiscard]] SandboxResponse reply(int status, json::object body);

}  // namespace activecampaign_sandbox
