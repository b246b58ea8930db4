#pragma once

#include <optional>

#include "broker/core/ids.hpp"

namespace mqttzoo::cluster {

/// A request that is made again until it succeeds: one at a time, with a pause after a failure. A callback has no
/// clock, so the pause begins when may_start is asked for the first time after it.
class Attempt {
 public:
  explicit Attempt(core::Milliseconds pause_ms) : pause_ms_(pause_ms) {}

  bool may_start(core::Milliseconds now) {
    if (in_flight_) return false;
    if (failed_ && !resume_at_) resume_at_ = now + pause_ms_;
    return !failed_ || now >= *resume_at_;
  }
  void start() {
    in_flight_ = true;
    failed_ = false;
    resume_at_.reset();
  }
  void succeeded() { in_flight_ = false; }
  void failed() {
    in_flight_ = false;
    failed_ = true;
  }
  /// Whatever was under way is over (a new session).
  void reset() { *this = Attempt(pause_ms_); }
  bool in_flight() const { return in_flight_; }

 private:
  core::Milliseconds pause_ms_;
  bool in_flight_ = false;
  bool failed_ = false;
  std::optional<core::Milliseconds> resume_at_;
};

}  // namespace mqttzoo::cluster
