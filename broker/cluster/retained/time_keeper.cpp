#include "broker/cluster/retained/time_keeper.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "broker/cluster/znode_paths.hpp"
#include "proto/cluster/znodes.pb.h"

namespace mqttzoo::cluster {

namespace {

constexpr core::Milliseconds interval_ms = 10'000;
/// While the clock is ahead of the ensemble's, brokers learn of it from one another alone.
constexpr core::Milliseconds interval_ahead_ms = 1'000;
/// Clocks of brokers differ by less than this without a reason.
constexpr std::int64_t noise_ms = 250;
constexpr std::int64_t step_logged_ms = 1'000;
constexpr int collisions_max = 3;
/// Brokers write more often than this: a time that is older was not kept up.
constexpr core::Milliseconds kept_up_ms = 2 * interval_ms;

}  // namespace

void TimeKeeper::tick() {
  if (stamp_) use(*std::exchange(stamp_, std::nullopt));
  if (under_way_ || context_.now < next_at_ || !context_.ensemble.connected()) return;
  collisions_ = 0;
  read();
}

void TimeKeeper::read() {
  under_way_ = true;
  context_.ensemble.get(znode::time, {},
                        [this](CoordinatorStatus status, const std::string& data, const ZnodeStat& stat) {
                          under_way_ = false;
                          next_at_ = context_.now + context_.options.retry_ms;
                          if (status != CoordinatorStatus::ok) return;
                          proto::ClusterTime time;
                          if (!time.ParseFromString(data)) time.Clear();
                          write(time.cluster_ms(), stat.modified_time_ms, stat.version);
                        });
}

void TimeKeeper::write(core::ClusterMilliseconds others, core::ClusterMilliseconds stamped, std::int32_t version) {
  under_way_ = true;
  proto::ClusterTime time;
  time.set_cluster_ms(std::max(others, context_.clock.has_contact() ? context_.clock.now() : 0));
  const auto answered = [this, sent = context_.now, others, stamped](CoordinatorStatus status, const ZnodeStat& stat) {
    under_way_ = false;
    if (status == CoordinatorStatus::bad_version && ++collisions_ < collisions_max) return read();
    if (status != CoordinatorStatus::ok) return;
    Stamp stamp{sent, stat.modified_time_ms, others};
    // A stamp from before a step back says nothing of how long ago it was; in contact our own clock knows better.
    if (!context_.clock.has_contact() && others > stamp.time)
      stamp.at_least += std::clamp<std::int64_t>(stamp.time - stamped, 0, kept_up_ms);
    stamp_ = stamp;
  };
  context_.ensemble.set(znode::time, time.SerializeAsString(), version, answered);
}

void TimeKeeper::use(const Stamp& stamp) {
  auto& clock = context_.clock;
  const bool had_contact = clock.has_contact();
  const auto before = clock.now();
  clock.sample(stamp.sent, context_.now, stamp.time);
  if (stamp.at_least > clock.now() + noise_ms) clock.at_least(context_.now, stamp.at_least);
  const bool is_ahead = clock.ahead_ms() > noise_ms;
  next_at_ = context_.now + (is_ahead ? interval_ahead_ms : interval_ms);
  told_ = had_contact;  // and so the clock was in that write
  if (!told_) next_at_ = context_.now;
  if (is_ahead && !was_ahead_)
    context_.log(ReportLevel::warning, "ZooKeeper's clock is " + std::to_string(clock.ahead_ms()) +
                                           " ms behind the cluster's: the cluster's does not step back");
  was_ahead_ = is_ahead;
  if (had_contact && clock.now() > before + step_logged_ms)
    context_.log(ReportLevel::warning,
                 "the cluster's clock stepped forward by " + std::to_string(clock.now() - before) + " ms");
}

}  // namespace mqttzoo::cluster
