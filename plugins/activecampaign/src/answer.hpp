// What the vendor's answer to one request means.
#pragma once

#include <chrono>
#include <optional>
#include <sluice/sdk.hpp>
#include <string>
#include <string_view>

#include "wire.hpp"

namespace activecampaign {

struct Answer {
  enum class Kind {
    Ok = 1,
    Missing,  // the named thing does not exist (404, and 403 "No Result found")
    Refused,  // refused for good
    Passing,  // may succeed later, or the request's fate is unknown
    Denied,   // the credentials or the account are refused
  };
  Kind kind = Kind::Passing;
  int status = 0;     // 0: no answer came
  json::object body;  // empty when the answer was no JSON object
  std::string code;   // the vendor's, such as "duplicate"
  std::string message;
  std::chrono::milliseconds after{0};  // Passing: how long to wait, 0 when unknown
  std::optional<std::chrono::system_clock::time_point> date;  // the vendor's clock, if it told

  [[nodiscard]] bool ok() const noexcept { return kind == Kind::Ok; }
  // The error that the answer stands for. `what` names the operation.
  [[nodiscard]] sluice::Error error(std::string_view what) const;
};

[[nodiscard]] Answer understand(const sluice::HttpRequest& request, sluice::HttpResult result);
[[nodiscard]] bool looks_like_html(std::string_view body);

}  // namespace activecampaign
