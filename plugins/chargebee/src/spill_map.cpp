#include "spill_map.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sluice/error.hpp>
#include <system_error>

namespace chargebee {

using sluice::Code;
using sluice::Error;

namespace {

constexpr std::size_t kBlock = 256;  // entries that are written or read at once
constexpr std::size_t kMostFresh = 1000;
constexpr std::size_t kKeySize = 206;  // 50 characters of four bytes, rounded up

struct Entry {
  std::int64_t version;
  std::int64_t updated;
  std::uint8_t flags;
  std::uint8_t length;
  std::array<char, kKeySize> key;

  [[nodiscard]] std::string text() const { return {key.data(), length}; }
};
static_assert(sizeof(Entry) == 224);

[[noreturn]] void disk_error(const char* what) {
  throw Error{Code::Transient, std::string{"cannot "} + what + " a temporary file in " +
                                   std::filesystem::temp_directory_path().string() + ": " +
                                   std::generic_category().message(errno)};
}

void add(SpillMap::Value& known, SpillMap::Value value) {
  known.version = std::max(known.version, value.version);
  known.updated = std::max(known.updated, value.updated);
  known.flags = static_cast<std::uint8_t>(known.flags | value.flags);
}

}  // namespace

struct SpillMap::File {
  int fd = -1;
  std::uint64_t entries = 0;

  File() {
    std::string name = (std::filesystem::temp_directory_path() / "sluice-XXXXXX").string();
    fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd < 0) disk_error("create");
    ::unlink(name.c_str());
  }
  ~File() { ::close(fd); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void append(const std::vector<Entry>& batch) {
    const auto* bytes = reinterpret_cast<const char*>(batch.data());
    std::size_t left = batch.size() * sizeof(Entry);
    while (left > 0) {
      const auto written = ::write(fd, bytes, left);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) disk_error("write");
      bytes += written;
      left -= static_cast<std::size_t>(written);
    }
    entries += batch.size();
  }

  void read(std::uint64_t first, std::vector<Entry>& batch) const {
    auto* bytes = reinterpret_cast<char*>(batch.data());
    std::size_t left = batch.size() * sizeof(Entry);
    auto position = static_cast<off_t>(first * sizeof(Entry));
    while (left > 0) {
      const auto got = ::pread(fd, bytes, left, position);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) disk_error("read");
      bytes += got;
      position += got;
      left -= static_cast<std::size_t>(got);
    }
  }

  [[nodiscard]] Entry at(std::uint64_t index) const {
    std::vector<Entry> one(1);
    read(index, one);
    return one.front();
  }
};

std::size_t SpillMap::Sorted::find(std::string_view key) const {
  const auto found = std::lower_bound(
      items_.begin(), items_.end(), key, [this](const Item& item, std::string_view wanted) {
        return std::string_view{keys_}.substr(item.at, item.length) < wanted;
      });
  return static_cast<std::size_t>(found - items_.begin());
}

void SpillMap::Sorted::append(std::string_view key, Value value) {
  items_.push_back({value.version, value.updated, static_cast<std::uint32_t>(keys_.size()),
                    static_cast<std::uint8_t>(key.size()), value.flags});
  keys_ += key;
}

void SpillMap::Sorted::merge(const std::map<std::string, Value>& others) {
  Sorted all;
  std::size_t length = keys_.size();
  for (const auto& [key, value] : others) length += key.size();
  all.keys_.reserve(length);
  all.items_.reserve(items_.size() + others.size());
  std::size_t index = 0;
  for (const auto& [other, value] : others) {
    for (; index < size() && key(index) < other; ++index)
      all.append(key(index), this->value(index));
    Value both = value;
    if (index < size() && key(index) == other) add(both, this->value(index++));
    all.append(other, both);
  }
  for (; index < size(); ++index) all.append(key(index), value(index));
  *this = std::move(all);
}

void SpillMap::Sorted::clear() noexcept {
  keys_.clear();
  items_.clear();
}

SpillMap::SpillMap(std::size_t most_in_memory) : most_in_memory_{most_in_memory} {}
SpillMap::~SpillMap() = default;

void SpillMap::merge(const std::string& key, Value value) {
  if (key.size() > kKeySize) {
    add(long_keys_[key], value);
    return;
  }
  add(fresh_[key], value);
  if (fresh_.size() < std::min(kMostFresh, most_in_memory_)) return;
  sorted_.merge(fresh_);
  fresh_.clear();
  if (sorted_.size() > most_in_memory_) spill();
}

void SpillMap::spill() {
  if (!file_) file_ = std::make_unique<File>();
  runs_.push_back({file_->entries, sorted_.size()});
  std::vector<Entry> block;
  block.reserve(std::min(kBlock, sorted_.size()));
  for (std::size_t i = 0; i < sorted_.size(); ++i) {
    const auto key = sorted_.key(i);
    const auto value = sorted_.value(i);
    Entry entry{
        value.version, value.updated, value.flags, static_cast<std::uint8_t>(key.size()), {}};
    std::copy(key.begin(), key.end(), entry.key.begin());
    block.push_back(entry);
    if (block.size() < kBlock && i + 1 < sorted_.size()) continue;
    file_->append(block);
    block.clear();
  }
  sorted_.clear();
}

std::uint64_t SpillMap::lower_bound(const Run& run, const std::string& key) const {
  std::uint64_t low = 0;
  std::uint64_t high = run.count;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (file_->at(run.first + middle).text() < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

SpillMap::Value SpillMap::find(const std::string& key) const {
  Value found;
  for (const auto* map : {&fresh_, &long_keys_}) {
    if (const auto it = map->find(key); it != map->end()) add(found, it->second);
  }
  const std::size_t at = sorted_.find(key);
  if (at < sorted_.size() && sorted_.key(at) == key) add(found, sorted_.value(at));
  for (const auto& run : runs_) {
    const auto index = lower_bound(run, key);
    if (index == run.count) continue;
    const auto entry = file_->at(run.first + index);
    if (entry.text() == key) add(found, {entry.version, entry.updated, entry.flags});
  }
  return found;
}

void SpillMap::collect(const Run& run, const std::string& after, std::int64_t since,
                       std::size_t count, std::vector<std::string>& keys) const {
  std::vector<Entry> block;
  std::size_t found = 0;
  for (auto index = lower_bound(run, after); index < run.count && found < count;) {
    block.resize(std::min<std::uint64_t>(kBlock, run.count - index));
    file_->read(run.first + index, block);
    index += block.size();
    for (const auto& entry : block) {
      if (entry.updated < since || entry.text() == after) continue;
      keys.push_back(entry.text());
      if (++found == count) break;
    }
  }
}

std::vector<std::string> SpillMap::next(const std::string& after, std::int64_t since,
                                        std::size_t count) const {
  std::vector<std::string> keys;
  for (const auto* map : {&fresh_, &long_keys_}) {
    std::size_t found = 0;
    for (auto it = map->upper_bound(after); it != map->end() && found < count; ++it) {
      if (it->second.updated < since) continue;
      keys.push_back(it->first);
      ++found;
    }
  }
  std::size_t found = 0;
  for (std::size_t i = sorted_.find(after); i < sorted_.size() && found < count; ++i) {
    if (sorted_.value(i).updated < since || sorted_.key(i) == after) continue;
    keys.emplace_back(sorted_.key(i));
    ++found;
  }
  for (const auto& run : runs_) collect(run, after, since, count, keys);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  if (keys.size() > count) keys.resize(count);
  return keys;
}

}  // namespace chargebee
