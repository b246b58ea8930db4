#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/broker/cluster/retained/retained_world.hpp"

namespace mqttzoo::cluster {

/// What publishers were told and what subscribers read, held against the promises of the retained store: P4, the order
/// of versions, one Bank. Payloads must be unique.
class RetainedHistory {
 public:
  explicit RetainedHistory(RetainedWorld& world) : world_(world) {}

  StoredRef put(RetainedBroker& broker, const std::string& topic, const std::string& payload,
                mqtt::QoS qos = mqtt::QoS::at_least_once, bool refusable = true) {
    auto publish = broker.put(topic, payload, qos, refusable);
    publishes_.push_back({topic, payload, &broker, publish});
    return publish;
  }

  /// The broker is killed: nobody will ever know what became of what it had not answered.
  void kill(RetainedBroker& broker) {
    for (auto& publish : publishes_)
      if (publish.broker == &broker) publish.broker = nullptr;
    reads_open_.erase(&broker);
    world_.kill(broker);
  }

  /// A read of everything, whose answer must show all that has been acknowledged by now.
  void read(RetainedBroker& broker) {
    std::map<std::string, std::int64_t> floors;
    for (const auto& publish : publishes_)
      if (publish.result->stored()) raise(floors[publish.topic], publish.result->message->retained_version());
    ++reads_open_[&broker];
    const auto cut_off_before = broker.store.counters().reads_cut_off;
    broker.store.read({"#"}, [=, this, &broker](const std::vector<core::RetainedMatch>& matches) {
      --reads_open_[&broker];
      if (broker.store.counters().reads_cut_off != cut_off_before) return;
      ++reads_checked_;
      std::map<std::string, std::int64_t> versions;
      for (const auto& match : matches) {
        const std::string topic(match.message->view().topic);
        versions[topic] = match.message->retained_version();
        EXPECT_TRUE(was_published(topic, match.message->view().payload)) << topic;
      }
      for (const auto& [topic, floor] : floors) {
        if (versions.contains(topic)) {
          EXPECT_GE(versions.at(topic), floor) << topic;
        } else {
          EXPECT_TRUE(may_be_deleted(topic, floor)) << topic << " acknowledged at " << floor;
        }
      }
    });
  }

  bool all_answered() const {
    return std::all_of(reads_open_.begin(), reads_open_.end(), [](const auto& reads) { return reads.second == 0; }) &&
           std::all_of(publishes_.begin(), publishes_.end(), [](const auto& publish) {
             return publish.broker == nullptr || publish.result->answer.has_value();
           });
  }

  /// When nothing happens any more: the tree has the last acknowledged values, every broker has the tree, no credit is
  /// lost.
  void check_end() const {
    const auto tree = world_.tree();
    std::map<std::string, std::pair<std::int64_t, std::string>> last;
    for (const auto& publish : publishes_) {
      if (!publish.result->stored()) continue;
      const auto version = publish.result->message->retained_version();
      EXPECT_GT(version, 0) << publish.topic;
      auto& known = last[publish.topic];
      // Of one commit the later publish wins.
      if (version >= known.first) known = {version, publish.payload};
    }
    for (const auto& [topic, value] : last) {
      const auto found = tree.find(topic);
      const std::string in_tree = found == tree.end() ? "" : found->second;
      EXPECT_TRUE(in_tree == value.second || may_be_stored(topic, in_tree))
          << topic << " is " << in_tree << ", not " << value.second << " at " << value.first;
    }
    for (const auto& broker : world_.brokers) {
      Values cached;
      broker->store.cache().for_each([&](const RetainedEntry& entry) {
        if (entry.message && !entry.expired(broker->clock.now()))
          cached[entry.topic] = std::string(entry.message->view().payload);
      });
      EXPECT_EQ(cached, tree) << broker->incarnation.name;
      EXPECT_EQ(broker->store.waiting_bytes(), 0u);
    }
    EXPECT_EQ(world_.total_credit(), world_.bank().capacity_bytes());
  }

  std::size_t publishes() const { return publishes_.size(); }
  std::size_t reads_checked() const { return reads_checked_; }

 private:
  struct Publish {
    std::string topic;
    std::string payload;
    RetainedBroker* broker;  ///< null: it was killed
    StoredRef result;
  };

  static void raise(std::int64_t& floor, std::int64_t version) { floor = std::max(floor, version); }

  bool was_published(const std::string& topic, std::string_view payload) const {
    return std::any_of(publishes_.begin(), publishes_.end(), [&](const Publish& publish) {
      const bool refused =
          publish.result->answer && publish.result->answer->outcome == RetainedStored::Outcome::refused;
      return publish.topic == topic && publish.payload == payload && !refused;
    });
  }

  /// Somebody deletes the topic now, or has done so since.
  bool may_be_deleted(const std::string& topic, std::int64_t floor) const {
    return std::any_of(publishes_.begin(), publishes_.end(), [&](const Publish& publish) {
      if (publish.topic != topic || !publish.payload.empty()) return false;
      return !publish.result->answer || publish.result->answer->outcome == RetainedStored::Outcome::live_only ||
             publish.result->message->retained_version() >= floor;
    });
  }

  /// Stored without anybody being told: the broker died, or it did not wait for an answer (QoS 0).
  bool may_be_stored(const std::string& topic, const std::string& payload) const {
    return std::any_of(publishes_.begin(), publishes_.end(), [&](const Publish& publish) {
      if (publish.topic != topic || publish.payload != payload) return false;
      return !publish.result->answer || publish.result->answer->outcome == RetainedStored::Outcome::live_only;
    });
  }

  RetainedWorld& world_;
  std::vector<Publish> publishes_;
  std::map<RetainedBroker*, int> reads_open_;
  std::size_t reads_checked_ = 0;
};

}  // namespace mqttzoo::cluster
