#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "proto/mqtt/encode.hpp"
#include "proto/mqtt/frame_splitter.hpp"
#include "tests/simulation/clients/history.hpp"
#include "tests/simulation/world/world.hpp"

namespace mqttzoo::sim {

struct ClientOptions {
  std::string id{};
  mqtt::ProtocolVersion version = mqtt::ProtocolVersion::v5;
  bool persistent = false;
  std::uint32_t session_expiry_seconds = 3600;  ///< of a persistent v5 session
  /// The Will of each connection; its payload is numbered like any other message. Empty: none.
  std::string will_topic{};
  mqtt::QoS will_qos = mqtt::QoS::at_least_once;
  std::uint32_t will_delay_seconds = 0;  ///< v5
  Milliseconds answers_within_ms = 0;    ///< acknowledges at random within so long, in order
  bool comes_back = true;                ///< when its connection is lost, at any broker
};

/// A client as real ones are: keeps its session's state over connections, sends again with DUP what was not
/// acknowledged, acknowledges what it gets. Notes all that it sees in the History.
class Client {
 public:
  Client(World& world, History& history, Random& random, ClientOptions options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  const ClientOptions& options() const { return options_; }
  ClientIndex index() const { return index_; }
  bool connected() const { return connected_; }
  /// Where it is connected, or about to be; empty: nowhere.
  Place broker() const { return stream_ ? history_.connections[connection_].broker : Place(); }
  ConnectionIndex connection() const { return connection_; }

  /// Goes to that broker. A connection that it has is let go without a word: the broker may think that it lives.
  void connect(const Place& broker);
  /// DISCONNECT, and stays away.
  void disconnect();
  /// The connection breaks. `silently`: the broker hears nothing of it.
  void lose(bool silently = false);
  /// No more connections after this one.
  void stay_away() { comes_back_ = false; }
  void come_back(const Place& broker);
  /// Ends the connections that it has let go without a word.
  void bury_the_dead();

  void subscribe(const std::string& filter, mqtt::QoS qos);
  void unsubscribe(const std::string& filter);
  /// Everything that it is subscribed to, again, whenever a new session begins.
  void always_subscribe(const std::string& filter, mqtt::QoS qos);
  void forget_standing() { standing_.clear(); }
  std::optional<MessageIndex> publish(const std::string& topic, mqtt::QoS qos, bool retain = false,
                                      std::uint32_t lasts_seconds = 0, bool deletes = false);

  std::size_t in_flight() const { return in_flight_.size(); }
  bool is_subscribed(const std::string& filter) const;
  bool all_granted() const { return waiting_subscribes_.empty(); }

 private:
  /// A PUBLISH that is not acknowledged, or a PUBREL.
  struct InFlight {
    MessageIndex message = 0;
    std::uint16_t packet_id = 0;
    bool released = false;
  };

  void arrived();
  void take(const mqtt::Frame& frame);
  void take_connack(const mqtt::Frame& frame);
  void take_publish(const mqtt::Frame& frame);
  void take_answer(const mqtt::Frame& frame);
  void acknowledged(std::uint16_t packet_id, mqtt::ReasonCode reason);
  void take_suback(const mqtt::Frame& frame);
  void finish(std::uint16_t packet_id);
  void connection_over();
  void let_go();
  void end_record();
  void send_connect();
  void resume_session();
  void forget_session();
  void end_subscription(const std::string& filter);
  void send_publish(InFlight& publish, bool dup);
  void answer(std::function<void()> send);
  std::uint16_t free_packet_id();
  MessageIndex new_message(const std::string& topic, mqtt::QoS qos);
  void come_back_later();
  void note(std::string_view what);
  void bad(std::string_view what);

  template <class Packet>
  void send(const Packet& packet) {
    mqtt::ByteBuffer bytes;
    if constexpr (std::is_same_v<Packet, mqtt::Connect>) {
      mqtt::encode(bytes, packet);
    } else {
      mqtt::encode(bytes, packet, options_.version);
    }
    world_.network().send(stream_, Stream::opener, std::string(bytes.view()));
  }

  World& world_;
  History& history_;
  Random& random_;
  const ClientOptions options_;
  const ClientIndex index_;
  const Place place_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  bool comes_back_;

  StreamRef stream_;
  std::vector<StreamRef> let_go_;
  ConnectionIndex connection_ = 0;
  bool connected_ = false;
  std::string unread_;
  Milliseconds answered_until_ = 0;

  std::size_t generation_ = 0;
  std::vector<InFlight> in_flight_;  ///< in the order of sending
  std::set<std::uint16_t> unreleased_;
  std::uint16_t last_packet_id_ = 0;
  std::map<std::uint16_t, std::size_t> waiting_subscribes_;  ///< by packet id: the SubscriptionRecord
  std::set<std::uint16_t> waiting_unsubscribes_;
  std::map<std::string, mqtt::QoS> standing_;
};

}  // namespace mqttzoo::sim
