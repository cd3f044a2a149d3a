#include "mapping/expression/node.hpp"

#include <algorithm>
#include <cmath>
#include <sluice/error.hpp>

namespace sluice::host::expr {
namespace {

// Enough for any real expression; keeps a hostile one from multiplying paths.
constexpr std::size_t kMaxPaths = 32;

}  // namespace

Value Scope::make_whole(double number) {
  if (!std::isfinite(number)) fail("the result is not a finite number");
  constexpr double kBound = 9223372036854775808.0;
  if (std::trunc(number) == number && number >= -kBound && number < kBound) {
    return make(static_cast<std::int64_t>(number));
  }
  return make(number);
}

Paths Trace::extend(const Paths& from, std::string_view step) {
  Paths result;
  for (const auto& path : from) {
    Path longer = path;
    longer.emplace_back(step);
    read.push_back(longer);
    result.push_back(std::move(longer));
  }
  return result;
}

void Trace::look_into(const Paths& paths) {
  looked_into.insert(looked_into.end(), paths.begin(), paths.end());
}

Paths Trace::united(Paths left, const Paths& right) {
  for (const auto& path : right) {
    if (std::find(left.begin(), left.end(), path) != left.end()) continue;
    if (left.size() < kMaxPaths) {
      left.push_back(path);
    } else {
      look_into({path});  // nobody follows it any more
    }
  }
  return left;
}

Value Node::one(Scope& /*scope*/, Value /*in*/) const {
  throw Error{Code::Internal, "an expression part with several values was asked for one"};
}

bool Node::each(Scope& scope, Value in, Emit emit) const {
  return emit(one(scope, in));
}

bool Node::append_literals(json::array& out) const {
  if (literal() == nullptr) return false;
  out.push_back(*literal());
  return true;
}

}  // namespace sluice::host::expr
