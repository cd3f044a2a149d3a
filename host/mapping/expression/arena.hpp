// Memory of one evaluation: handed out in a row, given back all at once, never more than
// kMaxExpressionMemory.
#pragma once

#include <boost/json/memory_resource.hpp>
#include <cstddef>
#include <memory>
#include <vector>

namespace sluice::host::expr {

// Threads: one at a time.
class Arena final : public boost::json::memory_resource {
 public:
  Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() override;

  // Everything handed out becomes invalid; the first block is kept for the next evaluation.
  void clear() noexcept;

 private:
  void* do_allocate(std::size_t size, std::size_t alignment) override;
  void do_deallocate(void* memory, std::size_t size, std::size_t alignment) noexcept override;
  bool do_is_equal(const boost::json::memory_resource& other) const noexcept override;
  void grow(std::size_t size);

  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::size_t first_size_ = 0;
  std::size_t next_size_;
  std::size_t total_ = 0;
  std::byte* at_ = nullptr;
  std::byte* end_ = nullptr;
};

}  // namespace sluice::host::expr

template <>
struct boost::json::is_deallocate_trivial<sluice::host::expr::Arena> {
  static constexpr bool value = true;  // NOLINT(readability-identifier-naming)
};
