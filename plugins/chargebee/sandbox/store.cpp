#include "store.hpp"

#include <algorithm>
#include <limits>

#include "api_error.hpp"
#include "write_support.hpp"

namespace chargebee_sandbox {

using detail::text;

namespace {

std::int64_t integer(const json::object& row, std::string_view name) {
  const json::value* value = row.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

std::string nested_text(const json::object& row, std::string_view object, std::string_view name) {
  const json::value* value = row.if_contains(object);
  return value != nullptr && value->is_object() ? text(value->get_object(), name) : "";
}

}  // namespace

Version version_of(const ResourceKind& kind, json::object values) {
  Version version;
  version.created = integer(values, kind.created);
  version.updated = integer(values, "updated_at");
  version.resource_version = integer(values, "resource_version");
  const json::value* deleted = values.if_contains("deleted");
  version.deleted = deleted != nullptr && deleted->is_bool() && deleted->get_bool();
  version.values = std::make_shared<const json::object>(std::move(values));
  return version;
}

Store::Store(const Settings& settings, const sluice::testing::SandboxClock& clock)
    : settings_{settings}, clock_{clock}, generator_{settings}, ids_{settings.seed, 999, 0} {
  for (const ResourceKind& kind : resource_kinds()) {
    tables_.push_back(std::make_unique<Table>(
        kind, [this, &kind](std::uint64_t source) { return make(kind, source); },
        [this, &kind](const ListQuery& query) { return candidates(table(kind), query); },
        settings.visibility_lag_ms));
  }
  load_catalogue();
  load_people();
  load_history();
}

Table& Store::table(const ResourceKind& kind) {
  if (kind.name == "invoice" && !has_invoices_) load_invoices();
  return *tables_[static_cast<std::size_t>(&kind - resource_kinds().data())];
}

void Store::settle() {
  for (const auto& each : tables_) each->settle(now_ms());
}

void Store::link(const ResourceKind& kind, RowNumber row, const json::object& values) {
  if (kind.name == "subscription") {
    auto& owned = subscriptions_of_[text(values, "customer_id")];
    if (std::find(owned.begin(), owned.end(), row) == owned.end()) owned.push_back(row);
  }
  if (kind.name == "gift") {
    gift_customers_.insert(nested_text(values, "gifter", "customer_id"));
    gift_customers_.insert(nested_text(values, "gift_receiver", "customer_id"));
  }
}

std::optional<std::vector<RowNumber>> Store::candidates(const Table& rows,
                                                        const ListQuery& query) const {
  if (const Condition* ids = query.find(Place::Id, "id")) {
    std::vector<RowNumber> found;
    for (const std::string& id : ids->texts) {
      if (const auto row = rows.find(id)) found.push_back(*row);
    }
    std::sort(found.begin(), found.end());
    // A row that was taken away may still be listed for a while.
    if (settings_.visibility_lag_ms == 0) return found;
  }
  const Condition* owners = query.find(Place::Values, "customer_id");
  if (owners == nullptr || rows.kind().name != "subscription") return std::nullopt;
  std::vector<RowNumber> found;
  for (const std::string& customer : owners->texts) {
    const auto owned = subscriptions_of(customer);
    found.insert(found.end(), owned.begin(), owned.end());
  }
  std::sort(found.begin(), found.end());
  return found;
}

void Store::settle_all() {
  for (const auto& each : tables_) each->settle(std::numeric_limits<std::int64_t>::max());
}

void Store::put(const ResourceKind& kind, json::object values, const WriteMode& mode) {
  Table& rows = table(kind);
  const std::int64_t now = now_ms();
  const std::string id = text(values, "id");
  if (mode.touch) {
    const auto before = rows.find(id);
    const std::int64_t last = before ? rows.current(*before).resource_version : 0;
    const std::int64_t version = std::max(now, last + 1);
    values["resource_version"] = version;
    values["updated_at"] = version / 1000;
  }
  const std::int64_t at = std::max(now, integer(values, "resource_version"));
  if (!mode.event.empty()) record_event(mode.event, snapshot(kind, values), at);
  const RowNumber row = rows.write(id, version_of(kind, values), now);
  link(kind, row, values);
}

void Store::erase(const ResourceKind& kind, const std::string& id) {
  Table& rows = table(kind);
  const auto row = rows.find(id);
  if (!row) throw ApiError::not_found(std::string{kind.name}, id);
  if (kind.name == "gift") {
    const json::object gift = rows.values(*row);
    for (const char* side : {"gifter", "gift_receiver"}) {
      const auto tie = gift_customers_.find(nested_text(gift, side, "customer_id"));
      if (tie != gift_customers_.end()) gift_customers_.erase(tie);
    }
  }
  Version gone = rows.current(*row);
  gone.present = false;
  rows.write(id, std::move(gone), now_ms());
}

void Store::remove(const ResourceKind& kind, const std::string& id) {
  json::object values = get(kind, id);
  if (kind.name == "customer") {
    if (is_tied_to_gift(id)) {
      throw ApiError::invalid_state("The customer " + id +
                                    " cannot be deleted as it is linked to a gift");
    }
    for (const RowNumber row : subscriptions_of(id)) {
      Table& subscriptions = table("subscription");
      if (!subscriptions.current(row).present || subscriptions.current(row).deleted) continue;
      json::object subscription = subscriptions.values(row);
      subscription["deleted"] = true;
      put(subscriptions.kind(), std::move(subscription), {true, "subscription_deleted"});
    }
  }
  values["deleted"] = true;
  put(kind, std::move(values), {true, std::string{kind.name} + "_deleted"});
}

json::object Store::get(const ResourceKind& kind, const std::string& id) {
  Table& rows = table(kind);
  const auto row = rows.find(id);
  if (!row) throw ApiError::not_found(std::string{kind.name}, id);
  return rows.values(*row);
}

std::vector<RowNumber> Store::subscriptions_of(std::string_view customer) const {
  const auto found = subscriptions_of_.find(std::string{customer});
  return found == subscriptions_of_.end() ? std::vector<RowNumber>{} : found->second;
}

bool Store::is_tied_to_gift(const std::string& customer) const {
  return gift_customers_.contains(customer);
}

std::optional<json::object> Store::card(RowNumber customer) {
  const std::uint64_t source = table("customer").source(customer);
  return source == kNoSource ? std::nullopt : generator_.card(source);
}

std::string Store::new_id(std::size_t length) {
  return ids_.token(length);
}

json::object Store::snapshot(const ResourceKind& kind, const json::object& values) {
  json::object content;
  content[kind.name] = values;
  Table& customers = table("customer");
  std::string owner = kind.name == "subscription" ? text(values, "customer_id") : "";
  if (const auto row = owner.empty() ? std::nullopt : customers.find(owner))
    content["customer"] = customers.values(*row);
  if (kind.name == "customer") {
    owner = text(values, "id");
    const json::value* deleted = values.if_contains("deleted");
    if (deleted != nullptr && *deleted == true) {
      json::array subscriptions;
      for (const RowNumber row : subscriptions_of(owner))
        subscriptions.push_back(table("subscription").values(row));
      content["subscriptions"] = std::move(subscriptions);
    }
  }
  if (const auto row = owner.empty() ? std::nullopt : customers.find(owner)) {
    if (auto with_card = card(*row)) content["card"] = std::move(*with_card);
  }
  return content;
}

void Store::record_event(const std::string& type, json::object content, std::int64_t at_ms) {
  const std::string id = "ev_" + new_id(17);
  json::object event = {{"id", id},
                        // Often a second after the resource's own updated_at, as at the vendor.
                        {"occurred_at", (at_ms + 999) / 1000},
                        {"source", "api"},
                        {"user", "full_access_key_v1"},
                        {"object", "event"},
                        {"api_version", "v2"},
                        {"content", std::move(content)},
                        {"event_type", type},
                        {"webhook_status", "not_configured"}};
  Table& events = table("event");
  events.write(id, version_of(events.kind(), std::move(event)), now_ms());
}

std::string Store::dump() {
  std::string out = "{\"site\":";
  sluice::write_json(out, std::string_view{settings_.site});
  out += ",\"product_catalog_version\":\"v" + std::to_string(settings_.catalog) +
         "\",\"now_ms\":" + std::to_string(now_ms());
  for (const auto& each : tables_) {
    out += ",\n\"" + std::string{each->kind().plural} + "\":[";
    bool first = true;
    for (RowNumber row = 0; row < each->size(); ++row) {
      if (!each->current(row).present) continue;
      if (!first) out += ",\n";
      first = false;
      out += *each->text(row);
    }
    out += ']';
  }
  return out + "}\n";
}

}  // namespace chargebee_sandbox
