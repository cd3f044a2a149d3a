// What the POST endpoints share.
#pragma once

#include <string>
#include <string_view>

#include "reads.hpp"
#include "store.hpp"

namespace chargebee_sandbox::detail {

[[nodiscard]] inline const ResourceKind& kind_of(std::string_view name) {
  return *find_kind(name);
}

// The row with its siblings, as every write answers.
[[nodiscard]] inline SandboxResponse answer(Store& store, const ResourceKind& kind,
                                            const std::string& id) {
  return retrieve_row(store, kind, id);
}

// A string attribute; empty when it is missing.
[[nodiscard]] std::string text(const json::object& row, std::string_view name);
// Sets what `missing` holds and the row lacks.
void add_missing(json::object& row, const json::object& missing);
// Takes over the form's attributes; null clears one, nested objects are merged.
void merge(json::object& row, const json::object& form);
// The attributes of a form that become part of the row; the rest are instructions.
[[nodiscard]] json::object attributes(json::object form);
// Adds a subscription with the form's products and the attributes of `extra`; returns its id.
[[nodiscard]] std::string new_subscription(Store& store, const std::string& customer,
                                           const json::object& form, const json::object& extra);
[[nodiscard]] json::object timeline_entry(std::string_view status, std::int64_t at);

}  // namespace chargebee_sandbox::detail
