#include "mapping/expression/arena.hpp"

#include <algorithm>
#include <cstdint>

#include "mapping/expression/value.hpp"
#include "mapping/limits.hpp"

namespace sluice::host::expr {
namespace {

constexpr std::size_t kFirstBlock = 16U << 10U;

std::byte* align(std::byte* memory, std::size_t alignment) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  return memory + ((alignment - address % alignment) % alignment);
}

}  // namespace

Arena::Arena() : next_size_{kFirstBlock} {}
Arena::~Arena() = default;

void Arena::clear() noexcept {
  if (blocks_.empty()) return;
  blocks_.resize(1);
  at_ = blocks_.front().get();
  end_ = at_ + first_size_;
  total_ = first_size_;
  next_size_ = first_size_ * 2;
}

void Arena::grow(std::size_t size) {
  const std::size_t block = std::max(next_size_, size);
  if (block > kMaxExpressionMemory || total_ + block > kMaxExpressionMemory) {
    throw Failure{
        "the expression needs more than " + std::to_string(kMaxExpressionMemory >> 20U) + " MiB",
        true};
  }
  blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(block));
  if (blocks_.size() == 1) first_size_ = block;
  at_ = blocks_.back().get();
  end_ = at_ + block;
  total_ += block;
  next_size_ = std::min(next_size_ * 2, kMaxExpressionMemory / 8);
}

void* Arena::do_allocate(std::size_t size, std::size_t alignment) {
  std::byte* start = align(at_, alignment);
  if (at_ == nullptr || start > end_ || static_cast<std::size_t>(end_ - start) < size) {
    grow(size + alignment);
    start = align(at_, alignment);
  }
  at_ = start + size;
  return start;
}

void Arena::do_deallocate(void* /*memory*/, std::size_t /*size*/,
                          std::size_t /*alignment*/) noexcept {}

bool Arena::do_is_equal(const boost::json::memory_resource& other) const noexcept {
  return this == &other;
}

}  // namespace sluice::host::expr
