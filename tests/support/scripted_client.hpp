#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core/shard.hpp"
#include "proto/mqtt/encode.hpp"
#include "proto/mqtt/property_writer.hpp"
#include "tests/support/loop_back_router.hpp"

namespace mqttzoo::test {

/// Numbers that a test can foretell.
class CountingRandom final : public core::RandomSource {
 public:
  std::uint64_t next() override { return ++last_; }

 private:
  std::uint64_t last_ = 0;
};

class ScriptedClient;

/// A shard on a virtual clock with everything around it. Plays the edge: after each step of the test the effects are
/// carried out, as a network that is always ready would.
class ShardUnderTest {
 public:
  explicit ShardUnderTest(const core::Limits& limits = {}, bool allow_anonymous = true);
  /// The two must outlive it.
  ShardUnderTest(core::Authenticator& authenticator, const core::Authorizer& authorizer,
                 const core::Limits& limits = {});

  /// Time passes, then a turn begins.
  void advance(core::Milliseconds milliseconds);
  /// Carries out the effects of what happened: each step of a ScriptedClient does it; after calls of the shard or the
  /// router the test has to.
  void turn();

  core::Now now{1'000'000, 1'700'000'000'000};
  LoopBackRouter router;
  core::AnonymousAuthenticator anonymous;
  core::OpenAuthorizer open;
  core::ListenerRules rules;  ///< of the listener that all clients come through
  CountingRandom random;
  core::Shard shard;
  std::size_t pause_changes = 0;
};

struct ConnectOptions {
  bool clean_start = true;
  std::uint16_t keep_alive_seconds = 0;
  mqtt::PropertiesView properties = {};
  std::optional<mqtt::Will> will = std::nullopt;
  std::optional<std::string_view> user_name = std::nullopt;
  std::optional<std::string_view> password = std::nullopt;
};

/// A client that does what the test says and understands what it gets.
class ScriptedClient {
 public:
  explicit ScriptedClient(ShardUnderTest& shard, mqtt::ProtocolVersion version = mqtt::ProtocolVersion::v5);
  ScriptedClient(const ScriptedClient&) = delete;
  ScriptedClient& operator=(const ScriptedClient&) = delete;

  mqtt::ProtocolVersion version;

  // What the client does.

  void send_bytes(std::string_view bytes);
  template <class Packet>
  void send(const Packet& packet) {
    mqtt::ByteBuffer bytes;
    if constexpr (std::is_same_v<Packet, mqtt::Connect>) {
      mqtt::encode(bytes, packet);
    } else {
      mqtt::encode(bytes, packet, version);
    }
    send_bytes(bytes.view());
  }
  void send_connect(std::string_view client_id, const ConnectOptions& options = {});
  /// CONNECT and its CONNACK, which must be a success; returns *this.
  ScriptedClient& connect(std::string_view client_id, const ConnectOptions& options = {});
  void publish(std::string_view topic, std::string_view payload, int qos = 0, std::uint16_t packet_id = 0,
               bool retain = false, const mqtt::PropertiesView& properties = {});
  void send_subscribe(std::string_view filter, int qos = 0, std::uint16_t packet_id = 1);
  void send_subscribe(const mqtt::Subscription& subscription, std::uint32_t identifier = 0,
                      std::uint16_t packet_id = 1);
  /// SUBSCRIBE and its SUBACK, which must be a success.
  void subscribe(std::string_view filter, int qos = 0);
  void subscribe(const mqtt::Subscription& subscription, std::uint32_t identifier = 0);
  void unsubscribe(std::string_view filter, std::uint16_t packet_id = 1);
  void puback(std::uint16_t packet_id) { send(mqtt::Puback{.packet_id = packet_id, .reason = {}, .properties = {}}); }
  void pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason = mqtt::ReasonCode::success) {
    send(mqtt::Pubrec{.packet_id = packet_id, .reason = reason, .properties = {}});
  }
  void pubrel(std::uint16_t packet_id) { send(mqtt::Pubrel{.packet_id = packet_id, .reason = {}, .properties = {}}); }
  void pubcomp(std::uint16_t packet_id) { send(mqtt::Pubcomp{.packet_id = packet_id, .reason = {}, .properties = {}}); }
  void disconnect(mqtt::ReasonCode reason = mqtt::ReasonCode::normal_disconnection) {
    send(mqtt::Disconnect{.reason = reason, .properties = {}});
  }
  /// The connection breaks.
  void lose();
  /// From now on the client takes nothing; and again. Taking everything at once carries out a turn.
  void stop_taking() { takes_ = false; }
  void take_again();
  /// Takes at most `bytes` of what waits.
  void take_some(std::size_t bytes);

  // What the client gets.

  /// The packets since the last call, as text (packet_text.hpp).
  std::vector<std::string> received();
  /// The bytes since the last call of `received`.
  std::string_view raw() const { return inbox_; }
  /// The properties of the CONNACK that came last, as name and value.
  std::optional<std::uint32_t> connack_number(mqtt::PropertyId id) const;
  std::string connack_string(mqtt::PropertyId id) const;

  const std::optional<core::ConnectionEnd>& ended() const { return ended_; }
  core::ConnectionId id() const { return id_; }
  /// Only while it has not ended.
  core::Connection& connection() { return *connection_; }
  bool refused_by_limit() const { return refused_; }

 private:
  friend class ShardUnderTest;

  ShardUnderTest& shard_;
  core::Connection* connection_ = nullptr;
  core::ConnectionId id_;
  bool refused_ = false;
  bool takes_ = true;
  std::string inbox_;
  std::string last_connack_;
  std::optional<core::ConnectionEnd> ended_;
};

}  // namespace mqttzoo::test
