#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker/cluster/letters.hpp"
#include "broker/core/message.hpp"
#include "broker/core/ring.hpp"
#include "broker/core/router.hpp"

namespace mqttzoo::cluster {

/// Publishes that wait for the retained store. A retained publish is stored first and routed when it is committed; what
/// is published meanwhile on the same topic waits behind it, so that the order of a topic holds (P6) and no subscriber
/// sees a value that a new one may not yet read (P4). A topic has a lane from its first waiting publish to its last.
/// Not bounded: the router looks at size() and bytes(). Lives on one shard.
class RetainedLanes {
 public:
  struct Released {
    core::MessageRef message;
    core::PublishTicket ticket;
    RetainedStored::Outcome outcome = RetainedStored::Outcome::stored;
    mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  };

  bool has(std::string_view topic) const { return !lanes_.empty() && lanes_.contains(topic); }

  /// A retained publish; returns the ticket for StoreRetained.
  std::uint64_t add_retained(core::MessageRef message, core::PublishTicket ticket);
  /// Another publish on a topic that has a lane.
  void add_behind(core::MessageRef message, core::PublishTicket ticket);

  /// The store answered. Appends to `released`, in order, what does not wait any more. An unknown ticket (of before
  /// `clear`) is ignored.
  void answered(const RetainedStored& answer, std::vector<Released>& released);

  /// Forgets everything. Returns how many were forgotten.
  std::size_t clear();

  std::size_t size() const { return size_; }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Waiting {
    Released publish;
    std::uint64_t store_ticket = 0;  ///< 0: waits only for those before it
  };
  using Lane = core::Ring<Waiting>;

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  void push(Lane& lane, core::MessageRef message, core::PublishTicket ticket, std::uint64_t store_ticket);

  std::unordered_map<std::string, Lane, TextHash, std::equal_to<>> lanes_;  ///< by topic
  std::unordered_map<std::uint64_t, core::MessageRef> stores_;              ///< by store ticket
  std::uint64_t last_ticket_ = 0;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace mqttzoo::cluster
