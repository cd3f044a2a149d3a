#include "mutations.hpp"

#include <array>

#include "catalogue.hpp"
#include "people.hpp"
#include "sluice/error.hpp"
#include "writes.hpp"

namespace chargebee_sandbox {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw sluice::Error{sluice::Code::Config, "mutate: " + what};
}

const ResourceKind& kind_at(const json::object& entry) {
  const json::value* type = entry.if_contains("type");
  const ResourceKind* kind = type != nullptr && type->is_string()
                                 ? find_kind(std::string_view{type->get_string()})
                                 : nullptr;
  if (kind == nullptr)
    refuse("each entry needs a type such as customer, subscription, gift, item_price or plan");
  return *kind;
}

std::string id_at(const json::object& entry) {
  const json::value* id = entry.if_contains("id");
  if (id == nullptr || !id->is_string()) refuse("each entry needs an id");
  return std::string{id->get_string()};
}

json::object values_at(const json::object& entry) {
  const json::value* values = entry.if_contains("values");
  if (values == nullptr || !values->is_object()) refuse("each entry needs values");
  return values->get_object();
}

bool flag_at(const json::object& entry, std::string_view name) {
  const json::value* value = entry.if_contains(name);
  if (value == nullptr) return true;
  if (!value->is_bool()) refuse(std::string{name} + " must be true or false");
  return value->get_bool();
}

std::vector<json::object> entries(const json::object& mutation, std::string_view name) {
  std::vector<json::object> out;
  const json::value* list = mutation.if_contains(name);
  if (list == nullptr || !list->is_array()) return out;
  for (const auto& entry : list->get_array()) {
    if (!entry.is_object()) refuse(std::string{name} + " must be a list of objects");
    out.push_back(entry.get_object());
  }
  return out;
}

std::uint64_t count_at(const json::object& mutation, std::string_view name) {
  const json::value* value = mutation.if_contains(name);
  if (value == nullptr || value->is_array()) return 0;
  if (!value->is_int64() || value->get_int64() < 0)
    refuse(std::string{name} + " must be a count or a list");
  return static_cast<std::uint64_t>(value->get_int64());
}

void append(json::object& out, std::string_view name, std::string_view id) {
  json::value& list = out[name];
  if (!list.is_array()) list.emplace_array();
  list.get_array().push_back(json::string{id});
}

// Null means absent for every attribute but consent fields, where it is a value of its own.
void drop_nulls(json::object& row) {
  for (auto it = row.begin(); it != row.end();) {
    const bool drop = it->value().is_null() && !it->key().starts_with("cs_");
    it = drop ? row.stable_erase(it) : it + 1;
  }
}

}  // namespace

json::value Mutator::run(const json::object& mutation) {
  for (const auto& [name, value] : mutation) {
    static constexpr std::array<std::string_view, 8> kKnown = {
        "create", "update", "delete", "seed", "fields", "set", "insert", "remove"};
    if (std::find(kKnown.begin(), kKnown.end(), std::string_view{name}) == kKnown.end()) {
      refuse("unknown member " + std::string{name});
    }
  }
  json::object out;
  for (const json::object& entry : entries(mutation, "insert")) {
    append(out, "inserted", insert(kind_at(entry), values_at(entry), flag_at(entry, "event")));
  }
  for (const json::object& entry : entries(mutation, "set")) append(out, "set", set(entry));
  for (const json::object& entry : entries(mutation, "delete")) {
    store_.remove(kind_at(entry), id_at(entry));
    append(out, "deleted", id_at(entry));
  }
  for (const json::object& entry : entries(mutation, "remove")) {
    store_.erase(kind_at(entry), id_at(entry));
    append(out, "removed", id_at(entry));
  }
  const std::uint64_t seed = count_at(mutation, "seed");
  Draw draws{store_.settings().seed, 900, seed};
  const json::value* fields = mutation.if_contains("fields");
  const std::string_view which =
      fields != nullptr && fields->is_string() ? std::string_view{fields->get_string()} : "";
  for (const char* name : {"created", "updated", "deleted", "updated_subscriptions"}) {
    if (!out.contains(name)) out[name] = json::array{};
  }
  for (auto n = count_at(mutation, "create"); n > 0; --n)
    create_random(draws, seed, out["created"].as_array());
  for (auto n = count_at(mutation, "update"); n > 0 && update_random(draws, which, out); --n) {
  }
  for (auto n = count_at(mutation, "delete");
       n > 0 && delete_random(draws, out["deleted"].as_array()); --n) {
  }
  return out;
}

void Mutator::load_seed(const json::object& seed) {
  for (const json::object& entry : entries(seed, "insert"))
    insert(kind_at(entry), values_at(entry), false);
  for (const ResourceKind& kind : resource_kinds()) {
    for (json::object& row : entries(seed, kind.plural)) insert(kind, std::move(row), false);
  }
  store_.settle_all();
}

std::string Mutator::insert(const ResourceKind& kind, json::object values, bool event) {
  const bool timed = values.contains("updated_at") || values.contains("resource_version");
  json::object row = with_defaults(store_, kind, std::move(values));
  if (timed && !row.contains("resource_version")) {
    const json::value* updated = row.if_contains("updated_at");
    const json::value* from =
        updated != nullptr && updated->is_int64() ? updated : row.if_contains(kind.created);
    if (from != nullptr && from->is_int64()) row["resource_version"] = from->get_int64() * 1000;
  }
  drop_nulls(row);
  std::string id{row.at("id").as_string()};
  if (kind.name == "subscription" && !row.contains("customer_id"))
    refuse("a subscription needs a customer_id");
  const bool has_events =
      kind.name == "customer" || kind.name == "subscription" || kind.name == "gift";
  const std::string type =
      std::string{kind.name} + (kind.name == "gift" ? "_scheduled" : "_created");
  store_.put(kind, std::move(row),
             {!timed && kind.name != "event", event && has_events ? type : ""});
  return id;
}

std::string Mutator::set(const json::object& change) {
  const ResourceKind& kind = kind_at(change);
  std::string id = id_at(change);
  const json::object values = values_at(change);
  json::object row;
  if (flag_at(change, "merge")) {
    row = store_.get(kind, id);
  } else {
    row["id"] = id;
    row["object"] = kind.name;
  }
  for (const auto& [name, value] : values) row[name] = value;
  drop_nulls(row);
  const bool timed = values.contains("updated_at") || values.contains("resource_version");
  const bool has_events = kind.name != "event" && kind.name != "invoice";
  const bool touch = flag_at(change, "touch") && !timed;
  const bool person = kind.name == "customer" || kind.name == "subscription";
  const std::string type = std::string{kind.name} + (person ? "_changed" : "_updated");
  store_.put(
      kind, std::move(row),
      {touch, flag_at(change, "event") && flag_at(change, "touch") && has_events ? type : ""});
  return id;
}

void Mutator::create_random(Draw& draws, std::uint64_t seed, json::array& created) {
  Settings settings = store_.settings();
  settings.seed += seed + 1;
  const Generator generator{settings};
  // Indices beyond the site's own, so that ids and e-mail addresses are new.
  const std::uint64_t index = store_.generator().total() + 1000 + next_index_++;
  const std::int64_t now = store_.now_ms() / 1000;
  json::object customer = generator.customer(index);
  const std::string id = "new_" + std::to_string(index) + "_" + draws.token(6);
  customer["id"] = id;
  customer["created_at"] = now;
  customer["card_status"] = "no_card";
  for (const char* name : {"payment_method", "primary_payment_source_id"}) customer.erase(name);
  store_.put(*find_kind("customer"), std::move(customer), {true, "customer_created"});
  for (const unsigned ordinal : generator.subscription_ordinals(index)) {
    json::object subscription = generator.subscription(subscription_source(index, ordinal));
    subscription["id"] = draws.token(17);
    subscription["customer_id"] = id;
    subscription["created_at"] = now;
    subscription["deleted"] = false;
    store_.put(*find_kind("subscription"), std::move(subscription), {true, "subscription_created"});
  }
  created.push_back(json::string{id});
}

std::optional<RowNumber> Mutator::random_customer(Draw& draws, bool untied) {
  const Table& customers = store_.table("customer");
  const RowNumber size = customers.size();
  if (size == 0) return std::nullopt;
  const auto first = static_cast<RowNumber>(draws.below(size));
  for (RowNumber step = 0; step < size; ++step) {
    const RowNumber row = (first + step) % size;
    const Version& version = customers.current(row);
    if (!version.present || version.deleted) continue;
    if (untied && store_.is_tied_to_gift(customers.id(row))) continue;
    return row;
  }
  return std::nullopt;
}

bool Mutator::update_random(Draw& draws, std::string_view fields, json::object& out) {
  const auto chosen = random_customer(draws, false);
  if (!chosen) return false;
  Table& customers = store_.table("customer");
  const std::string id = customers.id(*chosen);
  auto owned = store_.subscriptions_of(id);
  std::erase_if(owned,
                [&](RowNumber row) { return store_.table("subscription").current(row).deleted; });
  const bool of_subscription = fields == "subscription" || (fields.empty() && draws.chance(0.3));
  if (of_subscription && !owned.empty()) {
    Table& subscriptions = store_.table("subscription");
    json::object row = subscriptions.values(draws.pick(owned));
    switch (draws.below(3)) {
      case 0:
        row["status"] = "cancelled";
        row["cancelled_at"] = store_.now_ms() / 1000;
        row["cancel_reason_code"] = "Order change";
        row["mrr"] = 0;
        break;
      case 1:
        row["cf_seats"] = draws.between(1, 500);
        break;
      default:
        row["next_billing_at"] = store_.now_ms() / 1000 + draws.between(1, 30) * 86'400;
        break;
    }
    const std::string subscription{row.at("id").as_string()};
    store_.put(subscriptions.kind(), std::move(row), {true, "subscription_changed"});
    append(out, "updated_subscriptions", subscription);
    return true;
  }
  json::object row = customers.values(*chosen);
  const Culture& culture = draws.pick(cultures());
  switch (draws.below(6)) {
    case 0:
      row["first_name"] = draws.pick(culture.first).written;
      break;
    case 1:
      row["phone"] = "+49 30 " + std::to_string(draws.between(100'000, 999'999));
      break;
    case 2:
      row["company"] = draws.pick(companies());
      break;
    case 3:
      row["cf_loyalty_points"] = draws.between(0, 5000);
      break;
    case 4:
      row["cs_marketing"] = draws.chance(0.5);
      break;
    default:
      row["email"] = "changed." + draws.token(8) + "@example.com";
      break;
  }
  store_.put(customers.kind(), std::move(row), {true, "customer_changed"});
  append(out, "updated", id);
  return true;
}

bool Mutator::delete_random(Draw& draws, json::array& deleted) {
  const auto chosen = random_customer(draws, true);
  if (!chosen) return false;
  Table& customers = store_.table("customer");
  const std::string id = customers.id(*chosen);
  store_.remove(customers.kind(), id);
  deleted.push_back(json::string{id});
  return true;
}

}  // namespace chargebee_sandbox
