#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/cluster/peer.pb.h"
#include "proto/mqtt/byte_buffer.hpp"

namespace mqttzoo::cluster {

/// A peer link as its owner names it: those it opened by numbers of its own below `accepted_links`, accepted ones by
/// numbers from there on that the transport gives.
using LinkId = std::uint32_t;
inline constexpr LinkId accepted_links = 1u << 31;

inline constexpr std::uint32_t peer_protocol_version = 1;

/// What the network offers to the owner of links: control on its thread, a router on its shard's thread. A frame on the
/// wire is a 4-byte big-endian length and one protobuf message; longer ones than `peer_frame_bytes_max` end the link.
class LinkTransport {
 public:
  virtual ~LinkTransport() = default;

  /// Keeps a connection to `address` (host:port): connects, exchanges Hello and HelloAnswer, reconnects with back-off
  /// and jitter after any end, until close.
  virtual void open(LinkId link, std::string address, proto::Hello hello) = 0;
  virtual void close(LinkId link) = 0;

  /// Where frames are appended (see append_frame); flushed at the end of the turn. Empty and never sent while the link
  /// is down. The owner bounds what it appends by looking at its size.
  virtual mqtt::ByteBuffer& output(LinkId link) = 0;
};

/// What the network tells the owner of links.
class LinkOwner {
 public:
  virtual ~LinkOwner() = default;

  virtual void link_up(LinkId link, const proto::HelloAnswer& answer) = 0;
  /// An incoming link whose Hello was accepted (the answer has been sent).
  virtual void link_accepted(LinkId link, const proto::Hello& hello) = 0;
  /// One frame, without its length. False: it cannot be parsed or breaks the protocol; the transport logs and ends the
  /// link.
  virtual bool link_frame(LinkId link, std::string_view frame) = 0;
  /// The link is down (an opened one is being reconnected, an accepted one is forgotten).
  virtual void link_down(LinkId link) = 0;
};

}  // namespace mqttzoo::cluster
