#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "tests/simulation/run.hpp"

// Runs seeds, on as many processes as there are cores, and says which ones broke a promise. A process of its own keeps
// what ends a run (a broken invariant of the broker) from ending them all.
namespace {

using mqttzoo::sim::Outcome;

struct Options {
  std::uint64_t from = 1;
  std::uint64_t seeds = 100;
  std::uint64_t seed = 0;  ///< only this one
  unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
  unsigned failures_max = 5;
  bool trace = false;
};

/// What the workers share.
struct Progress {
  std::atomic<std::uint64_t> next;
  std::atomic<std::uint64_t> done;
  std::atomic<unsigned> failures;
  std::atomic<std::uint64_t> under_way[256];
};

void print_failure(std::uint64_t seed, const std::vector<std::string>& broken) {
  std::string text = "seed " + std::to_string(seed) + " fails:\n";
  constexpr std::size_t lines_max = 10;
  for (std::size_t i = 0; i < std::min(lines_max, broken.size()); ++i) text += "    " + broken[i] + '\n';
  if (broken.size() > lines_max) text += "    and " + std::to_string(broken.size() - lines_max) + " more\n";
  text += "  ./automateBuild.sh sim --seed " + std::to_string(seed) + " --trace\n";
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

void work(const Options& options, Progress& progress, unsigned worker) {
  for (;;) {
    const std::uint64_t seed = progress.next++;
    if (seed >= options.from + options.seeds || progress.failures >= options.failures_max) return;
    progress.under_way[worker] = seed;
    const Outcome outcome = mqttzoo::sim::run_seed(seed);
    progress.under_way[worker] = 0;
    ++progress.done;
    if (outcome.broken.empty()) continue;
    ++progress.failures;
    print_failure(seed, outcome.broken);
  }
}

/// A worker that a broken invariant ended is replaced by another one.
void supervise(const Options& options, Progress& progress) {
  std::vector<pid_t> workers(std::min<std::size_t>(options.jobs, std::size(progress.under_way)));
  const auto start = [&](unsigned worker) {
    std::fflush(stdout);
    workers[worker] = ::fork();
    if (workers[worker] != 0) return;
    work(options, progress, worker);
    std::_Exit(0);
  };
  for (unsigned worker = 0; worker < workers.size(); ++worker) start(worker);
  for (std::size_t left = workers.size(); left > 0;) {
    int status = 0;
    const pid_t pid = ::wait(&status);
    if (pid < 0) break;
    const auto worker = static_cast<unsigned>(std::find(workers.begin(), workers.end(), pid) - workers.begin());
    --left;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) continue;
    ++progress.failures;
    print_failure(progress.under_way[worker], {"the process ended by a broken invariant, or crashed"});
    start(worker);
    ++left;
  }
}

int run_many(const Options& options) {
  void* const memory = ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return std::perror("mmap"), 1;
  Progress& progress = *new (memory) Progress{};
  progress.next = options.from;
  supervise(options, progress);
  std::printf("%llu seeds from %llu, %u failed\n", static_cast<unsigned long long>(progress.done.load()),
              static_cast<unsigned long long>(options.from), progress.failures.load());
  return progress.failures == 0 ? 0 : 1;
}

int run_one(const Options& options) {
  const Outcome outcome = mqttzoo::sim::run_seed(options.seed, options.trace ? stdout : nullptr);
  std::printf("seed %llu: %llu messages, %llu deliveries, trace %016llx\n",
              static_cast<unsigned long long>(options.seed), static_cast<unsigned long long>(outcome.messages),
              static_cast<unsigned long long>(outcome.deliveries), static_cast<unsigned long long>(outcome.trace_hash));
  if (outcome.broken.empty()) return 0;
  print_failure(options.seed, outcome.broken);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Simulated clusters: each seed is one run of brokers, clients and faults, judged by P1 to P9.");
  app.add_option("--seeds", options.seeds, "how many seeds");
  app.add_option("--from", options.from, "the first of them")->check(CLI::PositiveNumber);
  app.add_option("--seed", options.seed, "only this one, in this process")->check(CLI::PositiveNumber);
  app.add_flag("--trace", options.trace, "with --seed: print what happens, with the virtual time and the broker");
  app.add_option("--jobs", options.jobs, "processes")->check(CLI::Range(1, 256));
  app.add_option("--failures", options.failures_max, "stop after so many failing seeds");
  CLI11_PARSE(app, argc, argv);
  return options.seed != 0 ? run_one(options) : run_many(options);
}
