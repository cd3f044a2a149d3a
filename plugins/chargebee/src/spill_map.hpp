// A map from key to version, time of change and flags that stays small in memory: what does not fit
// goes to a nameless temporary file as sorted runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace chargebee {

// Threads: filled by one; afterwards the const functions by any number.
class SpillMap {
 public:
  struct Value {
    std::int64_t version = 0;
    std::int64_t updated = 0;
    std::uint8_t flags = 0;
  };

  explicit SpillMap(std::size_t most_in_memory = 50'000);
  ~SpillMap();
  SpillMap(const SpillMap&) = delete;
  SpillMap& operator=(const SpillMap&) = delete;

  // Keeps the highest version, the latest change and all flags given for a key. Errors: throws
  // Error{Transient} when the disk is full.
  void merge(const std::string& key, Value value);
  // All zero when the key is unknown.
  [[nodiscard]] Value find(const std::string& key) const;
  // The first `count` keys after `after` that were changed at `since` or later, in the order of
  // their bytes.
  [[nodiscard]] std::vector<std::string> next(const std::string& after, std::int64_t since,
                                              std::size_t count) const;

 private:
  struct File;
  struct Run {
    std::uint64_t first = 0;  // entry's number in the file
    std::uint64_t count = 0;
  };
  // Sorted keys, one behind the other: a third of the memory that nodes with strings take.
  class Sorted {
   public:
    [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
    [[nodiscard]] std::string_view key(std::size_t index) const {
      return std::string_view{keys_}.substr(items_[index].at, items_[index].length);
    }
    [[nodiscard]] Value value(std::size_t index) const {
      return {items_[index].version, items_[index].updated, items_[index].flags};
    }
    // Of the first key that is not less.
    [[nodiscard]] std::size_t find(std::string_view key) const;
    void merge(const std::map<std::string, Value>& others);
    void clear() noexcept;

   private:
    struct Item {
      std::int64_t version;
      std::int64_t updated;
      std::uint32_t at;
      std::uint8_t length;
      std::uint8_t flags;
    };
    void append(std::string_view key, Value value);

    std::string keys_;
    std::vector<Item> items_;
  };

  void spill();
  [[nodiscard]] std::uint64_t lower_bound(const Run& run, const std::string& key) const;
  void collect(const Run& run, const std::string& after, std::int64_t since, std::size_t count,
               std::vector<std::string>& keys) const;

  std::size_t most_in_memory_;
  std::map<std::string, Value> fresh_;  // not among the sorted ones yet; few
  Sorted sorted_;
  std::map<std::string, Value> long_keys_;  // too long for the file's entries; Chargebee has none
  std::vector<Run> runs_;
  std::unique_ptr<File> file_;
};

}  // namespace chargebee
