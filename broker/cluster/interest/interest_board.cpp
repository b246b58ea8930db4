#include "broker/cluster/interest/interest_board.hpp"

#include <algorithm>
#include <utility>

#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

InterestBoard::InterestBoard(std::uint16_t shard_count, ControlPort& shards, const ControlLimits& limits)
    : shard_count_(shard_count),
      unsettled_max_(limits.unsettled_max),
      shards_(shards),
      log_(limits.interest_log_bytes),
      unsettled_(shard_count) {}

void InterestBoard::changed(core::ShardIndex from, InterestChanged&& change) {
  log_.change(from, change);
  InterestOf interest{.owner = {InterestOwner::Kind::shard, from},
                      .added = std::move(change.added),
                      .removed = std::move(change.removed),
                      .shares = std::move(change.shares)};
  const Unsettled unsettled{change.sequence, tell(std::move(interest), from, nullptr), log_.sequence()};
  std::deque<Unsettled>& waiting = unsettled_[from];
  ensure(waiting.empty() || waiting.back().sequence < change.sequence, "a shard numbers its changes in order");
  if (waiting.size() < unsettled_max_)
    waiting.push_back(unsettled);
  else
    waiting.back() = unsettled;
}

void InterestBoard::taken(std::uint64_t token) {
  const auto handing = handing_.find(token);
  ensure(handing != handing_.end(), "each shard takes what it was handed once");
  if (--handing->second.shards_left > 0) return;
  const std::function<void()> taken_by_all = std::move(handing->second.taken_by_all);
  handing_.erase(handing);
  if (taken_by_all) taken_by_all();
}

void InterestBoard::hand_on(InterestOf interest, std::function<void()> taken_by_all) {
  tell(std::move(interest), -1, std::move(taken_by_all));
}

std::uint64_t InterestBoard::tell(InterestOf interest, int except_shard, std::function<void()> taken_by_all) {
  const auto count = static_cast<std::uint16_t>(shard_count_ - (except_shard >= 0 ? 1 : 0));
  if (count == 0) return 0;
  interest.token = ++last_token_;
  handing_.emplace(interest.token, Handing{count, std::move(taken_by_all)});
  for (core::ShardIndex shard = 0; shard < shard_count_; ++shard)
    if (shard != except_shard) shards_.send_to_shard(shard, interest);
  return interest.token;
}

void InterestBoard::confirmed(const Incarnation& peer, std::uint64_t sequence) {
  std::uint64_t& known = confirmed_[peer];
  known = std::max(known, sequence);
}

bool InterestBoard::confirmed_by_awaited(std::uint64_t delta) const {
  return std::all_of(awaited_.begin(), awaited_.end(), [&](const Incarnation& peer) {
    const auto confirmed = confirmed_.find(peer);
    return confirmed != confirmed_.end() && confirmed->second >= delta;
  });
}

void InterestBoard::settle() {
  for (core::ShardIndex shard = 0; shard < shard_count_; ++shard) {
    std::deque<Unsettled>& waiting = unsettled_[shard];
    std::uint64_t settled = 0;
    while (!waiting.empty() && !handing_.contains(waiting.front().token) &&
           confirmed_by_awaited(waiting.front().delta)) {
      settled = waiting.front().sequence;
      waiting.pop_front();
    }
    if (settled > 0) shards_.send_to_shard(shard, InterestSettled{settled});
  }
}

std::size_t InterestBoard::unsettled() const {
  std::size_t count = 0;
  for (const auto& waiting : unsettled_) count += waiting.size();
  return count;
}

}  // namespace mqttzoo::cluster
