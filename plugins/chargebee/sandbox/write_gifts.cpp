#include "api_error.hpp"
#include "write_support.hpp"
#include "writes.hpp"

namespace chargebee_sandbox {

using namespace detail;

namespace {

SandboxResponse settle_gift(Store& store, const std::string& id, std::string_view status,
                            std::string_view subscription_status) {
  const ResourceKind& gifts = kind_of("gift");
  json::object gift = store.get(gifts, id);
  const std::string before = text(gift, "status");
  if (before != "scheduled" && before != "unclaimed") {
    throw ApiError::invalid_state("The gift is " + before + " and cannot be " +
                                  std::string{status});
  }
  const std::int64_t now = store.now_ms() / 1000;
  gift["status"] = status;
  auto& timeline = gift["gift_timelines"];
  if (!timeline.is_array()) timeline.emplace_array();
  timeline.get_array().insert(timeline.get_array().begin(), timeline_entry(status, now));
  const std::string subscription = text(gift.at("gift_receiver").as_object(), "subscription_id");
  store.put(gifts, std::move(gift), {true, "gift_" + std::string{status}});
  if (store.table("subscription").find(subscription)) {
    json::object row = store.get(kind_of("subscription"), subscription);
    row["status"] = subscription_status;
    store.put(kind_of("subscription"), std::move(row), {true, "subscription_changed"});
  }
  return answer(store, gifts, id);
}

}  // namespace

SandboxResponse create_gift(Store& store, const json::object& form) {
  const auto side = [&](const char* name) -> const json::object& {
    const json::value* value = form.if_contains(name);
    if (value == nullptr || !value->is_object() ||
        text(value->get_object(), "customer_id").empty()) {
      throw ApiError::wrong_value(std::string{name} + "[customer_id]", "cannot be blank");
    }
    return value->get_object();
  };
  json::object gifter = side("gifter");
  json::object receiver = side("gift_receiver");
  static_cast<void>(store.get(kind_of("customer"), text(gifter, "customer_id")));
  json::object subscription_form = form;
  if (const json::value* nested = form.if_contains("subscription");
      nested != nullptr && nested->is_object()) {
    merge(subscription_form, nested->get_object());
  }
  for (const char* name : {"gifter", "gift_receiver", "scheduled_at", "auto_claim", "no_expiry",
                           "claim_expiry_date", "subscription"}) {
    subscription_form.erase(name);
  }
  const std::string id = store.new_id(50);
  const std::string subscription =
      new_subscription(store, text(receiver, "customer_id"), subscription_form,
                       {{"status", "future"}, {"gift_id", id}, {"mrr", 0}});
  gifter["object"] = "gifter";
  receiver["subscription_id"] = subscription;
  receiver["object"] = "gift_receiver";
  json::object gift = {{"id", id}, {"gifter", gifter}, {"gift_receiver", receiver}};
  for (const char* name : {"scheduled_at", "auto_claim", "no_expiry", "claim_expiry_date"}) {
    if (form.contains(name)) gift[name] = form.at(name);
  }
  store.put(kind_of("gift"), with_defaults(store, kind_of("gift"), std::move(gift)),
            {true, "gift_scheduled"});
  return answer(store, kind_of("gift"), id);
}

SandboxResponse claim_gift(Store& store, const std::string& id) {
  return settle_gift(store, id, "claimed", "non_renewing");
}

SandboxResponse cancel_gift(Store& store, const std::string& id) {
  return settle_gift(store, id, "cancelled", "cancelled");
}

}  // namespace chargebee_sandbox
