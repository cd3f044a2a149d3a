#include "connector/secrets.hpp"

#include <algorithm>

#include "connector/abi_call.hpp"
#include "integration/one_line.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t kShortestSecret = 4;

std::string path_to(const std::string& option, std::string_view member) {
  return option.empty() ? std::string{member} : option + "." + std::string{member};
}

void collect_strings(const json::value& value, const std::string& option,
                     std::vector<Secret>& secrets) {
  if (const auto* text = value.if_string()) {
    if (text->size() >= kShortestSecret) secrets.push_back({option, std::string{*text}});
  } else if (const auto* array = value.if_array()) {
    for (const auto& item : *array) collect_strings(item, option, secrets);
  } else if (const auto* object = value.if_object()) {
    for (const auto& member : *object)
      collect_strings(member.value(), path_to(option, member.key()), secrets);
  }
}

void collect(const json::object& schema, const json::value& value, const std::string& option,
             std::vector<Secret>& secrets) {
  if (const auto* mark = schema.if_contains("writeOnly");
      mark != nullptr && mark->is_bool() && mark->get_bool()) {
    collect_strings(value, option, secrets);
    return;
  }
  if (const auto* properties = schema.if_contains("properties");
      properties != nullptr && properties->is_object() && value.is_object()) {
    for (const auto& [name, property] : properties->get_object()) {
      const auto* member = value.get_object().if_contains(name);
      if (member != nullptr && property.is_object())
        collect(property.get_object(), *member, path_to(option, name), secrets);
    }
  }
  if (const auto* items = schema.if_contains("items");
      items != nullptr && items->is_object() && value.is_array()) {
    for (const auto& item : value.get_array()) collect(items->get_object(), item, option, secrets);
  }
}

bool holds_any(std::string_view text, const std::vector<std::string>& secrets) {
  return std::any_of(secrets.begin(), secrets.end(), [text](const std::string& secret) {
    return text.find(secret) != std::string_view::npos;
  });
}

// As it stands inside a JSON text.
std::string escaped(const std::string& secret) {
  const std::string quoted = to_json(json::value(secret));
  return quoted.substr(1, quoted.size() - 2);
}

bool is_for_people(std::string_view member) {
  return member == "message" || member == "code" || member == "field";
}

void redact_told(json::value& value, const std::vector<std::string>& secrets) {
  if (auto* array = value.if_array()) {
    for (auto& item : *array) redact_told(item, secrets);
  } else if (auto* object = value.if_object()) {
    for (auto& member : *object) {
      auto& told = member.value();
      if (is_for_people(member.key()) && told.is_string()) {
        told = redact(told.get_string(), secrets);
      } else {
        redact_told(told, secrets);
      }
    }
  }
}

std::string redact_line(std::string_view line, const std::vector<std::string>& secrets) {
  try {
    auto value = parse_json(line);
    redact_told(value, secrets);
    return to_json(value);
  } catch (const Error&) {
    return redact(line, secrets);
  }
}

}  // namespace

std::vector<Secret> secrets_in(const json::object& schema, const json::object& config) {
  std::vector<Secret> secrets;
  collect(schema, config, {}, secrets);
  // A secret may contain another one: the longer is replaced first.
  std::sort(secrets.begin(), secrets.end(),
            [](const auto& a, const auto& b) { return a.value.size() > b.value.size(); });
  return secrets;
}

std::vector<std::string> secret_values(const json::object& schema, const json::object& config) {
  std::vector<std::string> values;
  for (auto& secret : secrets_in(schema, config)) values.push_back(std::move(secret.value));
  return values;
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

std::string redact_answer(std::string answer, const std::vector<std::string>& secrets) {
  std::vector<std::string> in_json = secrets;
  for (const auto& secret : secrets) in_json.push_back(escaped(secret));
  if (!holds_any(answer, in_json)) return answer;
  std::string clean;
  for (std::string_view rest{answer}; !rest.empty();) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    clean += holds_any(line, in_json) ? redact_line(line, secrets) : std::string{line};
    if (end == std::string_view::npos) break;
    clean += '\n';
    rest.remove_prefix(end + 1);
  }
  return clean;
}

void GuardedServices::hide(std::vector<std::string> secrets) {
  auto fresh = std::make_shared<const std::vector<std::string>>(std::move(secrets));
  const std::lock_guard lock{mutex_};
  secrets_ = std::move(fresh);
}

std::shared_ptr<const std::vector<std::string>> GuardedServices::secrets() const {
  const std::lock_guard lock{mutex_};
  return secrets_;
}

std::string GuardedServices::clean(std::string_view text) const {
  const auto known = secrets();
  return one_line(known == nullptr ? std::string{text} : redact(text, *known));
}

std::string GuardedServices::clean_answer(std::string answer) const {
  const auto known = secrets();
  return known == nullptr || known->empty() ? answer : redact_answer(std::move(answer), *known);
}

void GuardedServices::log(LogLevel level, std::string_view line) {
  services_.log(level, clean(line));
}

template <typename Call>
auto GuardedServices::noted(Call call) {
  try {
    return call();
  } catch (...) {
    const std::lock_guard lock{mutex_};
    failure_ = std::current_exception();
    throw;
  }
}

void GuardedServices::throw_failure() const {
  std::exception_ptr failure;
  {
    const std::lock_guard lock{mutex_};
    failure = failure_;
  }
  if (failure) std::rethrow_exception(failure);
}

std::chrono::milliseconds GuardedServices::acquire(const RateClass& rate, std::uint32_t n) {
  return noted([&] { return services_.acquire(rate, n); });
}

void GuardedServices::back_off(const RateClass& rate, std::chrono::milliseconds pause) {
  noted([&] { services_.back_off(rate, pause); });
}

void GuardedServices::count(std::string_view name, std::int64_t n) {
  services_.count(name, n);
}

}  // namespace sluice::host
