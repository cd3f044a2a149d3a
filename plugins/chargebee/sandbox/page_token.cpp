#include "page_token.hpp"

#include <charconv>

#include "api_error.hpp"
#include "random.hpp"
#include "sluice/error.hpp"

namespace chargebee_sandbox {
namespace {

namespace json = sluice::json;

// Not a secret: it only has to notice tokens that were changed or that come from another list.
std::string seal(const ListQuery& query, const std::string& value, const std::string& place,
                 const std::string& issued) {
  std::uint64_t hash = 1469598103934665603ULL;
  for (const std::string& part : {query.fingerprint, value, place, issued}) {
    for (const char c : part + '\n')
      hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  return Draw{hash, 0, 0}.token(10);
}

[[noreturn]] void refuse() {
  throw ApiError::wrong_value("offset", "invalid offset");
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size()) refuse();
  return value;
}

}  // namespace

std::string write_token(const ListQuery& query, const Start& next, std::int64_t now_ms) {
  std::string place{next.after_row ? "k" : "p"};
  place += std::to_string(next.after_row ? std::size_t{next.row} : next.position);
  const std::string issued = std::to_string(now_ms);
  return sluice::to_json(json::array{
      next.value, place, issued + "+/" + seal(query, next.value, place, issued) + "=="});
}

Start read_token(const ListQuery& query, const std::string& token, std::int64_t now_ms,
                 std::int64_t expiry_ms) {
  std::string value;
  std::string place;
  std::string issued;
  try {
    const json::value parsed = sluice::parse_json(token);
    const json::array& parts = parsed.as_array();
    value = parts.at(0).as_string();
    place = parts.at(1).as_string();
    const std::string end{parts.at(2).as_string()};
    issued = end.substr(0, end.find('+'));
    if (end != issued + "+/" + seal(query, value, place, issued) + "==") refuse();
  } catch (const ApiError&) {
    throw;
  } catch (const std::exception&) {
    refuse();
  }
  if (expiry_ms > 0 && now_ms - number(issued) > expiry_ms) refuse();
  Start start;
  start.after_row = place.front() == 'k';
  start.value = value;
  const auto at = number(std::string_view{place}.substr(1));
  start.row = static_cast<RowNumber>(at);
  start.position = start.after_row ? 0 : static_cast<std::size_t>(at);
  return start;
}

}  // namespace chargebee_sandbox
