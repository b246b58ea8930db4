#include "tests/simulation/oracle/leftovers.hpp"

#include <array>
#include <utility>

namespace mqttzoo::sim {

namespace {

class ShardLook {
 public:
  ShardLook(const std::string& name, const SimulatedShard& shard, bool queues_are_short, Verdict& verdict)
      : name_(name),
        core_(shard.counters()),
        router_(shard.router_counters()),
        queues_are_short_(queues_are_short),
        verdict_(verdict) {}

  void judge() {
    nothing("messages that wait for other brokers", router_.unfinished_now.get());
    nothing("bytes of messages that wait", router_.unfinished_bytes_now.get());
    nothing("messages that wait for the right to act", router_.held_now.get());
    nothing("messages that wait for a commit", router_.lanes_now.get());
    nothing("SUBSCRIBEs that wait", router_.settling_now.get());
    nothing("queued messages", core_.queued_messages.get());
    nothing("messages in flight", core_.messages_in_flight.get());
    nothing("errors of clients", core_.protocol_errors.get());
    nothing("errors of peers", router_.protocol_errors.get());
    nothing("refusals at a full window", router_.refused_window_full.get());
    using core::DropReason;
    for (const DropReason reason :
         {DropReason::output_full, DropReason::queue_full, DropReason::larger_than_client_takes,
          DropReason::not_authorized, DropReason::payload_too_long, DropReason::may_not_receive}) {
      if (reason == DropReason::queue_full && queues_are_short_) continue;
      const std::string what = std::string("messages dropped: ") + core::to_string(reason);
      nothing(what.c_str(), core_.drops[static_cast<std::size_t>(reason)].get());
    }
  }

 private:
  void nothing(const char* what, std::uint64_t count) {
    if (count != 0) verdict_.push_back("P9: " + name_ + " has " + std::to_string(count) + ' ' + what);
  }

  const std::string name_;
  const core::Counters& core_;
  const cluster::RouterCounters& router_;
  const bool queues_are_short_;
  Verdict& verdict_;
};

}  // namespace

void judge_leftovers(World& world, std::size_t connected_clients, bool queues_are_short, Verdict& verdict) {
  std::uint64_t connections = 0;
  std::uint64_t registrations = 0;
  std::uint64_t sockets = 0;
  for (const std::string& name : world.running()) {
    BrokerProcess& broker = world.broker(name);
    for (const auto& shard : broker.shards()) {
      ShardLook(name, *shard, queues_are_short, verdict).judge();
      connections += shard->router_counters().connections_now.get();
      registrations += shard->router_counters().registrations_now.get();
      sockets += shard->counters().connections.get();
    }
    if (broker.status().interest_unsettled != 0) verdict.push_back("P9: " + name + " has interest that is not settled");
  }
  const std::array<std::pair<const char*, std::uint64_t>, 3> counts{{{"sockets", sockets},
                                                                     {"connections known to frontends", connections},
                                                                     {"registrations at homes", registrations}}};
  for (const auto& [what, count] : counts) {
    if (count == connected_clients) continue;
    verdict.push_back("P9: " + std::to_string(count) + ' ' + what + ", and " + std::to_string(connected_clients) +
                      " clients are connected");
  }
}

}  // namespace mqttzoo::sim
