#include "tests/simulation/world/simulated_shard.hpp"

#include <algorithm>

#include "tests/simulation/world/broker_process.hpp"

namespace mqttzoo::sim {

namespace {

// Bytes that a client's socket takes before the client has read them.
constexpr std::size_t socket_bytes = 16 * 1024;

core::Limits limits_of(const BrokerOptions& options) {
  core::Limits limits = options.limits;
  limits.match_cache_topics = 64;  // a run has few topics and many shards
  return limits;
}

}  // namespace

SimulatedShard::SimulatedShard(BrokerProcess& process, core::ShardIndex index)
    : Loop(process.events(), process.random()),
      process_(process),
      index_(index),
      cluster_time_(process.clock().offset()),
      links_(*this, process.network(), process.random(), process.place(), Port::data),
      router_(index, process.options().shards, process.options().router_limits, router_counters_, *this, links_,
              process.lease()),
      shard_(index, limits_of(process.options()), router_, authenticator_, authorizer_, process.random()) {
  links_.attach(router_);
  router_.attach(shard_);
}

SimulatedShard::~SimulatedShard() {
  for (auto& [number, client] : clients_) client->stream->ends[Stream::acceptor].wake = nullptr;
}

void SimulatedShard::mail(MailToShard letter) {
  from_control_.push_back(std::move(letter));
  wake();
}

void SimulatedShard::mail(cluster::ShardLetter letter) {
  from_shards_.push_back(std::move(letter));
  wake();
}

void SimulatedShard::turn(core::Milliseconds begin, core::Milliseconds fresh_time) {
  const core::Now now = at(process_.steady(begin));
  router_.begin_turn(now);
  shard_.tick(now);
  take_mail(now);
  links_.turn(now.steady);
  read_clients(now);
  const core::Now fresh = at(process_.steady(fresh_time));
  router_.end_of_turn(fresh);
  turn_again_ = flush_clients(fresh);
  links_.flush();
  if (ending_ && clients_.empty()) {
    ending_ = false;
    process_.clients_are_gone(index_);
  }
  hand_over();
}

void SimulatedShard::take_mail(core::Now now) {
  for (MailToShard& letter : std::exchange(from_control_, {})) take(std::move(letter), now);
  for (cluster::ShardLetter& letter : std::exchange(from_shards_, {})) router_.receive(std::move(letter));
}

void SimulatedShard::take(MailToShard&& letter, core::Now now) {
  if (auto* to_shard = std::get_if<cluster::ToShard>(&letter)) {
    router_.receive(std::move(*to_shard));
  } else if (auto* accepted = std::get_if<AcceptedClient>(&letter)) {
    auto client = std::make_unique<Client>(Client{accepted->stream, nullptr});
    client->connection = shard_.open(accepted->stream->ends[Stream::opener].place, client.get(), now);
    if (!client->connection) return process_.network().close(accepted->stream, Stream::acceptor);
    accepted->stream->ends[Stream::acceptor].wake = [this] { wake(); };
    clients_[accepted->stream->number] = std::move(client);
  } else if (auto* peer = std::get_if<AcceptedPeer>(&letter)) {
    links_.adopt(peer->stream, peer->hello, std::move(peer->early));
  } else {
    ending_ = true;
    shard_.end_all(mqtt::ReasonCode::server_shutting_down, now);
  }
}

void SimulatedShard::read_clients(core::Now now) {
  for (auto& [number, client] : clients_) {
    const Stream::End& own = client->stream->ends[Stream::acceptor];
    if (!client->connection) continue;
    if (own.broken && (own.arrived.empty() || client->connection->reading_paused())) {
      shard_.lost(*client->connection, "connection reset by peer", now);
    } else if (!client->connection->reading_paused() && (own.over || !own.arrived.empty())) {
      const std::string bytes = client->stream->read(Stream::acceptor);
      if (!bytes.empty()) shard_.received(*client->connection, bytes, now);
      if (own.over && bytes.empty()) shard_.lost(*client->connection, "closed by the client", now);
      if (own.over) wake();
    }
  }
}

void SimulatedShard::flush(Client& client, core::Now now) {
  const std::size_t on_the_way = process_.network().unread(*client.stream, Stream::acceptor);
  if (on_the_way >= socket_bytes) return;
  const std::string bytes(client.connection->output().substr(0, socket_bytes - on_the_way));
  process_.observer().written(process_, *client.stream, bytes);
  process_.network().send(client.stream, Stream::acceptor, bytes);
  shard_.output_sent(*client.connection, bytes.size(), now);
}

bool SimulatedShard::flush_clients(core::Now now) {
  for (auto& [number, client] : clients_) {  // whose socket was full
    if (client->connection && !client->connection->output().empty()) flush(*client, now);
  }
  bool ended_any = false;
  for (;;) {
    while (core::Connection* connection = shard_.take_dirty()) flush(*static_cast<Client*>(connection->edge()), now);
    while (core::Connection* connection = shard_.take_pause_change()) {
      if (!connection->reading_paused()) wake();
    }
    auto ended = shard_.take_ended();
    if (!ended) break;
    ended_any = true;
    auto* const client = static_cast<Client*>(ended->edge);
    const StreamRef stream = client->stream;
    process_.observer().written(process_, *stream, ended->unsent.view());
    process_.observer().ended(process_, *stream, ended->end);
    process_.network().send(stream, Stream::acceptor, std::string(ended->unsent.view()));
    process_.network().close(stream, Stream::acceptor);
    clients_.erase(stream->number);
  }
  return ended_any;
}

void SimulatedShard::hand_over() {
  for (cluster::ToControl& letter : std::exchange(to_control_, {})) process_.control().mail(index_, std::move(letter));
  for (auto& [to, letter] : std::exchange(to_shards_, {})) process_.shard(to).mail(std::move(letter));
}

core::Milliseconds SimulatedShard::next_deadline() {
  core::Milliseconds next = std::min(router_.next_deadline(), links_.next_deadline());
  next = std::min(next, shard_.next_deadline().value_or(cluster::ShardRouter::no_deadline));
  if (turn_again_) return events_.now();
  return next == cluster::ShardRouter::no_deadline ? next : process_.world_time(next);
}

void SimulatedShard::send_to_control(cluster::ToControl letter) { to_control_.push_back(std::move(letter)); }

void SimulatedShard::send_to_shard(core::ShardIndex to, cluster::ShardLetter letter) {
  to_shards_.emplace_back(to, std::move(letter));
}

}  // namespace mqttzoo::sim
