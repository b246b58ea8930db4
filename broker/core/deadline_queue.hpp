#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "broker/core/ids.hpp"

namespace mqttzoo::core {

/// What an object in a DeadlineQueue carries: where it stands.
class DeadlineSlot {
 public:
  bool scheduled() const { return place_ != none; }

 private:
  template <class T, DeadlineSlot T::*slot>
  friend class DeadlineQueue;
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  std::uint32_t place_ = none;
};

/// The deadlines of one shard: a binary heap of objects that know their place, at most one deadline each. What moves
/// with every packet (Keep Alive) does not touch the heap: the owner looks again when the deadline comes and schedules
/// what is left. Bounded by the number of objects.
template <class T, DeadlineSlot T::*slot>
class DeadlineQueue {
 public:
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  /// The earliest deadline; only if not empty.
  Milliseconds next() const { return heap_.front().when; }

  /// Sets the deadline of `object`, or moves it.
  void schedule(T& object, Milliseconds when) {
    std::uint32_t place = (object.*slot).place_;
    if (place == DeadlineSlot::none) {
      place = static_cast<std::uint32_t>(heap_.size());
      heap_.push_back({when, &object});
      (object.*slot).place_ = place;
    } else {
      heap_[place].when = when;
    }
    sink(rise(place));
  }

  void cancel(T& object) {
    const std::uint32_t place = (object.*slot).place_;
    if (place == DeadlineSlot::none) return;
    (object.*slot).place_ = DeadlineSlot::none;
    const Entry last = heap_.back();
    heap_.pop_back();
    if (last.object == &object) return;
    put(place, last);
    sink(rise(place));
  }

  /// Takes out one object whose deadline has come; null when there is none.
  T* pop_due(Milliseconds now) {
    if (heap_.empty() || heap_.front().when > now) return nullptr;
    T* const object = heap_.front().object;
    cancel(*object);
    return object;
  }

 private:
  struct Entry {
    Milliseconds when = 0;
    T* object = nullptr;
  };

  void put(std::uint32_t place, const Entry& entry) {
    heap_[place] = entry;
    (entry.object->*slot).place_ = place;
  }
  std::uint32_t rise(std::uint32_t place) {
    const Entry entry = heap_[place];
    while (place > 0) {
      const std::uint32_t parent = (place - 1) / 2;
      if (heap_[parent].when <= entry.when) break;
      put(place, heap_[parent]);
      place = parent;
    }
    put(place, entry);
    return place;
  }
  void sink(std::uint32_t place) {
    const Entry entry = heap_[place];
    for (;;) {
      std::size_t child = 2 * std::size_t{place} + 1;
      if (child >= heap_.size()) break;
      if (child + 1 < heap_.size() && heap_[child + 1].when < heap_[child].when) ++child;
      if (heap_[child].when >= entry.when) break;
      put(place, heap_[child]);
      place = static_cast<std::uint32_t>(child);
    }
    put(place, entry);
  }

  std::vector<Entry> heap_;
};

}  // namespace mqttzoo::core
