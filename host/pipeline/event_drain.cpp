#include "pipeline/event_drain.hpp"

#include <spdlog/spdlog.h>

namespace sluice::host {
namespace {

// After 5 s, 10 s, 20 s, …: twenty minutes in all, four times what the slowest vendor lags.
constexpr std::int64_t kFirstWaitMs = 5'000;
constexpr int kMostTries = 8;
// When the source cannot be asked.
constexpr std::int64_t kAfterFailureMs = 30'000;

}  // namespace

std::string EventDrain::look_up(std::vector<WaitingRecord>& due) {
  json::array keys;
  for (const auto& record : due) keys.emplace_back(record.key);
  const auto connector = context_.source.connector();
  try {
    return connector->lookup_records({{"stream", context_.config.read.stream},
                                      {"options", context_.config.read.options},
                                      {"keys", std::move(keys)}});
  } catch (const Error& error) {
    if (error.code() == Code::Cancelled) throw;
    // One of them may be what kills the connector: it must not hold up the others for ever.
    std::vector<WaitingRecord> later;
    for (auto& record : due) {
      if (!connector->alive()) ++record.tries;
      if (record.tries >= kMostTries) {
        ++counts_.given_up;
        taken_.push_back(record);
      } else {
        later.push_back(record);
      }
    }
    settle();
    context_.events->put_off(context_.integration, context_.config.name, later,
                             context_.clock() + kAfterFailureMs);
    throw;
  }
}

void EventDrain::put_off(WaitingRecord record) {
  ++counts_.put_off;
  const std::int64_t at = context_.clock() + (kFirstWaitMs << record.tries);
  ++record.tries;
  context_.events->put_off(context_.integration, context_.config.name, {record}, at);
}

std::optional<std::string> EventDrain::read() {
  auto due =
      context_.events->due(context_.integration, context_.config.name, context_.clock(), kAtOnce);
  if (due.empty()) return std::nullopt;
  std::map<std::string, const WaitingRecord*> waiting;
  for (const auto& record : due) waiting.emplace(record.key, &record);
  std::string lines;
  each_line(look_up(due), [&](std::string_view line) {
    const Incoming record = decode_record(parser_, line, context_.source.plugin().id);
    const auto found = waiting.find(record.key);
    if (found == waiting.end()) return;
    const WaitingRecord& wanted = *found->second;
    if (record.version < wanted.version) {
      if (wanted.tries < kMostTries) return;
      ++counts_.given_up;
      spdlog::warn(
          "sync '{}': {} is still older than an event about it; the next scheduled run "
          "delivers what is missing",
          context_.config.name, record.key);
    } else {
      ++counts_.taken;
    }
    lines.append(line).push_back('\n');
    taken_.push_back(wanted);
    waiting.erase(found);
  });
  for (const auto& [key, record] : waiting) {
    if (record->tries < kMostTries) {
      put_off(*record);
    } else {
      ++counts_.given_up;
      taken_.push_back(*record);
    }
  }
  return lines;
}

void EventDrain::settle() {
  context_.events->settle(context_.integration, context_.config.name, taken_);
  taken_.clear();
}

}  // namespace sluice::host
