// A host's side of the C contract, for tests: a table that remembers, and owners for what plugins
// hand out.
#pragma once

#include <gtest/gtest.h>
#include <sluice/abi.h>

#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::testing {

inline sluice_slice slice(std::string_view text) {
  return {text.data(), text.size()};
}

// Receives a buffer and releases it.
class Buffer {
 public:
  Buffer() = default;
  ~Buffer() { release(buffer_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  sluice_buffer* out() {
    release(buffer_);
    return &buffer_;
  }
  [[nodiscard]] bool empty() const { return buffer_.data == nullptr; }
  [[nodiscard]] std::string text() const { return {buffer_.data, buffer_.size}; }
  [[nodiscard]] json::object json() const { return parse_json(text()).as_object(); }

  // The text of a buffer that stands in another struct; releases it.
  static std::string take(sluice_buffer& buffer) {
    std::string text{buffer.data, buffer.size};
    release(buffer);
    return text;
  }

 private:
  static void release(sluice_buffer& buffer) {
    if (buffer.release != nullptr) buffer.release(buffer.owner);
    buffer = {};
  }

  sluice_buffer buffer_{};
};

struct CHost {
  CHost() {
    table.struct_size = sizeof(table);
    table.abi_major = SLUICE_ABI_MAJOR;
    table.abi_minor = SLUICE_ABI_MINOR;
    table.self = this;
    table.log = [](void* self, std::int32_t, sluice_slice line) {
      static_cast<CHost*>(self)->lines.emplace_back(line.data, line.size);
    };
    table.acquire = [](void*, const sluice_rate*, std::uint32_t) { return std::int64_t{0}; };
    table.back_off = [](void*, const sluice_rate*, std::int64_t) {};
    table.progress = [](void* self, sluice_slice counters) {
      static_cast<CHost*>(self)->progress.emplace_back(counters.data, counters.size);
    };
    table.get_extension = [](void*, const char*) -> const void* { return nullptr; };
  }
  ~CHost() { failure(); }
  CHost(const CHost&) = delete;
  CHost& operator=(const CHost&) = delete;

  // Where the next call reports; what stood there before is released.
  sluice_failure* failure() {
    if (failure_.message.release != nullptr) failure_.message.release(failure_.message.owner);
    failure_ = {};
    return &failure_;
  }
  [[nodiscard]] std::string message() const {
    return failure_.message.data == nullptr
               ? std::string{}
               : std::string{failure_.message.data, failure_.message.size};
  }
  [[nodiscard]] std::int64_t retry_after_ms() const { return failure_.retry_after_ms; }

  sluice_code create(const sluice_connector& connector, std::string_view config,
                     sluice_instance*& instance) {
    return connector.create(&table, slice(config), &instance, failure());
  }

  sluice_host table{};
  std::vector<std::string> lines;
  std::vector<std::string> progress;

 private:
  sluice_failure failure_{};
};

class Instance {
 public:
  Instance(CHost& host, const sluice_connector& connector, std::string_view config)
      : connector_{connector} {
    EXPECT_EQ(host.create(connector, config, instance_), SLUICE_OK) << host.message();
  }
  ~Instance() { connector_.destroy(instance_); }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  [[nodiscard]] sluice_instance* get() const { return instance_; }

 private:
  const sluice_connector& connector_;
  sluice_instance* instance_ = nullptr;
};

}  // namespace sluice::testing
