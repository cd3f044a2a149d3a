#include "sandbox_fault.hpp"

#include <algorithm>
#include <array>
#include <mutex>

#include "sluice/error.hpp"

namespace sluice::testing {
namespace {

constexpr std::array<std::string_view, 13> kKinds = {
    "status", "body",    "after_status", "truncate", "reset_before", "reset_after", "delay",
    "hold",   "html200", "html502",      "html504",  "json502",      "empty403"};

[[noreturn]] void refuse(const std::string& what) {
  throw Error{Code::Config, "fault: " + what};
}

std::int64_t integer(const json::object& spec, std::string_view name, std::int64_t fallback) {
  const json::value* value = spec.if_contains(name);
  if (value == nullptr) return fallback;
  if (!value->is_int64() || value->get_int64() < 0)
    refuse(std::string{name} + " must be a whole number");
  return value->get_int64();
}

std::string text(const json::object& spec, std::string_view name, std::string_view fallback = "") {
  const json::value* value = spec.if_contains(name);
  if (value == nullptr) return std::string{fallback};
  if (!value->is_string()) refuse(std::string{name} + " must be a string");
  return std::string{value->get_string()};
}

double number(const json::object& spec, std::string_view name, double fallback) {
  const json::value* value = spec.if_contains(name);
  if (value == nullptr) return fallback;
  if (!value->is_number()) refuse(std::string{name} + " must be a number");
  return value->to_number<double>();
}

std::string html_page(int status) {
  const std::string title = status == 200 ? "Sign in" : std::to_string(status) + " Gateway error";
  return "<!DOCTYPE html>\n<html><head><title>" + title + "</title></head><body><h1>" + title +
         "</h1></body></html>\n";
}

SandboxResponse given_answer(const json::object& spec, int status) {
  SandboxResponse response;
  response.status = status;
  if (const json::value* body = spec.if_contains("body"); body != nullptr) {
    response.body = body->is_string() ? std::string{body->get_string()} : to_json(*body);
  }
  if (spec.contains("blanks"))
    response.body.assign(static_cast<std::size_t>(integer(spec, "blanks", 0)), ' ');
  response.content_type = text(spec, "content_type", "application/json");
  return response;
}

SandboxResponse rate_limit_answer(const json::object& spec) {
  auto response = given_answer(spec, 429);
  response.headers.emplace_back("Retry-After", std::to_string(integer(spec, "retry_after", 1)));
  return response;
}

// The answer of the kinds that answer instead of the sandbox; nothing when the kind is unknown.
std::optional<SandboxResponse> canned_answer(const json::object& spec, std::string_view kind) {
  if (kind == "status" || kind == "after_status") {
    return given_answer(spec, static_cast<int>(integer(spec, "status", 503)));
  }
  if (kind == "body") return given_answer(spec, static_cast<int>(integer(spec, "status", 200)));
  if (kind == "html200")
    return SandboxResponse::text(200, "text/html; charset=utf-8", html_page(200));
  if (kind == "html502")
    return SandboxResponse::text(502, "text/html; charset=utf-8", html_page(502));
  if (kind == "html504")
    return SandboxResponse::text(504, "text/html; charset=utf-8", html_page(504));
  if (kind == "json502")
    return SandboxResponse::text(502, "application/json", R"({"error":"bad gateway"})");
  if (kind == "empty403") return SandboxResponse::text(403, "", "");
  if (kind == "empty200") return SandboxResponse::text(200, "", "");
  return std::nullopt;
}

void add_headers(const json::object& spec, SandboxResponse& response) {
  const json::value* headers = spec.if_contains("headers");
  if (headers == nullptr) return;
  for (const auto& [name, value] : headers->as_object()) {
    response.headers.emplace_back(
        name, value.is_string() ? std::string{value.get_string()} : to_json(value));
  }
}

}  // namespace

RoutePattern::RoutePattern(std::string text) : text_{std::move(text)} {
  // Compiling fills a table of the process's locale, which libstdc++ does not protect.
  static std::mutex compiling;
  const std::lock_guard lock{compiling};
  try {
    regex_ = std::regex{text_};
  } catch (const std::regex_error& error) {
    throw Error{Code::Config, "route is no regular expression: " + text_ + ": " + error.what()};
  }
}

bool RoutePattern::matches(const SandboxRequest& request) const {
  const std::string line = request.method + ' ' + request.path;
  return line.starts_with(text_) ||
         std::regex_search(line, regex_, std::regex_constants::match_continuous);
}

std::int64_t FaultBook::add(const json::object& spec, const VendorFault& vendor) {
  const std::string kind = text(spec, "kind");
  const bool known = std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end() ||
                     kind == "empty200" || kind == "rate_limit" ||
                     (vendor && vendor(spec, SandboxRequest{}).has_value());
  if (!known) refuse("unknown kind \"" + kind + "\"");
  if (const json::value* headers = spec.if_contains("headers"); headers && !headers->is_object()) {
    refuse("headers must be an object");
  }
  Fault fault{0,
              spec,
              RoutePattern{text(spec, "route")},
              text(spec, "query"),
              text(spec, "request_contains"),
              kind,
              integer(spec, "skip", 0),
              integer(spec, "times", 0),
              std::max<std::int64_t>(1, integer(spec, "every", 1)),
              number(spec, "probability", 1.0),
              std::mt19937_64{static_cast<std::uint64_t>(integer(spec, "seed", 1))}};
  // Wrong types are refused now rather than at the first request.
  static_cast<void>(canned_answer(spec, kind));
  static_cast<void>(integer(spec, "delay_ms", 0) + integer(spec, "bytes", 0) +
                    integer(spec, "retry_after", 0));
  const std::lock_guard lock{mutex_};
  fault.id = next_id_++;
  faults_.push_back(std::move(fault));
  return faults_.back().id;
}

void FaultBook::clear() {
  const std::lock_guard lock{mutex_};
  faults_.clear();
}

void FaultBook::forget_counts() {
  const std::lock_guard lock{mutex_};
  fired_ = 0;
}

bool FaultBook::remove(std::int64_t id) {
  const std::lock_guard lock{mutex_};
  return std::erase_if(faults_, [id](const Fault& fault) { return fault.id == id; }) > 0;
}

bool FaultBook::fires(Fault& fault) {
  ++fault.matched;
  if (fault.matched <= fault.skip) return false;
  if (fault.times > 0 && fault.fired >= fault.times) return false;
  if ((fault.matched - fault.skip) % fault.every != 0) return false;
  if (fault.probability >= 1.0) return true;
  // Not std::uniform_real_distribution, whose results differ between standard libraries.
  return static_cast<double>(fault.random() >> 11) * 0x1p-53 < fault.probability;
}

FaultAction FaultBook::meet(const SandboxRequest& request, const VendorFault& vendor) {
  FaultAction action;
  bool taken = false;
  const std::lock_guard lock{mutex_};
  for (Fault& fault : faults_) {
    if (!fault.route.matches(request) || request.raw_query.find(fault.query) == std::string::npos ||
        request.body.find(fault.contains) == std::string::npos)
      continue;
    const bool late = fault.kind == "delay" || fault.kind == "hold";
    if ((taken && !late) || !fires(fault)) continue;
    ++fault.fired;
    ++fired_;
    action.delay_ms += integer(fault.spec, "delay_ms", 0);
    if (fault.kind == "hold") action.holds.push_back(fault.gone);
    if (late) continue;
    taken = true;
    if (fault.kind == "reset_before") {
      action.answer.emplace().reset = true;
    } else if (fault.kind == "reset_after") {
      action.reset_after = true;
    } else if (fault.kind == "truncate") {
      action.truncate = true;
      if (fault.spec.contains("bytes")) {
        action.truncate_bytes = static_cast<std::size_t>(integer(fault.spec, "bytes", 0));
      }
    } else {
      action.answer = canned_answer(fault.spec, fault.kind);
      if (!action.answer && vendor) action.answer = vendor(fault.spec, request);
      if (!action.answer) action.answer = rate_limit_answer(fault.spec);
      if (fault.kind == "rate_limit") action.answer->rate_limited = true;
      add_headers(fault.spec, *action.answer);
      action.after = fault.kind == "after_status";
    }
  }
  return action;
}

json::array FaultBook::describe() const {
  const std::lock_guard lock{mutex_};
  json::array out;
  for (const Fault& fault : faults_) {
    out.push_back(json::object{{"id", fault.id},
                               {"matched", fault.matched},
                               {"fired", fault.fired},
                               {"spec", fault.spec}});
  }
  return out;
}

std::int64_t FaultBook::fired() const {
  const std::lock_guard lock{mutex_};
  return fired_;
}

}  // namespace sluice::testing
