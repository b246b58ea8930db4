#pragma once

#include "broker/core/ids.hpp"

namespace mqttzoo::cluster {

/// Something that lives on the control thread beside Control and takes part in its turns.
class ControlCompanion {
 public:
  virtual ~ControlCompanion() = default;
  /// Before anything else, with the time of the turn.
  virtual void turn_begins(core::Milliseconds now) = 0;
  /// After everything else but Control's tick, with a clock read anew.
  virtual void turn_ends(core::Milliseconds now) = 0;
  /// When the next turn is wanted at the latest.
  virtual core::Milliseconds next_deadline() const = 0;
};

}  // namespace mqttzoo::cluster
