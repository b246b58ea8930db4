#include "broker/cluster/control/control_status.hpp"

#include <algorithm>
#include <utility>

#include "broker/cluster/control/control_parts.hpp"

namespace mqttzoo::cluster {

namespace {

std::string listed(const std::vector<Incarnation>& incarnations) {
  std::string text;
  for (const Incarnation& incarnation : incarnations) text += (text.empty() ? "" : ", ") + incarnation.text();
  return text;
}

}  // namespace

std::vector<std::string> Control::Parts::why_not_ready(core::Milliseconds now) const {
  std::vector<std::string> reasons;
  if (draining) reasons.push_back("this broker is being stopped");
  if (ensemble) {
    if (const auto trouble = ensemble->trouble()) reasons.push_back(*trouble);
  }
  const std::string view = "view " + std::to_string(entry.number());
  if (!entry.view()) {
    reasons.push_back("the cluster's view is not known yet");
  } else if (!is_member()) {
    reasons.push_back("not a member of " + view);
    for (const PeerStatus& peer : links.status())
      if (!peer.linked && entry.view()->find(peer.incarnation))
        reasons.push_back("not linked with " + peer.incarnation.text() + ": " + peer.why_not_linked);
  } else {
    if (!entry.shards_have_entered()) reasons.push_back("not all shards have entered " + view);
    const std::vector<Incarnation> awaited = entry.awaited();
    if (!awaited.empty()) reasons.push_back("not ready in " + view + ": " + listed(awaited));
    if (!lease_holds(now)) reasons.push_back("no lease: ZooKeeper has not taken a heartbeat in time");
  }
  if (reasons.empty() && !entry.acts()) reasons.push_back("about to act in " + view);
  return reasons;
}

ControlStatus Control::Parts::status(core::Milliseconds now) const {
  ControlStatus status;
  status.incarnation = self;
  status.cluster = cluster;
  status.view_number = entry.number();
  if (const SharedView& view = entry.view()) {
    for (const Member& member : view->members) status.members.push_back(member.incarnation);
    const auto is_self = [&](std::uint16_t index) { return view->members[index].incarnation == self; };
    status.primary_partitions =
        static_cast<std::size_t>(std::count_if(view->primaries.begin(), view->primaries.end(), is_self));
  }
  status.member = is_member();
  status.acting = is_member() && entry.acts() && lease_holds(now);
  status.controller = ensemble && ensemble->is_controller();
  status.draining = draining;
  if (is_lone())
    status.lease_remaining_ms = leaving ? 0 : LeaseDeadline::for_ever;
  else
    status.lease_remaining_ms = std::max<core::Milliseconds>(0, ensemble->lease_until() - now);
  status.peers = links.status();
  for (PeerStatus& peer : status.peers) peer.member = entry.view() && entry.view()->find(peer.incarnation);
  status.heartbeats_missed = ensemble ? ensemble->heartbeats_missed() : 0;
  status.views_entered = views_entered;
  status.interest_filters = board.log().filter_count();
  status.interest_unsettled = board.unsettled();
  status.readiness.reasons = why_not_ready(now);
  status.readiness.ready = status.readiness.reasons.empty();
  return status;
}

void Control::Parts::report_changes(core::Milliseconds now) {
  if (const bool holds = is_member() && lease_holds(now); holds != std::exchange(lease_held, holds) && is_member()) {
    reporter.report(holds ? ReportLevel::info : ReportLevel::warning,
                    holds ? "the lease holds" : "the lease has ended: nothing is acknowledged until ZooKeeper is back");
  }
  const std::vector<std::string> reasons = why_not_ready(now);
  std::string state = self.text() + ' ' + std::to_string(entry.number()) + (entry.acts() ? " acts" : "");
  state += ensemble && ensemble->is_controller() ? " controls" : "";
  state += ' ' + listed(links.linked());
  for (const std::string& reason : reasons) state += '|' + reason;
  if (state == std::exchange(last_reported, state)) return;
  reporter.state_changed(status(now));
}

}  // namespace mqttzoo::cluster
