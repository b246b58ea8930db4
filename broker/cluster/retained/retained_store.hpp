#pragma once

#include <functional>
#include <string>
#include <vector>

#include "broker/cluster/letters.hpp"
#include "broker/core/message.hpp"

namespace mqttzoo::cluster {

/// Retained values of the whole cluster, one per topic (P4). Lives on the control thread. Two implementations: in
/// memory for a lone broker, in znodes for a cluster.
class RetainedStore {
 public:
  using StoreCallback = std::function<void(RetainedStored::Outcome, mqtt::ReasonCode)>;
  using ReadCallback = std::function<void(std::vector<core::RetainedMatch>)>;

  virtual ~RetainedStore() = default;

  /// Stores the message as the value of its topic; an empty payload deletes the value. `done` comes after the commit,
  /// with the message's retained_version set; callbacks of one topic come in the order of the calls.
  /// `refusable`: the publisher can be told no (PublishTicket).
  virtual void store(core::MessageRef message, bool refusable, StoreCallback done) = 0;

  /// All unexpired values that match, none older than what any broker had acknowledged before the call (P4); out of
  /// contact with ZooKeeper: what this broker knows.
  virtual void read(std::vector<std::string> filters, ReadCallback done) = 0;
};

}  // namespace mqttzoo::cluster
