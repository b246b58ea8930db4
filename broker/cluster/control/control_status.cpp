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

std::string seconds(core::Milliseconds time) { return std::to_string(time / 1000) + " s"; }

}  // namespace

const char* to_string(Coordination coordination) {
  switch (coordination) {
    case Coordination::held:
      return "ok";
    case Coordination::lost:
      return "lost";
    case Coordination::refusing:
      return "refusing";
    case Coordination::serving:
      return "serving";
  }
  return "unknown";
}

Coordination Control::Parts::coordination(core::Milliseconds now) const {
  if (lease_holds(now)) return Coordination::held;
  if (lease.is_waived()) return Coordination::serving;
  const bool grace_is_over = without_lease_since && now >= *without_lease_since + limits.coordination_grace_ms;
  return grace_is_over ? Coordination::refusing : Coordination::lost;
}

std::string Control::Parts::what_is_refused(core::Milliseconds now) const {
  const std::string always =
      "until it has a lease QoS 1 and 2 and SUBSCRIBE are not answered; persistent sessions are ";
  if (coordination(now) == Coordination::refusing) return always + "refused";
  return always + "refused, and those that are served end " + seconds(limits.coordination_grace_ms) +
         " after the lease";
}

std::vector<std::string> Control::Parts::why_not_ready(core::Milliseconds now) const {
  std::vector<std::string> reasons;
  if (draining) reasons.push_back("this broker is being stopped");
  const bool has_leave = lease.permits(now);
  if (ensemble && !lease.is_waived()) {
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
    if (!has_leave) reasons.push_back("no lease: ZooKeeper has not taken a heartbeat in time");
  }
  if (!leaving && !has_leave) reasons.push_back(what_is_refused(now));
  if (reasons.empty() && !entry.acts()) reasons.push_back("about to act in " + view);
  return reasons;
}

Readiness Control::Parts::readiness(core::Milliseconds now) const {
  Readiness readiness{.ready = false, .reasons = why_not_ready(now), .degraded = why_degraded()};
  readiness.ready = readiness.reasons.empty();
  return readiness;
}

std::vector<std::string> Control::Parts::why_degraded() const {
  if (!lease.is_waived()) return {};
  std::vector<std::string> reasons{
      "no lease, and coordination_loss is serve: acknowledged messages can be lost, a session can be served twice"};
  if (const auto trouble = ensemble->trouble()) reasons.push_back(*trouble);
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
  status.acting = is_member() && entry.acts() && lease.permits(now);
  status.coordination = coordination(now);
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
  status.readiness = readiness(now);
  return status;
}

/// Waives the lease where ZooKeeper has been silent for a heartbeat's time while this broker looked. One that stood
/// still may have been removed meanwhile: it finds out first.
void Control::Parts::follow_contact(core::Milliseconds now) {
  if (!limits.serves_without_lease || is_lone()) return;
  if (!ensemble->is_out_of_contact()) {
    out_of_contact_since.reset();
  } else if (!out_of_contact_since) {
    out_of_contact_since = now;
  }
  const bool is_silent = out_of_contact_since && now - *out_of_contact_since >= limits.heartbeat_interval();
  const bool may_serve = is_member() && entry.acts() && loops_turn(now) && !lease_holds(now);
  lease.waive(may_serve && (is_silent || lease.is_waived()));
}

void Control::Parts::report_coordination(core::Milliseconds now) {
  if (lease.permits(now)) {
    without_lease_since.reset();
    last_permitted = now;
  } else if (!without_lease_since) {
    without_lease_since = last_permitted.value_or(now);
  }
  const Coordination before = std::exchange(last_coordination, coordination(now));
  if (last_coordination == before) return;
  const std::string grace = seconds(limits.coordination_grace_ms);
  if (before == Coordination::serving)
    reporter.report(ReportLevel::warning, "this broker no longer serves without ZooKeeper");
  switch (last_coordination) {
    case Coordination::held:
      return reporter.report(ReportLevel::info, std::exchange(had_lease, true)
                                                    ? "the lease holds again: everything is served"
                                                    : "the lease holds");
    case Coordination::lost:
      if (!is_member()) return;  // which has a line of its own
      return reporter.report(ReportLevel::warning,
                             "the lease has ended: nothing is acknowledged until ZooKeeper is back; persistent "
                             "sessions are refused, and those that are served end in " +
                                 grace);
    case Coordination::serving:
      return reporter.report(
          ReportLevel::warning,
          "ZooKeeper is lost: this broker serves on without it (coordination_loss serve): acknowledged "
          "messages can be lost, a session can be served twice");
    case Coordination::refusing:
      return reporter.report(ReportLevel::warning,
                             "no lease for " + grace + ": persistent sessions are refused until ZooKeeper is back");
  }
}

void Control::Parts::report_changes(core::Milliseconds now) {
  report_coordination(now);
  const std::vector<std::string> reasons = why_not_ready(now);
  std::string state = self.text() + ' ' + std::to_string(entry.number()) + (entry.acts() ? " acts" : "");
  state += ensemble && ensemble->is_controller() ? " controls" : "";
  state += ' ' + listed(links.linked());
  for (const std::string& reason : reasons) state += '|' + reason;
  for (const std::string& reason : why_degraded()) state += "|~" + reason;
  if (state == std::exchange(last_reported, state)) return;
  reporter.state_changed(status(now));
}

}  // namespace mqttzoo::cluster
