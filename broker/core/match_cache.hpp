#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/common/ensure.hpp"

namespace mqttzoo::core {

/// Remembers what was found for a topic. One slot per hash value, so that nothing has to be evicted or ordered: a topic
/// takes the slot of another one. Everything is forgotten at once by a version number, or one topic alone. Bounded in
/// slots, bytes per topic and total cost. No memory until the first `keep`. One thread.
template <class Value>
class MatchCache {
 public:
  struct Bounds {
    std::size_t slots = 0;  ///< a power of two
    std::size_t topic_bytes_max = 0;
    std::size_t cost_max = 0;
  };

  explicit MatchCache(const Bounds& bounds) : bounds_(bounds) {
    ensure(bounds.slots != 0 && (bounds.slots & (bounds.slots - 1)) == 0, "match cache slots are not a power of two");
  }

  /// Null if the topic has to be looked up. Good until the next `keep` or change.
  const Value* find(std::string_view topic) const {
    if (slots_.empty()) return nullptr;
    const Slot& slot = slots_[place_of(topic)];
    return slot.version == version_ && slot.topic == topic ? &slot.value : nullptr;
  }

  /// Swaps `value` into the cache, where it is returned from; the caller gets old memory to use again. If it does not
  /// fit, it stays where it is and is returned from there.
  const Value& keep(std::string_view topic, Value& value, std::size_t cost) {
    if (topic.size() > bounds_.topic_bytes_max) return value;
    if (slots_.empty()) slots_.resize(bounds_.slots);
    Slot& slot = slots_[place_of(topic)];
    if (cost_ - slot.cost + cost > bounds_.cost_max) return value;
    cost_ += cost - slot.cost;
    slot.cost = cost;
    slot.version = version_;
    slot.topic.assign(topic);
    std::swap(slot.value, value);
    return slot.value;
  }

  void forget(std::string_view topic) {
    if (slots_.empty()) return;
    Slot& slot = slots_[place_of(topic)];
    if (slot.topic == topic) slot.version = 0;
  }
  void forget_all() { ++version_; }

 private:
  struct Slot {
    std::uint64_t version = 0;  ///< the slot counts if it is the cache's
    std::size_t cost = 0;       ///< of the value, also while it is forgotten: its memory is kept
    std::string topic;
    Value value;
  };

  std::size_t place_of(std::string_view topic) const {
    return std::hash<std::string_view>()(topic) & (bounds_.slots - 1);
  }

  Bounds bounds_;
  std::uint64_t version_ = 1;
  std::size_t cost_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace mqttzoo::core
