#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "broker/cluster/interest/targets.hpp"
#include "broker/cluster/letters.hpp"
#include "broker/cluster/links/forward_batch.hpp"
#include "broker/cluster/view/incarnation.hpp"
#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

/// Another broker, as one shard sends to it.
struct Peer {
  Incarnation incarnation;
  ForwardBatch batch;
};

/// The other brokers by slot. Lives on one shard; bounded by peers_max.
class PeerTable {
 public:
  void add(PeerSlot slot, Incarnation incarnation) {
    ensure(slot < peers_max && !peers_[slot], "a peer comes into a free slot");
    peers_[slot] = std::make_unique<Peer>(Peer{std::move(incarnation), {}});
    known_.add(slot);
  }
  void remove(PeerSlot slot) {
    peers_[slot].reset();
    known_.remove(slot);
    up_.remove(slot);
  }

  /// Null: nobody has the slot.
  Peer* find(PeerSlot slot) { return slot < peers_max ? peers_[slot].get() : nullptr; }
  std::optional<PeerSlot> slot_of(const Incarnation& incarnation) const {
    std::optional<PeerSlot> found;
    known_.for_each([&](PeerSlot slot) {
      if (peers_[slot]->incarnation == incarnation) found = slot;
    });
    return found;
  }

  void set_up(PeerSlot slot) { up_.add(slot); }
  void set_down(PeerSlot slot) { up_.remove(slot); }

  IndexSet known() const { return known_; }
  /// Those to which the link stands.
  IndexSet up() const { return up_; }

 private:
  std::array<std::unique_ptr<Peer>, peers_max> peers_;
  IndexSet known_;
  IndexSet up_;
};

}  // namespace mqttzoo::cluster
