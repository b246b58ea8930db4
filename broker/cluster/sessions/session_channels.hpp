#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "broker/cluster/router_counters.hpp"
#include "broker/cluster/router_limits.hpp"
#include "broker/cluster/sessions/remote_connection.hpp"
#include "broker/cluster/sessions/remote_session.hpp"
#include "broker/cluster/sessions/session_packets.hpp"

namespace mqttzoo::cluster {

/// How packets of channels travel. Nothing of it comes back before the call has returned.
class ChannelPort {
 public:
  virtual ~ChannelPort() = default;
  virtual void send_to_home(const Incarnation& home, SessionPackets packets) = 0;
  virtual void send_to_frontend(SessionPackets packets) = 0;
  virtual bool has_room_to_frontend(const ChannelId& channel) = 0;
  virtual bool has_room_to_home(const Incarnation& home) = 0;
  /// As in core::Router: this shard has too much to do.
  virtual bool must_pause() const = 0;
};

/// The channels of one shard: their home's ends for sessions that live in it, their frontend's ends for connections
/// that live in it. A channel begins when the home opens the session and ends with the connection, or with the link
/// between the two brokers: what was on its way is lost then, so the connection has to end, and the session sends again
/// on the next one. Bounds: the connections. Lives on the shard's thread.
class SessionChannels final : private ChannelOwner {
 public:
  SessionChannels(const RouterLimits& limits, RouterCounters& counters, ChannelPort& port)
      : limits_(limits), counters_(counters), port_(port) {}

  /// True: connections of this shard may read on.
  bool begin_turn(core::Now now);
  /// Somebody waits for room in a link, or for this shard to have less to do, of which nobody will tell.
  bool waits_for_room() const { return !waiting_.empty() || !paused_.empty(); }

  // The home's ends.

  void open(const ChannelId& channel, PartitionIndex partition, const RemoteClient& client,
            core::SessionInlet& session);
  bool is_open(const ChannelId& channel) const { return homes_.contains(channel); }
  void close(const ChannelId& channel);
  /// The link to a frontend's shard is gone; all of them: `frontend` was forgotten.
  void close_all_of(const StreamId& frontend);
  /// False: the frontend breaks the protocol. Packets for a channel that has ended are ignored.
  bool receive_at_home(const SessionPackets& packets);

  // The frontend's ends.

  /// The inlet is good until `forget`.
  core::SessionInlet& serve(const ChannelId& channel, const Incarnation& home, PartitionIndex partition);
  /// The connection has ended: sends what it has left, then the channel is gone.
  void forget(std::uint64_t serial);
  bool receive_at_frontend(const Incarnation& home, const SessionPackets& packets);

  /// What the connections of this shard have for their sessions; what the sessions have for their connections.
  void flush_to_homes();
  void flush_to_frontends();
  bool has_output() const { return !homes_with_output_.empty() || !frontends_with_output_.empty(); }

  /// This broker has another incarnation now.
  void close_all();

 private:
  void frontend_has_output(const ChannelId& channel) override { frontends_with_output_.push_back(channel.serial); }
  void home_has_output(const ChannelId& channel) override { homes_with_output_.push_back(channel); }
  bool has_room(const ChannelId& channel) override;
  bool takes_more(const ChannelId& channel) override;
  bool has_room_to_home(const ChannelId& channel, const Incarnation& home) override;
  void message_left_out(core::SendResult why) override;

  const RouterLimits& limits_;
  RouterCounters& counters_;
  ChannelPort& port_;
  core::Now now_;
  core::PublishEncoder encoder_;
  std::map<ChannelId, std::unique_ptr<RemoteConnection>> homes_;
  std::map<std::uint64_t, std::unique_ptr<RemoteSession>> frontends_;  ///< by serial
  std::vector<std::uint64_t> frontends_with_output_;
  std::vector<ChannelId> homes_with_output_;
  std::set<ChannelId> waiting_;     ///< home's ends, for room in a link or in this shard
  std::set<std::uint64_t> paused_;  ///< frontend's ends, for room in the link to their home
};

}  // namespace mqttzoo::cluster
