// Turns customers into joined records: a page of customers costs one list call a hundred of their
// subscriptions.
#pragma once

#include <cstdint>
#include <memory>
#include <sluice/context.hpp>
#include <sluice/source.hpp>
#include <string>
#include <vector>

#include "api.hpp"
#include "customer_record.hpp"
#include "gifters.hpp"
#include "plans.hpp"

namespace chargebee {

// What a run reads once.
struct RunData {
  std::shared_ptr<Plans> plans;
  std::shared_ptr<const Gifters> gifters;  // null: gifts are asked for customer by customer
};

struct Found {
  json::storage_ptr storage = page_storage();  // of the objects
  std::vector<json::object> objects;
  std::vector<std::string> gone;  // keys of which nothing exists
};

// Splits ids into groups that fit into one filter. An id that the filter's notation cannot carry
// stands alone.
[[nodiscard]] std::vector<std::vector<std::string>> filter_groups(
    const std::vector<std::string>& ids);
// "id[in]" with all of a group, or "id[is]".
[[nodiscard]] sluice::Pairs id_filter(const std::string& attribute,
                                      const std::vector<std::string>& group);

// Objects of a list by id. What the list does not show, because lists run late, is asked for alone.
[[nodiscard]] Found find_by_id(sluice::Context& context, Api& api, const ListQuery& list,
                               const std::vector<std::string>& ids);

// Adds the joined record of every customer.
void join_customers(sluice::Context& context, Api& api, std::vector<json::object> customers,
                    const RunData& run, const CustomerOptions& options,
                    sluice::RecordBatch& records);
// The same for customers known by id; those that do not exist become deletions.
void join_customers_by_id(sluice::Context& context, Api& api, const std::vector<std::string>& ids,
                          const RunData& run, const CustomerOptions& options,
                          sluice::RecordBatch& records);

[[nodiscard]] ListQuery customer_list();
[[nodiscard]] ListQuery subscription_list();

}  // namespace chargebee
