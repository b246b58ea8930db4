#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "broker/cluster/partitions/partition_log.hpp"
#include "broker/cluster/partitions/partition_state.hpp"
#include "broker/cluster/view/incarnation.hpp"
#include "proto/cluster/peer.pb.h"

namespace mqttzoo::cluster {

/// A copy of one partition at a broker that is not its primary. What is committed is applied to the state; what may not
/// be is kept apart, since another primary may never have had it. Lives on the partition's shard; as large as its
/// primary's.
class PartitionReplica {
 public:
  /// A learner of what this primary has.
  explicit PartitionReplica(Incarnation primary) : primary_(std::move(primary)) {}
  /// A secondary that was the primary itself: it has all of it, up to `end`.
  PartitionReplica(Incarnation primary, LogIndex end, PartitionState state)
      : primary_(std::move(primary)), applied_(end), complete_(true), state_(std::move(state)) {}

  const Incarnation& primary() const { return primary_; }
  /// A secondary goes on under another primary, whose first frame says where it differs.
  void follow(const Incarnation& primary) { primary_ = primary; }

  /// False: the frame does not follow upon what is here. Otherwise all is here up to the frame's last record.
  ///
  /// A former primary may have sent records that this one never had. They go when this one sends another in their
  /// place, and not before: what is here may be all that is left of what was committed.
  bool take(const proto::Replicate& frame);
  /// Of the last record that is here.
  LogIndex end() const { return applied_ + tail_records_; }
  /// It has the whole snapshot, or was never in need of one.
  bool complete() const { return complete_; }
  std::size_t tail_bytes() const { return tail_bytes_; }
  /// The Topic Filters of all sessions, also of those that may not be committed; some of them more than once.
  std::vector<std::string> filters() const;

  /// What a new primary begins with: everything is applied, and what is not known to be committed is returned too.
  struct Inheritance {
    LogIndex base = 0;
    std::deque<std::string> records;  ///< from base + 1
    PartitionState state;
    bool whole = false;  ///< nothing is missing that another primary had told anybody
  };
  Inheritance inherit() &&;

 private:
  enum class Kind : std::uint8_t { record, image, end_of_snapshot };
  struct Entry {
    Kind kind = Kind::record;
    LogIndex index = 0;  ///< of the record; of the last record before it
    std::string bytes;
  };
  void add(Kind kind, LogIndex index, std::string bytes);
  void drop_back();
  bool agrees(LogIndex index, const std::string& record) const;
  void take(LogIndex index, const std::string& record);
  bool apply_front();

  Incarnation primary_;
  LogIndex applied_ = 0;
  std::deque<Entry> tail_;
  LogIndex tail_records_ = 0;  ///< entries of tail_ that are records
  std::size_t tail_bytes_ = 0;
  bool learning_ = false;  ///< between the two ends of a snapshot
  bool complete_ = false;
  PartitionState state_;
};

}  // namespace mqttzoo::cluster
