#include "sandbox_router.hpp"

#include <span>

namespace sluice::testing {
namespace {

using Params = std::map<std::string, std::string, std::less<>>;

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    if (path.front() == '/') path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  while (!segments.empty() && segments.back().empty()) segments.pop_back();
  return segments;
}

bool is_param(const std::string& segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool match(std::span<const std::string> pattern, std::span<const std::string> path,
           Params& params) {
  if (pattern.empty()) return path.empty();
  if (path.empty()) return false;
  const std::string& head = pattern.front();
  if (!is_param(head)) {
    return head == percent_decode(path.front(), false) &&
           match(pattern.subspan(1), path.subspan(1), params);
  }
  const bool many = head[head.size() - 2] == '+';
  const std::string name = head.substr(1, head.size() - (many ? 3 : 2));
  std::string value;
  const std::size_t most = many ? path.size() : 1;
  for (std::size_t taken = 1; taken <= most; ++taken) {
    if (taken > 1) value += '/';
    value += percent_decode(path[taken - 1], false);
    if (!value.empty() && match(pattern.subspan(1), path.subspan(taken), params)) {
      params[name] = value;
      return true;
    }
  }
  return false;
}

}  // namespace

void SandboxRouter::add(const std::string& method, const std::string& pattern,
                        SandboxHandler handler) {
  routes_.push_back({method, pattern, split_path(pattern), std::move(handler)});
}

SandboxRouter::Match SandboxRouter::find(SandboxRequest& request) const {
  const auto path = split_path(request.raw_path);
  Match result;
  for (const Route& route : routes_) {
    Params params;
    if (!match(route.segments, path, params)) continue;
    const bool same_method =
        route.method == request.method || (request.method == "HEAD" && route.method == "GET");
    if (!same_method && result.wrong_method) continue;
    request.route = route.pattern;
    request.params = std::move(params);
    result.wrong_method = !same_method;
    if (same_method) {
      result.handler = &route.handler;
      return result;
    }
  }
  return result;
}

}  // namespace sluice::testing
