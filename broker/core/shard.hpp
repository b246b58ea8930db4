#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "broker/core/authenticator.hpp"
#include "broker/core/authorizer.hpp"
#include "broker/core/connection.hpp"
#include "broker/core/counters.hpp"
#include "broker/core/ids.hpp"
#include "broker/core/limits.hpp"
#include "broker/core/listener_rules.hpp"
#include "broker/core/random_source.hpp"
#include "broker/core/router.hpp"
#include "broker/core/slot_table.hpp"

namespace mqttzoo::core {

struct ShardContext;

/// The MQTT broker of one thread: its connections, their sessions and subscriptions. No sockets, clock or logging: the
/// edge brings events with the time at which its turn began, and takes the effects at the end of the turn:
///
///     while (Connection* c = shard.take_dirty()) ...       write c->output() to the socket, tell output_sent
///     while (Connection* c = shard.take_pause_change()) ... read the socket or not, as c->reading_paused() says
///     while (auto ended = shard.take_ended()) ...          write ended->unsent, close the socket, log ended->end
///
/// in this order (output_sent may make connections dirty again or end them). Everything belongs to the shard's thread;
/// only `counters` may be read from others. Calls may come from inside calls of the Router; no event destroys a
/// connection.
class Shard final : public RouterClient {
 public:
  /// `router` and what follows must outlive the shard; `limits` is copied.
  Shard(ShardIndex index, const Limits& limits, Router& router, Authenticator& authenticator,
        const Authorizer& authorizer, RandomSource& random);
  ~Shard() override;

  // Events from the edge.

  /// A socket was accepted. `edge` is the caller's own and comes back with the effects; `rules` are its listener's and
  /// outlive the connection. Null at Limits::connections_max: close the socket, it was counted.
  Connection* open(std::string_view remote_address, void* edge, Now now,
                   const ListenerRules& rules = default_listener_rules);
  /// `bytes` may be gone after the call.
  void received(Connection& connection, std::string_view bytes, Now now);
  /// The socket took the first `bytes` of the connection's output.
  void output_sent(Connection& connection, std::size_t bytes, Now now);
  /// The socket was closed by the peer or failed; `detail` says how. Comes out of take_ended like every other end.
  void lost(Connection& connection, std::string_view detail, Now now);
  /// Once per turn, before the other events: calls of the Router use this time too. Also takes what the Authenticator
  /// has answered.
  void tick(Now now);
  /// When to call tick at the latest, on the steady clock.
  std::optional<Milliseconds> next_deadline() const;
  /// Ends all connections: v5 clients are told `reason`.
  void end_all(mqtt::ReasonCode reason, Now now);

  // Effects for the edge. A connection that has ended is only in take_ended; it is destroyed there.

  Connection* take_dirty();
  Connection* take_pause_change();
  std::optional<EndedConnection> take_ended();

  std::size_t connection_count() const { return connections_.size(); }
  const Counters& counters() const;

  // RouterClient

  std::size_t deliver(RoutedMessage& message) override;
  SharedDelivery deliver_to_share(const std::string& name, RoutedMessage& message, bool able_only) override;
  void published(PublishTicket ticket, PublishResult result) override;
  void resume_reading() override;
  void retained_read_begins(SubscribeTicket ticket) override;
  void subscription_settled(SubscribeTicket ticket, std::vector<RetainedMatch> retained) override;
  void registered(ConnectionId connection, const Admission& admission) override;
  void evict(ConnectionId connection, mqtt::ReasonCode reason, const char* detail) override;
  bool may_publish(const Will& will) const override;
  void settle_connections() override;
  SessionOpened open_session(const SessionRequest& request) override;
  void leave_session(std::string_view client_id, std::uint32_t expiry_seconds) override;
  void discard_session(std::string_view client_id) override;
  void discard_sessions(const std::function<bool(std::string_view client_id)>& keeps) override;
  bool has_subscription(std::string_view filter) const override;
  ShareMembers members_of_share(std::string_view name) const override;
  void session_committed(SessionId session) override;
  std::vector<std::string> session_clients(
      const std::function<bool(std::string_view client_id)>& wanted) const override;
  std::optional<KeptSession> keep_session(std::string_view client_id, std::uint64_t& from,
                                          std::size_t bytes_max) const override;
  std::optional<KeptSession> give_session_away(std::string_view client_id) override;
  bool restore_session(std::string_view client_id, KeptSession&& kept) override;

 private:
  class Event;

  /// Null if it has ended.
  Connection* find(ConnectionId id) const;
  void settle();

  const ShardIndex index_;
  std::unique_ptr<ShardContext> context_;
  SlotTable<Connection> connections_;
  unsigned depth_ = 0;  ///< events inside each other
};

}  // namespace mqttzoo::core
