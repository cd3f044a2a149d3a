// The API's error answers.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "sluice/testing/sandbox_message.hpp"

namespace chargebee_sandbox {

// Ends a request with an error answer.
class ApiError : public std::runtime_error {
 public:
  ApiError(int status, std::string type, std::string code, const std::string& message,
           std::string param = {})
      : std::runtime_error(message),
        status_{status},
        type_{std::move(type)},
        code_{std::move(code)},
        param_{std::move(param)} {}

  // 400 param_wrong_value for a parameter.
  [[nodiscard]] static ApiError wrong_value(const std::string& param, const std::string& why);
  [[nodiscard]] static ApiError not_found(const std::string& what, const std::string& id);
  // 409 invalid_state_for_request.
  [[nodiscard]] static ApiError invalid_state(const std::string& why);

  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] sluice::testing::SandboxResponse response() const;

 private:
  int status_;
  std::string type_;
  std::string code_;
  std::string param_;
};

}  // namespace chargebee_sandbox
