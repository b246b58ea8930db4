#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/clients/history.hpp"
#include "tests/simulation/world/world.hpp"

namespace mqttzoo::sim {

/// Watches what brokers write to clients, at the moment at which they do it. P3: a connection is over before another
/// one of its Client Identifier gets CONNACK, unless its broker may not act any more; and then it acknowledges nothing.
/// (A clean session may be admitted while its home is out of reach: of those no two are left at the end.) And a
/// connection that asks while others of its client stand takes over from them, and not the other way round.
class Guard final : public BrokerObserver {
 public:
  Guard(const History& history, World& world) : history_(history), world_(world) {}

  const std::vector<std::string>& broken() const { return broken_; }
  /// No two connections of a Client Identifier are left.
  void judge_end();
  /// Connections with a SUBSCRIBE that was answered from what the broker knew, without contact with ZooKeeper.
  const std::set<std::uint64_t>& answered_from_memory() const { return answered_from_memory_; }

  // BrokerObserver
  void written(BrokerProcess& broker, const Stream& stream, std::string_view bytes) override;
  void ended(BrokerProcess& broker, const Stream& stream, const core::ConnectionEnd& end) override;
  void reported_error(BrokerProcess& broker, std::string_view text) override;

 private:
  /// A connection that got CONNACK.
  struct Served {
    std::string client_id;
    bool persistent = false;
    std::string broker;
    std::uint64_t process = 0;
    std::uint64_t reads_cut_off = 0;  ///< of its broker, when it got CONNACK
    bool replaced = false;
  };

  const ConnectionRecord* record_of(const Stream& stream) const;
  void accepted(BrokerProcess& broker, const Stream& stream);
  void acknowledged(BrokerProcess& broker, const Stream& stream, mqtt::PacketType type);
  bool must_win(const ConnectionRecord& newest) const;
  bool runs(const Served& served) const { return world_.process_number(served.broker) == served.process; }

  const History& history_;
  World& world_;
  std::map<std::uint64_t, std::string> unread_;  ///< by the number of the stream
  std::map<std::uint64_t, Served> served_;
  std::map<std::uint64_t, Milliseconds> over_;  ///< connections that their brokers have ended, and when
  std::set<std::uint64_t> answered_from_memory_;
  std::vector<std::string> broken_;
};

}  // namespace mqttzoo::sim
