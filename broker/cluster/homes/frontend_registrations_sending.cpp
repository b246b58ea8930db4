#include <utility>

#include "broker/cluster/homes/frontend_registrations.hpp"

namespace mqttzoo::cluster {

void FrontendRegistrations::enqueue(Record& record) {
  if (std::exchange(record.queued, true)) return;
  queue_.push_back(record.connection.serial);
}

bool FrontendRegistrations::send_waiting() {
  while (!queue_.empty()) {
    const auto found = records_.find(queue_.front());
    if (found != records_.end()) {
      Record& record = found->second;
      if (const Incarnation* const home = receiver(record)) {
        if (!port_.has_room(*home)) return true;
        record.queued = false;
        send(record, *home);
      } else if (record.state == State::unregistering && record.fate == core::ConnectionFate::disconnected &&
                 !record.has_home()) {
        forget(record);  // no home has heard of it, and none needs to
      } else {
        record.queued = false;  // act and home_reached ask for it again
      }
    }
    queue_.pop_front();
  }
  return false;
}

/// Who gets what the record has to say; null: nothing to say, or nobody who could be reached.
const Incarnation* FrontendRegistrations::receiver(const Record& record) const {
  if (record.state == State::registered) return nullptr;
  const bool goes_on = record.state == State::unregistering && record.has_home();
  if (!goes_on && (!acting_ || !view_)) return nullptr;
  const Incarnation& home = goes_on ? record.home : home_of(record);
  return port_.reaches(home) ? &home : nullptr;
}

void FrontendRegistrations::send(Record& record, const Incarnation& home) {
  if (record.state == State::registering) {
    record.home = home;
    return ask_register(record, record.admitted);
  }
  if (!record.has_home()) {
    record.home = home;
    ask_register(record, true);
  }
  record.unregister_sent = true;
  const auto partition = view_ ? view_->partition_of(record.registration.client_id) : PartitionIndex{0};
  port_.ask_home(record.home, UnregisterRequest{epoch_of(record), partition, record.registration.client_id, record.fate,
                                                record.registration.session_expiry_seconds});
}

void FrontendRegistrations::ask_register(const Record& record, bool established) {
  port_.ask_home(record.home, RegisterRequest{epoch_of(record), view_->partition_of(record.registration.client_id),
                                              view_->number, established, record.registration});
}

ConnectionEpoch FrontendRegistrations::epoch_of(const Record& record) const {
  return {record.connected_at_ms, self_, shard_, record.connection.serial};
}

const Member& FrontendRegistrations::home_of(const std::string& client_id) const {
  return view_->primary_of(view_->partition_of(client_id));
}

const Incarnation& FrontendRegistrations::home_of(const Record& record) const {
  return home_of(record.registration.client_id).incarnation;
}

}  // namespace mqttzoo::cluster
