#include "broker/cluster/ensemble/membership.hpp"

#include <utility>

#include "broker/cluster/znode_paths.hpp"

namespace mqttzoo::cluster {

using Status = CoordinatorStatus;

Membership::Membership(Coordinator& coordinator, std::string name, const ControlLimits& limits,
                       ControlReporter& reporter)
    : coordinator_(coordinator),
      name_(std::move(name)),
      limits_(limits),
      reporter_(reporter),
      attempt_(limits.retry_ms),
      publish_(limits.retry_ms) {}

void Membership::session_began() {
  scope_.renew();
  attempt_.reset();
  publish_.reset();
  place_ = Place::nowhere;
  name_watched_ = false;
  written_.clear();
}

void Membership::reincarnate() {
  scope_.renew();
  attempt_.reset();
  publish_.reset();
  incarnation_ = {};
  place_ = Place::nowhere;
  name_watched_ = false;
  written_.clear();
}

void Membership::repair() {
  written_.clear();
  if (place_ == Place::registered && !publish_.in_flight()) place_ = Place::nowhere;
}

void Membership::withdraw() {
  if (withdrawal_ != Withdrawal::none) return;
  scope_.renew();
  attempt_.reset();
  withdrawal_ = Withdrawal::wanted;
}

void Membership::step(core::Milliseconds now) {
  if (withdrawal_ == Withdrawal::done) return;
  if (place_ == Place::registered && withdrawal_ == Withdrawal::none) return publish(now);
  if (place_ == Place::name_taken) {
    if (!look_again_at_) look_again_at_ = now + limits_.reread_ms;
    if (!look_again_ && now < *look_again_at_) return;
  }
  if (!attempt_.may_start(now)) return;
  attempt_.start();
  if (withdrawal_ == Withdrawal::wanted)
    remove();
  else if (incarnation_.epoch == 0)
    take_epoch();
  else
    register_name();
}

// ---------------------------------------------------------------- the epoch

void Membership::take_epoch() {
  // A lost answer costs an epoch, no more: they only have to be new.
  coordinator_.set(znode::under(znode::incarnations, name_), "", any_version,
                   scope_.guard([this](Status status, const ZnodeStat& stat) {
                     if (status == Status::no_node) return create_counter();
                     if (status != Status::ok || stat.version <= 0) return attempt_.failed();
                     attempt_.succeeded();
                     incarnation_ = {name_, static_cast<std::uint64_t>(stat.version)};
                   }));
}

void Membership::create_counter() {
  coordinator_.create(znode::under(znode::incarnations, name_), "", CreateMode::persistent,
                      scope_.guard([this](Status status, const auto&) {
                        status == Status::ok || status == Status::node_exists ? attempt_.succeeded()
                                                                              : attempt_.failed();
                      }));
}

// ---------------------------------------------------------------- the ephemeral

std::string Membership::path() const { return znode::under(znode::brokers, name_); }

BrokerRecord Membership::record() const {
  BrokerRecord record = wanted_;
  record.incarnation = incarnation_;
  return record;
}

void Membership::register_name() {
  std::string bytes = serialize(record());
  coordinator_.create(path(), bytes, CreateMode::ephemeral, scope_.guard([this, bytes](Status status, const auto&) {
    if (status == Status::node_exists) return look_whose_it_is();
    if (status != Status::ok) return attempt_.failed();
    attempt_.succeeded();
    place_ = Place::registered;
    written_ = bytes;
    name_taken_by_.clear();
    reporter_.report(ReportLevel::info, "registered as " + incarnation_.text());
  }));
}

void Membership::look_whose_it_is() {
  look_again_ = false;
  Coordinator::WatchCallback watch;
  if (!std::exchange(name_watched_, true)) {
    watch = scope_.guard([this] {
      name_watched_ = false;
      look_again_ = true;
    });
  }
  coordinator_.get(path(), std::move(watch),
                   scope_.guard([this](Status status, const std::string& data, const ZnodeStat& stat) {
                     if (status != Status::ok) {
                       name_watched_ = false;
                       return attempt_.failed();
                     }
                     attempt_.succeeded();
                     found(data, stat);
                   }));
}

void Membership::found(const std::string& data, const ZnodeStat& stat) {
  if (stat.ephemeral_owner == coordinator_.session_id()) {
    place_ = Place::registered;
    written_ = data;
    name_taken_by_.clear();
    return;
  }
  const auto record = parse_broker_record(name_, data);
  place_ = Place::name_taken;
  look_again_at_.reset();
  if (record && record->incarnation == incarnation_) {
    name_taken_by_ = "our former session";
    return;
  }
  std::string owner = record ? record->incarnation.text() + " at " + record->cluster_address : "something unreadable";
  if (owner != name_taken_by_)
    reporter_.report(ReportLevel::warning, "the name " + name_ + " is taken by " + owner +
                                               ": waiting until that process has ended and its session is over");
  name_taken_by_ = std::move(owner);
  incarnation_ = {};  // by then it would be older than what others have seen under this name
}

void Membership::publish(core::Milliseconds now) {
  std::string bytes = serialize(record());
  if (bytes == written_ || (last_published_ && now - *last_published_ < limits_.publish_interval_ms) ||
      !publish_.may_start(now))
    return;
  publish_.start();
  last_published_ = now;
  written_.clear();
  // Any version: nobody else writes here, and this session owns the znode or has expired.
  coordinator_.set(path(), bytes, any_version, scope_.guard([this, bytes](Status status, const ZnodeStat&) {
    if (status == Status::ok) {
      publish_.succeeded();
      written_ = bytes;
      return;
    }
    publish_.failed();
    if (status == Status::no_node) place_ = Place::nowhere;
  }));
}

void Membership::remove() {
  coordinator_.get(path(), nullptr, scope_.guard([this](Status status, const std::string&, const ZnodeStat& stat) {
    if (status == Status::no_node || (status == Status::ok && stat.ephemeral_owner != coordinator_.session_id())) {
      withdrawal_ = Withdrawal::done;
      return;
    }
    if (status != Status::ok) return attempt_.failed();
    coordinator_.remove(path(), any_version, scope_.guard([this](Status removed) {
      if (removed != Status::ok && removed != Status::no_node) return attempt_.failed();
      withdrawal_ = Withdrawal::done;
    }));
  }));
}

}  // namespace mqttzoo::cluster
