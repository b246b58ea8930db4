#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "broker/cluster/cluster_clock.hpp"
#include "broker/cluster/router/shard_router.hpp"
#include "broker/core/shard.hpp"
#include "tests/simulation/world/loop.hpp"
#include "tests/simulation/world/simulated_links.hpp"

namespace mqttzoo::sim {

class BrokerProcess;

struct AcceptedClient {
  StreamRef stream;
};
struct AcceptedPeer {
  StreamRef stream;
  proto::Hello hello;
  std::string early;
};
struct EndClients {};
using MailToShard = std::variant<cluster::ToShard, AcceptedClient, AcceptedPeer, EndClients>;

/// One shard's thread: the core, the router, the sockets of its clients and its data links, joined as
/// broker/net/shard_thread joins them.
class SimulatedShard final : public Loop, private cluster::ShardPort {
 public:
  SimulatedShard(BrokerProcess& process, core::ShardIndex index);
  ~SimulatedShard() override;

  void mail(MailToShard letter);
  void mail(cluster::ShardLetter letter);

  const core::Counters& counters() const { return shard_.counters(); }
  const cluster::RouterCounters& router_counters() const { return router_counters_; }

 private:
  struct Client {
    StreamRef stream;
    core::Connection* connection = nullptr;
  };

  void turn(core::Milliseconds begin, core::Milliseconds now) override;
  core::Milliseconds next_deadline() override;
  void send_to_control(cluster::ToControl letter) override;
  void send_to_shard(core::ShardIndex to, cluster::ShardLetter letter) override;

  core::Now at(core::Milliseconds steady) { return {steady, cluster_time_.now(steady)}; }
  void take_mail(core::Now now);
  void take(MailToShard&& letter, core::Now now);
  void read_clients(core::Now now);
  bool flush_clients(core::Now now);
  void flush(Client& client, core::Now now);
  void hand_over();

  BrokerProcess& process_;
  const core::ShardIndex index_;
  cluster::ClusterTime cluster_time_;
  core::AnonymousAuthenticator authenticator_{true};
  core::OpenAuthorizer authorizer_;
  cluster::RouterCounters router_counters_;
  SimulatedLinks links_;
  cluster::ShardRouter router_;
  core::Shard shard_;
  std::map<std::uint64_t, std::unique_ptr<Client>> clients_;  ///< by the number of the stream

  std::deque<MailToShard> from_control_;
  std::deque<cluster::ShardLetter> from_shards_;
  std::vector<cluster::ToControl> to_control_;
  std::vector<std::pair<core::ShardIndex, cluster::ShardLetter>> to_shards_;
  bool turn_again_ = false;
  bool ending_ = false;
};

}  // namespace mqttzoo::sim
