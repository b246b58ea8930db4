#include <set>

#include "broker/cluster/view/view_codec.hpp"
#include "tests/broker/cluster/control/control_cluster.hpp"

/// What must hold after each event, whatever happens.
namespace mqttzoo::cluster::harness {

void ControlCluster::check_promises() {
  check_views();
  check_fences();
  check_primaries();
  check_interest();
}

/// All its shards were told to act, in the view that they are all in, and its lease holds.
bool ControlCluster::may_act(BrokerProcess& process) const {
  const SharedView& view = process.shards().front().view();
  for (const FakeShard& shard : process.shards())
    if (!shard.acts() || shard.view() != view) return false;
  return process.lease().holds(now_);
}

/// One number, one view.
void ControlCluster::check_views() {
  const auto see = [this](const SharedView& view) {
    if (!view) return;
    const auto [seen, is_new] = views_seen_.try_emplace(view->number);
    if (is_new) seen->second = serialize(*view);
    if (seen->second != serialize(*view)) broken("two views have the number " + std::to_string(view->number));
  };
  see(view_in_zookeeper());
  for (const auto& [name, process] : processes_)
    for (const FakeShard& shard : process->shards()) see(shard.view());
}

/// Where somebody says that the fence of X is over, X holds no lease.
void ControlCluster::check_fences() {
  std::set<Incarnation> over;
  for (const auto& [name, process] : processes_)
    for (const FakeShard& shard : process->shards())
      over.insert(shard.fences_over().begin(), shard.fences_over().end());
  for (const auto& [name, process] : processes_) {
    const Incarnation incarnation = process->control().status(now_).incarnation;
    if (process->lease().holds(now_) && over.contains(incarnation))
      broken("the fence of " + incarnation.text() + " is over, and it holds a lease");
  }
}

/// No partition has two brokers that may both act as its primary.
void ControlCluster::check_primaries() {
  std::map<PartitionIndex, std::string> acting;
  for (const auto& [name, process] : processes_) {
    if (!may_act(*process)) continue;
    const FakeShard& shard = process->shards().front();
    for (PartitionIndex partition = 0; partition < shard.view()->primaries.size(); ++partition) {
      if (shard.view()->primary_of(partition).incarnation != shard.self()) continue;
      bool waits = false;
      for (const Incarnation& former : shard.former_owners(partition))
        if (!shard.is_over(former)) waits = true;
      if (waits) continue;
      const auto [holder, is_first] = acting.try_emplace(partition, shard.self().text());
      if (!is_first)
        broken("partition " + std::to_string(partition) + " has two: " + holder->second + " and " +
               shard.self().text());
    }
  }
}

/// P1. What is settled at a member of the view is known to whoever may act: to all its shards. And that one counts it
/// as a member, since QoS 1 and 2 go to nobody else.
void ControlCluster::check_interest() {
  const SharedView view = view_in_zookeeper();
  if (!view) return;
  for (const auto& [name, process] : processes_) {
    const Incarnation incarnation = process->control().status(now_).incarnation;
    if (incarnation.epoch == 0 || !view->find(incarnation)) continue;
    for (const FakeShard& shard : process->shards()) {
      for (const auto& [filter, sequence] : shard.wants()) {
        if (!shard.is_settled(filter)) continue;
        for (const auto& [other_name, other] : processes_) {
          if (other == process || !may_act(*other)) continue;
          if (!other->shards().front().view()->find(incarnation))
            broken(filter + " is settled at " + incarnation.text() + ", which is no member for " +
                   other->shards().front().self().text());
          for (const FakeShard& publishing : other->shards())
            if (!publishing.interest_of(incarnation).contains(filter))
              broken(filter + " is settled at " + incarnation.text() + ", and " + publishing.self().text() +
                     " publishes without");
        }
      }
    }
  }
}

}  // namespace mqttzoo::cluster::harness
