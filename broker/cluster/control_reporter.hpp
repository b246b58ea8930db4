#pragma once

#include <cstdint>
#include <string>

namespace mqttzoo::cluster {

struct ControlStatus;

enum class ReportLevel : std::uint8_t { debug, info, warning, error };

/// What the control part tells the edge: it never logs by itself. Calls are made from inside any call to Control;
/// nothing of Control may be called from them, except status().
class ControlReporter {
 public:
  virtual ~ControlReporter() = default;

  /// One log line.
  virtual void report(ReportLevel level, std::string text) = 0;
  /// Membership, view, acting or readiness changed: once per tick at most.
  virtual void state_changed(const ControlStatus& status) = 0;
  /// This broker cannot take part as it is configured, and waiting will not help: end the process with this reason.
  virtual void cannot_take_part(std::string reason) = 0;
};

}  // namespace mqttzoo::cluster
