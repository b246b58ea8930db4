#include <map>

#include "tests/support/coordinator_contract.hpp"
#include "tests/support/fake_ensemble.hpp"

namespace mqttzoo::support {
namespace {

class FakeRig final : public CoordinatorRig {
 public:
  explicit FakeRig(FakeEnsemble::Options options) : ensemble_(std::move(options)) {}

  std::unique_ptr<cluster::Coordinator> open(std::size_t requests_in_flight_max) override {
    const int server = servers_opened_++ % 2;
    return ensemble_.open({.timeout_ms = 1'000, .requests_in_flight_max = requests_in_flight_max, .server = server});
  }

  bool run_until(const std::function<bool()>& condition) override {
    const auto deadline_ms = ensemble_.now_ms() + 60'000;
    while (!condition()) {
      if (ensemble_.now_ms() > deadline_ms) return false;
      if (!ensemble_.run_next()) ensemble_.advance_to(ensemble_.now_ms() + 1);
    }
    return true;
  }

  void lose(cluster::Coordinator& coordinator, Loss loss) override {
    loss_[&coordinator] = loss;
    ensemble_.cut(fake(coordinator), loss, 1'000'000);
  }
  void disconnect(cluster::Coordinator& coordinator) override {
    ensemble_.cut(fake(coordinator), loss_.try_emplace(&coordinator, Loss::replies).first->second);
  }
  void heal(cluster::Coordinator& coordinator) override {
    loss_.erase(&coordinator);
    ensemble_.heal(fake(coordinator));
  }

 private:
  static FakeCoordinator& fake(cluster::Coordinator& coordinator) {
    return dynamic_cast<FakeCoordinator&>(coordinator);
  }

  FakeEnsemble ensemble_;
  int servers_opened_ = 0;
  std::map<cluster::Coordinator*, Loss> loss_;
};

/// A latency that varies, so that messages of different sessions overtake each other.
std::function<std::int64_t()> uneven_latency() {
  return [turn = std::uint64_t{0}]() mutable { return static_cast<std::int64_t>(++turn * 7919 % 5); };
}

CoordinatorRigFactory fake(std::string name, std::function<std::int64_t()> latency_ms) {
  return {std::move(name), [latency_ms]() -> std::unique_ptr<CoordinatorRig> {
            return std::make_unique<FakeRig>(FakeEnsemble::Options{.servers = 2, .latency_ms = latency_ms});
          }};
}

INSTANTIATE_TEST_SUITE_P(Fake, CoordinatorContract,
                         testing::Values(fake("NoLatency", [] { return std::int64_t{0}; }),
                                         fake("EvenLatency", [] { return std::int64_t{3}; }),
                                         fake("UnevenLatency", uneven_latency())),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace mqttzoo::support
