#include "joins.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "walk.hpp"

namespace chargebee {

using sluice::Context;
using sluice::Record;
using sluice::RecordBatch;

namespace {

constexpr std::size_t kMostInGroup = 100;
constexpr std::size_t kLongestFilter = 5000;  // bytes in the URL

// Chargebee's servers split `["a","b"]` at commas and strip quotes and blanks.
bool is_plain(const std::string& id) {
  return id.find_first_of(",[]\"' \\") == std::string::npos;
}

using Subscriptions = std::unordered_map<std::string, std::vector<json::object>>;

void read_subscriptions(Context& context, Api& api, const std::vector<std::string>& group,
                        const json::storage_ptr& storage, Subscriptions& found) {
  auto query = subscription_list();
  query.thin = true;
  query.filters = id_filter("customer_id", group);
  ListWalk walk{api, query};
  for (bool end = false; !end;) {
    auto step = walk.fetch(context, storage);
    walk.accept(step);
    for (auto& row : step.page.rows) {
      auto& subscription = row_object(row, "subscription");
      found[text_of(subscription, "customer_id")].push_back(std::move(subscription));
    }
    end = step.end;
  }
}

// A list that shifts while it is read shows a row twice.
void drop_repeats(std::vector<json::object>& subscriptions) {
  std::unordered_map<std::string, std::size_t> newest;
  std::vector<json::object> kept;
  for (auto& subscription : subscriptions) {
    const auto [it, is_new] = newest.try_emplace(text_of(subscription, "id"), kept.size());
    if (is_new) {
      kept.push_back(std::move(subscription));
    } else if (version_of(subscription) > version_of(kept[it->second])) {
      kept[it->second] = std::move(subscription);
    }
  }
  subscriptions = std::move(kept);
}

}  // namespace

ListQuery customer_list() {
  return {.path = "/customers",
          .member = "customer",
          .time_sort = "created_at",
          .include_deleted = true,
          .thin = true};
}

ListQuery subscription_list() {
  return {.path = "/subscriptions",
          .member = "subscription",
          .time_sort = "created_at",
          .include_deleted = true};
}

std::vector<std::vector<std::string>> filter_groups(const std::vector<std::string>& ids) {
  std::vector<std::vector<std::string>> groups;
  std::vector<std::string> group;
  std::size_t length = 0;
  const auto close = [&] {
    if (!group.empty()) groups.push_back(std::move(group));
    group.clear();
    length = 0;
  };
  for (const auto& id : ids) {
    if (!is_plain(id)) {
      groups.push_back({id});
      continue;
    }
    const std::size_t size = sluice::percent_encode(id).size() + 9;  // %22…%22%2C
    if (group.size() == kMostInGroup || length + size > kLongestFilter) close();
    group.push_back(id);
    length += size;
  }
  close();
  return groups;
}

sluice::Pairs id_filter(const std::string& attribute, const std::vector<std::string>& group) {
  if (group.size() == 1) return {{attribute + "[is]", group.front()}};
  return {{attribute + "[in]", bracketed(group)}};
}

Found find_by_id(Context& context, Api& api, const ListQuery& list,
                 const std::vector<std::string>& ids) {
  Found found;
  std::unordered_set<std::string> missing{ids.begin(), ids.end()};
  for (const auto& group : filter_groups(ids)) {
    auto query = list;
    query.filters = id_filter("id", group);
    ListWalk walk{api, query};
    for (bool end = false; !end;) {
      auto step = walk.fetch(context, found.storage);
      walk.accept(step);
      for (auto& row : step.page.rows) {
        auto& object = row_object(row, list.member);
        if (missing.erase(id_of(object, list.member)) > 0)
          found.objects.push_back(std::move(object));
      }
      end = step.end;
    }
  }
  for (const auto& id : ids) {
    if (missing.erase(id) == 0) continue;
    if (auto object = api.retrieve(context, list.path, list.member, id)) {
      found.objects.push_back(std::move(*object));
    } else {
      found.gone.push_back(id);
    }
  }
  return found;
}

void join_customers(Context& context, Api& api, std::vector<json::object> customers,
                    const RunData& run, const CustomerOptions& options, RecordBatch& records) {
  std::vector<std::string> ids;
  ids.reserve(customers.size());
  for (const auto& customer : customers) ids.push_back(id_of(customer, "customer"));
  // The records' parts are moved together, which copies what lives in another storage.
  const auto storage = customers.empty() ? json::storage_ptr{} : customers.front().storage();
  Subscriptions subscriptions;
  for (const auto& group : filter_groups(ids)) {
    read_subscriptions(context, api, group, storage, subscriptions);
  }
  const PlanName plan_name = [&](const std::string& code) {
    return run.plans->name(context, code);
  };
  for (std::size_t i = 0; i < customers.size(); ++i) {
    auto& own = subscriptions[ids[i]];
    drop_repeats(own);
    const auto gifts =
        run.gifters ? run.gifters->facts(ids[i]) : Gifters::ask(context, api, ids[i]);
    add_customer(records, customer_record(std::move(customers[i]), own, gifts, options, plan_name));
  }
}

void join_customers_by_id(Context& context, Api& api, const std::vector<std::string>& ids,
                          const RunData& run, const CustomerOptions& options,
                          RecordBatch& records) {
  auto found = find_by_id(context, api, customer_list(), ids);
  join_customers(context, api, std::move(found.objects), run, options, records);
  for (auto& id : found.gone) records.add(Record::removed(std::move(id)));
}

}  // namespace chargebee
