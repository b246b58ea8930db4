#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "broker/cluster/sessions/session_packets.hpp"
#include "broker/core/session_inlet.hpp"
#include "broker/core/session_outlet.hpp"
#include "proto/mqtt/byte_buffer.hpp"
#include "proto/mqtt/frame_splitter.hpp"
#include "proto/mqtt/property_writer.hpp"

namespace mqttzoo::cluster {

/// What is known at the home of a connection that lives elsewhere.
struct RemoteClient {
  core::ClientKey key = 0;
  bool refusable = false;  ///< it can be told that a PUBLISH is refused (v5)
};

/// Where channels say that they have something to send.
class ChannelOwner {
 public:
  /// To be asked for their output at the end of the turn: the frontend's end of a channel, the home's end.
  virtual void frontend_has_output(const ChannelId& channel) = 0;
  virtual void home_has_output(const ChannelId& channel) = 0;
  /// The link to the frontend can take more now. Else RemoteConnection::try_again is called in a later turn.
  virtual bool has_room(const ChannelId& channel) = 0;
  /// The home can take more from clients now. Else the same.
  virtual bool takes_more(const ChannelId& channel) = 0;
  /// The link to the home can take more now. Else RemoteSession::try_again is called in a later turn.
  virtual bool has_room_to_home(const ChannelId& channel, const Incarnation& home) = 0;
  /// At the frontend: a message was left out because its connection is full (QoS 0) or takes none as large.
  virtual void message_left_out(core::SendResult why) = 0;

 protected:
  ~ChannelOwner() = default;
};

/// The home's end of a channel: the session's outlet. PUBLISH packets that the connection has not taken are bounded by
/// `window_bytes`; beyond that the session keeps its messages. What the client sends is bounded by as much, and a
/// packet: the frontend reads on when the home says that it has taken it, which it does not say while it has too much
/// to do. Lives on the session's shard.
class RemoteConnection final : public core::SessionOutlet {
 public:
  RemoteConnection(ChannelOwner& owner, const ChannelId& channel, PartitionIndex partition, const RemoteClient& client,
                   core::SessionInlet& session, std::size_t window_bytes);
  RemoteConnection(const RemoteConnection&) = delete;
  RemoteConnection& operator=(const RemoteConnection&) = delete;

  /// Packets of the client, and how much of the session's it has taken. False: they break the protocol of the channel.
  bool receive(std::string_view packets, std::uint64_t taken_bytes, core::Now now);
  /// There may be room now where there was none.
  void try_again();
  bool waits_for_room() const { return waits_for_room_; }
  /// The connection is gone.
  void close();

  /// What is to be sent.
  SessionPackets take_output();

  // SessionOutlet
  core::SendResult send_publish(core::PublishEncoder& encoder, core::PublishForm& form) override;
  void send_pubrel(std::uint16_t packet_id, mqtt::ReasonCode reason) override;
  void send_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason) override;
  void send_pubcomp(std::uint16_t packet_id, mqtt::ReasonCode reason) override;
  void send_suback(std::uint16_t packet_id, std::span<const mqtt::ReasonCode> reasons) override;
  void send_unsuback(std::uint16_t packet_id, std::span<const mqtt::ReasonCode> reasons) override;
  void resume_reading() override {}  // the session never asks for a pause: the frontend's end does
  void give_up(mqtt::ReasonCode reason, const char* detail) override;

 private:
  void tell_taken();
  bool take(const mqtt::Frame& frame, core::Now now);
  bool take_publish(const mqtt::Frame& frame, core::Now now);
  mqtt::ByteBuffer& out();

  ChannelOwner& owner_;
  const ChannelId channel_;
  const PartitionIndex partition_;
  const RemoteClient client_;
  core::SessionInlet* session_;  ///< null: the channel has ended
  const std::size_t window_bytes_;
  std::uint64_t sent_bytes_ = 0;  ///< of PUBLISH packets
  std::uint64_t taken_bytes_ = 0;
  std::uint64_t received_bytes_ = 0;  ///< all that came from the client
  std::uint64_t told_bytes_ = 0;      ///< of those, what the frontend has been told
  bool waits_for_room_ = false;
  bool has_output_ = false;
  mqtt::ByteBuffer output_;
  mqtt::PropertyWriter travelling_;
};

}  // namespace mqttzoo::cluster
