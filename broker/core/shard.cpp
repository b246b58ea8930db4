#include "broker/core/shard.hpp"

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

Shard::Shard(ShardIndex index, const Limits& limits, Router& router, Authenticator& authenticator, RandomSource& random)
    : index_(index), context_(std::make_unique<ShardContext>(limits, router, authenticator, random)) {}

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

Connection* Shard::open(std::string_view remote_address, void* edge, Now now) {
  const Event event(*this, now);
  context_->counters.connections_opened.add();
  if (connection_count_ >= context_->limits.connections_max) {
    context_->counters.connections_over_limit.add();
    return nullptr;
  }
  std::uint32_t place = 0;
  if (free_slots_.empty()) {
    place = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    place = free_slots_.back();
    free_slots_.pop_back();
  }
  Slot& slot = slots_[place];
  const ConnectionId id{index_, std::uint64_t{++slot.generation} << 32 | place};
  slot.connection = std::make_unique<Connection>(*context_, id, edge, remote_address);
  ++connection_count_;
  context_->counters.connections.add();
  return slot.connection.get();
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
}

std::optional<Milliseconds> Shard::next_deadline() const {
  if (context_->deadlines.empty()) return std::nullopt;
  return context_->deadlines.next();
}

void Shard::end_all(mqtt::ReasonCode reason, Now now) {
  const Event event(*this, now);
  for (const Slot& slot : slots_) {
    if (slot.connection) slot.connection->end(EndCause::shutting_down, reason, mqtt::to_string(reason));
  }
}

Connection* Shard::take_dirty() { return context_->dirty.take(); }

Connection* Shard::take_pause_change() { return context_->pause_changes.take(); }

std::optional<EndedConnection> Shard::take_ended() {
  ensure(depth_ == 0, "a connection is taken out in the middle of an event");
  if (context_->closed.empty()) return std::nullopt;
  Connection* const connection = context_->closed.front();
  context_->closed.pop_front();
  const auto place = static_cast<std::uint32_t>(connection->id().serial);
  EndedConnection ended = connection->take_remains();
  slots_[place].connection.reset();
  free_slots_.push_back(place);
  --connection_count_;
  context_->counters.connections.subtract();
  return ended;
}

// RouterClient

Connection* Shard::find(ConnectionId id) const {
  const auto place = static_cast<std::uint32_t>(id.serial);
  if (id.shard != index_ || place >= slots_.size()) return nullptr;
  Connection* const connection = slots_[place].connection.get();
  return connection && connection->id() == id && !connection->ended() ? connection : nullptr;
}

std::size_t Shard::deliver(RoutedMessage& message) {
  const Event event(*this);
  ShardContext& context = *context_;
  const MessageView& view = message.view();
  const Deliveries& deliveries = context.subscriptions.match(view.topic);
  if (view.expires_at != 0 && view.expires_at <= context.now.cluster) {  // v5 [MQTT-3.3.2-5]
    context.counters.dropped(DropReason::expired).add(deliveries.list.size());
    return 0;
  }
  context.encoder.start(view, context.now.cluster, deliveries.list.size() > 1);
  std::size_t delivered = 0;
  for (const Delivery& delivery : deliveries.list) {
    if (delivery.session->deliver(message, context.encoder, delivery, deliveries)) ++delivered;
  }
  return delivered;
}

void Shard::published(PublishTicket ticket, PublishResult result) {
  const Event event(*this);
  if (Connection* const connection = find(ticket.connection)) connection->on_published(ticket.sequence, result.reason);
}

void Shard::resume_reading() {
  const Event event(*this);
  while (Connection* const connection = context_->paused_by_router.take()) connection->unpause(Pause::router);
}

void Shard::retained_read_begins(SubscribeTicket ticket) {
  const Event event(*this);
  if (Connection* const connection = find(ticket.connection)) connection->on_retained_read_begins(ticket.sequence);
}

void Shard::subscription_settled(SubscribeTicket ticket, std::vector<RetainedMatch> retained) {
  const Event event(*this);
  Connection* const connection = find(ticket.connection);
  if (connection) connection->on_subscription_settled(ticket.sequence, std::move(retained));
}

void Shard::registered(ConnectionId connection, mqtt::ReasonCode reason) {
  const Event event(*this);
  if (Connection* const found = find(connection)) found->on_registered(reason);
}

void Shard::evict(ConnectionId connection, mqtt::ReasonCode reason) {
  const Event event(*this);
  const bool taken_over = reason == mqtt::ReasonCode::session_taken_over;
  if (Connection* const found = find(connection)) {
    found->end(taken_over ? EndCause::taken_over : EndCause::evicted, reason, mqtt::to_string(reason));
  }
}

}  // namespace mqttzoo::core
