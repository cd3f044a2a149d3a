#include "mapping/record_parts.hpp"

#include <algorithm>

namespace sluice::host {

void RecordParts::add(const std::vector<std::string>& path, bool whole) {
  RecordParts* at = this;
  for (const auto& name : path) at = &at->step(name);
  at->whole_ = at->whole_ || whole;
}

RecordParts& RecordParts::step(const std::string& name) {
  if (name == "[]") {
    if (element_ == nullptr) element_ = std::make_unique<RecordParts>();
    return *element_;
  }
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&](const auto& member) { return member.first == name; });
  if (found != members_.end()) return found->second;
  const std::string quoted = name + '"';
  beginnings_ |= name.empty() ? ~std::uint64_t{0} : bit_of(quoted[0], quoted[1]);
  return members_.emplace_back(name, RecordParts{}).second;
}

}  // namespace sluice::host
