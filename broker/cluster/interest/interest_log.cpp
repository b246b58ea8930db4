#include "broker/cluster/interest/interest_log.hpp"

#include <string_view>
#include <utility>

#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

namespace {

/// A Shared Subscription's name begins so, and no other filter does.
constexpr std::string_view first_share = "$share/";

core::ShareMembers sum(const std::map<core::ShardIndex, core::ShareMembers>& by_shard) {
  core::ShareMembers all;
  for (const auto& [shard, members] : by_shard) {
    all.all += members.all;
    all.able += members.able;
  }
  return all;
}

}  // namespace

void InterestLog::change(core::ShardIndex shard, const InterestChanged& change) {
  Delta delta;
  for (const std::string& filter : change.added)
    if (++references_[filter] == 1) delta.added.push_back(filter);
  for (const std::string& filter : change.removed) {
    const auto reference = references_.find(filter);
    ensure(reference != references_.end(), "a shard ends only a need that it began");
    if (--reference->second > 0) continue;
    references_.erase(reference);
    delta.removed.push_back(filter);
  }
  for (const ShareInterest& share : change.shares) delta.shares.push_back({share.name, change_share(shard, share)});
  if (!delta.added.empty() || !delta.removed.empty() || !delta.shares.empty()) append(std::move(delta));
}

/// The members that it has in all shards from now on.
core::ShareMembers InterestLog::change_share(core::ShardIndex shard, const ShareInterest& share) {
  MembersByShard& by_shard = shares_[share.name];
  if (share.members.all != 0) {
    by_shard[shard] = share.members;
  } else {
    by_shard.erase(shard);
  }
  const core::ShareMembers all = sum(by_shard);
  if (by_shard.empty()) shares_.erase(share.name);
  return all;
}

void InterestLog::append(Delta delta) {
  constexpr std::size_t overhead_bytes = 64;
  delta.sequence = ++sequence_;
  delta.bytes = overhead_bytes;
  for (const std::string& filter : delta.added) delta.bytes += filter.size() + overhead_bytes;
  for (const std::string& filter : delta.removed) delta.bytes += filter.size() + overhead_bytes;
  for (const ShareInterest& share : delta.shares) delta.bytes += share.name.size() + overhead_bytes;
  log_bytes_ += delta.bytes;
  deltas_.push_back(std::move(delta));
  while (log_bytes_ > log_bytes_max_) {
    log_bytes_ -= deltas_.front().bytes;
    deltas_.pop_front();
  }
}

const InterestLog::Delta* InterestLog::find(std::uint64_t sequence) const {
  ensure(sequence <= sequence_, "deltas are read that exist");
  const std::uint64_t first = sequence_ + 1 - deltas_.size();
  return sequence < first ? nullptr : &deltas_[sequence - first];
}

void InterestLog::release(std::uint64_t sequence) {
  while (!deltas_.empty() && deltas_.front().sequence <= sequence) {
    log_bytes_ -= deltas_.front().bytes;
    deltas_.pop_front();
  }
}

/// First the filters, then the Shared Subscriptions.
bool InterestLog::snapshot_part(std::string& cursor, std::size_t bytes, Part& part) const {
  std::size_t taken = 0;
  const auto is_full = [&](const std::string& next) { return taken > 0 && taken + next.size() > bytes; };
  const auto take = [&](const std::string& name) {
    taken += name.size();
    cursor = name;
  };
  if (!cursor.starts_with(first_share)) {
    // No Topic Filter is empty, so all of them are behind the empty cursor.
    for (auto at = references_.upper_bound(cursor); at != references_.end(); ++at) {
      if (is_full(at->first)) return true;
      part.filters.push_back(at->first);
      take(at->first);
    }
    cursor = first_share;
  }
  for (auto at = shares_.upper_bound(cursor); at != shares_.end(); ++at) {
    if (is_full(at->first)) return true;
    part.shares.push_back({at->first, sum(at->second)});
    take(at->first);
  }
  return false;
}

}  // namespace mqttzoo::cluster
