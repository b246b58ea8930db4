#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/core/ids.hpp"
#include "broker/core/kept_session.hpp"
#include "broker/core/message.hpp"
#include "broker/core/session_inlet.hpp"
#include "broker/core/session_journal.hpp"
#include "broker/core/subscription.hpp"
#include "proto/mqtt/reason_code.hpp"

namespace mqttzoo::core {

/// A will as its home keeps it (v5 3.1.2.5, v3.1.1 3.1.2.5).
struct Will {
  MessageRef message;
  std::uint32_t delay_seconds = 0;           ///< v5 Will Delay Interval
  std::uint32_t message_expiry_seconds = 0;  ///< v5 Message Expiry Interval, counted from its publication
  bool has_message_expiry = false;
  /// Whose it is: whether they may publish it is asked again when it is published.
  std::string client_id{};
  std::optional<std::string> user_name{};
};

/// As a Session Expiry Interval: the session does not expire (v5 3.1.2.11.2; v3 with Clean Session 0).
inline constexpr std::uint32_t session_never_expires = 0xFFFF'FFFF;

/// What a CONNECT tells the home of its Client Identifier.
struct Registration {
  std::string client_id;
  std::optional<std::string> user_name;  ///< whose rights count
  bool clean_start = true;
  std::uint32_t session_expiry_seconds = 0;
  std::uint16_t receive_maximum = 65'535;
  bool refusable = true;  ///< as in PublishTicket
  /// The listener whose like at the session's home serves this client better; none: it is served here. For the
  /// frontend alone.
  std::optional<std::uint16_t> redirect_listener;
  bool has_will = false;
  Will will;

  /// The session can be one that was there before, or go on after the connection: it lives at the home. Else it lives
  /// with the connection.
  bool persistent() const { return !clean_start || session_expiry_seconds != 0; }
};

/// What a home wants of a session that lives in its shard.
struct SessionRequest {
  std::string_view client_id;
  bool clean_start = true;
  std::uint16_t receive_maximum = 65'535;
  std::optional<std::string_view> user_name;  ///< whose rights count from now on
};
struct SessionOpened {
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  bool present = false;  ///< there was one to resume (v5 3.2.2.1.1)
  SessionId id;
  SessionInlet* session = nullptr;  ///< until it ends; not attached
};

/// What becomes of a CONNECT.
struct Admission {
  /// success: send CONNACK. Else: refuse with it (server_unavailable, server_busy, ...).
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  bool session_present = false;
  /// The session at the home; null: a clean one begins here. Good until the connection detaches from it.
  SessionInlet* session = nullptr;
  const char* detail = "";  ///< why it is refused, for the Reason String and the log
  /// v5 Server Reference, with use_another_server; good until the call returns.
  std::string_view server_reference{};
};

/// How a connection ended, as far as its home has to know.
enum class ConnectionFate : std::uint8_t {
  disconnected,            ///< DISCONNECT: the will is dropped
  disconnected_with_will,  ///< v5 DISCONNECT 0x04: the will is published
  lost,                    ///< anything else: the will is published
  taken_over,  ///< another connection with the same Client Identifier: the will is published (after its delay, unless
               ///< the session goes on)
};

/// Names the PUBLISH that an answer belongs to.
struct PublishTicket {
  enum class Waiter : std::uint8_t {
    nobody,      ///< QoS 0, wills, what the broker itself says
    connection,  ///< QoS 1
    session,     ///< QoS 2: it has to know, whichever connection serves it by then
  };
  static PublishTicket of_connection(ConnectionId id, std::uint64_t sequence, bool refusable) {
    return {id.serial, sequence, Waiter::connection, refusable};
  }
  static PublishTicket of_session(SessionId id, std::uint16_t packet_id, bool refusable) {
    return {id.serial, packet_id, Waiter::session, refusable};
  }

  std::uint64_t serial = 0;  ///< of the connection or session, in the shard that published
  /// Of a connection: the place of the PUBLISH among those that wait for an answer. Of a session: the Packet
  /// Identifier.
  std::uint64_t sequence = 0;
  Waiter waiter = Waiter::nobody;
  /// The publisher can be told no: v5 at QoS 1 or 2. Who cannot be told (v3, QoS 0) gets the message delivered live
  /// even where it cannot be stored; a failure in PublishResult closes a v3 publisher's connection, unacknowledged.
  bool refusable = false;
};

/// Names the SUBSCRIBE that an answer belongs to.
struct SubscribeTicket {
  SessionId session;
  std::uint64_t sequence = 0;
  /// The record of the subscriptions, which has to be committed.
  LogPlace log = 0;
  LogIndex after = 0;
};

/// What became of a message for one member of a Shared Subscription.
enum class SharedDelivery : std::uint8_t {
  taken,
  no_able_member,  ///< all that there are would be kept waiting for it; or, where they may be, nobody has room for it
  no_member,       ///< or none that may receive it
};

struct RetainedMatch {
  std::uint32_t filter_index = 0;  ///< into the filters that were asked for
  MessageRef message;
};

/// What became of a PUBLISH (QoS 1 and 2; QoS 0 gets no answer).
struct PublishResult {
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;  ///< success, no_matching_subscribers, quota_exceeded, ...
};

/// What a shard asks of the rest of the broker and the cluster, on its own thread. Implemented by cluster::ShardRouter,
/// and by a loop-back in the core's tests. The answers come as calls to RouterClient, also from inside the call where
/// nothing has to be waited for.
class Router {
 public:
  virtual ~Router() = default;

  /// Routes one message: calls RouterClient::deliver for the sessions of this shard, at once or later (retained
  /// publishes wait for their commit, QoS 1/2 while the broker may not act), and sends it to whoever else is
  /// interested. For QoS 1/2 RouterClient::published follows exactly once per ticket, when the publisher may be
  /// acknowledged; not for QoS 0, whose ticket is ignored.
  virtual void publish(RoutedMessage& message, PublishTicket ticket) = 0;

  /// Where persistent sessions are written down; null: nowhere. Always the same.
  virtual SessionJournal* journal() { return nullptr; }

  /// True: this connection should stop reading until RouterClient::resume_reading (back-pressure of the unfinished
  /// window).
  virtual bool must_pause() const = 0;

  /// The first subscription of this shard on the filter came; its last one went.
  virtual void interest_added(std::string_view filter) = 0;
  virtual void interest_removed(std::string_view filter) = 0;

  /// A Shared Subscription ("$share/ShareName/filter") has these members in this shard from now on. A message that it
  /// matches goes to one of all members everywhere: RouterClient::deliver_to_share for one in this shard.
  virtual void share_changed(std::string_view name, ShareMembers members) = 0;
  /// The member that had this message has left: it goes to another one.
  virtual void publish_to_share(const std::string& name, MessageRef message) = 0;

  /// A SUBSCRIBE was entered into this shard's tree. When every member of the cluster is known to send what it matches,
  /// its record is committed, and the retained messages of `retained_filters` have been read,
  /// RouterClient::subscription_settled is called once. Between the two RouterClient::retained_read_begins is called
  /// (only when `retained_filters` is not empty): from then on the session holds its live messages back until
  /// subscription_settled.
  virtual void settle_subscription(SubscribeTicket ticket, std::vector<std::string> retained_filters) = 0;

  /// Registers at the home of the Client Identifier; RouterClient::registered follows once, unless unregistered before.
  virtual void register_connection(ConnectionId connection, const Registration& registration) = 0;
  /// The connection is gone, and has detached from its session. Called once for each registered one (also when
  /// `registered` has not come yet), but not when `registered` came with an error. `session_expiry_seconds`: how long a
  /// persistent session goes on.
  virtual void unregister_connection(ConnectionId connection, ConnectionFate fate,
                                     std::uint32_t session_expiry_seconds) = 0;
};

/// What the router tells the shard. Implemented by core::Shard.
class RouterClient {
 public:
  virtual ~RouterClient() = default;

  /// For the sessions of this shard that match. Returns how many do.
  virtual std::size_t deliver(RoutedMessage& message) = 0;
  /// For one session of this shard that is a member; `able_only`: unless it would have to wait.
  virtual SharedDelivery deliver_to_share(const std::string& name, RoutedMessage& message, bool able_only) = 0;
  virtual void published(PublishTicket ticket, PublishResult result) = 0;
  virtual void resume_reading() = 0;
  virtual void retained_read_begins(SubscribeTicket ticket) = 0;
  virtual void subscription_settled(SubscribeTicket ticket, std::vector<RetainedMatch> retained) = 0;
  virtual void registered(ConnectionId connection, const Admission& admission) = 0;
  /// Close this connection, then unregister it: another one took its Client Identifier, or its session moved. `detail`
  /// says why, for the Reason String and the log.
  virtual void evict(ConnectionId connection, mqtt::ReasonCode reason, const char* detail) = 0;
  /// The SessionOutlet of a connection was called, outside of any other call: what follows from it is done now.
  virtual void settle_connections() = 0;

  /// Whether its client still has the right to publish this will.
  virtual bool may_publish(const Will& will) const = 0;

  // Persistent sessions of this shard, which is the home of their Client Identifiers. Not inside of a delivery.

  /// Resumes a session or begins one. The connection that it served has left it.
  virtual SessionOpened open_session(const SessionRequest& request) = 0;
  /// The connection has ended. The session goes on for `expiry_seconds`; 0: it ends now.
  virtual void leave_session(std::string_view client_id, std::uint32_t expiry_seconds) = 0;
  /// The session ends now, if there is one; so does a connection of this shard that it serves.
  virtual void discard_session(std::string_view client_id) = 0;
  /// The same for all sessions whose Client Identifiers `keeps` refuses.
  virtual void discard_sessions(const std::function<bool(std::string_view client_id)>& keeps) = 0;

  /// A subscription of this shard has the filter; who is a member of the Shared Subscription.
  virtual bool has_subscription(std::string_view filter) const = 0;
  virtual ShareMembers members_of_share(std::string_view name) const = 0;
  /// What the session wrote down is committed (SessionJournal).
  virtual void session_committed(SessionId session) = 0;
  /// All Client Identifiers of persistent sessions that `wanted` likes.
  virtual std::vector<std::string> session_clients(
      const std::function<bool(std::string_view client_id)>& wanted) const = 0;
  /// As Session::keep, give_away and restore; nothing and false: there is no such session, or no room for it.
  virtual std::optional<KeptSession> keep_session(std::string_view client_id, std::uint64_t& from,
                                                  std::size_t bytes_max) const = 0;
  virtual std::optional<KeptSession> give_session_away(std::string_view client_id) = 0;
  virtual bool restore_session(std::string_view client_id, KeptSession&& kept) = 0;
};

}  // namespace mqttzoo::core
