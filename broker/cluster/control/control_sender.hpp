#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "broker/cluster/control_limits.hpp"
#include "broker/cluster/interest/interest_log.hpp"
#include "broker/cluster/view/view.hpp"
#include "broker/core/ids.hpp"
#include "proto/cluster/peer.pb.h"
#include "proto/mqtt/byte_buffer.hpp"

namespace mqttzoo::cluster {

/// What one peer is to be told, apart from our interest.
struct PeerNews {
  SharedView view;                       ///< to be entered by the peer; nullptr: it or we are not a member
  bool ready = false;                    ///< all our shards have entered `view`
  std::optional<std::uint64_t> applied;  ///< the peer's interest is in force here up to this sequence
  bool alive = false;                    ///< our event loops turn
};

/// The sending side of one control link: remembers what the peer has been told since the link came up and tells it what
/// is missing. The first part of the snapshot comes first, then Enter and InterestApplied, then the rest of our
/// interest (snapshot, deltas). Ready comes only behind all interest that there is, so whoever holds Ready knows what
/// we want. Enter, InterestApplied and Alive pass between the parts of a snapshot: barriers do not wait for bulk.
///
/// Bound: appends only while the link's output is shorter than link_output_bytes; the rest follows with a later call.
class ControlSender {
 public:
  explicit ControlSender(const ControlLimits& limits) : limits_(limits) {}

  /// The link is up: the peer has been told nothing.
  void restart(const InterestLog& log);
  /// The peer has forgotten what it was told of its own interest (it begins with a new snapshot): tell it again.
  void repeat_applied() { applied_told_.reset(); }
  /// True: something is left to be said, call again soon.
  bool send(mqtt::ByteBuffer& out, const InterestLog& log, const PeerNews& news, core::Milliseconds now);
  /// Deltas up to this one are not needed by this link any more.
  std::uint64_t needs_deltas_after() const { return told_; }

 private:
  void begin_snapshot(const InterestLog& log);
  void send_snapshot_part(mqtt::ByteBuffer& out, const InterestLog& log);
  void send_delta(mqtt::ByteBuffer& out, const InterestLog::Delta& delta);
  void send_enter(mqtt::ByteBuffer& out, const PeerNews& news);
  void send_applied(mqtt::ByteBuffer& out, const PeerNews& news);
  void send_alive(mqtt::ByteBuffer& out, core::Milliseconds now);
  bool has_room(const mqtt::ByteBuffer& out) const { return out.size() < limits_.link_output_bytes; }

  const ControlLimits& limits_;
  bool snapshot_begun_ = false;
  bool snapshot_under_way_ = false;
  std::string snapshot_cursor_;
  std::uint64_t told_ = 0;  ///< the last delta that the peer needs no more: sent, or part of the snapshot
  ViewNumber entered_told_ = 0;
  ViewNumber ready_told_ = 0;
  std::optional<std::uint64_t> applied_told_;
  std::optional<core::Milliseconds> last_frame_;
};

}  // namespace mqttzoo::cluster
