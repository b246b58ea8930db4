#include "broker/core/shard.hpp"

#include <algorithm>
#include <utility>

#include "broker/core/shard_context.hpp"

namespace mqttzoo::core {

/// Everything that comes from outside happens inside of one: at the end of the outermost one the shard does what must
/// not happen in the middle of something else.
class Shard::Event {
 public:
  explicit Event(Shard& shard) : shard_(shard) { ++shard_.depth_; }
  Event(Shard& shard, Now now) : Event(shard) { shard_.context_->now = now; }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() {
    if (shard_.depth_ == 1) shard_.settle();
    --shard_.depth_;
  }

 private:
  Shard& shard_;
};

Shard::Shard(ShardIndex index, const Limits& limits, Router& router, Authenticator& authenticator,
             const Authorizer& authorizer, RandomSource& random)
    : index_(index), context_(std::make_unique<ShardContext>(limits, router, authenticator, authorizer, random)) {}

Shard::~Shard() = default;

const Counters& Shard::counters() const { return context_->counters; }

/// Closes what has ended and lets read on what may; both can cause more of both.
void Shard::settle() {
  ShardContext& context = *context_;
  for (;;) {
    if (!context.ending.empty()) {
      Connection* const connection = context.ending.back();
      context.ending.pop_back();
      connection->close();
    } else if (Connection* const connection = context.continuing.take()) {
      connection->continue_reading();
    } else {
      return;
    }
  }
}

Connection* Shard::open(std::string_view remote_address, void* edge, Now now, const ListenerRules& rules) {
  const Event event(*this, now);
  context_->counters.connections_opened.add();
  if (connections_.size() >= context_->limits.connections_max) {
    context_->counters.connections_over_limit.add();
    return nullptr;
  }
  Connection& connection = connections_.add([&](std::uint64_t serial) {
    return std::make_unique<Connection>(*context_, ConnectionId{index_, serial}, edge, remote_address, rules);
  });
  context_->counters.connections.add();
  return &connection;
}

void Shard::received(Connection& connection, std::string_view bytes, Now now) {
  const Event event(*this, now);
  connection.receive(bytes);
}

void Shard::output_sent(Connection& connection, std::size_t bytes, Now now) {
  const Event event(*this, now);
  connection.output_sent(bytes);
}

void Shard::lost(Connection& connection, std::string_view detail, Now now) {
  const Event event(*this, now);
  connection.end(EndCause::lost, mqtt::ReasonCode::unspecified_error, detail);
}

void Shard::tick(Now now) {
  const Event event(*this, now);
  while (Connection* const connection = context_->deadlines.pop_due(now.steady)) connection->on_deadline();
  for (const AuthenticationAnswer& answer : context_->authenticator.take_answers()) {
    if (Connection* const connection = find(answer.connection)) connection->on_authenticated(answer.reason);
  }
  context_->sessions.end_expired();
}

std::optional<Milliseconds> Shard::next_deadline() const {
  std::optional<Milliseconds> next;
  if (!context_->deadlines.empty()) next = context_->deadlines.next();
  if (context_->sessions.has_deadline()) {
    const Milliseconds expiry = context_->sessions.next_deadline();
    next = next ? std::min(*next, expiry) : expiry;
  }
  return next;
}

void Shard::end_all(mqtt::ReasonCode reason, Now now) {
  const Event event(*this, now);
  context_->sessions.leave_shares();
  connections_.for_each(
      [&](Connection& connection) { connection.end(EndCause::shutting_down, reason, mqtt::to_string(reason)); });
}

Connection* Shard::take_dirty() { return context_->dirty.take(); }

Connection* Shard::take_pause_change() { return context_->pause_changes.take(); }

std::optional<EndedConnection> Shard::take_ended() {
  ensure(depth_ == 0, "a connection is taken out in the middle of an event");
  if (context_->closed.empty()) return std::nullopt;
  Connection* const connection = context_->closed.front();
  context_->closed.pop_front();
  const std::uint64_t serial = connection->id().serial;
  EndedConnection ended = connection->take_remains();
  connections_.erase(serial);
  context_->counters.connections.subtract();
  return ended;
}

// RouterClient

Connection* Shard::find(ConnectionId id) const {
  if (id.shard != index_) return nullptr;
  Connection* const connection = connections_.find(id.serial);
  return connection && !connection->ended() ? connection : nullptr;
}

std::size_t Shard::deliver(RoutedMessage& message) {
  const Event event(*this);
  ShardContext& context = *context_;
  const MessageView& view = message.view();
  const Deliveries& deliveries = context.subscriptions.match(view.topic);
  if (has_expired(view.expires_at, context.now.cluster)) {  // v5 [MQTT-3.3.2-5]
    context.counters.dropped(DropReason::expired).add(deliveries.list.size());
    return 0;
  }
  if (deliveries.denied != 0) [[unlikely]]
    context.counters.dropped(DropReason::may_not_receive).add(deliveries.denied);
  context.encoder.start(view, context.now.cluster, deliveries.list.size() > 1);
  std::size_t delivered = 0;
  for (const Delivery& delivery : deliveries.list) {
    if (delivery.session->deliver(message, context.encoder, delivery, deliveries)) ++delivered;
  }
  return delivered;
}

SharedDelivery Shard::deliver_to_share(const std::string& name, RoutedMessage& message, bool able_only) {
  const Event event(*this);
  ShardContext& context = *context_;
  const MessageView& view = message.view();
  if (has_expired(view.expires_at, context.now.cluster)) {  // v5 [MQTT-3.3.2-5]
    context.counters.dropped(DropReason::expired).add();
    return SharedDelivery::taken;
  }
  context.encoder.start(view, context.now.cluster, false);
  return context.shared_subscriptions.deliver(name, message, context.encoder, able_only);
}

void Shard::published(PublishTicket ticket, PublishResult result) {
  const Event event(*this);
  if (ticket.waiter == PublishTicket::Waiter::session) {
    Session* const session = context_->sessions.find({ticket.serial});
    if (session) session->on_published(static_cast<std::uint16_t>(ticket.sequence), result.reason);
  } else if (Connection* const connection = find({index_, ticket.serial})) {
    connection->on_published(ticket.sequence, result.reason);
  }
}

void Shard::resume_reading() {
  const Event event(*this);
  while (Connection* const connection = context_->paused_by_router.take()) connection->unpause(Pause::router);
}

void Shard::retained_read_begins(SubscribeTicket ticket) {
  const Event event(*this);
  if (Session* const session = context_->sessions.find(ticket.session))
    session->on_retained_read_begins(ticket.sequence);
}

void Shard::subscription_settled(SubscribeTicket ticket, std::vector<RetainedMatch> retained) {
  const Event event(*this);
  Session* const session = context_->sessions.find(ticket.session);
  if (session) session->on_subscription_settled(ticket.sequence, std::move(retained));
}

void Shard::registered(ConnectionId connection, const Admission& admission) {
  const Event event(*this);
  if (Connection* const found = find(connection)) found->on_registered(admission);
}

void Shard::evict(ConnectionId connection, mqtt::ReasonCode reason, const char* detail) {
  const Event event(*this);
  const bool taken_over = reason == mqtt::ReasonCode::session_taken_over;
  if (Connection* const found = find(connection)) {
    found->end(taken_over ? EndCause::taken_over : EndCause::evicted, reason, detail);
  }
}

bool Shard::may_publish(const Will& will) const {
  const auto rights = context_->authorizer.rights_of(will.client_id, will.user_name);
  return !rights || rights->may_publish(will.message->view().topic);
}

void Shard::settle_connections() { const Event event(*this); }

SessionOpened Shard::open_session(const SessionRequest& request) {
  const Event event(*this);
  return context_->sessions.open(request);
}

void Shard::leave_session(std::string_view client_id, std::uint32_t expiry_seconds) {
  const Event event(*this);
  context_->sessions.leave(client_id, expiry_seconds);
}

void Shard::discard_session(std::string_view client_id) {
  const Event event(*this);
  context_->sessions.discard(client_id);
}

void Shard::discard_sessions(const std::function<bool(std::string_view client_id)>& keeps) {
  const Event event(*this);
  context_->sessions.discard_unless(keeps);
}

bool Shard::has_subscription(std::string_view filter) const { return context_->subscriptions.has(filter); }

ShareMembers Shard::members_of_share(std::string_view name) const {
  return context_->shared_subscriptions.members_of(name);
}

void Shard::session_committed(SessionId id) {
  const Event event(*this);
  if (Session* const session = context_->sessions.find(id)) session->on_committed();
}

std::vector<std::string> Shard::session_clients(const std::function<bool(std::string_view client_id)>& wanted) const {
  return context_->sessions.clients(wanted);
}

std::optional<KeptSession> Shard::keep_session(std::string_view client_id, std::uint64_t& from,
                                               std::size_t bytes_max) const {
  return context_->sessions.keep(client_id, from, bytes_max);
}

std::optional<KeptSession> Shard::give_session_away(std::string_view client_id) {
  const Event event(*this);
  return context_->sessions.give_away(client_id);
}

bool Shard::restore_session(std::string_view client_id, KeptSession&& kept) {
  const Event event(*this);
  return context_->sessions.restore(client_id, std::move(kept));
}

}  // namespace mqttzoo::core
