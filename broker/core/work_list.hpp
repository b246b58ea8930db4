#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mqttzoo::core {

/// What an object in a WorkList carries.
class WorkSlot {
 private:
  template <class T, WorkSlot T::*slot>
  friend class WorkList;
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  std::uint32_t place_ = none;
};

/// Objects with something left to do, each at most once, first come first served. Adding and removing cost a few
/// instructions; objects may be added and removed while others are taken.
template <class T, WorkSlot T::*slot>
class WorkList {
 public:
  void add(T& object) {
    std::uint32_t& place = (object.*slot).place_;
    if (place != WorkSlot::none) return;
    place = static_cast<std::uint32_t>(objects_.size());
    objects_.push_back(&object);
  }

  void remove(T& object) {
    std::uint32_t& place = (object.*slot).place_;
    if (place == WorkSlot::none) return;
    objects_[place] = nullptr;
    place = WorkSlot::none;
  }

  /// Null when nothing is left.
  T* take() {
    while (next_ < objects_.size()) {
      T* const object = objects_[next_++];
      if (!object) continue;
      (object->*slot).place_ = WorkSlot::none;
      return object;
    }
    objects_.clear();
    next_ = 0;
    return nullptr;
  }

 private:
  std::vector<T*> objects_;
  std::size_t next_ = 0;
};

}  // namespace mqttzoo::core
