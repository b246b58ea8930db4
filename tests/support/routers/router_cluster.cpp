#include "tests/support/routers/router_cluster.hpp"

#include <algorithm>

#include "broker/common/ensure.hpp"
#include "proto/mqtt/topic.hpp"

namespace mqttzoo::test {

using cluster::InterestOwner;

// ---------------------------------------------------------------- one shard

TestShard::TestShard(RouterCluster& cluster, std::string broker, core::ShardIndex shard, core::ShardIndex shard_count,
                     const cluster::RouterLimits& limits, const cluster::LeaseDeadline& lease)
    : wire(cluster.links, std::move(broker)),
      router(shard, shard_count, limits, counters, *this, wire, lease),
      core(router),
      cluster_(cluster),
      shard_(shard) {
  router.attach(core);
  cluster.links.add_end(wire, *this);
}

void TestShard::turn(const std::function<void()>& events) {
  ensure(!in_turn_, "turns are not nested");
  in_turn_ = true;
  router.begin_turn(cluster_.now());
  events();
  core::Now fresh = cluster_.now();
  fresh.steady += pause_ms;
  fresh.cluster += pause_ms;
  pause_ms = 0;
  router.end_of_turn(fresh);
  in_turn_ = false;
  cluster_.links.flush(wire);
}

std::uint64_t TestShard::publish(const std::string& topic, const std::string& payload, int qos, bool retain,
                                 bool refusable) {
  std::uint64_t sequence = 0;
  turn([&] { sequence = publish_now(topic, payload, qos, retain, refusable); });
  return sequence;
}

std::uint64_t TestShard::publish_now(const std::string& topic, const std::string& payload, int qos, bool retain,
                                     bool refusable) {
  core::MessageView view;
  view.topic = topic;
  view.payload = payload;
  view.qos = static_cast<mqtt::QoS>(qos);
  view.retain = retain;
  core::RoutedMessage message(view);
  router.publish(message, core::PublishTicket::of_connection({shard_, 1'000'000}, ++last_sequence_, refusable));
  return last_sequence_;
}

void TestShard::subscribe(const std::string& filter) {
  core.filters.push_back(filter);
  turn([&] {
    router.interest_added(filter);
    router.settle_subscription({{1'000'000}, ++last_subscribe_}, {});
  });
}

void TestShard::share(const std::string& name, core::ShareMembers members) {
  share_silently(name, members);
  turn([&] { router.share_changed(name, members); });
}

void TestShard::share_silently(const std::string& name, core::ShareMembers members) {
  if (members.all != 0) {
    core.shares[name] = members;
  } else {
    core.shares.erase(name);
  }
}

std::uint64_t TestShard::connect(const std::string& client_id, const std::string& will_topic, int will_qos,
                                 const std::function<void(core::Registration&)>& change) {
  core::Registration registration;
  registration.client_id = client_id;
  if (!will_topic.empty()) {
    core::MessageView will;
    will.topic = will_topic;
    const std::string payload = "will of " + client_id;
    will.payload = payload;
    will.qos = static_cast<mqtt::QoS>(will_qos);
    registration.has_will = true;
    registration.will.message = core::MessageRef::copy_of(will);
  }
  if (change) change(registration);
  const std::uint64_t serial = cluster_.next_serial_++;
  core.session_expiry_seconds[serial] = registration.session_expiry_seconds;
  turn([&] { router.register_connection({shard_, serial}, registration); });
  return serial;
}

void TestShard::disconnect(std::uint64_t serial, core::ConnectionFate fate) {
  turn([&] { router.unregister_connection({shard_, serial}, fate, core.session_expiry_seconds[serial]); });
}

void TestShard::up(cluster::LinkId link, const proto::HelloAnswer& answer) {
  turn([&] { router.link_up(link, answer); });
}

void TestShard::accepted(cluster::LinkId link, const proto::Hello& hello) {
  turn([&] { router.link_accepted(link, hello); });
}

bool TestShard::frame(cluster::LinkId link, const std::string& frame) {
  bool good = false;
  turn([&] { good = router.link_frame(link, frame); });
  return good;
}

void TestShard::down(cluster::LinkId link) {
  if (in_turn_) return router.link_down(link);
  turn([&] { router.link_down(link); });
}

void TestShard::send_to_control(cluster::ToControl letter) { to_control.push_back(std::move(letter)); }

void TestShard::send_to_shard(core::ShardIndex to, cluster::ShardLetter letter) {
  ensure(to != shard_, "a router never sends to its own shard");
  to_shards.emplace_back(to, std::move(letter));
}

// ---------------------------------------------------------------- the brokers

RouterCluster::RouterCluster(cluster::RouterLimits limits, cluster::PartitionIndex partitions)
    : links(&RouterCluster::find_acceptor, this), limits_(limits), partitions_(partitions) {}

TestBroker& RouterCluster::add(const std::string& name, core::ShardIndex shards) {
  auto& broker = brokers_[name];
  broker = std::make_unique<TestBroker>();
  broker->incarnation = {name, 1};
  broker->lease.extend_to(cluster::LeaseDeadline::for_ever);
  for (core::ShardIndex i = 0; i < shards; ++i)
    broker->shards.push_back(std::make_unique<TestShard>(*this, name, i, shards, limits_, broker->lease));
  broker->tell(cluster::Identified{broker->incarnation, "zoo"});
  return *broker;
}

cluster::SharedView RouterCluster::start(const std::vector<std::string>& names, core::ShardIndex shards) {
  for (const std::string& name : names) add(name, shards);
  introduce_all();
  settle();
  return change_view(names);
}

void RouterCluster::introduce(const std::string& to, const std::string& other) {
  TestBroker& broker = (*this)[to];
  const cluster::Incarnation& known = (*this)[other].incarnation;
  if (broker.slots.contains(known.text())) return;
  const cluster::PeerSlot slot = broker.next_slot++;
  broker.slots[known.text()] = slot;
  broker.tell(cluster::PeerKnown{slot, known, other + ":1", static_cast<std::uint16_t>((*this)[other].shards.size())});
  // The snapshot of what it wants already.
  cluster::InterestOf interest{0, {InterestOwner::Kind::peer, slot}, true, {}, {}};
  for (auto& shard : (*this)[other].shards)
    interest.added.insert(interest.added.end(), shard->core.filters.begin(), shard->core.filters.end());
  broker.tell(interest);
}

void RouterCluster::introduce_all() {
  for (auto& [name, broker] : brokers_) {
    for (auto& [other, ignored] : brokers_) {
      if (name != other) introduce(name, other);
    }
  }
}

cluster::SharedView RouterCluster::next_view(const std::vector<std::string>& names, const std::string& owner,
                                             std::vector<cluster::RemovedMember> removed) {
  auto view = std::make_shared<cluster::View>();
  view->number = ++last_view_;
  for (const std::string& name : names) {
    TestBroker& broker = (*this)[name];
    view->members.push_back({broker.incarnation,
                             name + ":1",
                             static_cast<std::uint16_t>(broker.shards.size()),
                             {name + ":1883", name + ":8883", "", ""}});
  }
  std::sort(view->members.begin(), view->members.end(),
            [](const auto& a, const auto& b) { return a.incarnation < b.incarnation; });
  for (cluster::PartitionIndex i = 0; i < partitions_; ++i) {
    std::uint16_t primary = static_cast<std::uint16_t>(i % view->members.size());
    for (std::uint16_t m = 0; m < view->members.size(); ++m) {
      if (view->members[m].incarnation.name == owner) primary = m;
    }
    view->primaries.push_back(primary);
  }
  if (keeps_copies) {
    for (cluster::PartitionIndex i = 0; i < partitions_; ++i) view->copies.push_back(copies_of(*view, i));
  }
  view->removed = std::move(removed);
  before_ = view;
  learned_.clear();
  return view;
}

bool RouterCluster::has_all(const cluster::View& before, cluster::PartitionIndex partition,
                            const cluster::Incarnation& member) const {
  const cluster::PartitionCopy* const copy = before.copy_at(partition, member);
  return before.primary_of(partition).incarnation == member || (copy && copy->in_sync) ||
         learned_.contains({partition, member});
}

cluster::PartitionCopies RouterCluster::copies_of(const cluster::View& view, cluster::PartitionIndex partition) const {
  const cluster::Incarnation& primary = view.primary_of(partition).incarnation;
  const bool goes_on = before_ && has_all(*before_, partition, primary);
  cluster::PartitionCopies copies;
  for (std::uint16_t m = 0; m < view.members.size(); ++m) {
    const cluster::Incarnation& member = view.members[m].incarnation;
    if (member != primary) copies.push_back({m, goes_on && has_all(*before_, partition, member)});
  }
  return copies;
}

cluster::SharedView RouterCluster::change_view(const std::vector<std::string>& names, const std::string& owner,
                                               std::vector<cluster::RemovedMember> removed) {
  const cluster::SharedView view = next_view(names, owner, std::move(removed));
  for (const std::string& name : names) enter(name, view);
  settle();
  for (const std::string& name : names) act(name, view);
  settle();
  return view;
}

void RouterCluster::kill(const std::string& name) {
  for (auto& [other, broker] : brokers_) {
    if (other != name) links.cut(name, other);
  }
  const auto found = brokers_.find(name);
  for (auto& shard : found->second->shards) {
    shard->from_control.clear();
    shard->from_shards.clear();
  }
  dead_.push_back(std::move(found->second));
  brokers_.erase(found);
}

void RouterCluster::reincarnate(const std::string& name) {
  TestBroker& broker = (*this)[name];
  for (auto& [other, other_broker] : brokers_) {
    const auto slot = other_broker->slots.find(broker.incarnation.text());
    if (slot == other_broker->slots.end()) continue;
    other_broker->tell(cluster::PeerGone{slot->second});
    other_broker->slots.erase(slot);
  }
  for (const auto& [text, slot] : broker.slots) broker.tell(cluster::PeerGone{slot});
  broker.slots.clear();
  ++broker.incarnation.epoch;
  broker.tell(cluster::Reincarnated{broker.incarnation});
  broker.lease.end();
}

LinkEnd* RouterCluster::find_acceptor(void* context, const proto::Hello& hello) {
  auto& brokers = static_cast<RouterCluster*>(context)->brokers_;
  const auto found = brokers.find(hello.to().name());
  if (found == brokers.end() || found->second->incarnation.epoch != hello.to().epoch()) return nullptr;
  TestBroker& broker = *found->second;
  return broker.shards[hello.shard() % broker.shards.size()].get();
}

// ---------------------------------------------------------------- running

void RouterCluster::deliver_letters() {
  for (auto& [name, broker] : brokers_) {
    for (auto& shard : broker->shards) {
      std::deque<cluster::ToShard> letters = std::exchange(shard->from_control, {});
      auto sibling_letters = std::exchange(shard->from_shards, {});
      shard->turn([&] {
        for (cluster::ToShard& letter : letters) shard->router.receive(std::move(letter));
        for (auto& [from, letter] : sibling_letters) shard->router.receive(std::move(letter));
      });
    }
  }
}

void RouterCluster::settle() {
  for (int rounds = 0;; ++rounds) {
    ensure(rounds < 10'000, "the cluster comes to rest");
    bool any = false;
    for (auto& [name, broker] : brokers_) any |= run_control(*broker);
    for (auto& [name, broker] : brokers_) {
      for (auto& shard : broker->shards) {
        any |= !shard->from_control.empty() || !shard->from_shards.empty() || shard->router.next_deadline() <= now_ms;
      }
    }
    deliver_letters();
    any |= links.carry();
    if (!any) return;
  }
}

void RouterCluster::advance(core::Milliseconds ms) {
  const core::Milliseconds end = now_ms + ms;
  settle();
  while (now_ms < end) {
    core::Milliseconds next = end;
    for (auto& [name, broker] : brokers_) {
      for (auto& shard : broker->shards) next = std::min(next, std::max(now_ms + 1, shard->router.next_deadline()));
    }
    now_ms = next;
    settle();
  }
}

std::string RouterCluster::client_at(const cluster::SharedView& view, const std::string& name, int shard) const {
  for (int i = 0;; ++i) {
    std::string client_id = "client " + std::to_string(i);
    const cluster::PartitionIndex partition = view->partition_of(client_id);
    const cluster::Member& member = view->primary_of(partition);
    if (member.incarnation.name == name && (shard < 0 || partition % member.shard_count == shard)) return client_id;
  }
}

// ---------------------------------------------------------------- control

bool RouterCluster::run_control(TestBroker& broker) {
  bool any = false;
  for (std::size_t i = 0; i < broker.shards.size(); ++i) {
    TestShard& shard = *broker.shards[i];
    for (auto& [to, letter] : std::exchange(shard.to_shards, {})) {
      broker.shards[to]->from_shards.emplace_back(static_cast<core::ShardIndex>(i), std::move(letter));
      any = true;
    }
    std::deque<cluster::ToControl> kept;
    for (cluster::ToControl& letter : std::exchange(shard.to_control, {})) {
      const bool kept_for_test = (std::holds_alternative<cluster::InterestChanged>(letter) && !spreads_interest) ||
                                 (std::holds_alternative<cluster::StoreRetained>(letter) && !commits_retained);
      if (kept_for_test) {
        kept.push_back(std::move(letter));
      } else {
        control(broker, i, letter);
        any = true;
      }
    }
    for (cluster::ToControl& letter : kept) shard.to_control.push_back(std::move(letter));
  }
  return any;
}

void RouterCluster::control(TestBroker& broker, std::size_t shard, cluster::ToControl& letter) {
  if (const auto* const change = std::get_if<cluster::InterestChanged>(&letter)) {
    spread(broker, shard, *change);
  } else if (const auto* const store = std::get_if<cluster::StoreRetained>(&letter)) {
    store->message->set_retained_version(++last_version_);
    retained[std::string(store->message->view().topic)] = store->message;
    broker.shards[shard]->from_control.push_back(cluster::RetainedStored{store->ticket, {}, {}});
  } else if (const auto* const read = std::get_if<cluster::ReadRetained>(&letter)) {
    read_retained(*broker.shards[shard], *read);
  } else if (const auto* const complete = std::get_if<cluster::CopyComplete>(&letter)) {
    if (complete->view_number == last_view_) learned_.emplace(complete->partition, complete->copy);
  }
}

/// References are not counted here: a filter is wanted by one shard of one broker, or withdrawn by none; and so are the
/// members of a Shared Subscription.
void RouterCluster::spread(TestBroker& broker, std::size_t shard, const cluster::InterestChanged& change) {
  for (std::size_t i = 0; i < broker.shards.size(); ++i) {
    if (i == shard) continue;
    const InterestOwner owner{InterestOwner::Kind::shard, static_cast<std::uint16_t>(shard)};
    broker.shards[i]->from_control.push_back(
        cluster::InterestOf{0, owner, false, change.added, change.removed, change.shares});
  }
  for (auto& [name, other] : brokers_) {
    const auto slot = other->slots.find(broker.incarnation.text());
    if (slot == other->slots.end()) continue;
    const InterestOwner owner{InterestOwner::Kind::peer, slot->second};
    other->tell(cluster::InterestOf{0, owner, false, change.added, change.removed, change.shares});
  }
  broker.shards[shard]->from_control.push_back(cluster::InterestSettled{change.sequence});
}

void RouterCluster::read_retained(TestShard& shard, const cluster::ReadRetained& read) {
  cluster::RetainedRead found{read.ticket, {}};
  for (const auto& [topic, message] : retained) {
    for (std::size_t i = 0; i < read.filters.size(); ++i) {
      if (mqtt::matches(read.filters[i], topic)) found.matches.push_back({static_cast<std::uint32_t>(i), message});
    }
  }
  shard.from_control.push_back(std::move(found));
}

}  // namespace mqttzoo::test
