#include "tests/broker/cluster/control/fake_shard.hpp"

#include <algorithm>

#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster::harness {

ShardOrders FakeShard::receive(const ToShard& letter) {
  ShardOrders orders;
  if (const auto* identified = std::get_if<Identified>(&letter)) {
    ensure(self_.epoch == 0 && peers_.empty() && !view_, "identified first, and once");
    self_ = identified->incarnation;
    cluster_ = identified->cluster;
  } else if (const auto* known = std::get_if<PeerKnown>(&letter)) {
    ensure(self_.epoch != 0, "identified before peers are known");
    ensure(peers_.emplace(known->slot, *known).second, "a slot has one peer at a time");
    orders.open.push_back(*known);
  } else if (const auto* gone = std::get_if<PeerGone>(&letter)) {
    ensure(peers_.erase(gone->slot) == 1, "a peer goes that was known");
    interest_.erase({InterestOwner::Kind::peer, gone->slot});
    orders.close.push_back(gone->slot);
  } else if (const auto* interest = std::get_if<InterestOf>(&letter)) {
    take(*interest, orders);
  } else if (const auto* entered = std::get_if<EnterView>(&letter)) {
    enter(*entered, orders);
  } else if (const auto* act = std::get_if<ActInView>(&letter)) {
    ensure(view_ && view_->number == act->number && view_->find(self_), "acts in the view that it has entered");
    acts_ = true;
    tell_complete(orders);
  } else if (const auto* over = std::get_if<FenceOver>(&letter)) {
    over_.insert(over->incarnation);
  } else if (const auto* settled = std::get_if<InterestSettled>(&letter)) {
    ensure(settled->sequence > settled_ && settled->sequence <= sequence_, "what was changed is settled, in order");
    settled_ = settled->sequence;
  } else if (const auto* reborn = std::get_if<Reincarnated>(&letter)) {
    ensure(peers_.empty() && reborn->incarnation != self_, "all peers have gone before");
    self_ = reborn->incarnation;
    view_.reset();
    former_.clear();
    acts_ = false;
    over_.clear();
    ++reincarnations;
    subscribe_again(orders);
  } else if (const auto* stored_now = std::get_if<RetainedStored>(&letter)) {
    stored.push_back(*stored_now);
  } else if (const auto* read_now = std::get_if<RetainedRead>(&letter)) {
    read.push_back(*read_now);
  }
  return orders;
}

/// All its clients are cut off, and come back.
void FakeShard::subscribe_again(ShardOrders& orders) {
  if (wants_.empty()) return;
  InterestChanged ended{.sequence = ++sequence_, .added = {}, .removed = {}};
  InterestChanged begun{.sequence = ++sequence_, .added = {}, .removed = {}};
  for (auto& [filter, sequence] : wants_) {
    sequence = begun.sequence;
    ended.removed.push_back(filter);
    begun.added.push_back(filter);
  }
  orders.answers.emplace_back(std::move(ended));
  orders.answers.emplace_back(std::move(begun));
}

void FakeShard::enter(const EnterView& letter, ShardOrders& orders) {
  const SharedView before = view_;
  ensure(self_.epoch != 0, "identified before the first view");
  ensure(!before || letter.view->number > before->number, "views are entered in order");
  view_ = letter.view;
  acts_ = false;
  for (PartitionIndex partition = 0; before && partition < before->primaries.size(); ++partition) {
    const Incarnation& former = before->primary_of(partition).incarnation;
    if (!view_->find(former)) former_[partition].insert(former);
  }
  for (const RemovedMember& removed : view_->removed)
    for (const PartitionIndex partition : removed.partitions) former_[partition].insert(removed.incarnation);
  for (const Member& member : view_->members) {
    const bool is_peer = std::any_of(peers_.begin(), peers_.end(),
                                     [&](const auto& peer) { return peer.second.incarnation == member.incarnation; });
    ensure(!view_->find(self_) || member.incarnation == self_ || is_peer, "members are known before their view");
  }
  orders.answers.push_back(ViewEntered{view_->number});
}

/// Whoever learns from this shard learns at once.
void FakeShard::tell_complete(ShardOrders& orders) const {
  for (PartitionIndex partition = 0; partition < view_->primaries.size(); ++partition) {
    if (view_->primary_of(partition).incarnation != self_) continue;
    for (const PartitionCopy& copy : view_->copies_of(partition))
      if (!copy.in_sync)
        orders.answers.push_back(CopyComplete{view_->number, partition, view_->members[copy.member].incarnation});
  }
}

void FakeShard::take(const InterestOf& letter, ShardOrders& orders) {
  if (letter.owner.kind == InterestOwner::Kind::peer)
    ensure(peers_.contains(letter.owner.index), "interest comes of peers that are known");
  else
    ensure(letter.owner.index != index_, "nobody is told of its own interest");
  std::set<std::string>& interest = interest_[letter.owner];
  if (letter.replace) interest.clear();
  for (const std::string& filter : letter.added) interest.insert(filter);
  for (const std::string& filter : letter.removed) interest.erase(filter);
  orders.answers.push_back(InterestTaken{letter.token});
}

InterestChanged FakeShard::want(const std::string& filter) {
  ensure(!wants_.contains(filter), "a need begins once");
  wants_[filter] = ++sequence_;
  return {.sequence = sequence_, .added = {filter}, .removed = {}};
}

InterestChanged FakeShard::want_no_more(const std::string& filter) {
  ensure(wants_.erase(filter) == 1, "a need ends that began");
  return {.sequence = ++sequence_, .added = {}, .removed = {filter}};
}

std::vector<Incarnation> FakeShard::former_owners(PartitionIndex partition) const {
  const auto former = former_.find(partition);
  if (former == former_.end()) return {};
  return {former->second.begin(), former->second.end()};
}

std::set<std::string> FakeShard::interest_of(const Incarnation& peer) const {
  for (const auto& [slot, known] : peers_) {
    if (known.incarnation != peer) continue;
    const auto found = interest_.find({InterestOwner::Kind::peer, slot});
    return found == interest_.end() ? std::set<std::string>{} : found->second;
  }
  return {};
}

std::set<std::string> FakeShard::interest_of_shard(core::ShardIndex shard) const {
  const auto found = interest_.find({InterestOwner::Kind::shard, shard});
  return found == interest_.end() ? std::set<std::string>{} : found->second;
}

}  // namespace mqttzoo::cluster::harness
