#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace mqttzoo::core {

/// Objects that are found by a serial number without a search. A serial is {generation, place}: never used twice, never
/// 0. Places are used again. Not bounded: the owner looks at `size()`. One thread.
template <class T>
class SlotTable {
 public:
  std::size_t size() const { return size_; }

  /// Makes an object with `make(serial)`.
  template <class Make>
  T& add(Make&& make) {
    std::uint32_t place = 0;
    if (free_.empty()) {
      place = static_cast<std::uint32_t>(slots_.size());
      slots_.emplace_back();
    } else {
      place = free_.back();
      free_.pop_back();
    }
    Slot& slot = slots_[place];
    slot.object = make(std::uint64_t{++slot.generation} << 32 | place);
    ++size_;
    return *slot.object;
  }

  /// Null if there is no such object (any more).
  T* find(std::uint64_t serial) const {
    const auto place = static_cast<std::uint32_t>(serial);
    if (place >= slots_.size() || slots_[place].generation != serial >> 32) return nullptr;
    return slots_[place].object.get();
  }

  /// `serial` is that of an object in the table.
  void erase(std::uint64_t serial) {
    const auto place = static_cast<std::uint32_t>(serial);
    slots_[place].object.reset();
    free_.push_back(place);
    --size_;
  }

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Slot& slot : slots_) {
      if (slot.object) visit(*slot.object);
    }
  }

 private:
  struct Slot {
    std::unique_ptr<T> object;
    std::uint32_t generation = 0;
  };

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::size_t size_ = 0;
};

}  // namespace mqttzoo::core
