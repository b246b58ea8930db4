#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "broker/common/ensure.hpp"

namespace mqttzoo::core {

/// A queue in one block of memory. Owns nothing until the first push; grows by doubling; gives a large block back when
/// it runs empty, and keeps a small one so that a steady flow allocates nothing. Not bounded: the owner looks at
/// `size()`.
template <class T>
class Ring {
 public:
  Ring() = default;
  Ring(Ring&& other) noexcept { swap(other); }
  Ring& operator=(Ring&& other) noexcept {
    Ring taken(std::move(other));
    swap(taken);
    return *this;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  T& operator[](std::size_t i) { return slots_[(head_ + i) & (capacity_ - 1)]; }
  const T& operator[](std::size_t i) const { return slots_[(head_ + i) & (capacity_ - 1)]; }
  T& front() { return slots_[head_]; }

  void push_back(T value) {
    if (size_ == capacity_) [[unlikely]]
      grow();
    slots_[(head_ + size_) & (capacity_ - 1)] = std::move(value);
    ++size_;
  }
  void pop_front() {
    slots_[head_] = T{};
    head_ = (head_ + 1) & (capacity_ - 1);
    if (--size_ == 0 && capacity_ > kept_slots) *this = Ring();
  }
  void clear() { *this = Ring(); }

  void swap(Ring& other) noexcept {
    std::swap(slots_, other.slots_);
    std::swap(capacity_, other.capacity_);
    std::swap(head_, other.head_);
    std::swap(size_, other.size_);
  }

 private:
  static constexpr std::uint32_t first_slots = 8;
  static constexpr std::uint32_t kept_slots = 64;

  void grow() {
    ensure(capacity_ < (1U << 31), "a ring of more than two thousand million");
    const std::uint32_t capacity = capacity_ == 0 ? first_slots : 2 * capacity_;
    auto slots = std::make_unique<T[]>(capacity);
    for (std::uint32_t i = 0; i < size_; ++i) slots[i] = std::move((*this)[i]);
    slots_ = std::move(slots);
    capacity_ = capacity;
    head_ = 0;
  }

  std::unique_ptr<T[]> slots_;
  std::uint32_t capacity_ = 0;
  std::uint32_t head_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace mqttzoo::core
