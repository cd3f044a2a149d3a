// Requests and answers, free of the HTTP library; failures as RFC 9457 problems.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <sluice/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::host::serve {

struct Request {
  std::string method, path;
  std::map<std::string, std::string> query;    // decoded; of a repeated one the first
  std::map<std::string, std::string> headers;  // names in lower case; of a repeated one the first
  std::string body;
  std::map<std::string, std::string> parts;  // of the path, by the names of the route

  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string{} : found->second;
  }
  [[nodiscard]] std::string argument(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string{} : found->second;
  }
};

struct Reply {
  // Sends a piece of a stream; false: nobody listens any more.
  using Send = std::function<bool(std::string_view)>;

  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  // Set: called instead of sending `body`, until it returns false.
  std::function<bool(const Send&)> stream;

  [[nodiscard]] static Reply json(const json::value& document, int status = 200);
  [[nodiscard]] static Reply text(std::string body, int status = 200);
};

// An answer that says why not. `code` is for programs, `detail` for people: what is wrong, and what
// to do.
class Problem : public std::runtime_error {
 public:
  Problem(int status, std::string code, const std::string& detail, json::object more = {})
      : std::runtime_error{detail},
        status_{status},
        code_{std::move(code)},
        more_{std::move(more)} {}

  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] Reply reply() const;

 private:
  int status_;
  std::string code_;
  json::object more_;
};

[[nodiscard]] Problem not_found(const std::string& detail);
[[nodiscard]] Problem invalid(const std::string& pointer, const std::string& detail);

// The body as an object with no other members than `allowed`; an empty body is an empty object.
// Errors: Problem 422.
[[nodiscard]] json::object body_of(const Request& request, std::vector<std::string_view> allowed);
// Members of a body, or the fallback. Errors: Problem 422 where another type stands.
[[nodiscard]] std::string text_in(const json::object& body, std::string_view name,
                                  std::size_t most = 4096);
[[nodiscard]] bool flag_in(const json::object& body, std::string_view name);
[[nodiscard]] std::optional<std::int64_t> number_in(const json::object& body, std::string_view name,
                                                    std::int64_t least, std::int64_t most);
[[nodiscard]] std::vector<std::string> texts_in(const json::object& body, std::string_view name,
                                                std::size_t most);
// A number of the query string. Errors: Problem 422.
[[nodiscard]] std::int64_t number_of(const Request& request, const std::string& name,
                                     std::int64_t fallback, std::int64_t least, std::int64_t most);

}  // namespace sluice::host::serve
