#include "broker/net/mqtt_connections.hpp"

#include <algorithm>

#include "broker/core/shard.hpp"
#include "broker/net/clock.hpp"
#include "broker/net/event_loop.hpp"
#include "broker/net/limits.hpp"
#include "broker/net/mail_room.hpp"
#include "broker/net/mqtt_connection.hpp"

namespace mqttzoo::net {

MqttConnections::MqttConnections(EventLoop& loop, core::Shard& shard, NetEvents& events, char* read_buffer)
    : loop_(loop),
      shard_(shard),
      events_(events),
      read_buffer_(read_buffer),
      read_bytes_(read_buffer_bytes),
      parting_deadline_(never) {}

MqttConnections::~MqttConnections() {
  for (MqttConnection* connection : all_) delete connection;
}

boost::asio::io_context& MqttConnections::context() { return loop_.context(); }

void MqttConnections::accept(AcceptedClient&& client, core::Now now) {
  const std::string from = client.from.text();
  const core::ListenerRules& rules = *client.rules;
  auto accepted = std::make_unique<MqttConnection>(*this, std::move(client));
  core::Connection* const connection = shard_.open(from, accepted.get(), now, rules);
  if (!connection) return;  // the shard is full, and has counted it
  accepted->place = all_.size();
  all_.push_back(accepted.get());
  accepted.release()->start(*connection);
}

void MqttConnections::turn(core::Now now) {
  working_.swap(ready_);
  for (MqttConnection* connection : working_) {
    connection->noted = false;
    connection->turn(now);
    if (written_before_ - flushed_at_ >= flush_early_bytes) flush_output(now);
  }
  working_.clear();
  if (parting_deadline_ <= now.steady) close_overdue(now.steady);
}

// One read of a publisher can be worth many megabytes to its subscribers. So much is read that what is written stays in
// the cache until it is sent.
void MqttConnections::has_read() {
  const std::uint64_t written = shard_.counters().publish_bytes_sent.get();
  const std::uint64_t by_this = written - written_before_;
  written_before_ = written;
  if (by_this >= flush_early_bytes) {
    read_bytes_ = std::max(read_bytes_ * flush_early_bytes / by_this, read_bytes_min);
  } else if (read_bytes_ < read_buffer_bytes) {
    read_bytes_ = std::min(read_bytes_ * 2, read_buffer_bytes);
  }
}

void MqttConnections::flush_output(core::Now now) {
  flushed_at_ = written_before_;
  while (core::Connection* connection = shard_.take_dirty()) {
    static_cast<MqttConnection*>(connection->edge())->flush(now);
  }
}

bool MqttConnections::flush(core::Now now) {
  bool ended_any = false;
  for (;;) {
    flush_output(now);
    while (core::Connection* connection = shard_.take_pause_change()) {
      static_cast<MqttConnection*>(connection->edge())->pause_changed();
    }
    auto ended = shard_.take_ended();
    if (!ended) break;
    ended_any = true;
    static_cast<MqttConnection*>(ended->edge)->part(std::move(ended->unsent), now.steady);
    events_.client_ended(ended->end);
  }
  forgotten_.clear();
  return ended_any;
}

void MqttConnections::note_ready(MqttConnection& connection) {
  connection.noted = true;
  ready_.push_back(&connection);
}

void MqttConnections::note_parting(MqttConnection& connection) {
  connection.parting_place = parting_.size();
  parting_.push_back(&connection);
  parting_deadline_ = std::min(parting_deadline_, connection.deadline());
}

void MqttConnections::note_parted(MqttConnection& connection) {
  parting_.back()->parting_place = connection.parting_place;
  parting_[connection.parting_place] = parting_.back();
  parting_.pop_back();
  if (parting_.empty()) parting_deadline_ = never;
}

void MqttConnections::close_overdue(core::Milliseconds now) {
  parting_deadline_ = never;
  std::vector<MqttConnection*> overdue;
  for (MqttConnection* connection : parting_) {
    if (connection->deadline() <= now) {
      overdue.push_back(connection);
    } else {
      parting_deadline_ = std::min(parting_deadline_, connection->deadline());
    }
  }
  for (MqttConnection* connection : overdue) connection->close();
}

void MqttConnections::forget(MqttConnection& connection) {
  if (!connection.forgotten()) return;  // called again when the last completion has run
  if (connection.noted) std::erase(ready_, &connection);
  all_.back()->place = connection.place;
  all_[connection.place] = all_.back();
  all_.pop_back();
  // Later: this may be called from inside it.
  forgotten_.emplace_back(&connection);
}

}  // namespace mqttzoo::net
