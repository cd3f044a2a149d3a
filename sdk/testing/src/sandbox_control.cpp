#include "sandbox_control.hpp"

#include <algorithm>

#include "sluice/error.hpp"

namespace sluice::testing {
namespace {

SandboxResponse problem(int status, const std::string& message) {
  return SandboxResponse::json(status, json::object{{"error", message}});
}

json::object body_object(const SandboxRequest& request) {
  if (request.body.empty()) return {};
  json::value body = request.json_body();
  if (!body.is_object()) throw Error{Code::Config, "the body must be a JSON object"};
  return std::move(body.get_object());
}

std::int64_t integer_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64()) {
    throw Error{Code::Config, std::string{name} + " must be a whole number"};
  }
  return value->get_int64();
}

}  // namespace

bool SandboxControl::owns(const SandboxRequest& request) {
  return request.path.starts_with("/_sandbox/");
}

SandboxResponse SandboxControl::handle(const SandboxRequest& request) {
  try {
    return dispatch(request);
  } catch (const Error& error) {
    return problem(400, error.what());
  }
}

SandboxResponse SandboxControl::dispatch(const SandboxRequest& request) {
  const std::string& path = request.path;
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  if (path == "/_sandbox/dump" && get) {
    return SandboxResponse::text(200, "application/json", hooks_.dump ? hooks_.dump() : "{}");
  }
  if (path == "/_sandbox/stats" && get) return stats();
  if (path == "/_sandbox/fault") return fault_endpoint(request);
  if (path == "/_sandbox/clock" && (get || post)) return clock_endpoint(request);
  if (path == "/_sandbox/mutate" && post) return mutate(request);
  if (path == "/_sandbox/mutate" && request.method == "DELETE") {
    const std::lock_guard lock{mutex_};
    std::erase_if(scheduled_, [](const Scheduled& entry) { return !entry.ran; });
    return SandboxResponse::json(200, json::object{});
  }
  if (path == "/_sandbox/reset" && post) return reset(request);
  return problem(404, "no control endpoint " + request.method + " " + path +
                          "; there are dump, stats, fault, mutate, reset and clock");
}

SandboxResponse SandboxControl::fault_endpoint(const SandboxRequest& request) {
  if (request.method == "POST") {
    return SandboxResponse::json(200, {{"id", faults_.add(body_object(request), hooks_.fault)}});
  }
  if (request.method == "DELETE") {
    const std::string* id = request.find_query("id");
    if (id == nullptr) {
      faults_.clear();
    } else if (!faults_.remove(std::strtoll(id->c_str(), nullptr, 10))) {
      return problem(404, "no fault " + *id);
    }
    return SandboxResponse::json(200, json::object{});
  }
  return SandboxResponse::json(200, json::object{{"faults", faults_.describe()}});
}

SandboxResponse SandboxControl::clock_endpoint(const SandboxRequest& request) {
  if (request.method == "POST") {
    const json::object body = body_object(request);
    if (body.contains("set_ms")) clock_.set(integer_at(body, "set_ms"));
    if (body.contains("advance_ms")) clock_.advance(integer_at(body, "advance_ms"));
  }
  return SandboxResponse::json(200, json::object{{"now_ms", clock_.now_ms()}});
}

SandboxResponse SandboxControl::mutate(const SandboxRequest& request) {
  if (!hooks_.mutate) return problem(404, "this sandbox has no mutations");
  json::object body = body_object(request);
  const json::value* after = body.if_contains("after");
  if (after == nullptr) return SandboxResponse::json(200, hooks_.mutate(body));
  if (!after->is_object() || !after->get_object().contains("route")) {
    throw Error{Code::Config, R"(after must be {"route": …, "count": n})"};
  }
  const json::object& when = after->get_object();
  const std::int64_t count = when.contains("count") ? integer_at(when, "count") : 1;
  RoutePattern route{std::string{when.at("route").as_string()}};
  body.erase("after");
  const std::lock_guard lock{mutex_};
  scheduled_.push_back({next_id_++, std::move(route), count, std::move(body), nullptr});
  return SandboxResponse::json(200, json::object{{"scheduled", scheduled_.back().id}});
}

SandboxResponse SandboxControl::reset(const SandboxRequest& request) {
  const json::object body = body_object(request);
  faults_.clear();
  faults_.forget_counts();
  {
    const std::lock_guard lock{mutex_};
    max_concurrent_ = 0;
    total_ = 0;
    rate_limited_ = 0;
    requests_.clear();
    scheduled_.clear();
  }
  if (hooks_.reset) hooks_.reset(body);
  return SandboxResponse::json(200, json::object{});
}

SandboxResponse SandboxControl::stats() {
  json::object out;
  {
    const std::lock_guard lock{mutex_};
    json::object requests;
    for (const auto& [route, statuses] : requests_) {
      json::object counts;
      for (const auto& [status, count] : statuses) counts[std::to_string(status)] = count;
      requests[route] = std::move(counts);
    }
    json::array mutations;
    for (const Scheduled& entry : scheduled_) {
      mutations.push_back(
          json::object{{"id", entry.id}, {"ran", entry.ran}, {"result", entry.result}});
    }
    out = {{"total", total_},
           {"requests", std::move(requests)},
           {"rate_limited", rate_limited_},
           {"faults_fired", faults_.fired()},
           {"max_concurrent", max_concurrent_},
           {"faults", faults_.describe()},
           {"mutations", std::move(mutations)}};
  }
  if (hooks_.stats) {
    for (auto& [name, value] : hooks_.stats()) out[name] = value;
  }
  return SandboxResponse::json(200, out);
}

void SandboxControl::after_request(const SandboxRequest& request) {
  std::vector<std::pair<std::int64_t, json::object>> due;
  {
    const std::lock_guard lock{mutex_};
    for (Scheduled& entry : scheduled_) {
      if (entry.ran || !entry.route.matches(request) || --entry.left > 0) continue;
      entry.ran = true;
      due.emplace_back(entry.id, entry.mutation);
    }
  }
  for (const auto& [id, mutation] : due) {
    json::value result;
    try {
      result = hooks_.mutate(mutation);
    } catch (const std::exception& error) {
      result = json::object{{"error", error.what()}};
    }
    const std::lock_guard lock{mutex_};
    const auto found = std::find_if(scheduled_.begin(), scheduled_.end(),
                                    [id = id](const Scheduled& entry) { return entry.id == id; });
    if (found != scheduled_.end()) found->result = std::move(result);
  }
}

void SandboxControl::count(const SandboxRequest& request, const SandboxResponse& response) {
  const std::string& place = request.route.empty() ? request.path : request.route;
  const std::lock_guard lock{mutex_};
  ++total_;
  ++requests_[request.method + ' ' + place][response.reset ? 0 : response.status];
  if (response.rate_limited) ++rate_limited_;
}

std::shared_ptr<void> SandboxControl::enter() {
  const int now = ++*in_flight_;
  const std::lock_guard lock{mutex_};
  max_concurrent_ = std::max(max_concurrent_, now);
  return {nullptr, [counter = in_flight_](void*) { --*counter; }};
}

}  // namespace sluice::testing
