#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <variant>
#include <vector>

#include "broker/cluster/interest/own_interest.hpp"
#include "broker/cluster/links/stream_marks.hpp"
#include "broker/cluster/partitions/partition_logs.hpp"
#include "broker/core/session_journal.hpp"

namespace mqttzoo::cluster {

/// What waits for the logs of this shard's partitions. Bounded by what is in the logs, by the unfinished windows of
/// those who send, and by the SUBSCRIBEs that sessions may have waiting. Lives on the shard's thread.
class CommitWaits {
 public:
  explicit CommitWaits(const PartitionLogs& logs) : logs_(logs) {}

  /// Both when the record is committed.
  void add(PartitionIndex partition, core::LogIndex index, core::SessionId session);
  void add(PartitionIndex partition, core::LogIndex index, OwnInterest::Settling&& subscribe);
  /// When it is committed, and as many hold it as have to.
  void add(PartitionIndex partition, core::LogIndex index, const TakenMessage& message);
  /// When this is so of everything that the partitions began with in this view.
  void add_repeated(const TakenMessage& message);

  /// Another view: messages will come again.
  void forget_messages();
  /// The partition is somebody else's.
  void forget(PartitionIndex partition) { waits_.erase(partition); }
  void clear();

  using Due = std::variant<core::SessionId, OwnInterest::Settling, TakenMessage>;
  /// Takes out what need not wait any longer, until there is no more: `run(Due&&)` may cause more.
  template <class Run>
  void run_due(Run&& run) {
    Due due;
    while (take_due(due)) run(std::move(due));
  }
  bool has_due() const;

 private:
  struct Wait {
    core::LogIndex after = 0;
    Due what;
  };
  struct Unsafe {
    PartitionIndex partition = 0;
    core::LogIndex index = 0;
    TakenMessage message;
  };
  bool take_due(Due& due);
  bool take_safe(Due& due);

  const PartitionLogs& logs_;
  std::map<PartitionIndex, std::deque<Wait>> waits_;
  std::deque<Unsafe> unsafe_;  ///< committed by too few
  std::deque<TakenMessage> repeated_;
};

}  // namespace mqttzoo::cluster
