#include "tests/simulation/run.hpp"

#include "tests/simulation/faults.hpp"
#include "tests/simulation/oracle/facts.hpp"
#include "tests/simulation/oracle/guard.hpp"
#include "tests/simulation/oracle/leftovers.hpp"
#include "tests/simulation/workload.hpp"

namespace mqttzoo::sim {

namespace {

// How long it may take, from the end of the last fault, until all brokers are together, all clients are connected and
// all that they publish is acknowledged.
constexpr Milliseconds recovery_ms = 60'000;
// From then on, until nothing is on its way any more.
constexpr Milliseconds quiet_ms = 5'000;
constexpr std::int64_t acts_between_faults = 10;

class Run {
 public:
  Run(std::uint64_t seed, std::FILE* trace)
      : sizes_(seed, Random::Purpose::sizes),
        queues_are_short_(sizes_.one_in(8)),
        options_(options(seed)),
        brokers_(brokers()),
        guard_(history_, world_),
        world_(options_, guard_),
        workload_(world_, history_, seed),
        faults_(world_, seed, brokers_, options_.zookeeper_servers) {
    world_.trace().print_to(trace);
  }

  Outcome outcome() {
    Outcome outcome;
    go(outcome.broken);
    const Verdict verdict = judge({history_, world_.views(), guard_.answered_from_memory(), world_.standstills(),
                                   world_.clock_steps(), queues_are_short_, world_.dropped_at_full_queues()});
    outcome.broken.insert(outcome.broken.end(), guard_.broken().begin(), guard_.broken().end());
    outcome.broken.insert(outcome.broken.end(), verdict.begin(), verdict.end());
    outcome.trace_hash = world_.trace().hash();
    outcome.messages = history_.messages.size();
    outcome.deliveries = history_.deliveries.size();
    return outcome;
  }

 private:
  WorldOptions options(std::uint64_t seed) {
    WorldOptions options;
    options.seed = seed;
    options.zookeeper_servers = sizes_.one_in(2) ? 3 : 1;
    options.latency_max_ms = sizes_.one_in(4) ? 30 : 3;
    if (queues_are_short_) options.broker.limits.queue_messages_max = static_cast<std::size_t>(sizes_.between(1, 6));
    return options;
  }

  std::map<std::string, core::ShardIndex> brokers() {
    std::map<std::string, core::ShardIndex> brokers;
    const std::int64_t count = sizes_.between(3, 7);
    for (std::int64_t i = 0; i < count; ++i)
      brokers[std::string(1, static_cast<char>('a' + i))] = static_cast<core::ShardIndex>(sizes_.between(1, 3));
    return brokers;
  }

  void go(std::vector<std::string>& broken) {
    for (const auto& [name, shards] : brokers_) world_.start(name, shards);
    if (!world_.run_until([this] { return world_.has_converged(); }, recovery_ms))
      return broken.push_back("the brokers do not find together, " + world_.describe());
    workload_.begin();
    world_.run_for(1'000);
    const std::int64_t acts = sizes_.between(50, 200);
    for (std::int64_t i = 0; i < acts; ++i) {
      workload_.act();
      if (sizes_.one_in(acts_between_faults)) faults_.act();
      world_.run_for(sizes_.below(sizes_.one_in(10) ? 1'500 : 100));
    }
    recover(broken);
  }

  void recover(std::vector<std::string>& broken) {
    faults_.end();
    workload_.settle();
    if (!world_.run_until([this] { return world_.has_converged() && workload_.is_settled(); }, recovery_ms))
      return broken.push_back("no recovery: " + workload_.what_is_left() + world_.describe());
    workload_.probe();
    if (!world_.run_until([this] { return workload_.is_settled(); }, quiet_ms))
      broken.push_back("no peace: " + workload_.what_is_left() + world_.describe());
    world_.run_for(quiet_ms);
    guard_.judge_end();
    judge_leftovers(world_, workload_.connected(), queues_are_short_, broken);
    judge_bank(world_.ensemble(), broken);
  }

  Random sizes_;
  const bool queues_are_short_;
  const WorldOptions options_;
  const std::map<std::string, core::ShardIndex> brokers_;
  History history_;
  Guard guard_;
  World world_;
  Workload workload_;
  Faults faults_;
};

}  // namespace

Outcome run_seed(std::uint64_t seed, std::FILE* trace) { return Run(seed, trace).outcome(); }

}  // namespace mqttzoo::sim
