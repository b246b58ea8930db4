#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/cluster/retained/retained_names.hpp"
#include "broker/cluster/retained/retained_record.hpp"
#include "broker/cluster/retained/znode_retained_store.hpp"
#include "proto/cluster/znodes.pb.h"
#include "tests/support/fake_ensemble.hpp"

namespace mqttzoo::cluster {

/// What became of one publish.
struct Stored {
  core::MessageRef message;
  std::optional<RetainedAnswer> answer;
  bool stored() const { return answer && answer->outcome == RetainedStored::Outcome::stored; }
};
using StoredRef = std::shared_ptr<Stored>;

/// The retained store of one broker with its session.
struct RetainedBroker {
  RetainedBroker(support::FakeEnsemble& ensemble, const std::string& name, const RetainedOptions& options, int server,
                 std::int64_t wall_clock_error_ms)
      : incarnation{name, 1},
        bulk(ensemble.open({.server = server})),
        clock(ensemble.now_ms(), ensemble.wall_clock_ms() + wall_clock_error_ms),
        store(*bulk, clock, options, [this](ReportLevel level, std::string text) {
          if (level == ReportLevel::error || level == ReportLevel::warning) complaints.push_back(text);
        }) {
    store.set_incarnation(incarnation);
  }

  StoredRef put(const std::string& topic, const std::string& payload, mqtt::QoS qos = mqtt::QoS::at_least_once,
                bool refusable = true, core::ClusterMilliseconds expires_at = 0) {
    auto result = std::make_shared<Stored>();
    result->message = core::MessageRef::copy_of({.topic = topic,
                                                 .payload = payload,
                                                 .properties = {},
                                                 .qos = qos,
                                                 .retain = true,
                                                 .expires_at = expires_at,
                                                 .publisher = {}});
    store.store(result->message, refusable, [result](RetainedStored::Outcome outcome, mqtt::ReasonCode reason) {
      EXPECT_FALSE(result->answer) << "answered twice";
      result->answer = RetainedAnswer{outcome, reason};
    });
    return result;
  }

  Incarnation incarnation;
  std::unique_ptr<support::FakeCoordinator> bulk;
  ClusterClock clock;
  std::vector<std::string> complaints;
  ZnodeRetainedStore store;
};

using Values = std::map<std::string, std::string>;

inline Values values_of(const std::vector<core::RetainedMatch>& matches) {
  Values values;
  for (const auto& match : matches)
    values[std::string(match.message->view().topic)] = std::string(match.message->view().payload);
  return values;
}

/// Several brokers and an ensemble in memory on a virtual clock. Brokers are ticked after each event and every 50 ms.
class RetainedWorld {
 public:
  explicit RetainedWorld(support::FakeEnsemble::Options options = {}) : ensemble(std::move(options)) {}

  RetainedBroker& start(const std::string& name, const RetainedOptions& options = {}, int server = 0,
                        std::int64_t wall_clock_error_ms = 0) {
    brokers.push_back(std::make_unique<RetainedBroker>(ensemble, name, options, server, wall_clock_error_ms));
    return *brokers.back();
  }

  /// The process is killed.
  void kill(RetainedBroker& broker) {
    std::erase_if(brokers, [&](const auto& running) { return running.get() == &broker; });
  }

  /// One event of the ensemble, or the next tick of the brokers.
  void step() {
    const auto next_tick = ensemble.now_ms() / 50 * 50 + 50;
    const auto next_event = ensemble.next_event_ms();
    if (next_event && *next_event <= next_tick) {
      ensemble.run_next();
    } else {
      ensemble.advance_to(next_tick);
    }
    tick();
    ++steps;
    if (on_step) on_step();
  }

  void tick() {
    for (std::size_t index = 0; index < brokers.size(); ++index) brokers[index]->store.tick(ensemble.now_ms());
  }

  void run_for(std::int64_t duration_ms) {
    const auto end = ensemble.now_ms() + duration_ms;
    while (ensemble.now_ms() < end) step();
  }

  bool run_until(const std::function<bool()>& condition, std::int64_t patience_ms = 60'000) {
    const auto end = ensemble.now_ms() + patience_ms;
    while (!condition()) {
      if (ensemble.now_ms() >= end) return false;
      step();
    }
    return true;
  }

  bool run_until_loaded() {
    return run_until([this] {
      return std::all_of(brokers.begin(), brokers.end(), [](const auto& broker) { return broker->store.loaded(); });
    });
  }

  bool run_until_answered(const std::vector<StoredRef>& publishes) {
    return run_until([&] {
      return std::all_of(publishes.begin(), publishes.end(), [](const auto& publish) { return publish->answer; });
    });
  }

  StoredRef put_and_wait(RetainedBroker& broker, const std::string& topic, const std::string& payload) {
    auto publish = broker.put(topic, payload);
    EXPECT_TRUE(run_until_answered({publish})) << topic;
    return publish;
  }

  Values read(RetainedBroker& broker, const std::string& filter = "#") {
    std::optional<Values> values;
    broker.store.read({filter}, [&](const std::vector<core::RetainedMatch>& matches) { values = values_of(matches); });
    EXPECT_TRUE(run_until([&] { return values.has_value(); }));
    return values.value_or(Values());
  }

  // ---- What the ensemble has ----

  std::optional<RetainedEntry> znode(const std::string& topic) const {
    const auto data = ensemble.data(retained_znode_path(topic));
    return data ? decode_retained_value(*data) : std::nullopt;
  }

  /// All unexpired values.
  Values tree() const {
    Values values;
    for_each_znode([&](const RetainedEntry& entry) {
      if (entry.message && !entry.expired(ensemble.wall_clock_ms()))
        values[entry.topic] = std::string(entry.message->view().payload);
    });
    return values;
  }

  std::size_t znodes() const {
    std::size_t count = 0;
    for_each_znode([&](const RetainedEntry&) { ++count; });
    return count;
  }

  proto::Bank bank() const {
    proto::Bank bank;
    EXPECT_TRUE(bank.ParseFromString(ensemble.data("/bank").value_or("?")));
    return bank;
  }

  std::uint64_t credit_in_blocks() const {
    std::uint64_t credit = 0;
    for (const auto& name : ensemble.children("/bank/blocks")) {
      proto::BankBlock block;
      EXPECT_TRUE(block.ParseFromString(ensemble.data("/bank/blocks/" + name).value_or("?")));
      credit += block.credit_bytes();
    }
    return credit;
  }

  /// The sum that is constant at every moment.
  std::uint64_t total_credit() const {
    std::uint64_t credit = bank().credit_bytes() + credit_in_blocks();
    for_each_znode([&](const RetainedEntry& entry) { credit += entry.credit_bytes; });
    return credit;
  }

  template <class Visit>
  void for_each_znode(Visit&& visit) const {
    for (const auto& bucket : ensemble.children("/topic"))
      for (const auto& name : ensemble.children("/topic/" + bucket))
        if (auto entry = decode_retained_value(ensemble.data("/topic/" + bucket + "/" + name).value_or("?")))
          visit(*entry);
  }

  support::FakeEnsemble ensemble;
  std::vector<std::unique_ptr<RetainedBroker>> brokers;
  std::function<void()> on_step;
  std::uint64_t steps = 0;
};

}  // namespace mqttzoo::cluster
