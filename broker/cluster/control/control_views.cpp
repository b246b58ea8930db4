#include <algorithm>
#include <set>
#include <utility>

#include "broker/cluster/control/control_parts.hpp"

/// The part of Control that says who this broker is, which view it is in, and whom it knows.
namespace mqttzoo::cluster {

namespace {

std::string names(const std::vector<Member>& members) {
  std::string text;
  for (const Member& member : members) text += (text.empty() ? "" : ", ") + member.incarnation.text();
  return text;
}

/// Between two readings of /brokers because of strangers.
constexpr core::Milliseconds stranger_interval_ms = 500;

}  // namespace

void Control::Parts::follow_ensemble(core::Milliseconds now) {
  if (stranger_called && (!brokers_asked || now - *brokers_asked >= stranger_interval_ms)) {
    stranger_called = false;
    brokers_asked = now;
    ensemble->reread_brokers();
  }
  ensemble->step(now, {.entered = entry.view(),
                       .loops_turn = loops_turn(now),
                       .description = description(now),
                       .forgettable = forgettable(now)});
  const Incarnation registered = ensemble->registered_as();
  if (registered.epoch != 0 && registered != self) become(registered);
  if (const SharedView view = ensemble->view(); view && had_incarnation) enter(view);
  update_peers(now);
  if (const auto view = ensemble->take_listing())
    fences.listed(*view, [this](const Incarnation& incarnation) { return ensemble->is_registered(incarnation); });
}

// ---------------------------------------------------------------- who we are

void Control::Parts::become(const Incarnation& incarnation) {
  links.keep_only({});
  self = incarnation;
  if (ensemble) cluster = ensemble->cluster();
  links.identify(self, cluster);
  if (std::exchange(had_incarnation, true))
    tell_all_shards(Reincarnated{self});
  else
    tell_all_shards(Identified{self, cluster});
  entry.identify(self);
  entry.repeat();
  for (const Incarnation& over : fences.over()) tell_all_shards(FenceOver{over});
}

/// Removed from the view: nothing that this incarnation does counts any more.
void Control::Parts::give_up_incarnation() {
  reporter.report(ReportLevel::warning,
                  self.text() + " was removed from the view: this broker joins again as a new one");
  lease.end();
  ensemble->reincarnate();
  self = {};
  entry.identify(self);
}

bool Control::Parts::was_removed_in(const View* before, const View& view) const {
  if (self.epoch == 0 || view.find(self)) return false;
  return (before && before->find(self)) || view.lists_removed(self);
}

// ---------------------------------------------------------------- which view we are in

void Control::Parts::enter(const SharedView& view) {
  if (leaving || view->number <= entry.number()) return;
  const SharedView before = entry.view();
  if (self.epoch != 0) links.know(others_of(*view));  // before the view: so its members are known to be peers
  entry.enter(view);
  complete.clear();  // shards say it again in each view
  ++views_entered;
  reporter.report(ReportLevel::info, "entering view " + std::to_string(view->number) + ": " + names(view->members));
  fence_removed(before.get(), *view);
  for (const Incarnation& over : fences.over()) tell_all_shards(FenceOver{over});
  if (was_removed_in(before.get(), *view)) give_up_incarnation();
}

void Control::Parts::fence_removed(const View* before, const View& view) {
  if (before)
    for (const Member& member : before->members)
      if (!view.find(member.incarnation)) fences.removed(member.incarnation, view.number);
  for (const RemovedMember& removed : view.removed) fences.removed(removed.incarnation, removed.in_view);
  fences.keep_only(view);
}

void Control::Parts::peer_enters(const SharedView& view) {
  if (view->number <= entry.number()) return;
  enter(view);
  if (ensemble) ensemble->reread_view();  // for the version that heartbeats check
}

void Control::Parts::peer_is_ready(const Incarnation& peer, ViewNumber number) { entry.ready(peer, number); }

void Control::Parts::peer_left(const Incarnation& peer) {
  reporter.report(ReportLevel::info, peer.text() + " has left");
  fences.left(peer);
}

void Control::Parts::step_entry(core::Milliseconds now) {
  if (!entry.step(now)) return;
  reporter.report(ReportLevel::info, "all members are ready: acting in view " + std::to_string(entry.number()));
}

void Control::Parts::step_fences(core::Milliseconds now) {
  for (const Incarnation& over : fences.step(now)) {
    reporter.report(ReportLevel::info, over.text() + " acts no more");
    tell_all_shards(FenceOver{over});
  }
}

// ---------------------------------------------------------------- whom we know

std::vector<Member> Control::Parts::others_of(const View& view) const {
  std::vector<Member> others = view.members;
  std::erase_if(others, [&](const Member& member) { return member.incarnation.name == self.name; });
  return others;
}

/// Peers are the registered brokers and the members of our view, but no removed ones.
void Control::Parts::update_peers(core::Milliseconds now) {
  if (self.epoch == 0) return links.keep_only({});
  const View* const view = entry.view().get();
  std::vector<Member> peers;
  if (view) peers = others_of(*view);
  for (const auto& [name, record] : ensemble->brokers())
    if (name != self.name && (!view || (!view->find(record.incarnation) && !view->lists_removed(record.incarnation))))
      peers.push_back(record.member());
  std::set<Incarnation> kept;
  for (const Member& peer : peers) kept.insert(peer.incarnation);
  std::erase_if(unwanted_since, [&](const auto& one) { return kept.contains(one.first) || !links.knows(one.first); });
  for (const Incarnation& peer : links.peers_except(kept)) {
    if (lingers(peer, now))
      kept.insert(peer);
    else
      entry.forget(peer);
  }
  links.keep_only(kept);
  links.know(peers);
}

/// Who is not registered any more may have been added by a view that we have not seen, and lost its session after that:
/// then it relies on our knowing what it wants for as long as we may act without it, which is a lease.
bool Control::Parts::lingers(const Incarnation& peer, core::Milliseconds now) {
  if (entry.view() && entry.view()->lists_removed(peer)) return false;
  const auto [since, is_new] = unwanted_since.try_emplace(peer, now);
  return now - since->second < limits.fence_ms();
}

void Control::Parts::settle(core::Milliseconds now) {
  std::set<Incarnation> awaited = fences.pending();
  awaited.insert(links.linked().begin(), links.linked().end());
  if (entry.view())
    for (const Member& member : entry.view()->members)
      if (member.incarnation != self) awaited.insert(member.incarnation);
  awaited.erase(self);
  board.await(std::move(awaited));
  // QoS 1 and 2 go to members only, whatever interest is known of others: a newcomer's SUBACKs wait until all members
  // have entered the view that has it. Whoever is cut off does not know who publishes without it by now, so its SUBACKs
  // wait as well.
  if (entry.acts() && lease_holds(now)) board.settle();
}

BrokerRecord Control::Parts::description(core::Milliseconds now) const {
  return {.incarnation = {},
          .cluster_address = options.cluster_address,
          .version = options.version,
          .shard_count = options.shard_count,
          .listeners = options.listeners,
          .client_addresses = options.client_addresses,
          .linked = links.linked(),
          .not_ready = entry.overdue(now),
          .view_number = entry.number(),
          .draining = draining,
          .complete = {complete.begin(), complete.end()}};
}

/// Only in the view that the shard spoke of: in a later one it may be a learner for another time.
void Control::Parts::copy_is_complete(const CopyComplete& letter) {
  if (letter.view_number == entry.number()) complete.insert({letter.partition, letter.copy});
}

/// Removed incarnations that the view need not list any more: their fences ended long ago, they are not registered, and
/// all members have entered the view that removed them.
std::set<Incarnation> Control::Parts::forgettable(core::Milliseconds now) const {
  std::set<Incarnation> forgettable;
  if (!entry.view()) return forgettable;
  for (const RemovedMember& removed : entry.view()->removed) {
    const bool all_know =
        std::all_of(entry.view()->members.begin(), entry.view()->members.end(), [&](const Member& member) {
          const auto record = ensemble->brokers().find(member.incarnation.name);
          return record != ensemble->brokers().end() && record->second.view_number >= removed.in_view;
        });
    if (all_know && !ensemble->is_registered(removed.incarnation) &&
        fences.is_older_than(removed.incarnation, limits.removed_kept_fences * limits.fence_ms(), now))
      forgettable.insert(removed.incarnation);
  }
  return forgettable;
}

}  // namespace mqttzoo::cluster
