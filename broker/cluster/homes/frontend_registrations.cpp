#include "broker/cluster/homes/frontend_registrations.hpp"

#include <algorithm>
#include <utility>

#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

using core::ConnectionFate;
using mqtt::ReasonCode;

namespace {

constexpr const char* cut_off = "this broker is cut off from ZooKeeper: persistent sessions wait until it is back";
constexpr const char* moved = "its session has another home now: connect again";
constexpr const char* home_gone = "the link to the broker that is home of its session is gone: connect again";
constexpr const char* removed = "this broker was taken out of the cluster, and joins it again: connect again";

}  // namespace

FrontendRegistrations::FrontendRegistrations(core::ShardIndex shard, const RouterLimits& limits,
                                             RouterCounters& counters, FrontendPort& port)
    : shard_(shard), limits_(limits), counters_(counters), port_(port) {}

// ---------------------------------------------------------------- the core's connections

void FrontendRegistrations::connect(core::ConnectionId connection, const core::Registration& registration) {
  ensure(connection.shard == shard_ && connection.serial != 0, "a connection of this shard");
  if (records_.size() >= limits_.connections_max)
    return port_.refuse(connection, ReasonCode::server_busy, "too many connections");
  if (refuses_sessions_ && registration.persistent()) {
    counters_.refused_without_home.add();
    return port_.refuse(connection, ReasonCode::server_unavailable, cut_off);
  }
  if (const std::string* const server = better_server(registration)) {
    counters_.redirected.add();
    return port_.redirect(connection, *server);
  }
  const auto [place, is_new] = records_.try_emplace(connection.serial);
  ensure(is_new, "a connection registers once");
  Record& record = place->second;
  record.connection = connection;
  record.connected_at_ms = last_connected_at_ms_ = std::max(now_.cluster, last_connected_at_ms_ + 1);
  record.connected_steady = now_.steady;
  record.registration = registration;
  counters_.connections_now.set(records_.size());
  time(record);
  enqueue(record);
}

/// Null: it is served here.
const std::string* FrontendRegistrations::better_server(const core::Registration& registration) const {
  if (!registration.redirect_listener || !acting_ || without_lease_since_) return nullptr;
  const Member& home = home_of(registration.client_id);
  const std::uint16_t listener = *registration.redirect_listener;
  if (home.incarnation == self_ || !port_.reaches(home.incarnation) || listener >= home.client_addresses.size())
    return nullptr;
  const std::string& address = home.client_addresses[listener];
  return address.empty() ? nullptr : &address;
}

void FrontendRegistrations::disconnect(core::ConnectionId connection, ConnectionFate fate,
                                       std::uint32_t session_expiry_seconds) {
  const auto found = records_.find(connection.serial);
  if (found == records_.end() || found->second.state == State::unregistering) return;
  Record& record = found->second;
  record.state = State::unregistering;
  // A connection that was never admitted has no will.
  record.fate = record.admitted ? fate : ConnectionFate::disconnected;
  record.registration.session_expiry_seconds = session_expiry_seconds;
  const bool will_is_wanted = record.registration.has_will && record.fate != ConnectionFate::disconnected;
  if (!record.has_home() && !will_is_wanted) return forget(record);
  enqueue(record);
}

void FrontendRegistrations::forget(Record& record) {
  granted_.erase(record.connection.serial);
  records_.erase(record.connection.serial);
  counters_.connections_now.set(records_.size());
}

void FrontendRegistrations::begin_turn(core::Now now, const LeaseDeadline& lease) {
  now_ = now;
  look_at_lease(lease);
  while (!waits_.empty() && waits_.front().until <= now.steady) {
    const std::uint64_t serial = waits_.front().serial;
    waits_.pop_front();
    const auto found = records_.find(serial);
    if (found == records_.end()) continue;
    found->second.timed = false;
    if (found->second.state == State::registering) wait_is_over(found->second);
  }
}

/// A turn is wanted when the grace is over, should there be no heartbeat until then.
std::optional<core::Milliseconds> FrontendRegistrations::next_deadline(const LeaseDeadline& lease) const {
  std::optional<core::Milliseconds> next;
  if (!waits_.empty()) next = waits_.front().until;
  const bool unlimited = lease.is_waived() || lease.until() == LeaseDeadline::for_ever;
  if (records_.empty() || refuses_sessions_ || unlimited) return next;
  const core::Milliseconds lost_at = without_lease_since_.value_or(std::max(lease.until(), permitted_at_));
  const core::Milliseconds grace_over = lost_at == 0 ? now_.steady : lost_at + limits_.coordination_grace_ms;
  return next ? std::min(*next, grace_over) : grace_over;
}

void FrontendRegistrations::look_at_lease(const LeaseDeadline& lease) {
  if (lease.permits(now_.steady)) {
    permitted_at_ = now_.steady;
    without_lease_since_.reset();
    refuses_sessions_ = false;
    return;
  }
  if (!without_lease_since_) {
    const core::Milliseconds lost_at = std::max(lease.until(), permitted_at_);
    without_lease_since_ = lost_at == 0 ? now_.steady : lost_at;
  }
  if (refuses_sessions_ || now_.steady < *without_lease_since_ + limits_.coordination_grace_ms) return;
  refuses_sessions_ = true;
  end_sessions_service();
}

void FrontendRegistrations::end_sessions_service() {
  std::vector<Record*> served;
  std::vector<Record*> waiting;
  for (auto& [serial, record] : records_) {
    if (record.serves_session()) served.push_back(&record);
    if (record.registration.persistent() && !record.admitted && record.state == State::registering)
      waiting.push_back(&record);
  }
  for (Record* const record : served) {
    if (!record->ending) counters_.sessions_cut_off.add();
    end(*record, ReasonCode::server_busy, cut_off);
  }
  for (Record* const record : waiting) refuse_without_home(*record);
}

/// Its home may have heard of it.
void FrontendRegistrations::refuse_without_home(Record& record) {
  counters_.refused_without_home.add();
  const char* const why = why_no_home(record);
  record.state = State::unregistering;
  record.fate = ConnectionFate::disconnected;
  enqueue(record);
  port_.refuse(record.connection, ReasonCode::server_unavailable, why);
}

const char* FrontendRegistrations::why_no_home(const Record& record) const {
  if (without_lease_since_) return cut_off;
  if (!view_ || !acting_) return "the cluster is changing: nobody is home of its session yet";
  if (!port_.reaches(home_of(record))) return "the broker that is home of its session cannot be reached";
  return "the broker that is home of its session may not serve it now";
}

void FrontendRegistrations::time(Record& record) {
  if (std::exchange(record.timed, true)) return;
  waits_.push_back({now_.steady + limits_.home_wait_ms, record.connection.serial});
}

void FrontendRegistrations::wait_is_over(Record& record) {
  const bool home_in_reach = acting_ && !record.home_waits && port_.reaches(home_of(record));
  if (record.registration.persistent() && !record.admitted && !home_in_reach &&
      now_.steady >= record.connected_steady + limits_.session_wait_ms)
    return refuse_without_home(record);
  const bool admit_without = !record.admitted && !home_in_reach && !record.registration.persistent();
  if (admit_without) record.admitted = true;
  if (acting_ || !record.admitted) time(record);
  enqueue(record);  // asks again; a home that knows the connection learns that it stands
  if (!admit_without) return;
  counters_.admitted_without_home.add();
  port_.admit(record.connection);
}

// ---------------------------------------------------------------- views and links

/// Nobody acts in this view before this broker is Ready, and that is when these connections have ended: so none of
/// their clients is accepted by its next home while it is served here.
void FrontendRegistrations::enter_view(SharedView view) {
  view_ = std::move(view);
  acting_ = false;
  std::vector<Record*> bereft;
  for (auto& [serial, record] : records_) {
    if (!record.has_home() || record.home == home_of(record)) continue;
    granted_.erase(serial);
    if (record.serves_session()) bereft.push_back(&record);
  }
  for (Record* const record : bereft) end(*record, ReasonCode::server_busy, moved);
}

void FrontendRegistrations::act() {
  acting_ = true;
  acted_ = view_;
  std::vector<Record*> bereft;
  for (auto& [serial, record] : records_) {
    record.home_waits = false;
    if (record.state == State::unregistering && record.unregister_sent) {
      // The next home knows what that one had decided. It is not registered there once more: never a will twice.
      if (record.home != home_of(record)) {
        record.home = home_of(record);
        enqueue(record);
      }
      continue;
    }
    if (record.has_home() && record.home != home_of(record)) {
      if (record.registration.persistent() && record.admitted) {
        record.home = home_of(record);  // which knows of it
        if (record.serves_session()) {
          bereft.push_back(&record);
          continue;
        }
      } else {
        record.home = {};
        if (record.state == State::registered) record.state = State::registering;
      }
    }
    if (record.state == State::registered) continue;
    if (record.state == State::registering) time(record);
    enqueue(record);
  }
  for (Record* const record : bereft) end(*record, ReasonCode::server_busy, moved);
}

/// The core unregisters it, to the home that it had.
void FrontendRegistrations::end(Record& record, ReasonCode reason, const char* detail) {
  if (std::exchange(record.ending, true)) return;
  counters_.evictions.add();
  port_.end_connection(record.connection, reason, detail);
}

void FrontendRegistrations::home_lost(const Incarnation& home) {
  std::vector<Record*> bereft;
  for (auto& [serial, record] : records_) {
    if (!record.registration.persistent() || record.home != home) continue;
    granted_.erase(serial);  // home_reached asks again
    if (record.state == State::registered) bereft.push_back(&record);
  }
  for (Record* const record : bereft) end(*record, ReasonCode::server_busy, home_gone);
}

void FrontendRegistrations::home_reached(const Incarnation& home) {
  for (auto& [serial, record] : records_) {
    if (record.state == State::registered) continue;
    const bool concerned = record.has_home() ? record.home == home : acting_ && home_of(record) == home;
    if (concerned) enqueue(record);
  }
}

void FrontendRegistrations::reincarnate(const Incarnation& self) {
  const Records records = std::exchange(records_, {});
  granted_.clear();
  queue_.clear();
  waits_.clear();
  counters_.connections_now.set(0);
  for (const auto& [serial, record] : records) {
    if (nobody_else_knows(record)) port_.publish_will(record.registration.will);
  }
  self_ = self;
  view_.reset();
  acting_ = false;
  for (const auto& [serial, record] : records) {
    if (record.state == State::unregistering) continue;
    counters_.evictions.add();
    if (record.admitted) {
      port_.end_connection(record.connection, ReasonCode::server_shutting_down, removed);
    } else {
      port_.refuse(record.connection, ReasonCode::server_unavailable, removed);
    }
  }
}

/// The will of a connection that registered nowhere, or at this incarnation, of which nobody kept a copy: nobody else
/// will publish it.
bool FrontendRegistrations::nobody_else_knows(const Record& record) const {
  const bool ended_well = record.state == State::unregistering && record.fate == ConnectionFate::disconnected;
  return record.registration.has_will && record.admitted && !ended_well && !record.unregister_sent &&
         (!record.has_home() ||
          (record.home == self_ && acted_->copies_of(acted_->partition_of(record.registration.client_id)).empty()));
}

// ---------------------------------------------------------------- answers

FrontendRegistrations::Record* FrontendRegistrations::find(const ConnectionEpoch& epoch) {
  if (epoch.frontend != self_ || epoch.shard != shard_) return nullptr;
  const auto found = records_.find(epoch.serial);
  return found == records_.end() || found->second.connected_at_ms != epoch.connected_at_ms ? nullptr : &found->second;
}

void FrontendRegistrations::receive(const RegisteredAnswer& answer) {
  Record* const record = find(answer.epoch);
  if (!record || record->state != State::registering) return;
  if (answer.not_home) {
    if (record->home == answer.home) record->home_waits = true;
    return;
  }
  // A home that knows the connection from the one before does not wait to be asked. It is Ready for this view, and so
  // is this broker, which may hear of it last.
  if (record->home != answer.home && (!view_ || home_of(*record) != answer.home)) return;
  record->home = answer.home;
  if (answer.reason != ReasonCode::success) return refuse(*record, answer.reason, mqtt::to_string(answer.reason));
  const core::ConnectionId connection = record->connection;
  if (record->registration.persistent() && !record->admitted) {
    // A grant may be of the home before, or be told twice.
    if (answer.home != home_of(*record) || granted_.contains(connection.serial)) return;
    const PartitionIndex partition = view_->partition_of(record->registration.client_id);
    granted_[connection.serial] = {&port_.session_of(connection, partition, answer), answer.session_present};
    return;
  }
  record->state = State::registered;
  if (!std::exchange(record->admitted, true)) port_.admit(connection);
}

bool FrontendRegistrations::admit_granted() {
  const bool any = !granted_.empty();
  while (!granted_.empty()) {
    const auto [serial, grant] = *granted_.begin();
    granted_.erase(granted_.begin());
    const auto found = records_.find(serial);
    if (found == records_.end() || found->second.state != State::registering) continue;
    found->second.state = State::registered;
    found->second.admitted = true;
    port_.admit_to_session(found->second.connection, *grant.session, grant.session_present);
  }
  return any;
}

void FrontendRegistrations::refuse(Record& record, ReasonCode reason, const char* detail) {
  const core::ConnectionId connection = record.connection;
  if (!record.admitted) {
    forget(record);
    return port_.refuse(connection, reason, detail);
  }
  record.state = State::registered;  // as one that the home wants to see the end of
  end(record, reason, detail);
}

void FrontendRegistrations::receive(const UnregisteredAnswer& answer) {
  Record* const record = find(answer.epoch);
  if (record && record->state == State::unregistering && record->home == answer.home) forget(*record);
}

void FrontendRegistrations::receive(const EvictRequest& request) {
  Record* const record = find(request.epoch);
  if (!record) {
    const UnregisterRequest gone{request.epoch, request.partition, request.client_id, ConnectionFate::disconnected,
                                 std::nullopt};
    return port_.ask_home(request.home, gone);
  }
  if (record->state == State::unregistering) return enqueue(*record);
  if (std::exchange(record->ending, true)) return;
  counters_.evictions.add();
  const core::ConnectionId connection = record->connection;
  if (record->admitted) {
    port_.end_connection(connection, request.reason, mqtt::to_string(request.reason));
  } else {
    record->state = State::unregistering;
    record->fate = ConnectionFate::disconnected;
    enqueue(*record);
    port_.refuse(connection, request.reason, mqtt::to_string(request.reason));
  }
}

}  // namespace mqttzoo::cluster
