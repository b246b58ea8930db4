#pragma once

#include <cstddef>
#include <limits>
#include <string_view>

#include "broker/cluster/lease_deadline.hpp"
#include "broker/cluster/letters.hpp"
#include "broker/cluster/links.hpp"
#include "broker/cluster/router_counters.hpp"
#include "broker/cluster/router_limits.hpp"
#include "broker/cluster/shard_letters.hpp"
#include "broker/cluster/shard_port.hpp"
#include "broker/core/ids.hpp"
#include "broker/core/router.hpp"

namespace mqttzoo::cluster {

/// The part of the cluster layer that lives on one shard's thread: carries publishes to whoever is interested,
/// registers the shard's connections at their homes, and is the home of some Client Identifiers itself.
///
/// A turn of the shard: begin_turn with a clock read after the wait; then letters, frames and calls of the core in any
/// order; then end_of_turn with a clock read anew; then the transport flushes and the mailboxes are handed over.
/// Nothing is acknowledged but in end_of_turn, after that second read has shown that the lease holds.
///
/// Data links: LinkId = PeerSlot for those it opens; accepted ones as the transport names them.
class ShardRouter final : public core::Router, public LinkOwner {
 public:
  static constexpr core::Milliseconds no_deadline = std::numeric_limits<core::Milliseconds>::max();

  ShardRouter(core::ShardIndex shard, core::ShardIndex shard_count, const RouterLimits& limits,
              RouterCounters& counters, ShardPort& port, LinkTransport& transport, const LeaseDeadline& lease);
  ~ShardRouter() override;
  ShardRouter(const ShardRouter&) = delete;
  ShardRouter& operator=(const ShardRouter&) = delete;

  /// Once, before anything else: the two know each other.
  void attach(core::RouterClient& client);

  void begin_turn(core::Now now);
  void receive(ToShard&& letter);
  void receive(core::ShardIndex from, ShardLetter&& letter);
  void end_of_turn(core::Now fresh);
  /// When the next turn is wanted at the latest; no_deadline: when something happens.
  core::Milliseconds next_deadline() const;

  // core::Router
  void publish(core::RoutedMessage& message, core::PublishTicket ticket) override;
  bool must_pause() const override;
  void interest_added(std::string_view filter) override;
  void interest_removed(std::string_view filter) override;
  void settle_subscription(core::SubscribeTicket ticket, std::vector<std::string> retained_filters) override;
  void register_connection(core::ConnectionId connection, const core::Registration& registration) override;
  void unregister_connection(core::ConnectionId connection, core::ConnectionFate fate) override;

  // LinkOwner: the data links
  void link_up(LinkId link, const proto::HelloAnswer& answer) override;
  void link_accepted(LinkId link, const proto::Hello& hello) override;
  bool link_frame(LinkId link, std::string_view frame) override;
  void link_down(LinkId link) override;
};

}  // namespace mqttzoo::cluster
