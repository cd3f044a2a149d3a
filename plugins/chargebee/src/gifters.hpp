// Who bought gifts. Chargebee's list of gifts has neither a time filter nor an order, so it is read
// whole, once a run.
#pragma once

#include <cstdint>
#include <memory>
#include <sluice/context.hpp>
#include <string>
#include <vector>

#include "api.hpp"
#include "spill_map.hpp"
#include "walk.hpp"

namespace chargebee {

struct GiftFacts {
  std::int64_t version = 0;  // highest of the gifts that the customer bought
  bool for_others =
      false;  // at least one of them has somebody else as its receiver, whatever became of it
};

// Threads: const functions from any.
class Gifters {
 public:
  // Reads all gifts.
  [[nodiscard]] static std::shared_ptr<const Gifters> load(sluice::Context& context, Api& api);
  // What one customer bought, asked for alone.
  [[nodiscard]] static GiftFacts ask(sluice::Context& context, Api& api,
                                     const std::string& customer);

  [[nodiscard]] GiftFacts facts(const std::string& customer) const;
  // The next customers behind `after`, in a fixed order, who bought a gift that was changed at
  // `bookmark` (seconds) or later, or nobody knows when.
  [[nodiscard]] std::vector<std::string> changed(std::int64_t bookmark, const std::string& after,
                                                 std::size_t count) const;
  // The server's time before anything was read, in seconds.
  [[nodiscard]] std::int64_t loaded_at() const noexcept { return loaded_at_; }

 private:
  SpillMap map_;
  std::int64_t loaded_at_ = 0;
};

[[nodiscard]] ListQuery gift_list();

}  // namespace chargebee
