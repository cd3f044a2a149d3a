#include "webhooks.hpp"

namespace chargebee {

sluice::Events webhook_events() {
  const std::string customer = "/content/customer", subscription = "/content/subscription",
                    gift = "/content/gift", version = "/resource_version";
  sluice::Events events;
  events.id = "/id";
  events.records = {
      {"customers", customer + "/id", customer + version},
      {"customers", subscription + "/customer_id", subscription + version},
      // Events of gifts carry the gift alone. Its version counts for who gave it; who gets it sees
      // another subscription.
      {"customers", gift + "/gifter/customer_id", gift + version},
      {"customers", gift + "/gift_receiver/customer_id", ""},
      {"subscriptions", subscription + "/id", subscription + version},
      {"gifts", gift + "/id", gift + version},
      {"invoices", "/content/invoice/id", "/content/invoice" + version},
  };
  return events;
}

}  // namespace chargebee
