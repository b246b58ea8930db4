#include "broker/cluster/cluster_clock.hpp"

#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

namespace {

/// Clocks of machines differ by less than this: one part in 5,000.
constexpr std::int64_t drift_divisor = 5'000;
constexpr std::int64_t slew_divisor = 200;

}  // namespace

ClusterClock::ClusterClock(core::Milliseconds steady_now, core::ClusterMilliseconds wall_now)
    : offset_(wall_now - steady_now), advanced_to_(steady_now), now_(wall_now), target_(wall_now - steady_now) {}

void ClusterClock::advance(core::Milliseconds steady_now) {
  ensure(steady_now >= advanced_to_, "the steady clock does not go back");
  const std::int64_t offset = offset_.load(std::memory_order_relaxed);
  slewed_ = offset > target_ ? slewed_ + steady_now - advanced_to_ : 0;
  advanced_to_ = steady_now;
  if (slewed_ >= slew_divisor) {
    publish(std::max(target_, offset - slewed_ / slew_divisor));
    slewed_ %= slew_divisor;
  }
  now_ = std::max(now_, steady_now + offset_.load(std::memory_order_relaxed));
}

void ClusterClock::publish(std::int64_t offset) { offset_.store(offset, std::memory_order_relaxed); }

std::int64_t ClusterClock::sample_error_ms(core::Milliseconds at) const {
  return error_ms_ + (at - sampled_at_) / drift_divisor;
}

std::int64_t ClusterClock::error_ms() const {
  return sample_error_ms(advanced_to_) + std::max<std::int64_t>(ahead_ms(), 0);
}

void ClusterClock::sample(core::Milliseconds sent, core::Milliseconds received, core::ClusterMilliseconds time) {
  ensure(sent <= received, "an answer follows its request");
  const std::int64_t error = (received - sent + 1) / 2 + 1;
  const std::int64_t target = time - (sent + (received - sent) / 2);
  const std::int64_t known_error = sample_error_ms(received);
  const bool agrees = std::max(target, target_) - std::min(target, target_) <= error + known_error;
  if (has_contact_ && agrees && error > known_error) return;  // what is known is more exact
  target_ = target;
  error_ms_ = error;
  sampled_at_ = received;
  if (!has_contact_) now_ = 0;  // the wall clock does not count any more
  if (!has_contact_ || target > offset_.load(std::memory_order_relaxed)) publish(target);
  has_contact_ = true;
  now_ = std::max(now_, advanced_to_ + offset_.load(std::memory_order_relaxed));
}

void ClusterClock::at_least(core::Milliseconds received, core::ClusterMilliseconds time) {
  if (!has_contact_) return;
  if (time - received > offset_.load(std::memory_order_relaxed)) publish(time - received);
  now_ = std::max(now_, advanced_to_ + offset_.load(std::memory_order_relaxed));
}

}  // namespace mqttzoo::cluster
