#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/cluster/control/control_status.hpp"
#include "broker/cluster/control_limits.hpp"
#include "broker/cluster/control_reporter.hpp"
#include "broker/cluster/coordinator.hpp"
#include "broker/cluster/lease_deadline.hpp"
#include "broker/cluster/letters.hpp"
#include "broker/cluster/links/links.hpp"
#include "broker/cluster/retained/retained_store.hpp"
#include "broker/cluster/shard_port.hpp"
#include "broker/core/ids.hpp"
#include "proto/cluster/peer.pb.h"

namespace mqttzoo::cluster {

struct ControlOptions {
  std::string name;             ///< 1 to 64 of A-Z a-z 0-9 . _ -
  std::string cluster_address;  ///< host:port that other brokers reach this one at
  std::uint16_t shard_count = 1;
  std::string version;
  std::vector<std::string> listeners;              ///< for people who read the znode
  ClientAddresses client_addresses{};              ///< for Server References of others
  std::string cluster_id;                          ///< random; becomes the cluster's id if it has none yet
  PartitionIndex partitions = partitions_default;  ///< of a new cluster
  ControlLimits limits;
};

/// The part of a broker that takes part in the cluster on behalf of all its shards: registers in ZooKeeper, keeps the
/// lease, follows and enters views, exchanges interest with the other brokers, and holds the controller's office when
/// it falls to it. Joins Membership, LeaseKeeper, ViewEntry, Fences, InterestBoard, ControlLinks and Controller; what
/// each one does is said there. Lives on the control thread.
///
/// Sans-I/O: events and `now` (core::Milliseconds, CLOCK_BOOTTIME) in; letters, frames, requests to the Coordinator and
/// reports out. Callbacks of the Coordinator and the calls of LinkOwner bring no time: whatever they begin is dated,
/// and timed requests are sent, by the next tick. So: **call tick at the end of every turn of the control thread in
/// which anything was told to Control or a callback of its Coordinator ran, with a clock read in that turn,** and when
/// next_deadline has come.
///
/// The Coordinator, and whatever else is given by reference, outlives Control; callbacks that come later are ignored.
class Control final : public LinkOwner {
 public:
  /// `liveness` nullptr: a lone broker, with a one-member view and a lease for ever. Throws std::invalid_argument for
  /// options that cannot be (the text says which and why).
  Control(ControlOptions options, Coordinator* liveness, RetainedStore& retained, LinkTransport& transport,
          ControlPort& shards, LeaseDeadline& lease, ControlReporter& reporter);
  ~Control() override;
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  void start(core::Milliseconds now);
  void receive(core::ShardIndex from, ToControl&& letter);
  /// All event loops of the process have turned since the call before this one. Without it no heartbeat is sent.
  void loops_alive(core::Milliseconds now);
  void tick(core::Milliseconds now);
  /// When tick is wanted next, whatever happens; never further away than ControlLimits::tick_interval_ms.
  core::Milliseconds next_deadline() const;

  /// For each accepted peer socket, control and data, after its first frame: send the answer; if `refused` is empty the
  /// link is accepted (control: link_accepted follows here; data: at the router of shard `hello.shard` % shard_count),
  /// else close.
  proto::HelloAnswer check_hello(const proto::Hello& hello);

  // LinkOwner: the control links. Links opened by Control have numbers below accepted_links.
  void link_up(LinkId link, const proto::HelloAnswer& answer) override;
  void link_accepted(LinkId link, const proto::Hello& hello) override;
  bool link_frame(LinkId link, std::string_view frame) override;
  void link_down(LinkId link) override;

  /// First step of a clean stop: readiness goes, the others are told, homes move away. Clients stay.
  void drain(core::Milliseconds now);
  /// Last step, when all clients of all shards are closed: gives the lease back, tells the peers Left, takes the
  /// broker's name out of ZooKeeper, then `done`, from a tick, after leave_max_ms at the latest. Close the Coordinators
  /// after that.
  void leave(core::Milliseconds now, std::function<void()> done);

  Readiness readiness(core::Milliseconds now) const;
  ControlStatus status(core::Milliseconds now) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace mqttzoo::cluster
