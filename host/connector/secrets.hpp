// Keeps the secrets of a connector's options out of everything that a person or a file will see.
#pragma once

#include <exception>
#include <memory>
#include <mutex>
#include <sluice/context.hpp>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::host {

struct Secret {
  std::string option;  // its path: "network.proxy_password"
  std::string value;
};

// Of the options that the schema marks `writeOnly`, at any depth; the longest first. Very short
// ones are left out: replacing them would destroy ordinary text and hide nothing.
[[nodiscard]] std::vector<Secret> secrets_in(const json::object& schema,
                                             const json::object& config);
// Their values alone.
[[nodiscard]] std::vector<std::string> secret_values(const json::object& schema,
                                                     const json::object& config);

// `text` with every secret replaced by "***".
[[nodiscard]] std::string redact(std::string_view text, const std::vector<std::string>& secrets);

// `answer`, JSON or NDJSON, with every secret replaced in the texts meant for people: the members
// `message`, `code` and `field` at any depth. Keys and ids stay what they are. A line that is not
// JSON is replaced as a whole.
[[nodiscard]] std::string redact_answer(std::string answer,
                                        const std::vector<std::string>& secrets);

// Passes everything on, log lines as one line each and without secrets; remembers when a budget
// could not be had. Threads: [any thread].
class GuardedServices final : public HostServices {
 public:
  explicit GuardedServices(HostServices& services) : services_{services} {}

  void hide(std::vector<std::string> secrets);
  [[nodiscard]] std::string clean(std::string_view text) const;
  [[nodiscard]] std::string clean_answer(std::string answer) const;
  // Throws what kept `acquire` or `back_off` from their file, such as a full disk: a connector is
  // only made to wait by it.
  void throw_failure() const;

  void log(LogLevel level, std::string_view line) override;
  std::chrono::milliseconds acquire(const RateClass& rate, std::uint32_t n) override;
  void back_off(const RateClass& rate, std::chrono::milliseconds pause) override;
  void count(std::string_view name, std::int64_t n) override;

 private:
  [[nodiscard]] std::shared_ptr<const std::vector<std::string>> secrets() const;

  template <typename Call>
  auto noted(Call call);

  HostServices& services_;
  mutable std::mutex mutex_;
  std::shared_ptr<const std::vector<std::string>>
      secrets_;  // replaced as a whole, read without holding the mutex
  std::exception_ptr failure_;
};

}  // namespace sluice::host
