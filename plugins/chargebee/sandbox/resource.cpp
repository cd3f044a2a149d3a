#include "resource.hpp"

namespace chargebee_sandbox {
namespace {

using enum FieldType;

constexpr FilterField kCustomerFilters[] = {
    {"id", String, true},
    {"first_name", String, false, true},
    {"last_name", String, false, true},
    {"email", String, false, true},
    {"company", String, false, true},
    {"phone", String, false, true},
    {"auto_collection", Enum},
    {"taxability", Enum},
    {"offline_payment_method", Enum},
    {"channel", Enum},
    {"created_at", Timestamp},
    {"updated_at", Timestamp},
    {"auto_close_invoices", Boolean},
    {"business_entity_id", String},
    {"relationship[parent_id]", String},
    {"relationship[payment_owner_id]", String},
    {"relationship[invoice_owner_id]", String},
};
constexpr FilterField kSubscriptionFilters[] = {
    {"id", String, true},
    {"customer_id", String, true},
    {"plan_id", String, true},
    {"item_id", String, true},
    {"item_price_id", String, true},
    {"cancel_reason_code", String, true},
    {"status", Enum},
    {"cancel_reason", Enum, true, true},
    {"remaining_billing_cycles", Number, false, true},
    {"created_at", Timestamp},
    {"activated_at", Timestamp, false, true},
    {"next_billing_at", Timestamp},
    {"cancelled_at", Timestamp},
    {"updated_at", Timestamp},
    {"has_scheduled_changes", Boolean},
    {"auto_close_invoices", Boolean},
    {"override_relationship", Boolean},
    {"decommissioned", Boolean},
    {"offline_payment_method", Enum},
    {"channel", Enum},
    {"business_entity_id", String},
};
constexpr FilterField kGiftFilters[] = {
    {"status", Enum},
    {"gift_receiver[email]", String},
    {"gift_receiver[customer_id]", String},
    {"gifter[customer_id]", String},
};
constexpr FilterField kEventFilters[] = {
    {"id", String, true}, {"webhook_status", Enum},   {"event_type", Enum},
    {"source", Enum},     {"occurred_at", Timestamp},
};
constexpr FilterField kInvoiceFilters[] = {
    {"id", String, true},
    {"subscription_id", String, true, true},
    {"customer_id", String, true},
    {"recurring", Boolean},
    {"status", Enum},
    {"price_type", Enum},
    {"date", Timestamp},
    {"paid_at", Timestamp},
    {"total", Number},
    {"amount_paid", Number},
    {"amount_adjusted", Number},
    {"credits_applied", Number},
    {"amount_due", Number},
    {"dunning_status", Enum, true, true},
    {"payment_owner", String, true},
    {"updated_at", Timestamp},
    {"channel", Enum},
    {"voided_at", Timestamp},
    {"void_reason_code", String, true},
    {"einvoice[status]", Enum},
};
constexpr FilterField kItemPriceFilters[] = {
    {"id", String, true},
    {"name", String, true},
    {"pricing_model", Enum},
    {"item_id", String, true},
    {"item_family_id", String, true},
    {"item_type", Enum},
    {"currency_code", String, true},
    {"price_variant_id", String, true, true},
    {"trial_period", Number},
    {"trial_period_unit", Enum},
    {"status", Enum},
    {"updated_at", Timestamp},
    {"business_entity_id", String, false, true},
    {"period", Number},
    {"period_unit", Enum},
    {"channel", Enum},
};
constexpr FilterField kItemFilters[] = {
    {"id", String, true},
    {"item_family_id", String, true},
    {"type", Enum},
    {"name", String},
    {"item_applicability", Enum},
    {"status", Enum},
    {"is_giftable", Boolean},
    {"updated_at", Timestamp},
    {"enabled_for_checkout", Boolean},
    {"enabled_in_portal", Boolean},
    {"metered", Boolean},
    {"usage_calculation", Enum},
    {"channel", Enum},
    {"business_entity_id", String, false, true},
};
constexpr FilterField kPlanFilters[] = {
    {"id", String, true},        {"name", String, true},
    {"price", Number},           {"period", Number},
    {"period_unit", Enum},       {"trial_period", Number, false, true},
    {"trial_period_unit", Enum}, {"addon_applicability", Enum},
    {"giftable", Boolean},       {"charge_model", Enum},
    {"pricing_model", Enum},     {"status", Enum},
    {"updated_at", Timestamp},   {"currency_code", String, true},
    {"channel", Enum},
};
constexpr FilterField kAddonFilters[] = {
    {"id", String, true},
    {"name", String, true},
    {"pricing_model", Enum},
    {"type", Enum},
    {"charge_type", Enum},
    {"price", Number},
    {"period", Number},
    {"period_unit", Enum},
    {"status", Enum},
    {"updated_at", Timestamp},
    {"currency_code", String, true},
    {"channel", Enum},
};
constexpr FilterField kCouponFilters[] = {
    {"id", String, true},      {"name", String, true},    {"discount_type", Enum},
    {"duration_type", Enum},   {"status", Enum},          {"apply_on", Enum},
    {"created_at", Timestamp}, {"updated_at", Timestamp}, {"currency_code", String, true},
};

constexpr SortField kByTimes[] = {{"created_at", SortKey::Created},
                                  {"updated_at", SortKey::Updated}};
constexpr SortField kByOccurred[] = {{"occurred_at", SortKey::Created}};
constexpr SortField kByDate[] = {{"date", SortKey::Created}, {"updated_at", SortKey::Updated}};
constexpr SortField kByName[] = {
    {"name", SortKey::Name}, {"id", SortKey::Id}, {"updated_at", SortKey::Updated}};
constexpr SortField kByCreated[] = {{"created_at", SortKey::Created}};

constexpr ResourceKind kKinds[] = {
    {"customer", "customers", kCustomerFilters, kByTimes, true, true},
    {"subscription", "subscriptions", kSubscriptionFilters, kByTimes, true, true},
    {"gift", "gifts", kGiftFilters, {}},
    {"event", "events", kEventFilters, kByOccurred, false, false, "occurred_at"},
    {"invoice", "invoices", kInvoiceFilters, kByDate, true, false, "date"},
    {"item_price", "item_prices", kItemPriceFilters, kByName, false, false, "created_at", 2},
    {"item", "items", kItemFilters, kByName, false, false, "created_at", 2},
    {"plan", "plans", kPlanFilters, {}, true, true, "created_at", 1},
    {"addon", "addons", kAddonFilters, {}, true, false, "created_at", 1},
    {"coupon", "coupons", kCouponFilters, kByCreated},
};

}  // namespace

std::span<const ResourceKind> resource_kinds() {
  return kKinds;
}

const ResourceKind* find_kind(std::string_view name) {
  for (const ResourceKind& kind : kKinds) {
    if (kind.name == name || kind.plural == name) return &kind;
  }
  return nullptr;
}

}  // namespace chargebee_sandbox
