#pragma once

#include "broker/cluster/retained/retained_counters.hpp"
#include "broker/core/ids.hpp"

namespace mqttzoo {

/// Says in the log that retained messages were not stored, and why: one line for all of `interval_ms`, since clients
/// can cause as many as they like. Lives on the control thread.
class RetainedComplaints {
 public:
  static constexpr core::Milliseconds interval_ms = 10'000;

  void look(const cluster::RetainedCounters& now_counted, core::Milliseconds now);

 private:
  cluster::RetainedCounters told_;
  core::Milliseconds next_ = 0;
};

}  // namespace mqttzoo
