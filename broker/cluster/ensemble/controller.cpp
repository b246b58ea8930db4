#include "broker/cluster/ensemble/controller.hpp"

#include <algorithm>
#include <utility>

namespace mqttzoo::cluster {

void QuorumContact::step(core::Milliseconds now, bool connected, bool success) {
  const core::Milliseconds gap_max = 2 * limits_.heartbeat_interval();
  if (!connected || (since_ && now - last_ > gap_max)) since_.reset();
  if (!connected || !success) return;
  if (!since_) since_ = now;
  last_ = now;
}

Controller::Controller(Coordinator& coordinator, PartitionIndex partitions, const ControlLimits& limits,
                       ControlReporter& reporter)
    : partitions_(partitions),
      limits_(limits),
      reporter_(reporter),
      office_(coordinator, limits),
      contact_(limits),
      reachability_(limits.unreachable_grace_ms) {}

void Controller::session_began() {
  office_.session_began();
  reachability_.clear();
}

void Controller::step(core::Milliseconds now, bool connected, const Basis& basis) {
  const bool office_succeeded = office_.take_success();
  contact_.step(now, connected, office_succeeded || basis.heartbeat_succeeded);
  if (!connected || !basis.reading) return;

  const auto is_gone = [&basis](const Incarnation& incarnation) {
    const auto found = basis.brokers->find(incarnation.name);
    return basis.brokers_are_current && (found == basis.brokers->end() || found->second.incarnation != incarnation);
  };
  office_.step(now, {.self = basis.self, .eligible = is_eligible(basis), .is_gone = is_gone});
  if (!office_.is_held()) {
    reachability_.clear();
    return;
  }
  decide(now, basis);
}

/// Members hold the office, so that who is cut off from all others does not go on deciding about them. If none of the
/// members lives, anybody who is registered.
bool Controller::is_eligible(const Basis& basis) const {
  if (basis.self.epoch == 0 || basis.draining) return false;
  const View* const view = basis.reading->view ? basis.reading->view.get() : basis.entered;
  if (!view || view->find(basis.self)) return true;
  return basis.brokers_are_current &&
         std::none_of(view->members.begin(), view->members.end(), [&](const Member& member) {
           const auto found = basis.brokers->find(member.incarnation.name);
           return found != basis.brokers->end() && found->second.incarnation == member.incarnation;
         });
}

void Controller::decide(core::Milliseconds now, const Basis& basis) {
  const View* const current = basis.reading->view ? basis.reading->view.get() : basis.entered;
  if (current && current->number != std::exchange(last_view_, current->number)) last_view_at_ = now;
  if (current) reachability_.update(*current, *basis.brokers, now);
  if (!basis.reading_is_current || !basis.brokers_are_current || !office_.may_write()) return;
  if (!current && basis.reading->is_corrupt() && !may_start_over(now)) return;

  auto change = next_view({.current = current,
                           .brokers = basis.brokers,
                           .self = basis.self,
                           .partitions = partitions_,
                           .replicas = limits_.replicas,
                           .may_remove = contact_.suffices(now),
                           .may_change = now - last_view_at_ >= limits_.view_interval_ms,
                           .parted = current ? reachability_.parted(now) : std::vector<PartedMembers>{},
                           .forgettable = basis.forgettable});
  const bool is_damaged = basis.reading->is_corrupt() || (current && !basis.reading->version);
  if (!change && is_damaged && current) change = ViewChange{*current, "the znode was damaged"};
  if (!change) return;
  // A number is never used twice, not even where the last view cannot be read: it is above that of every write before.
  const auto version = basis.reading->version;
  if (version) change->view.number = std::max(change->view.number, static_cast<ViewNumber>(*version) + 2);
  if (current) change->view.number = std::max(change->view.number, current->number + 1);
  if (basis.entered) change->view.number = std::max(change->view.number, basis.entered->number + 1);
  office_.write_view(change->view, version, now);
  reporter_.report(ReportLevel::info, "as controller: view " + std::to_string(change->view.number) + " of " +
                                          std::to_string(change->view.members.size()) + " brokers: " + change->why);
}

/// The view cannot be read and this broker knows no former one: somebody else may, and shall replace it. If nobody
/// does, all leases have ended meanwhile, since no heartbeat passes.
bool Controller::may_start_over(core::Milliseconds now) {
  if (!nothing_to_go_by_since_) nothing_to_go_by_since_ = now;
  return now - *nothing_to_go_by_since_ >= limits_.removed_kept_fences * limits_.fence_ms();
}

}  // namespace mqttzoo::cluster
