// How many retained values of 200 bytes per second a cluster stores, and how long a broker takes to load 50,000 of
// them. Not a test: build retained_bench and run it on a quiet machine.
#include <sys/resource.h>

#include <cstdio>

#include "tests/broker/cluster/retained/integration/retained_rig.hpp"

namespace mqttzoo::cluster {
namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Stores `count` values, `window` of them waiting at a time, evenly over the brokers.
void store_values(RetainedRig& rig, int count, int window, int topics, int writers) {
  int asked = 0;
  int answered = 0;
  const std::string payload(200, 'x');
  const auto start = std::chrono::steady_clock::now();
  const auto cpu = cpu_seconds();
  std::uint64_t commits = 0;
  for (auto& broker : rig.brokers) commits -= broker->store.counters().commits;
  const bool done = rig.run_until([&] {
    while (asked < count && asked - answered < window) {
      auto& broker = *rig.brokers[static_cast<std::size_t>(asked % writers)];
      // Each broker writes topics of its own.
      const auto topic = "bench/" + std::to_string(asked % topics);
      ++asked;
      broker.store.store(RetainedRig::message(topic, payload), false,
                         [&](RetainedStored::Outcome, mqtt::ReasonCode) { ++answered; });
    }
    for (auto& broker : rig.brokers) broker->store.tick(steady_ms());
    return answered == count;
  });
  for (auto& broker : rig.brokers) commits += broker->store.counters().commits;
  std::printf(
      "  %6d waiting, %zu brokers of which %d write: %8.0f/s, %5.1f values per commit, %5.1f us of our CPU each%s\n",
      window, rig.brokers.size(), writers, answered / seconds_since(start),
      static_cast<double>(answered) / static_cast<double>(commits), (cpu_seconds() - cpu) * 1e6 / answered,
      done ? "" : " (unfinished)");
}

void run(int servers, bool durable) {
  std::printf("%d server%s, %s\n", servers, servers == 1 ? "" : "s", durable ? "with fsync" : "without fsync");
  RetainedRig rig({.count = servers, .durable = durable, .optimised = true});
  rig.start("b0", 0);
  if (!rig.run_until_loaded()) return;
  store_values(rig, 2'000, 1, 1'000, 1);
  store_values(rig, 60'000, 1'000, 50'000, 1);
  store_values(rig, 100'000, 10'000, 50'000, 1);
  for (int broker = 1; broker < 3; ++broker) {
    const auto start = std::chrono::steady_clock::now();
    const auto cpu = cpu_seconds();
    auto& late = rig.start("b" + std::to_string(broker), broker % servers);
    rig.run_until_loaded();
    std::printf("  %zu values loaded in %.2f s, %.2f s of our CPU\n", late.store.cache().values(), seconds_since(start),
                cpu_seconds() - cpu);
  }
  store_values(rig, 60'000, 3'000, 49'998, 3);
}

}  // namespace
}  // namespace mqttzoo::cluster

int main() {
  for (const bool durable : {false, true})
    for (const int servers : {1, 3}) mqttzoo::cluster::run(servers, durable);
}
