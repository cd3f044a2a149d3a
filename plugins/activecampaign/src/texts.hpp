// Small sets of texts, kept as vectors in the order in which they came.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace activecampaign {

[[nodiscard]] inline bool contains(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

inline void insert(std::vector<std::string>& texts, std::string text) {
  if (!contains(texts, text)) texts.push_back(std::move(text));
}

}  // namespace activecampaign
