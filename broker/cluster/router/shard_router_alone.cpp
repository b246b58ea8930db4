#include <algorithm>

#include "broker/cluster/router/shard_router.hpp"

// Served without ZooKeeper (LeaseDeadline::is_waived): the view stays as it is, so nobody who dies or is cut off is
// taken out of it. Whoever has been out of reach for unreachable_wait_ms, or in a later view, is done without: what
// waits for an answer from there is finished, its copies of partitions are not waited for, and its connections no
// longer stand in the way of newer ones. P2 and P3 do not hold for them; that is what `coordination_loss serve` means.
namespace mqttzoo::cluster {

void ShardRouter::look_who_is_missing() {
  if (!lease_.is_waived()) {
    members_ = members_of_view_;
    logs_.do_without({});
    return missing_since_.clear();
  }
  IndexSet missing;
  const IndexSet there = peers_.up() - logs_.ahead();
  (members_of_view_ & there).for_each([&](PeerSlot slot) { missing_since_.erase(slot); });
  (members_of_view_ - there).for_each([&](PeerSlot slot) {
    const core::Milliseconds since = missing_since_.try_emplace(slot, now_.steady).first->second;
    if (now_.steady >= since + limits_.unreachable_wait_ms) missing.add(slot);
  });
  do_without(missing);
}

void ShardRouter::do_without(IndexSet missing) {
  const IndexSet lost = members_ & missing;
  members_ = members_of_view_ - missing;
  if (!lost.empty()) {
    counters_.dropped_unreachable.add(window_.awaited_from(lost));
    const std::vector<std::uint64_t> lost_choices = window_.do_without(lost);
    to_choose_again_.insert(to_choose_again_.end(), lost_choices.begin(), lost_choices.end());
  }
  logs_.do_without(missing);
  if (missing.empty()) return;
  home_.give_up_on([&](const Incarnation& frontend) {
    const auto slot = peers_.slot_of(frontend);
    return slot && missing.has(*slot);
  });
}

/// Nobody tells a router that the lease was waived, or that somebody has been missing for long enough.
core::Milliseconds ShardRouter::look_at_members_at() const {
  const core::Milliseconds soon = now_.steady + limits_.look_again_ms;
  if (!lease_.is_waived()) {
    if (window_.size() == 0) return no_deadline;
    return lease_.holds(now_.steady) ? lease_.until() : soon;
  }
  if (!(members_ - (peers_.up() - logs_.ahead())).empty()) return soon;
  const bool may_be_in_the_way = !missing_since_.empty() && !home_.is_settled();
  return may_be_in_the_way ? now_.steady + limits_.unreachable_wait_ms : no_deadline;
}

}  // namespace mqttzoo::cluster
