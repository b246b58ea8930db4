#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/cluster/lease_deadline.hpp"
#include "broker/cluster/router/shard_router.hpp"
#include "tests/support/routers/recording_shard.hpp"
#include "tests/support/routers/router_links.hpp"

namespace mqttzoo::test {

class RouterCluster;

/// One shard of one broker: its router, what stands for the core, and what lies in its mailboxes.
class TestShard final : public LinkEnd, private cluster::ShardPort {
 public:
  TestShard(RouterCluster& cluster, std::string broker, core::ShardIndex shard, core::ShardIndex shard_count,
            const cluster::RouterLimits& limits, const cluster::LeaseDeadline& lease);

  cluster::RouterCounters counters;
  TestTransport wire;
  cluster::ShardRouter router;
  RecordingShard core;
  std::deque<cluster::ToShard> from_control;
  std::deque<std::pair<core::ShardIndex, cluster::ShardLetter>> from_shards;
  std::deque<cluster::ToControl> to_control;
  std::vector<std::pair<core::ShardIndex, cluster::ShardLetter>> to_shards;  ///< handed over after the turn
  core::Milliseconds pause_ms = 0;  ///< the next turn hangs for so long before it ends

  /// One turn with these events.
  void turn(const std::function<void()>& events);
  /// Publishes in a turn of its own; returns the ticket's sequence.
  std::uint64_t publish(const std::string& topic, const std::string& payload, int qos = 1, bool retain = false,
                        bool refusable = true);
  /// Like publish, within a turn of the caller's.
  std::uint64_t publish_now(const std::string& topic, const std::string& payload, int qos = 1, bool retain = false,
                            bool refusable = true);
  void subscribe(const std::string& filter);
  /// Sessions are members of a Shared Subscription from now on: so many, and so many able ones.
  void share(const std::string& name, core::ShareMembers members);
  /// The same, but the router is not told.
  void share_silently(const std::string& name, core::ShareMembers members);
  /// A connection with this Client Identifier; a will if its topic is given. Returns its serial.
  std::uint64_t connect(const std::string& client_id, const std::string& will_topic = {}, int will_qos = 1,
                        const std::function<void(core::Registration&)>& change = {});
  void disconnect(std::uint64_t serial, core::ConnectionFate fate);

  TestTransport& transport() override { return wire; }
  void up(cluster::LinkId link, const proto::HelloAnswer& answer) override;
  void accepted(cluster::LinkId link, const proto::Hello& hello) override;
  bool frame(cluster::LinkId link, const std::string& frame) override;
  void down(cluster::LinkId link) override;

 private:
  void send_to_control(cluster::ToControl letter) override;
  void send_to_shard(core::ShardIndex to, cluster::ShardLetter letter) override;

  RouterCluster& cluster_;
  core::ShardIndex shard_;
  std::uint64_t last_sequence_ = 0;
  std::uint64_t last_subscribe_ = 0;
  bool in_turn_ = false;
};

/// One broker: its shards, its lease, and a control that does at once what the real one does in time.
struct TestBroker {
  cluster::Incarnation incarnation;
  cluster::LeaseDeadline lease;
  std::vector<std::unique_ptr<TestShard>> shards;
  std::map<std::string, cluster::PeerSlot> slots;  ///< by the text of the incarnation
  cluster::PeerSlot next_slot = 0;

  TestShard& shard(std::size_t index = 0) { return *shards.at(index); }
  void tell(const cluster::ToShard& letter) {
    for (auto& one : shards) one->from_control.push_back(letter);
  }
};

/// Several brokers on one virtual clock. Nothing happens by itself: `settle` carries letters and frames until all is
/// quiet, `advance` lets time pass.
class RouterCluster {
 public:
  explicit RouterCluster(cluster::RouterLimits limits = {}, cluster::PartitionIndex partitions = 8);

  TestBroker& add(const std::string& name, core::ShardIndex shards = 1);
  TestBroker& operator[](const std::string& name) { return *brokers_.at(name); }
  /// Adds the brokers, links them, puts all into a view and lets them act in it.
  cluster::SharedView start(const std::vector<std::string>& names, core::ShardIndex shards = 1);
  /// The broker knows the other one from now on.
  void introduce(const std::string& to, const std::string& other);
  void introduce_all();

  /// The next view: these members, partitions in turn, unless `owner` owns all; `removed` as the fenced ones.
  cluster::SharedView next_view(const std::vector<std::string>& names, const std::string& owner = {},
                                std::vector<cluster::RemovedMember> removed = {});
  void enter(const std::string& name, const cluster::SharedView& view) { (*this)[name].tell(cluster::EnterView{view}); }
  void act(const std::string& name, const cluster::SharedView& view) {
    (*this)[name].tell(cluster::ActInView{view->number});
  }
  /// All members enter, then act, with everything in between settled.
  cluster::SharedView change_view(const std::vector<std::string>& names, const std::string& owner = {},
                                  std::vector<cluster::RemovedMember> removed = {});
  /// The process is gone: its links end, nothing of it runs any more.
  void kill(const std::string& name);
  /// Removed from the view and back under the next epoch, not yet in a view.
  void reincarnate(const std::string& name);

  void settle();
  void deliver_letters();
  void advance(core::Milliseconds ms);
  /// A Client Identifier whose home is this broker (and shard) in this view.
  std::string client_at(const cluster::SharedView& view, const std::string& name, int shard = -1) const;

  core::Now now() const { return {now_ms, cluster_epoch_ms + now_ms}; }
  static constexpr core::ClusterMilliseconds cluster_epoch_ms = 1'000'000;
  core::Milliseconds now_ms = 1000;
  RouterLinks links;

  // What the control of all brokers does; a test that switches it off answers itself.
  bool spreads_interest = true;
  bool commits_retained = true;

  /// Next views: all other members keep copies of each partition.
  bool keeps_copies = false;
  std::map<std::string, core::MessageRef> retained;

 private:
  friend class TestShard;
  static LinkEnd* find_acceptor(void* context, const proto::Hello& hello);
  bool has_all(const cluster::View& before, cluster::PartitionIndex partition,
               const cluster::Incarnation& member) const;
  cluster::PartitionCopies copies_of(const cluster::View& view, cluster::PartitionIndex partition) const;
  bool run_control(TestBroker& broker);
  void control(TestBroker& broker, std::size_t shard, cluster::ToControl& letter);
  void spread(TestBroker& broker, std::size_t shard, const cluster::InterestChanged& change);
  void read_retained(TestShard& shard, const cluster::ReadRetained& read);

  cluster::RouterLimits limits_;
  cluster::PartitionIndex partitions_;
  std::map<std::string, std::unique_ptr<TestBroker>> brokers_;
  std::vector<std::unique_ptr<TestBroker>> dead_;
  cluster::ViewNumber last_view_ = 0;
  cluster::SharedView before_;                                                  ///< the view that came last
  std::set<std::pair<cluster::PartitionIndex, cluster::Incarnation>> learned_;  ///< in it
  std::int64_t last_version_ = 0;
  std::uint64_t next_serial_ = 1;
};

}  // namespace mqttzoo::test
