#include "gifters.hpp"

#include <algorithm>
#include <limits>

namespace chargebee {

using sluice::Context;

namespace {

constexpr std::uint8_t kForOthers = 1;
constexpr std::int64_t kNobodyKnowsWhen = std::numeric_limits<std::int64_t>::max();

struct Purchase {
  std::string gifter;
  std::string receiver;
};

Purchase purchase_of(const json::object& gift) {
  const auto* gifter = object_in(gift, "gifter");
  const auto* receiver = object_in(gift, "gift_receiver");
  return {gifter != nullptr ? text_of(*gifter, "customer_id") : "",
          receiver != nullptr ? text_of(*receiver, "customer_id") : ""};
}

}  // namespace

ListQuery gift_list() {
  return {.path = "/gifts", .member = "gift"};
}

std::shared_ptr<const Gifters> Gifters::load(Context& context, Api& api) {
  auto gifters = std::make_shared<Gifters>();
  ListWalk walk{api, gift_list()};
  for (bool end = false, first = true; !end; first = false) {
    auto step = walk.fetch(context);
    if (first) gifters->loaded_at_ = step.page.date;
    for (auto& row : step.page.rows) {
      const auto& gift = row_object(row, "gift");
      const auto [gifter, receiver] = purchase_of(gift);
      if (gifter.empty()) continue;
      const auto updated = whole(gift, "updated_at").value_or(kNobodyKnowsWhen);
      const std::uint8_t flags = gifter != receiver ? kForOthers : 0;
      gifters->map_.merge(gifter, {version_of(gift), updated, flags});
    }
    walk.accept(step);
    end = step.end;
  }
  return gifters;
}

GiftFacts Gifters::ask(Context& context, Api& api, const std::string& customer) {
  auto query = gift_list();
  query.filters = {{"gifter[customer_id][is]", customer}};
  ListWalk walk{api, query};
  GiftFacts facts;
  for (bool end = false; !end;) {
    auto step = walk.fetch(context);
    for (auto& row : step.page.rows) {
      const auto& gift = row_object(row, "gift");
      const auto [gifter, receiver] = purchase_of(gift);
      if (gifter != customer) continue;
      facts.version = std::max(facts.version, version_of(gift));
      facts.for_others = facts.for_others || gifter != receiver;
    }
    walk.accept(step);
    end = step.end;
  }
  return facts;
}

GiftFacts Gifters::facts(const std::string& customer) const {
  const auto value = map_.find(customer);
  return {value.version, (value.flags & kForOthers) != 0};
}

std::vector<std::string> Gifters::changed(std::int64_t bookmark, const std::string& after,
                                          std::size_t count) const {
  return map_.next(after, bookmark, count);
}

}  // namespace chargebee
