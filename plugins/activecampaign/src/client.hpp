// The vendor's API over HTTP: sends requests under the account's limits and reads the answers.
#pragma once

#include <memory>
#include <sluice/sdk.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "answer.hpp"
#include "retry_rule.hpp"
#include "settings.hpp"

namespace activecampaign {

// Classes of requests besides the general one.
inline constexpr auto kBulkClass = "bulk";               // imports of several contacts
inline constexpr auto kBulkSingleClass = "bulk_single";  // imports of one

// `label` is the path without ids, for counters and logs.
[[nodiscard]] sluice::HttpRequest get_request(std::string path, std::string label,
                                              sluice::Pairs query = {});
[[nodiscard]] sluice::HttpRequest delete_request(std::string path, std::string label);
// `idempotent`: may be sent again when its fate is unknown.
[[nodiscard]] sluice::HttpRequest write_request(std::string method, std::string path,
                                                std::string label, const json::object& body,
                                                bool idempotent);

// Threads: [any thread].
class Client {
 public:
  // Check: a person waits for the verdict; Run: short faults are ridden out.
  enum class Patience { Check = 1, Run = 2 };
  explicit Client(const Settings& settings, Patience patience = Patience::Run);

  // Any answer, Denied included.
  [[nodiscard]] Answer send(sluice::Context& context, sluice::HttpRequest request);
  // Answers at the request's index; none is Denied: a refusal of one thing under a good key is
  // Refused. Errors: throws Error{Auth} when the key is refused, since nothing else can succeed
  // then; Error{Config} when the connection itself is impossible.
  [[nodiscard]] std::vector<Answer> send_all(sluice::Context& context,
                                             std::vector<sluice::HttpRequest> requests);
  // A GET that must succeed; throws what `Answer::error` says otherwise.
  [[nodiscard]] json::object get(sluice::Context& context, std::string path,
                                 sluice::Pairs query = {});
  // One page after the other of a collection, until the last.
  [[nodiscard]] std::vector<json::object> get_pages(sluice::Context& context,
                                                    const std::string& path, std::string_view list);

  [[nodiscard]] const std::string& account() const noexcept { return account_; }
  // The account's limits, of all requests first; see the names of the classes above.
  [[nodiscard]] const std::vector<sluice::RateClass>& rates() const noexcept { return rates_; }

 private:
  [[nodiscard]] std::vector<Answer> ask(sluice::Context& context,
                                        std::vector<sluice::HttpRequest> requests);

  std::string account_;
  std::vector<sluice::RateClass> rates_;
  sluice::HttpClient http_;
};

}  // namespace activecampaign
