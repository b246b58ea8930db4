#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/cluster/control/control.hpp"
#include "broker/cluster/control/retained_companion.hpp"
#include "tests/simulation/world/loop.hpp"
#include "tests/simulation/world/simulated_links.hpp"
#include "tests/simulation/world/simulated_shard.hpp"
#include "tests/support/inbox_coordinator.hpp"

namespace mqttzoo::sim {

class BrokerProcess;

/// The control thread: Control, the retained store, their two sessions with the ensemble, the control links and the
/// listening sockets, joined as broker/net/control_thread and broker/node join them.
class SimulatedControl final : public Loop, private cluster::ControlPort, private cluster::ControlReporter {
 public:
  SimulatedControl(BrokerProcess& process, std::unique_ptr<support::FakeCoordinator> liveness,
                   std::unique_ptr<support::FakeCoordinator> bulk);
  ~SimulatedControl() override;

  void start();
  void mail(core::ShardIndex from, cluster::ToControl letter);
  void accept(const StreamRef& stream);
  /// To be done in a turn of this thread.
  void post(std::function<void()> function);

  cluster::Control& control() { return *control_; }
  const cluster::RetainedCompanion& retained() const { return *retained_; }
  support::FakeCoordinator& liveness() { return liveness_.inner(); }
  support::FakeCoordinator& bulk() { return bulk_.inner(); }
  void close_sessions(std::function<void()> done);

 private:
  struct Stranger {
    StreamRef stream;
    std::string unread;
    core::Milliseconds deadline = 0;
  };

  void turn(core::Milliseconds begin, core::Milliseconds now) override;
  core::Milliseconds next_deadline() override;
  void take_mail(core::Milliseconds now);
  void read_strangers(core::Milliseconds now);
  bool take_hello(Stranger& stranger);
  void greet(Stranger& stranger, const proto::Hello& hello);

  // ControlPort
  void send_to_shard(core::ShardIndex to, cluster::ToShard letter) override;
  // ControlReporter
  void report(cluster::ReportLevel level, std::string text) override;
  void state_changed(const cluster::ControlStatus& status) override;
  void cannot_take_part(std::string reason) override;

  BrokerProcess& process_;
  support::InboxCoordinator liveness_;
  support::InboxCoordinator bulk_;
  SimulatedLinks links_;
  std::unique_ptr<cluster::RetainedCompanion> retained_;
  std::unique_ptr<cluster::Control> control_;
  core::ShardIndex next_shard_ = 0;
  core::Milliseconds loops_looked_at_ = 0;

  std::deque<std::function<void()>> callbacks_;
  std::deque<std::pair<core::ShardIndex, cluster::ToControl>> letters_;
  std::deque<StreamRef> accepted_;
  std::vector<Stranger> strangers_;
  std::vector<std::pair<core::ShardIndex, MailToShard>> to_shards_;
};

}  // namespace mqttzoo::sim
