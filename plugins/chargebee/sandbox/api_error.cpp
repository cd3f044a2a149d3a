#include "api_error.hpp"

namespace chargebee_sandbox {
namespace {

namespace json = sluice::json;

// The legacy error_code differs from api_error_code for a few errors only.
std::string_view legacy_code(std::string_view code) {
  if (code == "api_authentication_failed") return "api_authentication_invalid_key";
  if (code == "resource_not_found") return "site_resource_not_found";
  return code;
}

}  // namespace

ApiError ApiError::wrong_value(const std::string& param, const std::string& why) {
  return {400, "invalid_request", "param_wrong_value", param + " : " + why, param};
}

ApiError ApiError::not_found(const std::string& what, const std::string& id) {
  return {404, "invalid_request", "resource_not_found", id + " not found", what + "_id"};
}

ApiError ApiError::invalid_state(const std::string& why) {
  return {409, "invalid_request", "invalid_state_for_request", why};
}

sluice::testing::SandboxResponse ApiError::response() const {
  json::object body = {{"message", what()}, {"type", type_}, {"api_error_code", code_}};
  if (!param_.empty()) body["param"] = param_;
  body["error_code"] = legacy_code(code_);
  body["error_msg"] = what();
  if (!param_.empty()) body["error_param"] = param_;
  body["http_status_code"] = status_;
  return sluice::testing::SandboxResponse::json(status_, body);
}

}  // namespace chargebee_sandbox
