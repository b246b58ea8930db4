#include "broker/cluster/ensemble/ensemble_side.hpp"

#include <utility>

namespace mqttzoo::cluster {

using State = Coordinator::SessionState;

EnsembleSide::EnsembleSide(Coordinator& coordinator, std::string name, std::string id_if_new, PartitionIndex partitions,
                           const ControlLimits& limits, LeaseDeadline& lease, ControlReporter& reporter)
    : coordinator_(coordinator),
      name_(name),
      limits_(limits),
      reporter_(reporter),
      tree_(coordinator, std::move(id_if_new), limits, reporter),
      membership_(coordinator, name, limits, reporter),
      view_(coordinator, limits, reporter),
      directory_(coordinator, limits, reporter),
      lease_(coordinator, std::move(name), limits, lease),
      controller_(coordinator, partitions, limits, reporter) {
  // Only so that a tick follows: what the state is, step reads itself.
  coordinator_.on_session_change(scope_.guard([](State, std::int64_t) {}));
}

bool EnsembleSide::is_connected() const { return coordinator_.session_state() == State::connected; }

void EnsembleSide::step(core::Milliseconds now, const Basis& basis) {
  const State state = coordinator_.session_state();
  if (state == State::expired && last_state_ != State::expired)
    reporter_.report(ReportLevel::warning, "the session with ZooKeeper has expired");
  last_state_ = state;
  const bool connected = state == State::connected && timeout_suffices();
  if (connected && coordinator_.session_id() != session_) session_began();
  if (connected) tree_.step(now);
  if (connected && tree_.is_ready()) {
    if (!withdrawing_) view_.step(now);
    if (view_.reading()) {
      renounce_if_unsure(view_.reading()->view);
      membership_.describe(basis.description);
      membership_.step(now);
    }
    if (withdrawing_) return;
    if (std::exchange(last_number_read_, view_.number_read()) != view_.number_read()) directory_.refresh();
    directory_.step(now, view_.number_read());
    look_after_own_znode();
    lease_.step(now, lease_basis(basis));
    if (lease_.take_view_changed() || controller_.take_view_touched()) view_.refresh();
  }
  if (withdrawing_) return;
  controller_.step(now, connected && tree_.is_ready(),
                   {.self = registered_as(),
                    .draining = basis.description.draining,
                    .reading = view_.reading() ? &*view_.reading() : nullptr,
                    .reading_is_current = view_.is_current(),
                    .brokers = &directory_.records(),
                    .brokers_are_current = directory_.is_current(),
                    .entered = basis.entered.get(),
                    .forgettable = basis.forgettable,
                    .heartbeat_succeeded = lease_.take_success()});
}

void EnsembleSide::session_began() {
  const bool first = session_ == 0;
  session_ = coordinator_.session_id();
  session_checked_ = first;
  passes_seen_ = 0;
  passes_at_registration_.reset();
  last_number_read_ = 0;
  tree_.session_began();
  membership_.session_began();
  view_.session_began();
  directory_.session_began();
  lease_.session_began();
  controller_.session_began();
  reporter_.report(ReportLevel::info, first ? "connected with ZooKeeper" : "connected with ZooKeeper by a new session");
}

bool EnsembleSide::timeout_suffices() {
  const core::Milliseconds timeout = coordinator_.session_timeout_ms();
  if (limits_.timeout_suffices(timeout)) return true;
  if (!std::exchange(said_timeout_, true)) reporter_.cannot_take_part(*trouble());
  return false;
}

/// While there was no session this broker may have been added to the view, removed from it, and forgotten, all unseen.
/// If it is not a member now, that cannot be ruled out.
void EnsembleSide::renounce_if_unsure(const SharedView& view) {
  if (std::exchange(session_checked_, true) || membership_.incarnation().epoch == 0) return;
  if (!view || !view->find(membership_.incarnation())) membership_.reincarnate();
}

/// Somebody may have removed our znode or written into it by hand.
void EnsembleSide::look_after_own_znode() {
  if (!membership_.is_registered()) {
    passes_at_registration_.reset();
    return;
  }
  if (!passes_at_registration_) {
    passes_at_registration_ = directory_.passes();
    directory_.refresh();
  }
  // The pass after next began after the registration.
  if (directory_.passes() < *passes_at_registration_ + 2 || is_registered(membership_.incarnation())) return;
  passes_at_registration_.reset();
  membership_.repair();
}

LeaseKeeper::Basis EnsembleSide::lease_basis(const Basis& basis) const {
  const Incarnation self = registered_as();
  LeaseKeeper::Basis lease{.view_version = std::nullopt, .loops_turn = basis.loops_turn};
  if (basis.entered && self.epoch != 0 && basis.entered->find(self) && view_.reading() &&
      view_.number_read() == basis.entered->number)
    lease.view_version = view_.reading()->version;
  return lease;
}

void EnsembleSide::reincarnate() {
  lease_.end();
  membership_.reincarnate();
}

void EnsembleSide::withdraw() {
  withdrawing_ = true;
  lease_.end();
  membership_.withdraw();
}

Incarnation EnsembleSide::registered_as() const {
  return membership_.is_registered() ? membership_.incarnation() : Incarnation{};
}

SharedView EnsembleSide::view() const { return view_.reading() ? view_.reading()->view : nullptr; }

std::optional<ViewNumber> EnsembleSide::take_listing() {
  if (directory_.passes() == passes_seen_) return std::nullopt;
  passes_seen_ = directory_.passes();
  return directory_.listed_after_view();
}

std::optional<std::string> EnsembleSide::trouble() const {
  if (!is_connected()) return "no connection with ZooKeeper";
  if (!limits_.timeout_suffices(coordinator_.session_timeout_ms()))
    return "ZooKeeper grants sessions of " + std::to_string(coordinator_.session_timeout_ms()) +
           " ms only, too short for a lease of " + std::to_string(limits_.lease_ms) +
           " ms: raise tickTime or maxSessionTimeout";
  if (!tree_.is_ready()) return "the cluster's znodes are not there yet";
  if (!membership_.name_taken_by().empty())
    return "the name " + name_ + " is taken by " + membership_.name_taken_by() + ": waiting until its session is over";
  if (!membership_.is_registered()) return "not registered in ZooKeeper yet";
  return std::nullopt;
}

}  // namespace mqttzoo::cluster
