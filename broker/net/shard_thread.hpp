#pragma once

#include <cstddef>
#include <memory>

#include "broker/cluster/cluster_clock.hpp"
#include "broker/cluster/lease_deadline.hpp"
#include "broker/cluster/router_counters.hpp"
#include "broker/cluster/router_limits.hpp"
#include "broker/cluster/shard_port.hpp"
#include "broker/core/authenticator.hpp"
#include "broker/core/authorizer.hpp"
#include "broker/core/counters.hpp"
#include "broker/core/limits.hpp"
#include "broker/core/random_source.hpp"
#include "broker/net/event_loop.hpp"
#include "broker/net/mail_room.hpp"
#include "broker/net/net_events.hpp"

namespace mqttzoo::net {

/// What all shards of a process are made of; outlives them.
struct ShardParts {
  core::Limits limits;
  cluster::RouterLimits router_limits;
  MailRoom& mail;
  const cluster::LeaseDeadline& lease;
  const cluster::ClusterClock& clock;
  const core::Authorizer& authorizer;
  NetEvents& events;
  NetCounters& net_counters;
};

/// One shard: its part of the core, its router, its client sockets and data links, joined in a turn. Everything in it
/// belongs to the thread that calls run(), except the counters.
class ShardThread final : public LoopClient, public cluster::ShardPort {
 public:
  /// `authenticator` and `random` are the shard's own.
  ShardThread(core::ShardIndex shard, const ShardParts& parts, std::unique_ptr<core::Authenticator> authenticator,
              std::unique_ptr<core::RandomSource> random);
  ~ShardThread() override;

  /// Until the loop is stopped.
  void run();

  const core::Counters& counters() const;
  const cluster::RouterCounters& router_counters() const;

  // LoopClient
  void turn(core::Milliseconds now) override;
  bool has_work() override;
  core::Milliseconds next_deadline() override;

  // ShardPort
  void send_to_control(cluster::ToControl letter) override;
  void send_to_shard(core::ShardIndex to, cluster::ShardLetter letter) override;

 private:
  struct Parts;

  core::Now at(core::Milliseconds steady) { return {steady, cluster_time_.now(steady)}; }
  void take_mail(core::Now now);
  void take_mail_of_control(core::Now now);
  void take(MailToShard&& mail, core::Now now);
  void hand_over();
  /// Another shard does not keep up with what this one sends it: nothing is read until it does.
  bool must_not_read() const;

  const core::ShardIndex shard_;
  MailRoom& mail_;
  cluster::ClusterTime cluster_time_;
  std::unique_ptr<Parts> parts_;
  bool turn_again_ = false;
  bool ending_ = false;
};

}  // namespace mqttzoo::net
