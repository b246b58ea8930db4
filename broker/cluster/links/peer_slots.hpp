#pragma once

#include <deque>
#include <optional>

#include "broker/cluster/letters.hpp"

namespace mqttzoo::cluster {

/// The slots that are free. The one that has been free for longest is given first, so that what a shard says late of a
/// peer that has gone is not taken for its successor.
class PeerSlots {
 public:
  PeerSlots() {
    for (PeerSlot slot = 0; slot < peers_max; ++slot) free_.push_back(slot);
  }

  std::optional<PeerSlot> take() {
    if (free_.empty()) return std::nullopt;
    const PeerSlot slot = free_.front();
    free_.pop_front();
    return slot;
  }
  void give_back(PeerSlot slot) { free_.push_back(slot); }

 private:
  std::deque<PeerSlot> free_;
};

}  // namespace mqttzoo::cluster
