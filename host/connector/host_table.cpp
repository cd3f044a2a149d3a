#include "connector/host_table.hpp"

#include <algorithm>
#include <sluice/json.hpp>
#include <string_view>

namespace sluice::host {
namespace {

std::string_view view(sluice_slice slice) noexcept {
  return slice.data == nullptr ? std::string_view{} : std::string_view{slice.data, slice.size};
}

RateClass rate_class(const sluice_rate& rate) {
  return {std::string{view(rate.account)}, std::string{view(rate.class_name)}, rate.requests,
          std::chrono::milliseconds{rate.window_ms}};
}

HostServices& services(void* self) noexcept {
  return *static_cast<HostServices*>(self);
}

void log(void* self, std::int32_t level, sluice_slice line) noexcept try {
  services(self).log(
      static_cast<LogLevel>(std::clamp<std::int32_t>(level, SLUICE_LOG_DEBUG, SLUICE_LOG_ERROR)),
      view(line));
} catch (...) {
  // A line that cannot be logged has no other place to go.
}

std::int64_t acquire(void* self, const sluice_rate* rate, std::uint32_t n) noexcept try {
  if (rate == nullptr) return 0;
  return services(self).acquire(rate_class(*rate), n).count();
} catch (...) {
  // Without a budget to ask, a pause keeps the connector from running at full speed.
  return 1000;
}

void back_off(void* self, const sluice_rate* rate, std::int64_t ms) noexcept try {
  if (rate != nullptr) services(self).back_off(rate_class(*rate), std::chrono::milliseconds{ms});
} catch (...) {
}

void progress(void* self, sluice_slice counters) noexcept try {
  const auto parsed = parse_json(view(counters));
  for (const auto& [name, increment] : parsed.as_object()) {
    if (increment.is_int64()) services(self).count(name, increment.get_int64());
  }
} catch (...) {
  log(self, SLUICE_LOG_WARN, {"counters that are not a JSON object were left out", 48});
}

const void* get_extension(void*, const char*) noexcept {
  return nullptr;
}

}  // namespace

HostTable::HostTable(HostServices& services) {
  table_.struct_size = sizeof table_;
  table_.abi_major = SLUICE_ABI_MAJOR;
  table_.abi_minor = SLUICE_ABI_MINOR;
  table_.self = &services;
  table_.log = &log;
  table_.acquire = &acquire;
  table_.back_off = &back_off;
  table_.progress = &progress;
  table_.get_extension = &get_extension;
}

}  // namespace sluice::host
