#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/cluster/control/control.hpp"
#include "tests/broker/cluster/control/fake_network.hpp"
#include "tests/broker/cluster/control/fake_shard.hpp"
#include "tests/support/fake_ensemble.hpp"
#include "tests/support/inbox_coordinator.hpp"

namespace mqttzoo::cluster::harness {

/// One process of a broker: a Control, the shards that it directs, its session with the ensemble, and its place in the
/// network. While it is stalled (SIGSTOP) nothing runs in it; what arrives waits.
class BrokerProcess final : public std::enable_shared_from_this<BrokerProcess>,
                            public LinkTransport,
                            public ControlPort,
                            public ControlReporter,
                            public RetainedStore {
 public:
  BrokerProcess(World& world, FakeNetwork& network, ControlOptions options,
                std::unique_ptr<support::FakeCoordinator> session);
  ~BrokerProcess() override;

  void start();
  /// Runs it as one turn of the control thread, now or when the process runs again.
  void deliver(std::function<void()> event);
  /// Killed: nothing is done any more, whoever still holds it.
  void die();
  void stall() { stalled_ = true; }
  void resume();
  bool is_stalled() const { return stalled_; }
  /// No loop but the control thread's turns.
  void wedge_shards(bool wedged) { wedged_ = wedged; }
  void leave();

  Control& control() { return *control_; }
  const Control& control() const { return *control_; }
  const LeaseDeadline& lease() const { return lease_; }
  support::FakeCoordinator* session() { return coordinator_ ? &coordinator_->inner() : nullptr; }
  const std::vector<FakeShard>& shards() const { return shards_; }
  const std::string& name() const { return name_; }
  const std::string& address() const { return address_; }

  /// One shard's need for the filter begins or ends. Answers the number of the change.
  std::uint64_t want(core::ShardIndex shard, const std::string& filter);
  std::uint64_t want_no_more(core::ShardIndex shard, const std::string& filter);

  std::vector<std::string> log;
  std::string cannot_take_part_because;
  bool has_left = false;
  std::uint64_t state_changes = 0;
  int retained_stores = 0;
  int retained_reads = 0;

  // For the network.
  void link_up(int shard, LinkId link, const proto::HelloAnswer& answer);
  void link_down(int shard, LinkId link);
  bool receive_frames(LinkId link, const std::string& bytes);

 private:
  // LinkTransport
  void open(LinkId link, std::string address, proto::Hello hello) override;
  void close(LinkId link) override;
  mqtt::ByteBuffer& output(LinkId link) override { return outputs_[link]; }
  // ControlPort
  void send_to_shard(core::ShardIndex to, ToShard letter) override;
  // ControlReporter
  void report(ReportLevel level, std::string text) override;
  void state_changed(const ControlStatus&) override { ++state_changes; }
  void cannot_take_part(std::string reason) override { cannot_take_part_because = std::move(reason); }
  // RetainedStore
  void store(core::MessageRef message, bool refusable, StoreCallback done) override;
  void read(std::vector<std::string> filters, ReadCallback done) override;

  void end_turn();
  void tick_later();
  void hand_letter(core::ShardIndex to, const ToShard& letter);
  void answer_control(core::ShardIndex from, std::vector<ToControl> letters);
  void obey(core::ShardIndex shard, const ShardOrders& orders);

  World& world_;
  FakeNetwork& network_;
  const std::string name_;
  const std::string address_;
  const std::uint16_t shard_count_;
  bool dead_ = false;
  bool stalled_ = false;
  bool wedged_ = false;
  bool in_turn_ = false;
  std::deque<std::function<void()>> inbox_;
  LeaseDeadline lease_;
  std::unique_ptr<support::InboxCoordinator> coordinator_;
  std::vector<FakeShard> shards_;
  std::map<LinkId, mqtt::ByteBuffer> outputs_;
  std::unique_ptr<Control> control_;
};

}  // namespace mqttzoo::cluster::harness
