#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "broker/core/authentication_exchange.hpp"
#include "broker/core/authorizer.hpp"
#include "broker/core/connection_end.hpp"
#include "broker/core/counters.hpp"
#include "broker/core/deadline_queue.hpp"
#include "broker/core/ids.hpp"
#include "broker/core/listener_rules.hpp"
#include "broker/core/publish_answers.hpp"
#include "broker/core/router.hpp"
#include "broker/core/sent_topic_aliases.hpp"
#include "broker/core/session_inlet.hpp"
#include "broker/core/session_outlet.hpp"
#include "broker/core/topic_aliases.hpp"
#include "broker/core/unreleased_publishes.hpp"
#include "broker/core/work_list.hpp"
#include "proto/mqtt/byte_buffer.hpp"
#include "proto/mqtt/decode_error.hpp"
#include "proto/mqtt/frame_splitter.hpp"
#include "proto/mqtt/packets.hpp"

namespace mqttzoo::core {

struct ShardContext;

/// Why packets of a connection are not handled, and its socket is not read. Several reasons may hold at once.
enum class Pause : std::uint8_t {
  registering = 1,   ///< its home has not answered the CONNECT
  router = 2,        ///< Router::must_pause
  output = 4,        ///< it does not take what it is sent
  unanswered = 8,    ///< a v3 client has more QoS 1 and 2 under way than v5 clients may
  subscribing = 16,  ///< too many SUBSCRIBE packets wait for the cluster
  /// Its password is being checked. Its socket is read all the same, so that it is seen when the client gives up:
  /// nobody shall hash for those who have gone.
  authenticating = 32,
  session = 64,  ///< SessionInlet::must_pause
};

/// The protocol state of one socket (v5, v3.1.1 and v3.1). Belongs to the shard that reads the socket; bytes in, bytes
/// out, no socket. The edge sees the first group of functions, Shard calls the second one, each for one event;
/// afterwards the connection may have ended, but it exists until the edge has taken its end from Shard::take_ended.
///
/// Its session is a clean one that begins and ends with it, or a persistent one at the home of its Client Identifier,
/// which may be another broker: it speaks with both through SessionInlet and SessionOutlet.
///
/// What it holds is bounded by Limits: an unfinished packet, unsent output, answers under way. An idle connection owns
/// no buffer.
class Connection final : private SessionOutlet {
 public:
  /// `rules` are its listener's and outlive it.
  Connection(ShardContext& shard, ConnectionId id, void* edge, std::string_view remote_address,
             const ListenerRules& rules);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // For the edge.

  ConnectionId id() const { return id_; }
  void* edge() const { return edge_; }
  const std::string& remote_address() const { return remote_address_; }
  /// Bytes to write to the socket; say how many were taken with Shard::output_sent.
  std::string_view output() const { return output_.view(); }
  /// The socket should not be read. Bytes that are received nevertheless are kept, within Limits::pipelined_bytes_max.
  bool reading_paused() const { return (pauses_ & ~static_cast<unsigned>(Pause::authenticating)) != 0; }

  // For Shard.

  bool ended() const { return state_ == State::ended; }
  void receive(std::string_view bytes);
  /// The reasons to pause are gone: handles what was kept.
  void continue_reading();
  void output_sent(std::size_t bytes);
  void on_deadline();
  void on_authenticated(mqtt::ReasonCode reason);
  void on_registered(const Admission& admission);
  /// The answer to a QoS 1 PUBLISH.
  void on_published(std::uint64_t sequence, mqtt::ReasonCode reason);
  void unpause(Pause pause);
  /// Ends the connection, with a farewell where the version has one; the first call counts. `detail` is for the log and
  /// for the Reason String.
  void end(EndCause cause, mqtt::ReasonCode reason, std::string_view detail);
  /// After `end`, outside of any delivery: gives up the session and tells the home.
  void close();
  /// After `close`: everything that is left of the connection.
  EndedConnection take_remains();

  WorkSlot dirty_slot;
  WorkSlot pause_slot;
  WorkSlot continue_slot;
  WorkSlot router_pause_slot;
  DeadlineSlot deadline_slot;

 private:
  enum class State : std::uint8_t { awaiting_connect, authenticating, registering, connected, ended };

  /// From CONNECT to its answer; where CONNECT had an Authentication Method, as long as the connection lives.
  struct Login {
    Registration registration;
    std::optional<std::string> user_name;
    std::string method;                                ///< v5 Authentication Method; empty: none
    std::unique_ptr<AuthenticationExchange> exchange;  ///< while one is under way
    std::string data;                                  ///< v5 Authentication Data for CONNACK
    std::string server_reference;                      ///< where its session lives
    bool wants_response_information = false;
  };

  // SessionOutlet
  SendResult send_publish(PublishEncoder& encoder, PublishForm& form) override;
  void send_pubrel(std::uint16_t packet_id, mqtt::ReasonCode reason) override;
  void send_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason) override;
  void send_pubcomp(std::uint16_t packet_id, mqtt::ReasonCode reason) override;
  void send_suback(std::uint16_t packet_id, std::span<const mqtt::ReasonCode> reasons) override;
  void send_unsuback(std::uint16_t packet_id, std::span<const mqtt::ReasonCode> reasons) override;
  void resume_reading() override { unpause(Pause::session); }
  void give_up(mqtt::ReasonCode reason, const char* detail) override;
  void choose_alias(PublishEncoder& encoder, PublishForm& form) const;

  // Bytes and packets (connection.cpp).
  std::size_t packet_bytes_max() const;
  std::string_view finish_partial_packet(std::string_view bytes);
  std::string_view handle_packets(std::string_view bytes);
  bool begins_as_expected(std::string_view bytes);
  void keep(std::string_view bytes);
  void refuse_frame(const mqtt::Split& split);
  void on_packet(const mqtt::Frame& frame);
  bool reads_on() const { return state_ != State::ended && pauses_ == 0; }
  void pause(Pause pause);
  void pause_if_session_must() {
    if (state_ != State::ended && session_ && session_->must_pause()) pause(Pause::session);
  }
  /// The buffer to append a packet to, which will be flushed.
  mqtt::ByteBuffer& out();
  template <class Packet>
  void send(const Packet& packet);
  template <class Packet>
  void send_reasoned(Packet packet, mqtt::ReasonCode reason);
  bool fits(std::size_t packet_bytes) const { return packet_bytes <= client_packet_bytes_max_; }
  void fail(const mqtt::DecodeError& error);
  void fail(mqtt::ReasonCode reason, const char* detail) { fail(mqtt::DecodeError{reason, detail}); }
  void send_farewell(mqtt::ReasonCode reason, std::string_view detail);
  template <class Packet>
  void send_last(Packet packet, std::string_view reference, std::string_view detail);
  std::string_view server_reference(mqtt::ReasonCode& reason) const;
  void schedule_keep_alive();

  // CONNECT (on_connect.cpp).
  void on_connect(const mqtt::Frame& frame);
  mqtt::ReasonCode choose_client_id(const mqtt::Connect& connect, const char*& detail);
  mqtt::ReasonCode check_connect(const mqtt::Connect& connect, const char*& detail) const;
  mqtt::ReasonCode check_will(const mqtt::Will& will, const char*& detail) const;
  void take_settings(const mqtt::Connect& connect);
  Registration make_registration(const mqtt::Connect& connect) const;
  bool wants_its_home(const mqtt::Connect& connect) const;
  void register_at_home();
  void refuse_connect(mqtt::ReasonCode reason, std::string_view detail);
  mqtt::Connack make_connack(bool session_present) const;
  mqtt::Connack make_connack(bool session_present, std::string_view topics) const;
  std::string response_information() const;

  // Who the client is (on_auth.cpp).
  void authenticate(const mqtt::Connect& connect);
  void refuse_login(mqtt::ReasonCode reason, std::string_view detail);
  void begin_exchange(std::string_view method, std::string_view data);
  void go_on(std::string_view data);
  void finish_exchange(const AuthenticationExchange::Step& step);
  bool send_auth(mqtt::ReasonCode reason, std::string_view data);
  void on_auth(const mqtt::Frame& frame);

  // PUBLISH and its acknowledgements (on_publish.cpp, on_acknowledgement.cpp).
  void on_publish(const mqtt::Frame& frame);
  bool resolve_topic(mqtt::Publish& publish);
  bool breaks_rules(const mqtt::Publish& publish);
  bool is_questionable(const mqtt::Publish& publish) const;
  bool has_wrong_format(const mqtt::PropertiesView& properties, std::string_view payload) const;
  bool refuse_publish(const mqtt::Publish& publish);
  bool is_refused(const mqtt::Publish& publish) const;
  bool is_denied(std::string_view topic) const;
  void refuse_silently(const mqtt::Publish& publish, DropReason drop, mqtt::ReasonCode reason);
  void answer_refused(const mqtt::Publish& publish, mqtt::ReasonCode reason);
  bool may_publish(std::string_view topic) const;
  void on_publish_qos2(const mqtt::Publish& publish);
  bool may_begin_publish();
  std::uint64_t expect_answer(const mqtt::Publish& publish);
  void pause_if_unanswered();
  MessageView message_of(const mqtt::Publish& publish);
  std::string_view source();
  void send_answers();
  void send_answer(const PublishAnswers::Answer& answer);
  void on_puback(const mqtt::Frame& frame);
  void on_pubrec(const mqtt::Frame& frame);
  void on_pubrel(const mqtt::Frame& frame);
  void on_pubcomp(const mqtt::Frame& frame);

  // SUBSCRIBE and UNSUBSCRIBE (on_subscribe.cpp).
  void on_subscribe(const mqtt::Frame& frame);
  void on_unsubscribe(const mqtt::Frame& frame);

  // The rest (on_disconnect.cpp).
  void on_pingreq(const mqtt::Frame& frame);
  void on_disconnect(const mqtt::Frame& frame);

  static constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();

  ShardContext& shard_;
  const ConnectionId id_;
  void* const edge_;
  const ListenerRules& rules_;

  State state_ = State::awaiting_connect;
  mqtt::ProtocolVersion version_ = mqtt::ProtocolVersion::v3_1_1;
  std::uint8_t pauses_ = 0;
  bool problem_information_ = true;  ///< v5: acknowledgements say more than a Reason Code
  bool publishes_qos12_ = false;     ///< so the router's back-pressure is for it
  bool registered_at_home_ = false;  ///< unregister_connection is due
  ConnectionFate fate_ = ConnectionFate::lost;
  std::uint16_t keep_alive_seconds_ = 0;
  std::uint16_t asked_keep_alive_seconds_ = 0;
  std::uint16_t client_receive_maximum_ = 65'535;
  std::uint16_t unfinished_publishes_ = 0;  ///< what counts against our Receive Maximum (v5 4.9)
  std::uint16_t unsettled_subscribes_ = 0;
  std::uint32_t client_packet_bytes_max_ = unlimited;  ///< v5 Maximum Packet Size
  std::uint32_t asked_session_expiry_seconds_ = 0;
  std::uint32_t session_expiry_seconds_ = 0;
  ClientKey client_ = 0;
  Milliseconds opened_at_ = 0;
  Milliseconds last_activity_ = 0;

  mqtt::ByteBuffer output_;
  mqtt::ByteBuffer input_;           ///< an unfinished packet, or what waits while reading is paused
  SessionInlet* session_ = nullptr;  ///< while connected
  SessionId own_session_;            ///< the clean one, which ends with the connection
  PublishAnswers answers_;
  UnreleasedPublishes unreleased_;
  std::unique_ptr<TopicAliases> aliases_;
  std::unique_ptr<SentTopicAliases> sent_aliases_;
  Traffic traffic_;
  std::string client_id_;
  bool client_id_assigned_ = false;
  std::string remote_address_;
  std::unique_ptr<Login> login_;
  std::shared_ptr<const Rights> rights_;          ///< null: everything
  std::unique_ptr<const std::string> user_name_;  ///< null: it has none
  std::unique_ptr<ConnectionEnd> end_;
};

}  // namespace mqttzoo::core
