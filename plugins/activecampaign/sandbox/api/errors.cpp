#include "api/errors.hpp"

#include <fmt/format.h>

namespace activecampaign_sandbox {

namespace {

json::object message(std::string_view text) {
  return {{"message", text}};
}

json::object one_error(json::object error) {
  json::array errors;
  errors.emplace_back(std::move(error));
  json::object body;
  body.emplace("errors", std::move(errors));
  return body;
}

}  // namespace

ApiError not_found(std::string_view model, std::string_view id) {
  return {404, message(fmt::format("No Result found for {} with id {}", model, id))};
}

ApiError not_found_as_403(std::string_view model, std::string_view id) {
  return {403, message(fmt::format("No Result found for {} with id {}", model, id))};
}

ApiError contact_not_found() {
  return {404,
          one_error({{"status", 404}, {"title", "Not Found"}, {"detail", "Contact not found"}})};
}

ApiError bad_request(std::string_view detail) {
  return {400, one_error({{"status", 400}, {"title", "Bad Request"}, {"detail", detail}})};
}

ApiError unprocessable(std::string_view title, std::string_view code, std::string_view pointer,
                       std::string_view detail) {
  json::object error{{"title", title}, {"detail", detail}, {"code", code}};
  if (!pointer.empty()) error.emplace("source", json::object{{"pointer", pointer}});
  return {422, one_error(std::move(error))};
}

ApiError email_invalid() {
  return {422, one_error({{"title", "Contact Email Address is not valid."},
                          {"detail", ""},
                          {"code", "email_invalid"},
                          {"error", "must_be_valid_email_address"},
                          {"source", {{"pointer", "/data/attributes/email"}}}})};
}

ApiError email_duplicate() {
  return unprocessable("Email address already exists in the system", "duplicate",
                       "/data/attributes/email");
}

ApiError missing_attribute(std::string_view name) {
  return {422, one_error({{"status", 422},
                          {"title", "Missing attribute"},
                          {"source", {{"pointer", fmt::format("/data/attributes/{}", name)}}}})};
}

ApiError unprocessable_message(std::string_view text) {
  return {422, message(text)};
}

ApiError over_contact_limit(int status) {
  if (status != 422) return {status, message("Contact limit exceeded")};
  return unprocessable("The contact limit of this account is reached", "contact_limit",
                       "/data/attributes/email");
}

ApiError import_refused(std::string_view text, json::array reasons) {
  json::object body{{"success", 0}, {"message", text}};
  body.emplace("failureReasons", std::move(reasons));
  return {400, body};
}

}  // namespace activecampaign_sandbox
