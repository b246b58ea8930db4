#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "broker/cluster/callback_scope.hpp"
#include "broker/cluster/control_limits.hpp"
#include "broker/cluster/control_reporter.hpp"
#include "broker/cluster/coordinator.hpp"
#include "broker/cluster/ensemble/attempt.hpp"
#include "broker/cluster/view/broker_record.hpp"
#include "broker/cluster/view/incarnation.hpp"

namespace mqttzoo::cluster {

/// This broker's own place in ZooKeeper: the epoch of its incarnation (the version of /incarnations/NAME, counted up by
/// a write) and its ephemeral /brokers/NAME, which it keeps up to date.
///
/// The name may be taken by a live process: another one, or this one's former session that has not ended yet. Nobody
/// deletes another one's ephemeral (its end is what fences rely on): Membership waits until it is gone and says so.
/// After a lost answer it looks whether the znode is its own: the owner is our session.
///
/// After a session expired the broker registers again under its incarnation, until it is told to take a new one. Lives
/// on the control thread.
class Membership {
 public:
  Membership(Coordinator& coordinator, std::string name, const ControlLimits& limits, ControlReporter& reporter);

  /// A new session: what the former one had created is gone, or will be.
  void session_began();
  /// The incarnation was removed from the view, or may have been: never use it again.
  void reincarnate();
  /// What others are to read of us; the incarnation is filled in here. Written at most once in publish_interval_ms.
  void describe(BrokerRecord record) { wanted_ = std::move(record); }
  /// Only while connected.
  void step(core::Milliseconds now);
  /// Somebody saw our znode gone, or with something else in it: write it again.
  void repair();
  /// Takes the name away and gives up: no further steps are made.
  void withdraw();

  /// Epoch 0: there is none yet.
  const Incarnation& incarnation() const { return incarnation_; }
  bool is_registered() const { return place_ == Place::registered; }
  bool is_withdrawn() const { return withdrawal_ == Withdrawal::done; }
  /// Not empty: who has our name.
  const std::string& name_taken_by() const { return name_taken_by_; }

 private:
  enum class Place : std::uint8_t { nowhere, name_taken, registered };
  enum class Withdrawal : std::uint8_t { none, wanted, done };

  void take_epoch();
  void create_counter();
  void register_name();
  void look_whose_it_is();
  void found(const std::string& data, const ZnodeStat& stat);
  void publish(core::Milliseconds now);
  void remove();
  BrokerRecord record() const;
  std::string path() const;

  Coordinator& coordinator_;
  const std::string name_;
  const ControlLimits& limits_;
  ControlReporter& reporter_;
  CallbackScope scope_;
  Attempt attempt_;  ///< for the epoch, the registration, the withdrawal: one after the other
  Attempt publish_;
  Incarnation incarnation_;
  Place place_ = Place::nowhere;
  Withdrawal withdrawal_ = Withdrawal::none;
  bool look_again_ = false;  ///< the name may be free by now
  bool name_watched_ = false;
  std::optional<core::Milliseconds> look_again_at_;
  std::string name_taken_by_;
  BrokerRecord wanted_;
  std::string written_;  ///< what stands in our znode; empty: not known
  std::optional<core::Milliseconds> last_published_;
};

}  // namespace mqttzoo::cluster
