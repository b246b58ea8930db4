#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "broker/cluster/links/links.hpp"
#include "broker/core/ids.hpp"
#include "broker/net/net_events.hpp"
#include "broker/net/unique_fd.hpp"
#include "proto/cluster/peer.pb.h"

namespace mqttzoo::net {

class EventLoop;

/// A peer socket on its way to the loop that owns its kind of links: its Hello was accepted and answered.
struct AcceptedPeer {
  UniqueFd socket;
  bool is_v6 = false;
  std::string address;
  proto::Hello hello;
  std::string early;  ///< bytes that arrived behind the Hello
};

/// All peer links of one loop: the network under cluster::Control or under one cluster::ShardRouter.
class PeerLinks final : public cluster::LinkTransport {
 public:
  /// `read_buffer` has read_buffer_bytes and belongs to the thread.
  PeerLinks(EventLoop& loop, NetEvents& events, NetCounters& counters, char* read_buffer);
  ~PeerLinks() override;

  /// Once, before anything else.
  void attach(cluster::LinkOwner& owner);

  void open(cluster::LinkId link, std::string address, proto::Hello hello) override;
  void close(cluster::LinkId link) override;
  mqtt::ByteBuffer& output(cluster::LinkId link) override;

  void adopt(AcceptedPeer peer, core::Milliseconds now);

  // ---------------------------------------------------------------- the loop

  /// Reads and tells the owner; dials again what has rested.
  void turn(core::Milliseconds now);
  /// Sends what was appended in this turn.
  void flush(core::Milliseconds now);
  bool has_work() const;
  core::Milliseconds next_deadline() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mqttzoo::net
