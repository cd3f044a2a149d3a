#include "host_bridge.hpp"

#include <algorithm>
#include <cstddef>

#include "sluice/json.hpp"

namespace sluice::detail {
namespace {

sluice_slice slice(std::string_view text) {
  return {text.data(), text.size()};
}

sluice_rate rate_of(const RateClass& rate) {
  const auto window = std::clamp<std::int64_t>(rate.window.count(), 0, UINT32_MAX);
  return {slice(rate.account), slice(rate.name), rate.requests, static_cast<std::uint32_t>(window)};
}

// A function that lies beyond the host's table reads as NULL.
template <typename Function>
Function function_of(const sluice_host& host, Function sluice_host::*member) {
  const auto* start = reinterpret_cast<const char*>(&host);
  const auto* end = reinterpret_cast<const char*>(&(host.*member)) + sizeof(Function);
  return end - start <= static_cast<std::ptrdiff_t>(host.struct_size) ? host.*member : nullptr;
}

}  // namespace

void HostBridge::log(LogLevel level, std::string_view line) {
  const auto fn = function_of(*host_, &sluice_host::log);
  if (fn != nullptr) fn(host_->self, static_cast<std::int32_t>(level), slice(line));
}

std::chrono::milliseconds HostBridge::acquire(const RateClass& rate, std::uint32_t n) {
  const auto fn = function_of(*host_, &sluice_host::acquire);
  if (fn == nullptr) return std::chrono::milliseconds{0};
  const auto c_rate = rate_of(rate);
  return std::chrono::milliseconds{std::max<std::int64_t>(fn(host_->self, &c_rate, n), 0)};
}

void HostBridge::back_off(const RateClass& rate, std::chrono::milliseconds pause) {
  const auto fn = function_of(*host_, &sluice_host::back_off);
  if (fn == nullptr) return;
  const auto c_rate = rate_of(rate);
  fn(host_->self, &c_rate, pause.count());
}

void HostBridge::count(std::string_view name, std::int64_t n) {
  const std::lock_guard lock{mutex_};
  const auto known = counters_.find(name);
  if (known != counters_.end()) {
    known->second += n;
  } else {
    counters_.emplace(name, n);
  }
}

void HostBridge::flush() {
  const auto fn = function_of(*host_, &sluice_host::progress);
  std::map<std::string, std::int64_t, std::less<>> counters;
  {
    const std::lock_guard lock{mutex_};
    counters.swap(counters_);
  }
  if (fn == nullptr || counters.empty()) return;
  json::object object;
  for (const auto& [name, n] : counters) object[name] = n;
  std::string text;
  write_json(text, object);
  fn(host_->self, slice(text));
}

}  // namespace sluice::detail
