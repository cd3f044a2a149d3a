// Writes that a process had under way when it was killed: whether they arrived is unknown.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "pipeline/delivery.hpp"
#include "pipeline/sync_context.hpp"

namespace sluice::host {

// Threads: [instance] one thread.
class Leftovers {
 public:
  Leftovers(SyncContext& context, Delivery& delivery) : context_{context}, delivery_{delivery} {}

  // Takes the intents up before a run writes: a key that was known is written again in any case, a
  // changed key is looked up at the destination, a new one is remembered for `written_by`.
  void settle();
  // The target that the record was written under, if that is not `target` and the destination has
  // it: the record has got another key since, or (`target` empty) is to be there no more.
  std::optional<TargetRow> written_by(const std::string& key, const std::string& target);
  // Whether an earlier process has sent this record under this target: what the destination has
  // there may be the record's own.
  [[nodiscard]] bool may_have_written(const std::string& key, const std::string& target) const;

 private:
  // True when the intent is dealt with.
  bool settle(const Intent& intent);
  void settle_changed_key(const Intent& intent);

  SyncContext& context_;
  Delivery& delivery_;
  std::map<std::string, Intent> unknown_;    // of keys that nothing is known of, by source key
  std::map<std::string, std::string> sent_;  // the same for good: target by source key
};

}  // namespace sluice::host
