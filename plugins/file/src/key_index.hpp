// Where in the file each key's last line stands. Built by one walk over the file, again when the
// file has changed.
#pragma once

#include <cstdint>
#include <optional>
#include <sluice/context.hpp>
#include <string>
#include <unordered_map>

#include "file_handle.hpp"
#include "options.hpp"

namespace file_connector {

struct LinePlace {
  std::uint64_t offset = 0;
  std::size_t size = 0;
};

// Not thread-safe.
class KeyIndex {
 public:
  explicit KeyIndex(const Options& options) : options_{options} {}

  void refresh(sluice::Context& context, const FileHandle& file);
  [[nodiscard]] std::optional<LinePlace> find(const std::string& key) const;
  // A line that was skipped or is not finished may hold a key that `find` does not know.
  [[nodiscard]] bool is_complete() const noexcept { return complete_; }

 private:
  const Options& options_;
  std::optional<FileState> state_;
  std::unordered_map<std::string, LinePlace> places_;
  bool complete_ = true;
};

}  // namespace file_connector
