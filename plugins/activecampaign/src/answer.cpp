#include "answer.hpp"

namespace activecampaign {

using sluice::Code;
using sluice::Error;
using Kind = Answer::Kind;

namespace {

bool says_not_found(std::string_view message) {
  return fold(message).find("no result found") != std::string::npos;
}

Kind kind_of_success(const sluice::HttpResponse& response, bool parsed, bool removal) {
  if (parsed) return Kind::Ok;
  const auto body = trim(response.body);
  // A refused key may be answered by the login page instead of an error.
  if (looks_like_html(body)) return Kind::Denied;
  return body.empty() && removal ? Kind::Ok : Kind::Passing;
}

Kind kind_of_failure(int status, std::string_view message) {
  switch (status) {
    case 401:
    case 402:
      return Kind::Denied;
    case 403:
      return says_not_found(message) ? Kind::Missing : Kind::Denied;
    case 404:
    case 410:
      return Kind::Missing;
    case 408:
    case 425:
    case 429:
      return Kind::Passing;
    default:
      return status >= 500 ? Kind::Passing : Kind::Refused;
  }
}

std::optional<std::chrono::system_clock::time_point> date_of(const sluice::HttpResponse& response) {
  constexpr std::int64_t kYear2200 = 7'258'118'400;  // well before the clock ends
  const auto seconds = response.date();
  if (!seconds || *seconds >= kYear2200) return std::nullopt;
  return std::chrono::system_clock::time_point{std::chrono::seconds{*seconds}};
}

Answer unanswered(const Error& error) {
  Answer answer;
  answer.kind = error.code() == Code::Rejected ? Kind::Refused : Kind::Passing;
  if (error.code() == Code::RateLimited) answer.status = 429;
  answer.message = error.what();
  answer.after = std::chrono::milliseconds{error.retry_after_ms()};
  return answer;
}

}  // namespace

bool looks_like_html(std::string_view body) {
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
  return trim(body).starts_with('<');
}

Answer understand(const sluice::HttpRequest& request, sluice::HttpResult result) {
  if (!result.response) return unanswered(*result.error);
  const auto& response = *result.response;
  Answer answer;
  answer.status = response.status;
  answer.date = date_of(response);
  bool parsed = false;
  // The type of content is not reliable: errors come as text/plain too.
  if (trim(response.body).starts_with('{')) {
    try {
      answer.body = std::move(sluice::parse_json(response.body).as_object());
      parsed = true;
    } catch (const Error&) {
      parsed = false;
    }
  }
  if (response.ok()) {
    answer.kind = kind_of_success(response, parsed, request.method == "DELETE");
    if (answer.ok()) return answer;
    answer.message = answer.kind == Kind::Denied   ? "a web page came instead of JSON"
                     : trim(response.body).empty() ? "the answer was empty"
                                                   : "the answer was cut off or is no JSON: " +
                                                         vendor_message({}, response.body);
    return answer;
  }
  answer.code = vendor_code(answer.body);
  answer.message = looks_like_html(response.body) ? "a web page came instead of JSON"
                                                  : vendor_message(answer.body, response.body);
  answer.kind = kind_of_failure(response.status, answer.message);
  return answer;
}

Error Answer::error(std::string_view what) const {
  const std::string where{what};
  const std::string said =
      status == 0 ? message : "HTTP " + std::to_string(status) + ": " + message;
  switch (kind) {
    case Kind::Denied:
      if (status == 402) {
        return Error{Code::Auth, where + ": the ActiveCampaign account is suspended or unpaid (" +
                                     said + "); settle it with ActiveCampaign"};
      }
      if (status >= 200 && status < 300) {
        return Error{Code::Auth,
                     where + ": " + message +
                         ": the API key is refused or has expired, or url is not the API URL; "
                         "compare both with Settings > Developer"};
      }
      return Error{Code::Auth,
                   where + ": ActiveCampaign refuses the API key or its user's rights (" + said +
                       "); compare api_key with Settings > Developer and check the "
                       "permissions of the user's group"};
    case Kind::Missing:
      return Error{Code::NotFound, where + ": " + said};
    case Kind::Refused:
      return Error{Code::Rejected, where + ": " + said};
    case Kind::Passing:
      return Error{status == 429 ? Code::RateLimited : Code::Transient, where + ": " + said,
                   after.count()};
    case Kind::Ok:
      break;
  }
  return Error{Code::Internal, where + ": no error"};
}

}  // namespace activecampaign
