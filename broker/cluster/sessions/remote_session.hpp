#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "broker/cluster/sessions/remote_connection.hpp"
#include "broker/cluster/sessions/session_packets.hpp"
#include "broker/core/session_inlet.hpp"
#include "broker/core/session_outlet.hpp"
#include "proto/mqtt/byte_buffer.hpp"
#include "proto/mqtt/frame_splitter.hpp"
#include "proto/mqtt/property_writer.hpp"

namespace mqttzoo::cluster {

/// The frontend's end of a channel: the connection's inlet. What the connection has no room for, and what comes before
/// it is admitted, is kept here, bounded by the window of the home's end. What the client sends and the home has not
/// taken is bounded by `window_bytes`, and a packet. Lives on the connection's shard.
class RemoteSession final : public core::SessionInlet {
 public:
  /// `now` is the clock of the shard's turn; `encoder` is lent for each message.
  RemoteSession(ChannelOwner& owner, const ChannelId& channel, const Incarnation& home, PartitionIndex partition,
                core::PublishEncoder& encoder, const core::Now& now, std::size_t window_bytes);
  RemoteSession(const RemoteSession&) = delete;
  RemoteSession& operator=(const RemoteSession&) = delete;

  const Incarnation& home() const { return home_; }
  /// Packets of the session, and how much of the client's it has taken. False: they break the protocol of the channel.
  bool receive(std::string_view packets, std::uint64_t taken_bytes);
  /// There may be room now where there was none.
  void try_again();
  SessionPackets take_output();
  bool has_output() const { return has_output_; }

  // SessionInlet
  void attach(core::SessionOutlet& outlet) override {
    outlet_ = &outlet;
    send_waiting();
  }
  void detach() override { outlet_ = nullptr; }
  void send_waiting() override;
  bool must_pause() override;
  void subscribe(const mqtt::Subscribe& subscribe) override;
  void unsubscribe(const mqtt::Unsubscribe& unsubscribe) override;
  void publish(std::uint16_t packet_id, const core::MessageView& message, bool refusable) override;
  void on_pubrel(std::uint16_t packet_id) override;
  void on_puback(std::uint16_t packet_id) override;
  void on_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason) override;
  void on_pubcomp(std::uint16_t packet_id) override;

 private:
  enum class Taken : std::uint8_t { yes, no_room, broken };
  bool take_packets();
  Taken take(const mqtt::Frame& frame);
  Taken take_publish(const mqtt::Frame& frame);
  bool take_answer(const mqtt::Frame& frame);
  void cannot_deliver(mqtt::QoS qos, std::uint16_t packet_id);
  void note_taken(std::size_t bytes);
  mqtt::ByteBuffer& out();

  ChannelOwner& owner_;
  const ChannelId channel_;
  const Incarnation home_;
  const PartitionIndex partition_;
  core::PublishEncoder& encoder_;
  const core::Now& now_;
  const std::size_t window_bytes_;
  core::SessionOutlet* outlet_ = nullptr;
  std::uint64_t taken_bytes_ = 0;  ///< of PUBLISH packets
  std::uint64_t told_bytes_ = 0;   ///< of those, what the home has been told
  std::uint64_t sent_bytes_ = 0;   ///< to the session, output_ not included
  std::uint64_t home_took_bytes_ = 0;
  bool paused_ = false;
  bool has_output_ = false;
  mqtt::ByteBuffer input_;  ///< what the connection has not taken
  mqtt::ByteBuffer output_;
  mqtt::PropertyWriter travelling_;
  std::vector<std::uint32_t> identifiers_;
};

}  // namespace mqttzoo::cluster
