#include "tests/simulation/world/broker_process.hpp"

#include <algorithm>

namespace mqttzoo::sim {

namespace {

// As in broker/node.
constexpr core::Milliseconds stop_step_ms = 3'000;

}  // namespace

BrokerProcess::BrokerProcess(const Surroundings& around, BrokerOptions options, Place place,
                             core::Milliseconds clock_offset_ms, core::ClusterMilliseconds wall_now,
                             std::unique_ptr<support::FakeCoordinator> liveness,
                             std::unique_ptr<support::FakeCoordinator> bulk)
    : around_(around),
      options_(std::move(options)),
      place_(std::move(place)),
      clock_offset_ms_(clock_offset_ms),
      clock_(steady(around.events.now()), wall_now) {
  control_ = std::make_unique<SimulatedControl>(*this, std::move(liveness), std::move(bulk));
  for (core::ShardIndex shard = 0; shard < options_.shards; ++shard) {
    shards_.push_back(std::make_unique<SimulatedShard>(*this, shard));
    shards_.back()->wake();
  }
  around_.network.listen(place_, this);
  control_->start();
}

BrokerProcess::~BrokerProcess() = default;

void BrokerProcess::accept(const StreamRef& stream) { control_->accept(stream); }

void BrokerProcess::pause() {
  paused_ = true;
  control_->hold_up();
  for (auto& shard : shards_) shard->hold_up();
}

void BrokerProcess::resume() {
  paused_ = false;
  control_->resume();
  for (auto& shard : shards_) shard->resume();
}

Loop& BrokerProcess::thread(std::int64_t number) {
  if (number == 0) return *control_;
  return *shards_[static_cast<std::size_t>(number - 1)];
}

bool BrokerProcess::all_loops_turn() const {
  return std::none_of(shards_.begin(), shards_.end(), [](const auto& shard) { return shard->is_held_up(); });
}

// ---------------------------------------------------------------- the clean stop, as in broker/node/node_stop

void BrokerProcess::stop() {
  if (stop_ != Stop::not_begun) return;
  stop_ = Stop::clients;
  control_->post([this] {
    const core::Milliseconds now = steady(events().now());
    stop_deadline_ = now + stop_step_ms;
    shards_with_clients_ = options_.shards;
    control_part().drain(now);
    for (auto& shard : shards_) shard->mail(EndClients{});
  });
}

void BrokerProcess::clients_are_gone(core::ShardIndex) {
  control_->post([this] { --shards_with_clients_; });
}

void BrokerProcess::step_stop(core::Milliseconds now) {
  const bool overdue = stop_deadline_ != 0 && stop_deadline_ <= now;
  if (stop_ == Stop::clients && stop_deadline_ != 0 && (shards_with_clients_ == 0 || overdue)) {
    stop_ = Stop::leaving;
    stop_deadline_ = now + stop_step_ms;
    control_part().leave(now, [this] { stop_deadline_ = 1; });
  } else if (stop_ == Stop::leaving && overdue) {
    stop_ = Stop::closing;
    stop_deadline_ = now + stop_step_ms;
    control_->close_sessions([this] { stop_deadline_ = 1; });
  } else if (stop_ == Stop::closing && overdue) {
    stop_ = Stop::done;
  }
}

}  // namespace mqttzoo::sim
