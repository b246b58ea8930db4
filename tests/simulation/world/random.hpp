#pragma once

#include <cstdint>
#include <random>

#include "broker/core/random_source.hpp"

namespace mqttzoo::sim {

/// Random numbers of one purpose: each purpose has its own, so that one more draw for the network does not change the
/// workload of a seed.
class Random final : public core::RandomSource {
 public:
  enum class Purpose : std::uint8_t { sizes, network, ensemble, processes, brokers, clients, workload, faults };

  Random(std::uint64_t seed, Purpose purpose) : engine_(seed * 1000 + static_cast<std::uint64_t>(purpose)) {}

  std::uint64_t next() override { return engine_(); }
  std::uint64_t operator()() { return engine_(); }
  /// 0 to `end` - 1; 0 for an `end` of 0.
  std::int64_t below(std::int64_t end) {
    return end <= 0 ? 0 : static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(end));
  }
  std::int64_t between(std::int64_t least, std::int64_t most) { return least + below(most - least + 1); }
  bool one_in(std::int64_t n) { return below(n) == 0; }
  template <class Container>
  auto& pick(Container& container) {
    return container[static_cast<std::size_t>(below(static_cast<std::int64_t>(container.size())))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace mqttzoo::sim
