#include "connector/secrets.hpp"

#include <algorithm>

#include "connector/abi_call.hpp"
#include "integration/one_line.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t kShortestSecret = 4;

void collect_strings(const json::value& value, std::vector<std::string>& secrets) {
  if (const auto* text = value.if_string()) {
    if (text->size() >= kShortestSecret) secrets.emplace_back(text->data(), text->size());
  } else if (const auto* array = value.if_array()) {
    for (const auto& item : *array) collect_strings(item, secrets);
  } else if (const auto* object = value.if_object()) {
    for (const auto& member : *object) collect_strings(member.value(), secrets);
  }
}

void collect(const json::object& schema, const json::value& value,
             std::vector<std::string>& secrets) {
  if (const auto* mark = schema.if_contains("writeOnly");
      mark != nullptr && mark->is_bool() && mark->get_bool()) {
    collect_strings(value, secrets);
    return;
  }
  if (const auto* properties = schema.if_contains("properties");
      properties != nullptr && properties->is_object() && value.is_object()) {
    for (const auto& [name, property] : properties->get_object()) {
      const auto* member = value.get_object().if_contains(name);
      if (member != nullptr && property.is_object())
        collect(property.get_object(), *member, secrets);
    }
  }
  if (const auto* items = schema.if_contains("items");
      items != nullptr && items->is_object() && value.is_array()) {
    for (const auto& item : value.get_array()) collect(items->get_object(), item, secrets);
  }
}

}  // namespace

std::vector<std::string> secret_values(const json::object& schema, const json::object& config) {
  std::vector<std::string> secrets;
  collect(schema, config, secrets);
  // A secret may contain another one: the longer is replaced first.
  std::sort(secrets.begin(), secrets.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return secrets;
}

std::string redact(std::string_view text, const std::vector<std::string>& secrets) {
  std::string result{text};
  for (const auto& secret : secrets) {
    for (std::size_t at = 0; (at = result.find(secret, at)) != std::string::npos; at += 3) {
      result.replace(at, secret.size(), "***");
    }
  }
  return result;
}

void GuardedServices::hide(std::vector<std::string> secrets) {
  auto fresh = std::make_shared<const std::vector<std::string>>(std::move(secrets));
  const std::lock_guard lock{mutex_};
  secrets_ = std::move(fresh);
}

std::string GuardedServices::clean(std::string_view text) const {
  std::shared_ptr<const std::vector<std::string>> secrets;
  {
    const std::lock_guard lock{mutex_};
    secrets = secrets_;
  }
  return one_line(secrets == nullptr ? std::string{text} : redact(text, *secrets));
}

void GuardedServices::log(LogLevel level, std::string_view line) {
  services_.log(level, clean(line));
}

std::chrono::milliseconds GuardedServices::acquire(const RateClass& rate, std::uint32_t n) {
  return services_.acquire(rate, n);
}

void GuardedServices::back_off(const RateClass& rate, std::chrono::milliseconds pause) {
  services_.back_off(rate, pause);
}

void GuardedServices::count(std::string_view name, std::int64_t n) {
  services_.count(name, n);
}

}  // namespace sluice::host
