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

constexpr std::size_t kKeySize = 214;  // 50 characters of four bytes, rounded up

struct Entry {
  std::int64_t version;
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

void put(std::map<std::string, SpillMap::Value>& map, const std::string& key,
         SpillMap::Value value) {
  auto& known = map[key];
  known.version = std::max(known.version, value.version);
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

SpillMap::SpillMap(std::size_t most_in_memory) : most_in_memory_{most_in_memory} {}
SpillMap::~SpillMap() = default;

void SpillMap::merge(const std::string& key, Value value) {
  if (key.size() > kKeySize) {
    put(long_keys_, key, value);
    return;
  }
  put(memory_, key, value);
  if (memory_.size() > most_in_memory_) spill();
}

void SpillMap::spill() {
  if (!file_) file_ = std::make_unique<File>();
  std::vector<Entry> entries;
  entries.reserve(memory_.size());
  for (const auto& [key, value] : memory_) {
    Entry entry{value.version, value.flags, static_cast<std::uint8_t>(key.size()), {}};
    std::copy(key.begin(), key.end(), entry.key.begin());
    entries.push_back(entry);
  }
  runs_.push_back({file_->entries, entries.size()});
  file_->append(entries);
  memory_.clear();
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
  const auto add = [&found](Value value) {
    found.version = std::max(found.version, value.version);
    found.flags = static_cast<std::uint8_t>(found.flags | value.flags);
  };
  for (const auto* map : {&memory_, &long_keys_}) {
    if (const auto it = map->find(key); it != map->end()) add(it->second);
  }
  for (const auto& run : runs_) {
    const auto index = lower_bound(run, key);
    if (index == run.count) continue;
    const auto entry = file_->at(run.first + index);
    if (entry.text() == key) add({entry.version, entry.flags});
  }
  return found;
}

void SpillMap::collect(const Run& run, const std::string& after, std::uint8_t flag,
                       std::size_t count, std::vector<std::string>& keys) const {
  constexpr std::uint64_t kBlock = 256;
  std::vector<Entry> block;
  std::size_t found = 0;
  for (auto index = lower_bound(run, after); index < run.count && found < count;) {
    block.resize(std::min(kBlock, run.count - index));
    file_->read(run.first + index, block);
    index += block.size();
    for (const auto& entry : block) {
      if ((entry.flags & flag) == 0 || entry.text() == after) continue;
      keys.push_back(entry.text());
      if (++found == count) break;
    }
  }
}

std::vector<std::string> SpillMap::next(const std::string& after, std::uint8_t flag,
                                        std::size_t count) const {
  std::vector<std::string> keys;
  for (const auto* map : {&memory_, &long_keys_}) {
    std::size_t found = 0;
    for (auto it = map->upper_bound(after); it != map->end() && found < count; ++it) {
      if ((it->second.flags & flag) == 0) continue;
      keys.push_back(it->first);
      ++found;
    }
  }
  for (const auto& run : runs_) collect(run, after, flag, count, keys);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  if (keys.size() > count) keys.resize(count);
  return keys;
}

}  // namespace chargebee
