// How many requests per second one session gets through one server, and the client's CPU time for them. Not a test:
// build zk_bench and run it on a quiet machine.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>

#include "tests/zk/integration/zookeeper_rig.hpp"

namespace mqttzoo::zk {
namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// `send` makes one request and calls its argument when it is answered well.
void measure(support::ControlThread& control, const char* what, int requests, int in_flight,
             const std::function<void(std::function<void()>)>& send) {
  int sent = 0;
  int answered = 0;
  std::function<void()> next = [&] {
    if (sent == requests) return;
    ++sent;
    send([&] {
      ++answered;
      next();
    });
  };
  const auto started = std::chrono::steady_clock::now();
  const auto cpu_started = cpu_seconds();
  for (int window = 0; window < in_flight; ++window) next();
  if (!control.run_until([&] { return answered == requests; }, std::chrono::minutes(5))) std::puts("unfinished");
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
  std::printf("%-44s %4d in flight: %8.0f/s, %6.1f us of CPU each\n", what, in_flight, answered / elapsed.count(),
              (cpu_seconds() - cpu_started) * 1e6 / answered);
}

void run(bool durable) {
  std::printf("%s\n", durable ? "with fsync:" : "without fsync:");
  const support::ZooKeeperServers servers({.durable = durable, .optimised = true});
  support::ControlThread control;
  ZooKeeperCoordinator coordinator(options_for(servers.connect_string()), control.poster(),
                                   [](LogLevel, std::string_view) {});
  int created = 0;
  control.run_until([&] { return coordinator.session_state() == cluster::Coordinator::SessionState::connected; });
  for (int node = 0; node < 10; ++node)
    coordinator.create("/node" + std::to_string(node), "", cluster::CreateMode::persistent,
                       [&](cluster::CoordinatorStatus, const std::string&) { ++created; });
  control.run_until([&] { return created == 10; });

  const std::string small(100, 'x');
  const auto set = [&](std::function<void()> done) {
    coordinator.set("/node0", small, cluster::any_version,
                    [done](cluster::CoordinatorStatus status, const cluster::ZnodeStat&) {
                      if (status == cluster::CoordinatorStatus::ok) done();
                    });
  };
  const auto get = [&](std::function<void()> done) {
    coordinator.get("/node0", {},
                    [done](cluster::CoordinatorStatus status, const std::string&, const cluster::ZnodeStat&) {
                      if (status == cluster::CoordinatorStatus::ok) done();
                    });
  };
  std::vector<cluster::MultiOperation> parts;
  for (int node = 0; node < 10; ++node)
    parts.push_back({.kind = cluster::MultiOperation::Kind::set,
                     .path = "/node" + std::to_string(node),
                     .data = std::string(1'600, 'x')});
  const auto multi = [&](std::function<void()> done) {
    coordinator.multi(parts, [done](cluster::CoordinatorStatus status, const std::vector<cluster::MultiResult>&) {
      if (status == cluster::CoordinatorStatus::ok) done();
    });
  };
  const int scale = durable ? 1 : 10;
  measure(control, "warming up: set of 100 bytes", 2'000 * scale, 100, set);
  measure(control, "set of 100 bytes", 2'000 * scale, 1, set);
  measure(control, "set of 100 bytes", 5'000 * scale, 100, set);
  measure(control, "get of 100 bytes", 5'000 * scale, 100, get);
  measure(control, "multi of 10 sets, 16 KiB", 200 * scale, 1, multi);
  measure(control, "multi of 10 sets, 16 KiB", 500 * scale, 4, multi);
  measure(control, "multi of 10 sets, 16 KiB", 500 * scale, 32, multi);
}

}  // namespace
}  // namespace mqttzoo::zk

int main() {
  mqttzoo::zk::run(true);
  mqttzoo::zk::run(false);
}
