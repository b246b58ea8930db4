#include <limits>
#include <utility>

#include "broker/cluster/links/frames.hpp"
#include "broker/cluster/router/shard_router.hpp"

// Persistent sessions: those that live in this shard, and the connections of this shard that serve one elsewhere.
namespace mqttzoo::cluster {

namespace {

void put(SessionPackets&& packets, proto::SessionPackets& out) {
  out.set_serial(packets.channel.serial);
  out.set_partition(packets.partition);
  out.set_taken_bytes(packets.taken_bytes);
  out.set_packets(std::move(packets.packets));
}

}  // namespace

// ---------------------------------------------------------------- what the home decides

core::SessionOpened ShardRouter::open_session(const ConnectionEpoch& connection, PartitionIndex partition,
                                              const OpenSession& request) {
  const bool here = connection.frontend == self_ && connection.shard == shard_;
  const ChannelId channel = channel_of(connection);
  if (!here && channels_.is_open(channel)) return {};
  core::SessionOpened opened =
      client_->open_session({request.client_id, request.clean_start, request.receive_maximum, request.user_name});
  if (here || mqtt::is_error(opened.reason)) return opened;
  const RemoteClient client{core::client_key(request.client_id), request.refusable};
  channels_.open(channel, partition, client, *std::exchange(opened.session, nullptr));
  return opened;
}

void ShardRouter::leave_session(const ConnectionEpoch& connection, const std::string& client_id,
                                std::uint32_t expiry_seconds) {
  channels_.close(channel_of(connection));
  client_->leave_session(client_id, expiry_seconds);
}

void ShardRouter::discard_session(const std::string& client_id) { client_->discard_session(client_id); }

void ShardRouter::discard_sessions(const std::function<bool(std::string_view client_id)>& keeps) {
  client_->discard_sessions(keeps);
}

core::SessionInlet& ShardRouter::session_of(core::ConnectionId connection, PartitionIndex partition,
                                            const RegisteredAnswer& answer) {
  if (answer.session) return *answer.session;
  return channels_.serve({{self_, shard_}, connection.serial}, answer.home, partition);
}

void ShardRouter::admit_to_session(core::ConnectionId connection, core::SessionInlet& session, bool session_present) {
  client_->registered(connection, {.session_present = session_present, .session = &session});
}

// ---------------------------------------------------------------- packets on their way

void ShardRouter::send_to_home(const Incarnation& home, SessionPackets packets) {
  if (home == self_) {
    const auto shard = static_cast<core::ShardIndex>(packets.partition % shard_count_);
    return port_.send_to_shard(shard, ShardLetter{PacketsToHomeLetter{std::move(packets)}});
  }
  const auto slot = peers_.slot_of(home);
  if (!slot || !peers_.up().has(*slot)) return;  // the connection ends, or has ended, for that
  proto::DataFrame frame;
  put(std::move(packets), *frame.mutable_session_packets());
  append_frame(transport_.output(*slot), frame);
}

bool ShardRouter::take_from_frontend(const AcceptedLink& link, proto::SessionPackets& packets) {
  if (packets.partition() > std::numeric_limits<PartitionIndex>::max()) return false;
  SessionPackets taken{{link.stream(), packets.serial()},
                       static_cast<PartitionIndex>(packets.partition()),
                       packets.taken_bytes(),
                       std::move(*packets.mutable_packets())};
  const auto shard = static_cast<core::ShardIndex>(taken.partition % shard_count_);
  if (shard == shard_) return channels_.receive_at_home(taken);
  port_.send_to_shard(shard, ShardLetter{PacketsToHomeLetter{std::move(taken)}});
  return true;
}

void ShardRouter::send_to_frontend(SessionPackets packets) {
  const auto shard = static_cast<core::ShardIndex>(packets.channel.frontend.shard % shard_count_);
  if (shard == shard_) return pass_to_frontend(std::move(packets));
  port_.send_to_shard(shard, ShardLetter{PacketsToFrontendLetter{std::move(packets)}});
}

/// To a connection of this shard, or over the link that the connection's shard opened to this one.
void ShardRouter::pass_to_frontend(SessionPackets packets) {
  if (packets.channel.frontend.origin == self_) {
    if (!channels_.receive_at_frontend(self_, packets)) counters_.protocol_errors.add();
    return client_->settle_connections();
  }
  AcceptedLink* const link = accepted_.find(packets.channel.frontend);
  if (!link) return;  // the channel ends, or has ended, for that
  proto::DataAnswer frame;
  put(std::move(packets), *frame.mutable_session_packets());
  append_frame(transport_.output(link->id()), frame);
}

bool ShardRouter::has_room_to_frontend(const ChannelId& channel) {
  const StreamId& frontend = channel.frontend;
  if (frontend.origin == self_ || frontend.shard % shard_count_ != shard_) return true;
  AcceptedLink* const link = accepted_.find(frontend);
  return !link || transport_.output(link->id()).size() < limits_.link_bytes_max;
}

bool ShardRouter::has_room_to_home(const Incarnation& home) {
  if (home == self_) return true;
  const auto slot = peers_.slot_of(home);
  return !slot || transport_.output(*slot).size() < limits_.link_bytes_max;
}

/// What was on its way over the link is lost: sessions here send it again on the next connection.
void ShardRouter::lose_frontend(const StreamId& frontend) {
  channels_.close_all_of(frontend);
  for (core::ShardIndex shard = 0; shard < shard_count_; ++shard) {
    if (shard != shard_) port_.send_to_shard(shard, ShardLetter{FrontendLostLetter{frontend}});
  }
}

}  // namespace mqttzoo::cluster
