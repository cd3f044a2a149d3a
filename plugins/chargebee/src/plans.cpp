#include "plans.hpp"

#include <algorithm>

namespace chargebee {

using sluice::Context;

ListQuery plan_list(Catalogue catalogue) {
  if (catalogue == Catalogue::V2) {
    return {.path = "/item_prices", .member = "item_price", .sort = "id"};
  }
  return {.path = "/plans", .member = "plan", .include_deleted = true};
}

std::string plan_code(const json::object& subscription) {
  if (auto plan = text_of(subscription, "plan_id"); !plan.empty()) return plan;
  const auto* items = subscription.if_contains("subscription_items");
  if (items == nullptr || !items->is_array()) return {};
  for (const auto& item : items->get_array()) {
    const auto* object = item.if_object();
    if (object != nullptr && text_of(*object, "item_type") == "plan") {
      return text_of(*object, "item_price_id");
    }
  }
  return {};
}

std::string Plans::name_of(const json::object& plan) const {
  if (catalogue_ == Catalogue::V2) {
    if (auto external = text_of(plan, "external_name"); !external.empty()) return external;
  }
  return text_of(plan, "name");
}

std::shared_ptr<Plans> Plans::load(Context& context, Api& api) {
  const auto catalogue = api.site(context).catalogue;
  std::shared_ptr<Plans> plans{new Plans{api, catalogue}};
  const auto query = plan_list(catalogue);
  ListWalk walk{api, query};
  for (bool end = false; !end;) {
    auto step = walk.fetch(context);
    for (auto& row : step.page.rows) {
      const auto& plan = row_object(row, query.member);
      const auto type = text_of(plan, "item_type");
      if (!type.empty() && type != "plan") continue;
      plans->plans_[id_of(plan, query.member)] = {plans->name_of(plan),
                                                  whole(plan, "updated_at").value_or(0)};
    }
    walk.accept(step);
    end = step.end;
  }
  return plans;
}

std::string Plans::name(Context& context, const std::string& code) {
  if (code.empty()) return {};
  const std::lock_guard lock{mutex_};
  if (const auto known = plans_.find(code); known != plans_.end()) return known->second.name;
  const auto query = plan_list(catalogue_);
  const auto plan = api_.retrieve(context, query.path, query.member, code);
  return (plans_[code] = {plan ? name_of(*plan) : "", 0}).name;
}

std::vector<std::string> Plans::changed(std::int64_t bookmark, const std::string& after,
                                        std::size_t count) const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> ids;
  for (const auto& [id, plan] : plans_) {
    if (plan.updated_at >= bookmark && id > after) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  if (ids.size() > count) ids.resize(count);
  return ids;
}

std::string Plans::subscription_filter() const {
  return catalogue_ == Catalogue::V2 ? "item_price_id[in]" : "plan_id[in]";
}

}  // namespace chargebee
