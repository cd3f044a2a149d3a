// The vendor's refusals, each in the shape in which it was seen.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "api/call.hpp"

namespace activecampaign_sandbox {

// Ends a request with an answer. Thrown by handlers and their helpers only.
class ApiError : public std::exception {
 public:
  explicit ApiError(SandboxResponse response) : response_{std::move(response)} {}
  ApiError(int status, json::object body) : response_{reply(status, std::move(body))} {}
  [[nodiscard]] const SandboxResponse& response() const { return response_; }
  [[nodiscard]] const char* what() const noexcept override { return "refused by the API"; }

 private:
  SandboxResponse response_;
};

// 404 {"message": "No Result found for <model> with id <id>"}
[[nodiscard]] ApiError not_found(std::string_view model, std::string_view id);
// The same words with 403, as some routes say it.
[[nodiscard]] ApiError not_found_as_403(std::string_view model, std::string_view id);
// 404 with a list of errors: contactTags.
[[nodiscard]] ApiError contact_not_found();
// 400 {"errors": [{"status": 400, "title": "Bad Request", "detail": …}]}
[[nodiscard]] ApiError bad_request(std::string_view detail);
// 422 {"errors": [{"title", "detail", "code", "source"?: {"pointer"}}]}
[[nodiscard]] ApiError unprocessable(std::string_view title, std::string_view code,
                                     std::string_view pointer, std::string_view detail = "");
[[nodiscard]] ApiError email_invalid();
[[nodiscard]] ApiError email_duplicate();
// 422 {"errors": [{"status": 422, "title": "Missing attribute", "source"}]}
[[nodiscard]] ApiError missing_attribute(std::string_view name);
// 422 {"message": …}
[[nodiscard]] ApiError unprocessable_message(std::string_view message);
// The answer to a contact too many, with the status that the switches choose.
[[nodiscard]] ApiError over_contact_limit(int status);
// 400 {"success": 0, "message", "failureReasons"}: the importer's.
[[nodiscard]] ApiError import_refused(std::string_view message, json::array reasons);

}  // namespace activecampaign_sandbox
