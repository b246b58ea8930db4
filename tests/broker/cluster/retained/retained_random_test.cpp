#include <gmock/gmock.h>

#include <array>
#include <cstdlib>
#include <random>

#include "tests/broker/cluster/retained/retained_history.hpp"
#include "tests/support/sanitized.hpp"

/// Three brokers at three servers, random publishes, deletions and reads, random faults. One seed is one run; a failing
/// one is printed and fails again.
namespace mqttzoo::cluster {
namespace {

class RandomRun {
 public:
  explicit RandomRun(std::uint32_t seed)
      : random_(seed),
        world_({.servers = 3, .latency_ms = [this] { return static_cast<std::int64_t>(1 + below(8)); }}) {
    options_.bank_bytes = below(2) == 0 ? 30'000 : 1'000'000;
    options_.lanes = 1 + below(3);
    options_.changes_kept = 5 + below(50);
    options_.commit_topics_max = 1 + below(10);
    options_.logged_value_bytes_max = 200;
    options_.load_requests_max = 64;
    options_.empty_block_kept_ms = 20'000;
    for (int index = 0; index < 3; ++index) start(index);
  }

  void run() {
    EXPECT_TRUE(world_.run_until_loaded());
    if (std::getenv("DBG"))
      world_.on_step = [this] {
        static bool told = false;
        if (world_.total_credit() != options_.bank_bytes && !told) {
          told = true;
          printf("t=%ld total %lu of %lu\n", (long)world_.ensemble.now_ms(), (unsigned long)world_.total_credit(),
                 (unsigned long)options_.bank_bytes);
        }
        for (auto& b : world_.brokers) {
          static std::map<std::string, size_t> n;
          auto& k = n[b->incarnation.name];
          while (k < b->complaints.size())
            printf("t=%ld %s: %s\n", (long)world_.ensemble.now_ms(), b->incarnation.name.c_str(),
                   b->complaints[k++].c_str());
        }
      };
    world_.brokers[0]->store.hold_office(living());
    for (int event = 0; event < 400; ++event) {
      const auto what = below(100);
      if (what < 70) publish();
      if (what >= 70 && what < 85) history_.read(any_broker());
      if (what >= 85) fault();
      for (auto steps = below(12); steps > 0; --steps) world_.step();
    }
    settle();
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return random_() % bound; }
  RetainedBroker& any_broker() { return *world_.brokers[below(3)]; }

  std::vector<Incarnation> living() const {
    std::vector<Incarnation> incarnations;
    for (const auto& broker : world_.brokers) incarnations.push_back(broker->incarnation);
    return incarnations;
  }

  void start(int index) {
    auto& broker = world_.start("b" + std::to_string(++started_), options_, index,
                                static_cast<std::int64_t>(below(10'000)) - 5'000);
    // In the order of the servers.
    auto& brokers = world_.brokers;
    std::rotate(brokers.begin() + index, brokers.end() - 1, brokers.end());
    cut_[static_cast<std::size_t>(index)] = false;
    EXPECT_EQ(brokers[static_cast<std::size_t>(index)].get(), &broker);
  }

  void publish() {
    const auto topic = "t/" + std::to_string(below(12));
    auto payload = std::to_string(++published_) + ' ';
    if (below(3) == 0) payload.append(below(4) == 0 ? 5'000 : 300, 'x');
    if (below(5) == 0) payload.clear();
    const auto qos = static_cast<mqtt::QoS>(below(3));
    history_.put(any_broker(), topic, payload, qos, qos != mqtt::QoS::at_most_once && below(2) == 0);
  }

  void fault() {
    const auto index = below(3);
    auto& broker = *world_.brokers[index];
    auto& ensemble = world_.ensemble;
    const auto loss = below(2) == 0 ? support::Loss::requests : support::Loss::replies;
    switch (below(9)) {
      case 0:
        return ensemble.drop(*broker.bulk, loss);
      case 1:
        if (!std::exchange(cut_[index], true)) ensemble.cut(*broker.bulk, loss, below(2'000));
        return;
      case 2:
      case 3:
        if (std::exchange(cut_[index], false)) ensemble.heal(*broker.bulk);
        return;
      case 4:
        if (ensemble.session_alive(broker.bulk->session_id())) ensemble.expire(*broker.bulk);
        return;
      case 5:
        return ensemble.set_apply_delay_ms(static_cast<int>(index), below(3) == 0 ? below(400) : 0);
      case 6:
        return hand_over_office(broker);
      case 7:
        if (below(3) == 0) replace(index);
        return;
      default:
        ensemble.set_quorum(false);
        world_.run_for(below(2'000));
        ensemble.set_quorum(true);
    }
  }

  void hand_over_office(RetainedBroker& broker) {
    if (below(2) == 0) broker.store.set_incarnation({broker.incarnation.name, ++broker.incarnation.epoch});
    // Now and then two hold it, or take somebody for dead who is not.
    if (below(3) != 0)
      for (auto& other : world_.brokers) other->store.leave_office();
    auto who_lives = living();
    if (below(4) == 0) who_lives.pop_back();
    broker.store.hold_office(std::move(who_lives));
  }

  void replace(std::uint32_t index) {
    history_.kill(*world_.brokers[index]);
    start(static_cast<int>(index));
    world_.brokers[(index + 1) % 3]->store.hold_office(living());
  }

  void settle() {
    for (std::uint32_t index = 0; index < 3; ++index) {
      if (std::exchange(cut_[index], false)) world_.ensemble.heal(*world_.brokers[index]->bulk);
      world_.ensemble.set_apply_delay_ms(static_cast<int>(index), 0);
    }
    EXPECT_TRUE(world_.run_until([&] { return history_.all_answered(); }));
    EXPECT_TRUE(world_.run_until_loaded());
    for (auto& broker : world_.brokers) broker->store.leave_office();
    world_.brokers[1]->store.hold_office(living());
    for (auto& broker : world_.brokers) history_.read(*broker);
    world_.run_for(12'000);
    EXPECT_TRUE(history_.all_answered());
    history_.check_end();
    for (const auto& broker : world_.brokers)
      for (const auto& complaint : broker->complaints)
        EXPECT_THAT(complaint, ::testing::Not(::testing::HasSubstr("the Bank lacks")));
  }

  std::mt19937 random_;
  RetainedWorld world_;
  RetainedHistory history_{world_};
  RetainedOptions options_;
  std::array<bool, 3> cut_{};
  int started_ = 0;
  int published_ = 0;
};

constexpr std::uint32_t seeds_default = support::sanitized ? 20 : 200;

TEST(RetainedRandom, KeepsItsPromises) {
  const char* const chosen = std::getenv("MQTTZOO_SEED");
  const auto first = chosen ? static_cast<std::uint32_t>(std::stoul(chosen)) : 1;
  const char* const count = std::getenv("MQTTZOO_SEEDS");
  const auto seeds = chosen ? 1 : count ? static_cast<std::uint32_t>(std::stoul(count)) : seeds_default;
  for (std::uint32_t seed = first; seed < first + seeds; ++seed) {
    RandomRun(seed).run();
    ASSERT_FALSE(HasFailure()) << "MQTTZOO_SEED=" << seed;
  }
}

}  // namespace
}  // namespace mqttzoo::cluster
