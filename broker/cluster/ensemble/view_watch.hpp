#pragma once

#include <cstdint>
#include <optional>

#include "broker/cluster/callback_scope.hpp"
#include "broker/cluster/control_limits.hpp"
#include "broker/cluster/control_reporter.hpp"
#include "broker/cluster/coordinator.hpp"
#include "broker/cluster/ensemble/attempt.hpp"
#include "broker/cluster/view/view.hpp"

namespace mqttzoo::cluster {

/// /view as it stands in ZooKeeper: read again when it changed, when somebody asks, and from time to time. Lives on the
/// control thread.
class ViewWatch {
 public:
  struct Reading {
    SharedView view;                      ///< nullptr: there is none, or it cannot be read
    std::optional<std::int32_t> version;  ///< of the znode; nothing: there is none
    bool is_corrupt() const { return version && !view; }
  };

  ViewWatch(Coordinator& coordinator, const ControlLimits& limits, ControlReporter& reporter)
      : coordinator_(coordinator), limits_(limits), reporter_(reporter), attempt_(limits.retry_ms) {}

  void session_began();
  /// Only while connected.
  void step(core::Milliseconds now);
  void refresh() { wanted_ = true; }

  /// Of this session; nothing: not read yet.
  const std::optional<Reading>& reading() const { return reading_; }
  ViewNumber number_read() const { return reading_ && reading_->view ? reading_->view->number : 0; }
  /// Nothing is known to be newer.
  bool is_current() const { return reading_ && !wanted_ && !attempt_.in_flight(); }

 private:
  void read();
  void take(const std::string& data, const ZnodeStat& stat);

  Coordinator& coordinator_;
  const ControlLimits& limits_;
  ControlReporter& reporter_;
  CallbackScope scope_;
  Attempt attempt_;
  bool wanted_ = true;
  bool watched_ = false;
  std::optional<core::Milliseconds> next_read_;
  std::optional<Reading> reading_;
  std::int64_t said_corrupt_ = 0;  ///< the zxid of the value that was reported
};

}  // namespace mqttzoo::cluster
