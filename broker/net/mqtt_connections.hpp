#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "broker/core/ids.hpp"
#include "broker/net/net_events.hpp"

namespace boost::asio {
class io_context;
}
namespace mqttzoo::core {
class Shard;
}

namespace mqttzoo::net {

struct AcceptedClient;
class EventLoop;
class MqttConnection;

/// The client sockets of one shard: the edge of core::Shard. Lives on the shard's thread.
class MqttConnections {
 public:
  /// `read_buffer` has read_buffer_bytes and belongs to the thread.
  MqttConnections(EventLoop& loop, core::Shard& shard, NetEvents& events, char* read_buffer);
  ~MqttConnections();

  void accept(AcceptedClient&& client, core::Now now);

  // ---------------------------------------------------------------- the loop

  /// Reads and writes what became ready.
  void turn(core::Now now);
  /// Carries out what the core wants: sends, pauses, ends. True: the router was told something since the end of its
  /// turn, so another turn should follow.
  bool flush(core::Now now);
  bool has_work() const { return !ready_.empty(); }
  core::Milliseconds next_deadline() const { return parting_deadline_; }

  /// Sockets, those that are parting included.
  std::size_t count() const { return all_.size(); }

  // ---------------------------------------------------------------- for MqttConnection

  boost::asio::io_context& context();
  core::Shard& shard() { return shard_; }
  char* read_buffer() { return read_buffer_; }
  /// How much to read at once: less while each byte is sent to many.
  std::size_t read_bytes() const { return read_bytes_; }
  /// After each read: measures what it led to.
  void has_read();
  void note_ready(MqttConnection& connection);
  void note_parting(MqttConnection& connection);
  void note_parted(MqttConnection& connection);
  /// Closed: destroyed as soon as nothing refers to it.
  void forget(MqttConnection& connection);

 private:
  void flush_output(core::Now now);
  void close_overdue(core::Milliseconds now);

  EventLoop& loop_;
  core::Shard& shard_;
  NetEvents& events_;
  char* const read_buffer_;
  std::size_t read_bytes_;
  std::uint64_t written_before_ = 0;  ///< payload bytes written to outputs up to the last read
  std::uint64_t flushed_at_ = 0;      ///< the same, up to the last flush
  std::vector<MqttConnection*> all_;
  std::vector<MqttConnection*> ready_;
  std::vector<MqttConnection*> working_;  ///< the ready ones of this turn
  std::vector<MqttConnection*> parting_;
  std::vector<std::unique_ptr<MqttConnection>> forgotten_;  ///< destroyed at the end of the turn
  core::Milliseconds parting_deadline_;
};

}  // namespace mqttzoo::net
