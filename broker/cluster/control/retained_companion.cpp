#include "broker/cluster/control/retained_companion.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "broker/cluster/retained/local_retained_store.hpp"
#include "broker/cluster/retained/znode_retained_store.hpp"

namespace mqttzoo::cluster {

namespace {

// How often each store wants its tick.
constexpr core::Milliseconds local_tick_ms = 1'000;
constexpr core::Milliseconds znode_tick_ms = 50;
// The same while reads wait.
constexpr core::Milliseconds local_reads_ms = 50;

class LocalRetained final : public RetainedCompanion {
 public:
  LocalRetained(const RetainedOptions& options, ClusterClock& clock) : clock_(clock), store_(options, clock) {}

  RetainedStore& store() override { return store_; }
  void follow(const ControlStatus&) override {}
  bool loaded() const override { return true; }
  const RetainedCounters& counters() const override { return store_.counters(); }
  std::size_t values() const override { return store_.cache().values(); }
  std::uint64_t payload_bytes() const override { return store_.cache().payload_bytes(); }
  std::uint64_t credit_bytes() const override { return store_.cache().credit_bytes(); }

  void turn_begins(core::Milliseconds now) override { clock_.advance(now); }
  void turn_ends(core::Milliseconds now) override {
    if (now < std::min(next_tick_, next_reads_)) return;
    store_.tick(now);
    next_tick_ = now + local_tick_ms;
    next_reads_ = now + local_reads_ms;
  }
  core::Milliseconds next_deadline() const override { return store_.has_reads_waiting() ? next_reads_ : next_tick_; }

 private:
  ClusterClock& clock_;
  LocalRetainedStore store_;
  core::Milliseconds next_tick_ = 0;
  core::Milliseconds next_reads_ = 0;
};

class ZnodeRetained final : public RetainedCompanion {
 public:
  ZnodeRetained(const RetainedOptions& options, ClusterClock& clock, Coordinator& bulk, RetainedLog log)
      : clock_(clock), store_(bulk, clock, options, std::move(log)) {}

  RetainedStore& store() override { return store_; }
  void follow(const ControlStatus& status) override { news_ = status; }
  bool loaded() const override { return store_.loaded(); }
  const RetainedCounters& counters() const override { return store_.counters(); }
  std::size_t values() const override { return store_.cache().values(); }
  std::uint64_t payload_bytes() const override { return store_.cache().payload_bytes(); }
  std::uint64_t credit_bytes() const override { return store_.cache().credit_bytes(); }

  void turn_begins(core::Milliseconds now) override { clock_.advance(now); }
  void turn_ends(core::Milliseconds now) override {
    if (news_) take(*std::exchange(news_, std::nullopt));
    store_.tick(now);
    next_tick_ = now + znode_tick_ms;
  }
  core::Milliseconds next_deadline() const override { return next_tick_; }

 private:
  void take(const ControlStatus& status) {
    if (status.incarnation.epoch != 0 && status.incarnation != incarnation_) {
      incarnation_ = status.incarnation;
      store_.set_incarnation(incarnation_);
    }
    if (!status.controller) return store_.leave_office();
    std::vector<Incarnation> living = status.members;
    living.push_back(status.incarnation);
    for (const auto& peer : status.peers) living.push_back(peer.incarnation);
    std::sort(living.begin(), living.end());
    living.erase(std::unique(living.begin(), living.end()), living.end());
    store_.hold_office(std::move(living));
  }

  ClusterClock& clock_;
  ZnodeRetainedStore store_;
  Incarnation incarnation_;
  std::optional<ControlStatus> news_;
  core::Milliseconds next_tick_ = 0;
};

}  // namespace

std::unique_ptr<RetainedCompanion> local_retained(const RetainedOptions& options, ClusterClock& clock) {
  return std::make_unique<LocalRetained>(options, clock);
}

std::unique_ptr<RetainedCompanion> znode_retained(const RetainedOptions& options, ClusterClock& clock,
                                                  Coordinator& bulk, RetainedLog log) {
  return std::make_unique<ZnodeRetained>(options, clock, bulk, std::move(log));
}

}  // namespace mqttzoo::cluster
