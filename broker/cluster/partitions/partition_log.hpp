#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "broker/cluster/interest/targets.hpp"
#include "broker/cluster/letters.hpp"
#include "broker/cluster/view/placement.hpp"

namespace mqttzoo::cluster {

/// Counts the records of a partition, from 1.
using LogIndex = std::uint64_t;

/// The log of one partition at its primary: the records that not all of its copies have, and who has which. A record is
/// committed when every copy has it, secondaries and learners alike; without copies at once. Nothing that follows from
/// a record is told to anybody before it is committed.
///
/// A learner gets, beside every new record, a snapshot: an image of each client of the partition as of the record that
/// was sent last. Its place in that is kept here too. Lives on the partition's shard; bounded by its owner.
class PartitionLog {
 public:
  /// Begins after record `base`, with records that may not have reached every secondary.
  explicit PartitionLog(LogIndex base = 0, std::deque<std::string> records = {});

  LogIndex append(std::string record);
  LogIndex end() const { return base_ + records_.size(); }
  LogIndex committed() const { return committed_; }
  std::size_t bytes() const { return bytes_; }

  struct CopyAt {
    PeerSlot slot = 0;
    bool in_sync = false;
  };
  /// Another view is entered, in which of the copies at most these go on: the others begin anew if they come back.
  /// Nothing is committed until `act`.
  void suspend(const std::vector<PeerSlot>& going_on);
  /// In the view that acts now these keep copies. Whatever they have not answered is sent again.
  void act(const std::vector<CopyAt>& copies);
  /// The link to a peer stands anew: the same, for its copy.
  void rewind(PeerSlot slot);
  /// Nothing waits for the copies at these peers, until they are not among them any more: then they begin anew.
  void do_without(IndexSet peers);
  /// The copy has everything up to there, `complete`: and the whole snapshot. Ignored where the peer keeps none.
  void answered(PeerSlot slot, LogIndex up_to, bool complete);
  bool is_with(PeerSlot slot, LogIndex index) const;
  /// How many hold the record, this broker included. A learner that is not complete has nothing from before its time.
  std::size_t holders(LogIndex index) const;
  /// It has not answered that it is complete.
  bool is_learning(PeerSlot slot) const;

  /// What goes to a copy next. `first` is 1 above what it has; the records are good until the next change of the log.
  struct Batch {
    LogIndex first = 0;
    LogIndex committed = 0;
    std::vector<const std::string*> records;
    bool restarts = false;         ///< what the copy has from `first` on is replaced by this
    bool begins_snapshot = false;  ///< the copy forgets what it has
  };
  bool has_unsent_for(PeerSlot slot) const;
  /// At most about so many bytes, but at least one record if there is one.
  Batch take_batch(PeerSlot slot, std::size_t bytes_max);

  /// The clients whose images the learner has yet to get; null: it is not in need of any (now). `Snapshot::begun` is
  /// set, and `clients` filled, by whoever sends.
  struct Snapshot {
    bool begun = false;
    bool ended = false;
    std::vector<std::string> clients;  ///< taken from the back
    bool in_session = false;           ///< the last one's connections have been sent
    std::uint64_t next_message = 0;    ///< of its session; 0: from the beginning
  };
  Snapshot* snapshot_for(PeerSlot slot);

  const std::vector<CopyAt>& copies() const { return at_; }  ///< in the view that acts

 private:
  struct Copy {
    PeerSlot slot = 0;
    LogIndex has = 0;   ///< it answered that
    LogIndex sent = 0;  ///< in this view, on this link
    LogIndex told_committed = 0;
    bool restarts = true;
    bool learns = false;
    bool absent = false;       ///< nothing waits for it, and it is sent nothing
    LogIndex learns_from = 0;  ///< it has what came after this
    Snapshot snapshot;
  };
  Copy* find(PeerSlot slot);
  const Copy* find(PeerSlot slot) const;
  void begin_again(Copy& copy);
  void settle();

  LogIndex base_;
  std::deque<std::string> records_;  ///< from base_ + 1
  LogIndex committed_;
  bool acting_ = false;
  std::size_t bytes_ = 0;
  std::vector<Copy> copies_;
  std::vector<CopyAt> at_;
};

}  // namespace mqttzoo::cluster
