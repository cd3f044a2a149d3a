// Where each key's last line stands. Built by one walk over the files, again when one of them has
// changed.
#pragma once

#include <cstdint>
#include <optional>
#include <sluice/context.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "input.hpp"
#include "options.hpp"

namespace file_connector {

struct LinePlace {
  std::size_t file = 0;  // in the order of reading
  std::uint64_t offset = 0;
  std::size_t size = 0;
};

// Not thread-safe.
class KeyIndex {
 public:
  explicit KeyIndex(const Options& options) : options_{options} {}

  void refresh(sluice::Context& context, const std::vector<InputName>& files);
  [[nodiscard]] std::optional<LinePlace> find(const std::string& key) const;
  // A line that was skipped or is not finished may hold a key that `find` does not know.
  [[nodiscard]] bool is_complete() const noexcept { return complete_; }

 private:
  struct Known {
    std::string name;
    FileState state;
    friend bool operator==(const Known&, const Known&) = default;
  };

  void add(sluice::Context& context, Input& input);

  const Options& options_;
  std::optional<std::vector<Known>> known_;  // the files that places_ speaks of
  std::unordered_map<std::string, LinePlace> places_;
  bool complete_ = true;
};

}  // namespace file_connector
