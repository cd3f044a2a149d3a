// The joined record of a customer.
#pragma once

#include <functional>
#include <sluice/source.hpp>
#include <string>
#include <vector>

#include "fields.hpp"
#include "gifters.hpp"
#include "representing.hpp"

namespace chargebee {

// What the `read:` block of stream "customers" says.
struct CustomerOptions {
  Choice subscription = Choice::PreferActive;
  bool gift_purchasers = false;
};

[[nodiscard]] sluice::Spec customer_options_spec();
// Errors: throws Error{Config}.
[[nodiscard]] CustomerOptions read_customer_options(const sluice::Config& options);

using PlanName = std::function<std::string(const std::string& code)>;

// Data: {"customer":{…}, "subscription":{…, "plan_code", "plan_name"} or null, "subscriptions":[…,
// without deleted ones], "gift_purchaser":bool}. `subscriptions` are all of the customer's, deleted
// ones too: they count for the version.
[[nodiscard]] sluice::Record customer_record(json::object customer,
                                             std::vector<json::object> subscriptions,
                                             const GiftFacts& gifts, const CustomerOptions& options,
                                             const PlanName& plan_name);

// Adds the record, thin objects in it as they were written.
void add_customer(sluice::RecordBatch& records, const sluice::Record& record);

// Adds "plan_code" and "plan_name", null when unknown.
void name_plan(json::object& subscription, const PlanName& plan_name);

}  // namespace chargebee
