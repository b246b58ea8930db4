#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "broker/cluster/control_limits.hpp"
#include "broker/cluster/interest/interest_log.hpp"
#include "broker/cluster/letters.hpp"
#include "broker/cluster/shard_port.hpp"
#include "broker/cluster/view/incarnation.hpp"

namespace mqttzoo::cluster {

/// Where interest meets: the shards tell it what they want, it tells the other shards and (through the log that
/// ControlLinks reads) the other brokers, and hands the interest of the other brokers to all shards.
///
/// It holds the barrier of P1: a shard's change is settled, so that SUBACK may be sent, when all other shards send by
/// it, and so does every broker that is awaited: each member of the view, each removed one until its fence is over, and
/// whoever else is linked. Confirmation is of the log's sequence at the time of the change: that includes an earlier
/// delta that carried the filter for another shard.
///
/// Lives on the control thread. Bounds: unsettled_max per shard, beyond which changes settle together.
class InterestBoard {
 public:
  InterestBoard(std::uint16_t shard_count, ControlPort& shards, const ControlLimits& limits);

  // Shards.
  void changed(core::ShardIndex from, InterestChanged&& change);
  void taken(std::uint64_t token);

  // Peers' interest. `taken_by_all` is called, perhaps at once, when every shard sends by it.
  void hand_on(InterestOf interest, std::function<void()> taken_by_all);

  // What peers confirm of ours.
  void confirmed(const Incarnation& peer, std::uint64_t sequence);
  /// The peer starts from nothing: what it confirmed counts no more.
  void forget(const Incarnation& peer) { confirmed_.erase(peer); }
  void await(std::set<Incarnation> peers) { awaited_ = std::move(peers); }
  /// Tells the shards what is settled by now.
  void settle();

  InterestLog& log() { return log_; }
  const InterestLog& log() const { return log_; }
  std::size_t unsettled() const;

 private:
  struct Unsettled {
    std::uint64_t sequence = 0;  ///< the shard's
    std::uint64_t token = 0;     ///< 0: no other shard had to be told
    std::uint64_t delta = 0;     ///< the log's
  };
  struct Handing {
    std::uint16_t shards_left = 0;
    std::function<void()> taken_by_all;
  };

  std::uint64_t tell(InterestOf interest, int except_shard, std::function<void()> taken_by_all);
  bool confirmed_by_awaited(std::uint64_t delta) const;

  const std::uint16_t shard_count_;
  const std::size_t unsettled_max_;
  ControlPort& shards_;
  InterestLog log_;
  std::vector<std::deque<Unsettled>> unsettled_;  ///< per shard
  std::map<std::uint64_t, Handing> handing_;      ///< by token
  std::uint64_t last_token_ = 0;
  std::map<Incarnation, std::uint64_t> confirmed_;
  std::set<Incarnation> awaited_;
};

}  // namespace mqttzoo::cluster
