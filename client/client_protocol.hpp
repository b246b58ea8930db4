#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proto/mqtt/byte_buffer.hpp"
#include "proto/mqtt/decode.hpp"
#include "proto/mqtt/packets.hpp"
#include "proto/mqtt/property_writer.hpp"

namespace mqttzoo::client {

struct WillOptions {
  std::string topic;
  std::string payload;
  mqtt::QoS qos = mqtt::QoS::at_most_once;
  bool retain = false;
};

struct ConnectOptions {
  mqtt::ProtocolVersion version = mqtt::ProtocolVersion::v5;
  std::string client_id;
  bool clean_start = true;
  std::uint16_t keep_alive_seconds = 60;
  std::optional<std::string> user_name = std::nullopt;
  std::optional<std::string> password = std::nullopt;
  std::optional<WillOptions> will = std::nullopt;
};

struct OutgoingMessage {
  std::string topic;
  std::string payload;
  mqtt::QoS qos = mqtt::QoS::at_most_once;
  bool retain = false;
  std::optional<std::uint32_t> expiry_seconds = std::nullopt;  ///< v5 Message Expiry Interval
};

/// What a client is told. Called from inside ClientProtocol::received, never after `ended`.
class ClientEvents {
 public:
  virtual ~ClientEvents() = default;
  /// CONNACK came; an error means that the broker refused and closes.
  virtual void connected(const mqtt::Connack& connack) = 0;
  /// Views into the read buffer: good for the call only.
  virtual void message(const mqtt::Publish& publish) = 0;
  /// The broker has taken the QoS 1/2 message, or refused it (v5).
  virtual void published(std::uint16_t packet_id, mqtt::ReasonCode reason) = 0;
  virtual void subscribed(const mqtt::ReasonCodeList& reasons) = 0;
  virtual void unsubscribed() = 0;
  /// The connection is over and must be closed: DISCONNECT came, or the broker broke the protocol.
  virtual void ended(mqtt::ReasonCode reason, std::string_view detail) = 0;
  /// Whether `trace` is wanted: a line for each packet, "sending PUBLISH m5 (a/b)".
  virtual bool traces() const { return false; }
  virtual void trace(std::string_view) {}
};

/// One MQTT connection of a client: bytes in, events and bytes out. No socket, no clock: the owner sends `output()`,
/// hands in what arrives and asks `keep_alive_due`. Used by the command-line tools. Belongs to one thread.
///
/// Bounds: at most `send_window()` QoS 1/2 messages wait for their acknowledgement.
class ClientProtocol {
 public:
  using Clock = std::chrono::steady_clock;

  ClientProtocol(ConnectOptions options, ClientEvents& events) : options_(std::move(options)), events_(events) {}

  /// Writes CONNECT.
  void start(Clock::time_point now);
  /// False: the connection is over (`ended` or a refusing `connected` was called).
  bool received(std::string_view bytes, Clock::time_point now);

  bool is_connected() const { return connected_; }
  /// QoS 1/2 messages that may still be published before an acknowledgement comes (v5 Receive Maximum).
  std::size_t send_window() const { return receive_maximum_ - unacknowledged_.size(); }
  std::size_t unacknowledged() const { return unacknowledged_.size(); }
  /// Returns the packet id; 0 with QoS 0. Needs a window for QoS 1/2. Throws std::invalid_argument when the broker
  /// cannot take it: its Maximum Packet Size or Maximum QoS, or Retain not available (v5 3.2.2.3).
  std::uint16_t publish(const OutgoingMessage& message);
  void subscribe(const std::vector<std::string>& filters, mqtt::QoS qos);
  void unsubscribe(const std::vector<std::string>& filters);
  void disconnect(mqtt::ReasonCode reason);

  /// Sends PINGREQ half a second before it is too late, so ask more often; false: the broker has not answered the last
  /// one within the Keep Alive.
  bool keep_alive_due(Clock::time_point now);
  /// After the owner sent bytes: the Keep Alive counts from there (v5 3.1.2.10).
  void sent(Clock::time_point now) { last_sent_ = now; }
  std::chrono::seconds keep_alive() const { return std::chrono::seconds(keep_alive_seconds_); }

  mqtt::ByteBuffer& output() { return output_; }
  const std::string& client_id() const { return options_.client_id; }

 private:
  bool handle(const mqtt::Frame& frame);
  bool on_connack(const mqtt::Frame& frame);
  bool on_publish(const mqtt::Frame& frame);
  bool on_puback(const mqtt::Frame& frame);
  bool on_pubrec(const mqtt::Frame& frame);
  bool on_pubrel(const mqtt::Frame& frame);
  bool on_pubcomp(const mqtt::Frame& frame);
  bool on_suback(const mqtt::Frame& frame);
  bool on_disconnect(const mqtt::Frame& frame);
  bool broken(mqtt::ReasonCode reason, std::string_view detail);
  std::uint16_t next_packet_id();
  void finish(std::uint16_t packet_id, mqtt::ReasonCode reason);
  void trace(const char* direction, mqtt::PacketType type, std::uint16_t packet_id = 0, std::string_view more = {});

  ConnectOptions options_;
  ClientEvents& events_;
  mqtt::ByteBuffer output_;
  mqtt::ByteBuffer tail_;  ///< the unfinished packet at the end of what has arrived
  bool connected_ = false;
  std::uint16_t keep_alive_seconds_ = 0;
  std::size_t receive_maximum_ = 65'535;
  std::size_t broker_packet_size_max_ = mqtt::packet_bytes_max;
  mqtt::QoS broker_qos_max_ = mqtt::QoS::exactly_once;
  bool retain_available_ = true;
  std::uint16_t last_packet_id_ = 0;
  enum class Stage : std::uint8_t { publish, release };
  std::map<std::uint16_t, Stage> unacknowledged_;
  std::set<std::uint16_t> received_qos2_;
  std::map<std::uint16_t, std::size_t> requests_;  ///< SUBSCRIBE and UNSUBSCRIBE without an answer: how many filters
  Clock::time_point last_sent_;
  std::optional<Clock::time_point> ping_sent_;
};

}  // namespace mqttzoo::client
