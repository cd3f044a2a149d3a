#include <algorithm>

#include "catalogue.hpp"
#include "store.hpp"
#include "write_support.hpp"

namespace chargebee_sandbox {

using detail::text;

void Store::load_rows(std::string_view name, std::vector<json::object> rows) {
  Table& target = table(name);
  for (json::object& row : rows) {
    std::string id = text(row, "id");
    target.load(std::move(id), kNoSource, version_of(target.kind(), std::move(row)));
  }
}

void Store::load_catalogue() {
  const std::int64_t at = generator_.data_start();
  if (settings_.catalog == 2) {
    load_rows("item", make_items(at));
    load_rows("item_price", make_item_prices(at));
  } else {
    load_rows("plan", make_plans(at));
    load_rows("addon", make_addons(at));
  }
  load_rows("coupon", make_coupons(at));
}

void Store::load_people() {
  const auto version = [](const RowKeys& keys) {
    Version out;
    out.created = keys.created_at;
    out.updated = keys.updated_at;
    out.resource_version = keys.resource_version;
    out.deleted = keys.deleted;
    return out;
  };
  Table& customers = table("customer");
  Table& subscriptions = table("subscription");
  Table& gifts = table("gift");
  customers.reserve(generator_.total());
  subscriptions.reserve(generator_.total() * 6 / 5);
  for (std::uint64_t index = 0; index < generator_.total(); ++index) {
    const RowKeys keys = generator_.customer_keys(index);
    customers.load(keys.id, index, version(keys));
    auto& owned = subscriptions_of_[keys.id];
    for (const unsigned ordinal : generator_.subscription_ordinals(index)) {
      const std::uint64_t source = subscription_source(index, ordinal);
      const RowKeys subscription = generator_.subscription_keys(source);
      owned.push_back(subscriptions.load(subscription.id, source, version(subscription)));
    }
    if (generator_.is_gifter(index)) {
      const RowKeys gift = generator_.gift_keys(index);
      const RowNumber row = gifts.load(gift.id, index, version(gift));
      link(gifts.kind(), row, generator_.gift(index));
    }
  }
}

void Store::load_invoices() {
  has_invoices_ = true;
  Table& invoices = table("invoice");
  Table& subscriptions = table("subscription");
  for (RowNumber row = 0; row < subscriptions.size(); ++row) {
    const std::uint64_t source = subscriptions.source(row);
    if (source == kNoSource || !generator_.has_invoice(source)) continue;
    const RowKeys keys = generator_.invoice_keys(source);
    Version version;
    version.created = keys.created_at;
    version.updated = keys.updated_at;
    version.resource_version = keys.resource_version;
    version.deleted = keys.deleted;
    invoices.load(keys.id, source, std::move(version));
  }
}

void Store::load_history() {
  const ResourceKind* customer = find_kind("customer");
  const ResourceKind* subscription = find_kind("subscription");
  const ResourceKind* gift = find_kind("gift");
  const std::uint64_t total = generator_.total();
  for (std::uint64_t index = total - std::min(total, settings_.history); index < total; ++index) {
    const RowKeys keys = generator_.customer_keys(index);
    history_.push_back({"customer_created", customer, index, keys.created_at});
    if (keys.deleted) {
      history_.push_back({"customer_deleted", customer, index, keys.updated_at});
    } else if (keys.updated_at > keys.created_at) {
      history_.push_back({"customer_changed", customer, index, keys.updated_at});
    }
    for (const unsigned ordinal : generator_.subscription_ordinals(index)) {
      const std::uint64_t source = subscription_source(index, ordinal);
      history_.push_back({"subscription_created", subscription, source,
                          generator_.subscription_keys(source).created_at});
    }
    if (generator_.is_gifter(index)) {
      const RowKeys bought = generator_.gift_keys(index);
      history_.push_back({"gift_scheduled", gift, index, bought.created_at});
    }
  }
  std::stable_sort(history_.begin(), history_.end(),
                   [](const HistoricEvent& a, const HistoricEvent& b) { return a.at < b.at; });
  Table& events = table("event");
  for (std::uint64_t i = 0; i < history_.size(); ++i) {
    Version version;
    version.created = history_[i].at;
    events.load("ev_" + Draw{settings_.seed, 998, i}.token(17), i, std::move(version));
  }
}

json::object Store::make(const ResourceKind& kind, std::uint64_t source) const {
  if (kind.name == "customer") return generator_.customer(source);
  if (kind.name == "subscription") return generator_.subscription(source);
  if (kind.name == "gift") return generator_.gift(source);
  if (kind.name == "invoice") return generator_.invoice(source);
  return make_event(source);
}

json::object Store::make_event(std::uint64_t index) const {
  const HistoricEvent& event = history_[index];
  json::object content;
  content[event.kind->name] = make(*event.kind, event.source);
  const bool of_subscription = event.kind->name == "subscription";
  if (of_subscription) content["customer"] = generator_.customer(event.source / 256);
  if (event.kind->name != "gift") {
    if (auto card = generator_.card(of_subscription ? event.source / 256 : event.source)) {
      content["card"] = std::move(*card);
    }
  }
  return {{"id", "ev_" + Draw{settings_.seed, 998, index}.token(17)},
          {"occurred_at", event.at},
          {"source", "admin_console"},
          {"user", "admin@acme.example"},
          {"object", "event"},
          {"api_version", "v2"},
          {"content", std::move(content)},
          {"event_type", event.type},
          {"webhook_status", "not_configured"}};
}

}  // namespace chargebee_sandbox
