#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "broker/cluster/callback_scope.hpp"
#include "broker/cluster/control_limits.hpp"
#include "broker/cluster/coordinator.hpp"
#include "broker/cluster/ensemble/attempt.hpp"
#include "broker/cluster/view/incarnation.hpp"
#include "broker/cluster/view/view.hpp"
#include "broker/core/ids.hpp"

namespace mqttzoo::cluster {

/// The controller's office, /controller: who may write views. The holder writes it every third of a lease; others take
/// it by compare-and-set when it has not changed for longer than a lease by their own clock, or when the holder's
/// ephemeral is gone. A view is written in one multi with the office, so whoever has lost the office without knowing
/// writes none: safety does not rest on time here, only the wish that two do not compete does.
///
/// One write of the holder is under way at a time. Whatever fails, or whose answer is lost, leads to reading again.
/// Lives on the control thread.
class Office {
 public:
  Office(Coordinator& coordinator, const ControlLimits& limits)
      : coordinator_(coordinator), limits_(limits), attempt_(limits.retry_ms) {}

  struct Basis {
    Incarnation self;
    bool eligible = false;                            ///< we may take and keep the office
    std::function<bool(const Incarnation&)> is_gone;  ///< the incarnation is not registered any more, for certain
  };

  void session_began();
  /// Only while connected.
  void step(core::Milliseconds now, const Basis& basis);
  bool is_held() const { return held_; }
  /// Held and nothing under way: write_view may be called.
  bool may_write() const { return held_ && !wanted_ && !attempt_.in_flight(); }
  /// Writes the view if /view has still that version (nothing: does not exist).
  void write_view(const View& view, std::optional<std::int32_t> version, core::Milliseconds now);
  /// Once after a view was written, or may have been: read it.
  bool take_view_touched() { return std::exchange(view_touched_, false); }
  /// Once after ZooKeeper took a write of the holder.
  bool take_success() { return std::exchange(succeeded_, false); }

 private:
  void read();
  void took(const std::string& data, const ZnodeStat& stat);
  bool is_vacant(core::Milliseconds now, const Basis& basis);
  void take();
  void renew(core::Milliseconds now);
  void resign();
  void written(CoordinatorStatus status, std::int32_t version);
  std::string office(const Incarnation& holder) const;

  Coordinator& coordinator_;
  const ControlLimits& limits_;
  CallbackScope scope_;
  Attempt attempt_;
  Incarnation self_;
  bool wanted_ = true;  ///< read it
  bool watched_ = false;
  bool is_read_ = false;
  std::optional<std::int32_t> version_;  ///< nothing: there is no znode
  Incarnation holder_;                   ///< as read; empty name: nobody
  std::uint64_t term_ = 0;
  std::int64_t modified_zxid_ = 0;
  std::optional<core::Milliseconds> unchanged_since_;
  bool held_ = false;
  std::optional<core::Milliseconds> next_renewal_;
  bool view_touched_ = false;
  bool succeeded_ = false;
};

}  // namespace mqttzoo::cluster
