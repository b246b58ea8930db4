#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/cluster/links/stream_marks.hpp"
#include "broker/cluster/partitions/partition_log.hpp"
#include "broker/cluster/partitions/partition_replica.hpp"
#include "broker/cluster/router_counters.hpp"
#include "broker/cluster/router_limits.hpp"
#include "broker/cluster/view/view.hpp"

namespace mqttzoo::cluster {

/// What the logs of a shard ask for. None of it comes back before the call has returned.
class PartitionPort {
 public:
  virtual ~PartitionPort() = default;
  virtual std::optional<PeerSlot> slot_of(const Incarnation& broker) const = 0;
  enum class Room : std::uint8_t { enough, full, link_down };
  virtual Room room_for_records(PeerSlot slot) const = 0;
  virtual void send_records(PeerSlot slot, const proto::Replicate& frame) = 0;
  /// Over the link that the stream comes by.
  virtual void answer_records(const StreamId& from, const proto::Replicated& answer) = 0;
  virtual void copy_is_complete(const CopyComplete& letter) = 0;

  // What the partitions are made of.

  virtual std::vector<std::string> clients_of(PartitionIndex partition) const = 0;
  /// A serialized proto::LogRecord each; empty: there is no such client, or session (any more). Of the session only
  /// messages from `from` on, and about so many bytes; `from` becomes what to go on with, or 0.
  virtual std::string image_of(const std::string& client_id) const = 0;
  virtual std::string session_image_of(const std::string& client_id, std::uint64_t& from,
                                       std::size_t bytes_max) const = 0;
  /// This shard will be the primary, and needs what these Topic Filters match. Told again in each view.
  virtual void want_before(PartitionIndex partition, std::vector<std::string> filters) = 0;
  /// This shard is the primary from now on, and goes on with these clients. In view `begun_without` (0: never) this
  /// primary, or one before it, began without all that there was.
  virtual void begin_partition(PartitionIndex partition, ClientCopies clients, ViewNumber begun_without) = 0;
  /// It is not the primary any more; `handed_over`: everything that was decided is with the next one.
  virtual ClientCopies end_partition(PartitionIndex partition, bool handed_over) = 0;
};

/// The logs of this shard's partitions: of those whose primary it is, and of those that it keeps copies of.
///
/// A view changes hands in three steps. Entering it, a primary that is not one any more sends its successor what that
/// one may lack, and until it has that, this broker is not Ready (`handing_over`). When all members are Ready the new
/// primaries begin with all that they have (`act`), and send it to their copies. Frames of other views are ignored: a
/// sender begins again with what was not answered in each view, and on each new link.
///
/// Lives on the shard's thread. Bounded by log_bytes_max for what copies lack: beyond it nothing new is let in.
class PartitionLogs {
 public:
  PartitionLogs(core::ShardIndex shard, core::ShardIndex shard_count, const RouterLimits& limits,
                RouterCounters& counters, PartitionPort& port);

  /// Forgets everything: it was another incarnation's.
  void identify(const Incarnation& self);

  void enter_view(SharedView view);
  bool handing_over() const { return !handing_over_.empty(); }
  /// Some member acts in the view that this broker is in, so all are Ready: this shard is the primary of its
  /// partitions.
  void begin();
  void act();

  // At the primary.

  LogIndex append(PartitionIndex partition, const proto::LogRecord& record);
  LogIndex end_of(PartitionIndex partition) const;
  /// Somebody keeps a copy, or has to. Else nothing is to be appended.
  bool is_kept(PartitionIndex partition) const;
  bool is_committed(PartitionIndex partition, LogIndex index) const;
  /// As many hold the record as have to.
  bool is_safe(PartitionIndex partition, LogIndex index) const;
  /// All that the partitions began with in this view is committed and safe.
  bool is_settled() const;
  /// The log has what came of this message.
  bool has(PartitionIndex partition, const StreamId& stream, std::uint64_t number) const;
  void note(PartitionIndex partition, const StreamId& stream, std::uint64_t number);
  bool full() const;
  void receive(PeerSlot from, const proto::Replicated& answer);
  /// The link to a peer stands anew.
  void link_up(PeerSlot slot);
  /// A peer says which view it is in.
  void note_view(PeerSlot peer, ViewNumber view);
  /// Who is in a later one than this broker.
  IndexSet ahead() const { return ahead_; }
  /// Served without ZooKeeper: nothing waits for the copies at these peers.
  void do_without(IndexSet peers);
  /// What copies lack, as far as links have room. True: some of it has to wait for room.
  bool send();

  /// At a copy. False: the frame breaks the protocol.
  bool receive(const StreamId& from, const proto::Replicate& frame);

 private:
  struct Handover {
    PeerSlot slot = 0;
    Incarnation to;
    ViewNumber in_view = 0;
  };

  bool is_mine(PartitionIndex partition) const { return partition % shard_count_ == shard_; }
  bool is_primary(PartitionIndex partition) const { return view_->primary_of(partition).incarnation == self_; }
  void go_on(PartitionIndex partition);
  void lose_primacy(PartitionIndex partition, const View& before);
  void finish_handover(PartitionIndex partition);
  void keep_copy(PartitionIndex partition);
  void begin(PartitionIndex partition);
  void act_as_primary(PartitionIndex partition);
  void forget_gone_streams();
  std::size_t holders_required() const;
  /// True: some has to wait for room.
  bool send(PartitionIndex partition, PartitionLog& log, PeerSlot slot, ViewNumber view, bool hands_over);
  std::string marks_image(PartitionIndex partition) const;
  void add_images(PartitionIndex partition, PartitionLog::Snapshot& snapshot, proto::Replicate& frame);
  void tell_complete(PartitionIndex partition, const Incarnation& copy);
  /// Frames of this view, or of the one before from the primary that hands over.
  bool is_due(const proto::Replicate& frame, const StreamId& from) const;
  void tell_view(const StreamId& from, const proto::Replicate& frame);
  void update_gauges();

  const core::ShardIndex shard_;
  const core::ShardIndex shard_count_;
  const RouterLimits& limits_;
  RouterCounters& counters_;
  PartitionPort& port_;

  Incarnation self_;
  SharedView view_;
  bool begun_ = false;
  bool acting_ = false;
  IndexSet ahead_;
  IndexSet done_without_;
  std::map<PartitionIndex, PartitionLog> logs_;
  std::map<PartitionIndex, PartitionMarks> marks_;      ///< of those
  std::map<PartitionIndex, ViewNumber> begun_without_;  ///< of those: PartitionState::begun_without
  std::map<PartitionIndex, LogIndex> to_settle_;        ///< with what they began in this view
  std::map<PartitionIndex, PartitionReplica> replicas_;
  std::map<PartitionIndex, Handover> handing_over_;
};

}  // namespace mqttzoo::cluster
