#include "broker/cluster/retained/retained_answer.hpp"

namespace mqttzoo::cluster {

namespace {

std::uint64_t& counter(RetainedRefusal why, bool refusable, RetainedCounters& counters) {
  switch (why) {
    case RetainedRefusal::bank:
      return refusable ? counters.refused_bank : counters.live_only_bank;
    case RetainedRefusal::too_large:
      return refusable ? counters.refused_too_large : counters.live_only_too_large;
    case RetainedRefusal::full:
      return refusable ? counters.refused_full : counters.live_only_full;
    case RetainedRefusal::cut_off:
      break;
  }
  return refusable ? counters.refused_cut_off : counters.live_only_cut_off;
}

}  // namespace

RetainedAnswer refuse(RetainedRefusal why, bool refusable, RetainedCounters& counters) {
  ++counter(why, refusable, counters);
  if (!refusable) return {RetainedStored::Outcome::live_only, mqtt::ReasonCode::success};
  const auto reason = why == RetainedRefusal::cut_off ? mqtt::ReasonCode::implementation_specific_error
                                                      : mqtt::ReasonCode::quota_exceeded;
  return {RetainedStored::Outcome::refused, reason};
}

}  // namespace mqttzoo::cluster
