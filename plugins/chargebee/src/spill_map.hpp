// A map from key to version and flags that stays small in memory: what does not fit goes to a
// nameless temporary file as sorted runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace chargebee {

// Threads: filled by one; afterwards the const functions by any number.
class SpillMap {
 public:
  struct Value {
    std::int64_t version = 0;
    std::uint8_t flags = 0;
  };

  explicit SpillMap(std::size_t most_in_memory = 50'000);
  ~SpillMap();
  SpillMap(const SpillMap&) = delete;
  SpillMap& operator=(const SpillMap&) = delete;

  // Keeps the highest version and all flags given for a key. Errors: throws Error{Transient} when
  // the disk is full.
  void merge(const std::string& key, Value value);
  // All zero when the key is unknown.
  [[nodiscard]] Value find(const std::string& key) const;
  // The first `count` keys after `after` that carry `flag`, in the order of their bytes.
  [[nodiscard]] std::vector<std::string> next(const std::string& after, std::uint8_t flag,
                                              std::size_t count) const;

 private:
  struct File;
  struct Run {
    std::uint64_t first = 0;  // entry's number in the file
    std::uint64_t count = 0;
  };

  void spill();
  [[nodiscard]] std::uint64_t lower_bound(const Run& run, const std::string& key) const;
  void collect(const Run& run, const std::string& after, std::uint8_t flag, std::size_t count,
               std::vector<std::string>& keys) const;

  std::size_t most_in_memory_;
  std::map<std::string, Value> memory_;
  std::map<std::string, Value> long_keys_;  // too long for the file's entries; Chargebee has none
  std::vector<Run> runs_;
  std::unique_ptr<File> file_;
};

}  // namespace chargebee
