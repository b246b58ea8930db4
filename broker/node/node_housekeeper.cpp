#include "broker/node/node_housekeeper.hpp"

#include <algorithm>

#include "broker/net/clock.hpp"

namespace mqttzoo {

namespace {

// How often the loops are looked at for the lease, and how long one may be in a turn to count as turning: well below
// the third of a lease that a heartbeat has.
constexpr core::Milliseconds look_ms = 250;
constexpr core::Milliseconds turn_ms_max = 500;
// How old what HTTP says of control may be, beside changes of its state.
constexpr core::Milliseconds picture_ms = 1'000;

}  // namespace

NodeHousekeeper::NodeHousekeeper(NodeCounters& counters, cluster::Control& control, net::ControlThread& thread,
                                 cluster::RetainedCompanion& retained, core::ShardIndex shard_count,
                                 core::Milliseconds sys_interval_ms)
    : counters_(counters),
      control_(control),
      thread_(thread),
      retained_(retained),
      shard_count_(shard_count),
      sys_interval_ms_(sys_interval_ms),
      started_(net::steady_now()),
      next_look_(started_),
      next_picture_(started_),
      next_sys_(sys_interval_ms == 0 ? net::never : started_) {}

void NodeHousekeeper::turn_ends(core::Milliseconds now) {
  if (next_look_ <= now) {
    next_look_ = now + look_ms;
    if (counters_.loops_turn(now, turn_ms_max)) control_.loops_alive(now);
  }
  if (next_picture_ <= now) {
    next_picture_ = now + picture_ms;
    counters_.set_status(control_.status(now));
    counters_.set_retained({retained_.counters(), retained_.values(), retained_.payload_bytes(),
                            retained_.credit_bytes(), retained_.loaded()});
    complaints_.look(retained_.counters(), now);
  }
  if (next_sys_ <= now) {
    next_sys_ = now + sys_interval_ms_;
    publish_sys(now);
  }
}

core::Milliseconds NodeHousekeeper::next_deadline() const { return std::min({next_look_, next_picture_, next_sys_}); }

void NodeHousekeeper::publish_sys(core::Milliseconds now) {
  const auto changes = sys_topics_.changed(counters_.sys_values(now - started_), counters_.sys_cluster());
  for (const auto& [topic, value] : changes) {
    core::MessageView view;
    view.topic = topic;
    view.payload = value;
    view.retain = true;
    const core::MessageRef message = core::MessageRef::copy_of(view);
    retained_.store().store(message, false, [](cluster::RetainedStored::Outcome, mqtt::ReasonCode) {});
    for (core::ShardIndex shard = 0; shard < shard_count_; ++shard) {
      thread_.send_to_shard(shard, cluster::DeliverHere{message});
    }
  }
}

}  // namespace mqttzoo
