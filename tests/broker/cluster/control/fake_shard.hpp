#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "broker/cluster/letters.hpp"

namespace mqttzoo::cluster::harness {

/// What a shard wants done after a letter.
struct ShardOrders {
  std::vector<ToControl> answers;
  std::vector<PeerKnown> open;
  std::vector<PeerSlot> close;
};

/// A shard that does what control says, and remembers it, without any clients.
class FakeShard {
 public:
  explicit FakeShard(core::ShardIndex index) : index_(index) {}

  ShardOrders receive(const ToShard& letter);
  InterestChanged want(const std::string& filter);
  InterestChanged want_no_more(const std::string& filter);

  const Incarnation& self() const { return self_; }
  const std::string& cluster() const { return cluster_; }
  const SharedView& view() const { return view_; }
  bool acts() const { return acts_; }
  bool is_over(const Incarnation& incarnation) const { return over_.contains(incarnation); }
  const std::set<Incarnation>& fences_over() const { return over_; }
  /// Members of former views that are missing in the present one, or listed as removed, must be over before this shard
  /// takes over what they had.
  std::vector<Incarnation> former_owners(PartitionIndex partition) const;

  /// What others want, by incarnation or (own broker) by shard.
  std::set<std::string> interest_of(const Incarnation& peer) const;
  std::set<std::string> interest_of_shard(core::ShardIndex shard) const;
  const std::map<PeerSlot, PeerKnown>& peers() const { return peers_; }

  /// What this shard wants, with the number of the change that began it.
  const std::map<std::string, std::uint64_t>& wants() const { return wants_; }
  std::uint64_t settled() const { return settled_; }
  bool is_settled(const std::string& filter) const {
    const auto wanted = wants_.find(filter);
    return wanted != wants_.end() && wanted->second <= settled_;
  }
  bool all_settled() const { return settled_ == sequence_; }

  std::vector<RetainedStored> stored;
  std::vector<RetainedRead> read;
  int reincarnations = 0;

 private:
  void subscribe_again(ShardOrders& orders);
  void enter(const EnterView& enter, ShardOrders& orders);
  void take(const InterestOf& interest, ShardOrders& orders);
  void tell_complete(ShardOrders& orders) const;

  core::ShardIndex index_;
  Incarnation self_;
  std::string cluster_;
  SharedView view_;
  std::map<PartitionIndex, std::set<Incarnation>> former_;
  bool acts_ = false;
  std::set<Incarnation> over_;
  std::map<PeerSlot, PeerKnown> peers_;
  std::map<InterestOwner, std::set<std::string>> interest_;
  std::map<std::string, std::uint64_t> wants_;
  std::uint64_t sequence_ = 0;
  std::uint64_t settled_ = 0;
};

}  // namespace mqttzoo::cluster::harness
