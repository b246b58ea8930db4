#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "broker/cluster/letters.hpp"

namespace mqttzoo::cluster {

/// What this whole broker wants messages for: filters counted over its shards, Shared Subscriptions with the members of
/// all its shards, and the changes of that set, numbered from 1 (deltas). Peers are told by snapshot and deltas.
///
/// A snapshot is read in parts while the set goes on changing: a part holds the filters of its range as they are when
/// it is read. Followed by all deltas after the sequence at which the snapshot began it gives the right set, since a
/// delta says what stands, not what is counted.
///
/// Bounds: the set by what the shards admit; kept deltas by `log_bytes` (a reader that needs older ones begins a new
/// snapshot). Lives on the control thread.
class InterestLog {
 public:
  struct Delta {
    std::uint64_t sequence = 0;
    std::vector<std::string> added;
    std::vector<std::string> removed;
    std::vector<ShareInterest> shares{};
    std::size_t bytes = 0;
  };

  explicit InterestLog(std::size_t log_bytes) : log_bytes_max_(log_bytes) {}

  /// What one shard needs from now on.
  void change(core::ShardIndex shard, const InterestChanged& change);

  /// Of the last delta; 0: none yet.
  std::uint64_t sequence() const { return sequence_; }
  /// The delta, or nullptr if it is no longer kept. `sequence` is not above sequence().
  const Delta* find(std::uint64_t sequence) const;
  /// Nobody reads deltas up to this one any more.
  void release(std::uint64_t sequence);

  struct Part {
    std::vector<std::string> filters;
    std::vector<ShareInterest> shares;
  };
  /// Appends what stands behind `cursor` in order (an empty cursor: from the first one), about `bytes` of it, and moves
  /// the cursor. False: that was the last part.
  bool snapshot_part(std::string& cursor, std::size_t bytes, Part& part) const;

  std::size_t filter_count() const { return references_.size() + shares_.size(); }

 private:
  using MembersByShard = std::map<core::ShardIndex, core::ShareMembers>;

  core::ShareMembers change_share(core::ShardIndex shard, const ShareInterest& share);
  void append(Delta delta);

  const std::size_t log_bytes_max_;
  std::map<std::string, std::uint32_t> references_;  ///< filter: how many shards need it
  std::map<std::string, MembersByShard> shares_;
  std::deque<Delta> deltas_;  ///< consecutive, up to sequence_
  std::size_t log_bytes_ = 0;
  std::uint64_t sequence_ = 0;
};

}  // namespace mqttzoo::cluster
