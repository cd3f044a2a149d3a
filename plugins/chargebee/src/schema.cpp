#include "schema.hpp"

#include <initializer_list>
#include <string_view>
#include <utility>

#include "walk.hpp"

namespace chargebee {

using sluice::Context;

namespace {

using Names = std::initializer_list<std::string_view>;

json::object typed(std::string_view type) {
  return {{"type", type}};
}

void add(json::object& properties, std::string_view type, Names names) {
  for (const auto name : names) properties[name] = typed(type);
}

// Chargebee adds attributes at any time, so none of its objects is closed.
json::object object_of(json::object properties) {
  return {{"type", "object"}, {"properties", std::move(properties)}};
}

json::object address() {
  json::object properties;
  add(properties, "string",
      {"first_name", "last_name", "email", "company", "phone", "line1", "line2", "line3", "city",
       "state_code", "state", "country", "zip", "validation_status", "object"});
  return object_of(std::move(properties));
}

json::object customer_properties() {
  json::object properties;
  add(properties, "string",
      {"id",
       "first_name",
       "last_name",
       "email",
       "phone",
       "company",
       "vat_number",
       "auto_collection",
       "taxability",
       "locale",
       "pii_cleared",
       "channel",
       "active_id",
       "card_status",
       "fraud_flag",
       "primary_payment_source_id",
       "object",
       "invoice_notes",
       "business_entity_id",
       "preferred_currency_code",
       "customer_type",
       "created_from_ip",
       "offline_payment_method",
       "backup_payment_source_id",
       "exempt_number",
       "entity_code",
       "vat_number_prefix",
       "vat_number_status",
       "client_profile_id",
       "billing_date_mode",
       "billing_day_of_week",
       "billing_day_of_week_mode",
       "einvoicing_method",
       "brand_id"});
  add(properties, "integer",
      {"net_term_days", "created_at", "updated_at", "resource_version", "billing_date",
       "billing_month", "promotional_credits", "refundable_credits", "excess_payments",
       "unbilled_charges", "mrr", "vat_number_validated_time"});
  add(properties, "boolean",
      {"allow_direct_debit", "deleted", "auto_close_invoices", "consolidated_invoicing",
       "is_location_valid", "registered_for_gst", "business_customer_without_vat_number",
       "is_einvoice_enabled", "use_default_hierarchy_settings"});
  add(properties, "array",
      {"contacts", "balances", "referral_urls", "exemption_details", "tax_providers_fields",
       "entity_identifiers"});
  add(properties, "object",
      {"meta_data", "payment_method", "relationship", "parent_account_access",
       "child_account_access"});
  properties["billing_address"] = address();
  return properties;
}

json::object subscription_properties() {
  json::object properties;
  add(properties, "string",
      {"id",
       "customer_id",
       "currency_code",
       "status",
       "plan_id",
       "trial_end_action",
       "billing_period_unit",
       "po_number",
       "auto_collection",
       "cancel_reason",
       "cancel_reason_code",
       "gift_id",
       "payment_source_id",
       "offline_payment_method",
       "channel",
       "affiliate_token",
       "base_currency_code",
       "coupon",
       "invoice_notes",
       "business_entity_id",
       "active_id",
       "object",
       "plan_unit_price_in_decimal",
       "plan_amount_in_decimal",
       "plan_quantity_in_decimal",
       "free_period_unit",
       "created_from_ip"});
  add(properties, "integer",
      {"start_date",
       "trial_start",
       "trial_end",
       "current_term_start",
       "current_term_end",
       "next_billing_at",
       "created_at",
       "started_at",
       "activated_at",
       "cancelled_at",
       "pause_date",
       "resume_date",
       "remaining_billing_cycles",
       "billing_period",
       "cancel_schedule_created_at",
       "changes_scheduled_at",
       "net_term_days",
       "resource_version",
       "updated_at",
       "due_invoices_count",
       "due_since",
       "total_dues",
       "mrr",
       "arr",
       "plan_quantity",
       "plan_unit_price",
       "plan_amount",
       "plan_free_quantity",
       "setup_fee",
       "free_period",
       "contract_term_billing_cycle_on_renewal"});
  add(properties, "number", {"exchange_rate"});
  add(properties, "boolean",
      {"has_scheduled_advance_invoices", "has_scheduled_changes", "deleted", "decommissioned",
       "override_relationship", "create_pending_invoices", "auto_close_invoices"});
  add(properties, "array",
      {"subscription_items", "item_tiers", "charged_items", "coupons", "discounts", "addons",
       "event_based_addons", "charged_event_based_addons"});
  add(properties, "object", {"meta_data", "referral_info", "contract_term"});
  properties["shipping_address"] = address();
  const json::object nullable{{"type", json::array{"string", "null"}}};
  properties["plan_code"] = nullable;
  properties["plan_name"] = nullable;
  return properties;
}

// Consent fields (cs_*) are in no specification; custom fields are listed when the key may read
// their configuration.
json::object open_object(json::object properties, const json::object& custom, bool known) {
  for (const auto& [name, schema] : custom) properties[name] = schema;
  auto schema = object_of(std::move(properties));
  json::object patterns{{"^cs_", json::object{}}};
  if (!known) patterns["^cf_"] = json::object{};
  schema["patternProperties"] = std::move(patterns);
  return schema;
}

json::object customer_schema(const CustomFields& fields) {
  return open_object(customer_properties(), fields.customer, fields.known);
}

json::object subscription_schema(const CustomFields& fields) {
  return open_object(subscription_properties(), fields.subscription, fields.known);
}

// Checkboxes arrive as the texts "True" and "False".
json::object custom_field(const json::object& config) {
  const auto type = text_of(config, "field_datatype");
  json::object schema;
  if (type == "long" || type == "timestamp") {
    schema = typed("integer");
  } else if (type == "double" || type == "number") {
    schema = typed("number");
  } else {
    schema = typed("string");
  }
  if (auto title = text_of(config, "display_name"); !title.empty()) schema["title"] = title;
  return schema;
}

json::object read_fields(Context& context, Api& api, const std::string& entity) {
  json::object properties;
  ListWalk walk{api,
                {.path = "/custom_field_configs",
                 .member = "custom_field_config",
                 .filters = {{"entity_type", entity}}}};
  for (bool end = false; !end;) {
    auto step = walk.fetch(context);
    for (auto& row : step.page.rows) {
      const auto& config = row_object(row, "custom_field_config");
      const auto name = text_of(config, "api_name");
      if (!name.empty() && text_of(config, "entity_type") == entity) {
        properties[name] = custom_field(config);
      }
    }
    walk.accept(step);
    end = step.end;
  }
  return properties;
}

}  // namespace

CustomFields read_custom_fields(Context& context, Api& api) {
  CustomFields fields;
  try {
    fields.customer = read_fields(context, api, "customer");
    fields.subscription = read_fields(context, api, "subscription");
    fields.known = true;
  } catch (const sluice::Error& error) {
    using sluice::Code;
    if (error.code() == Code::Cancelled || error.code() == Code::Transient ||
        error.code() == Code::RateLimited) {
      throw;
    }
    context.warn(std::string{"custom fields cannot be listed, any cf_ name is accepted: "} +
                 error.what());
  }
  return fields;
}

json::object customers_schema(const CustomFields& fields) {
  json::object properties;
  properties["customer"] = customer_schema(fields);
  auto subscription = subscription_schema(fields);
  properties["subscriptions"] = {{"type", "array"}, {"items", subscription}};
  subscription["type"] = json::array{"object", "null"};
  properties["subscription"] = std::move(subscription);
  properties["gift_purchaser"] = typed("boolean");
  auto schema = object_of(std::move(properties));
  schema["additionalProperties"] = false;
  return schema;
}

json::object plain_schema(const std::string& member, const CustomFields& fields) {
  json::object properties;
  properties[member] = member == "subscription" ? subscription_schema(fields) : typed("object");
  auto schema = object_of(std::move(properties));
  schema["additionalProperties"] = false;
  return schema;
}

}  // namespace chargebee
