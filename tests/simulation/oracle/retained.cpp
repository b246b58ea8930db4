#include <algorithm>
#include <optional>

#include "tests/simulation/oracle/facts.hpp"

/// P4. A retained topic is a register: who subscribes gets a value that no acknowledged later one had replaced when the
/// SUBSCRIBE was sent. Publishes that overlap may be stored in either order; one that was never acknowledged, or was
/// sent more than once, at any time after its begin.
namespace mqttzoo::sim {

namespace {

// Retained messages follow their SUBACK at once.
constexpr Milliseconds answered_ms = 1'000;
// How far a broker's clock may be wrong, and how long a message is under way.
constexpr Milliseconds clock_error_ms = 1'000;
constexpr Milliseconds under_way_ms = 1'500;

bool completed_before(const MessageRecord& first, const MessageRecord& second) {
  return first.acknowledged != never_happened && first.connections == 1 && first.acknowledged < second.begun;
}

class Reading {
 public:
  Reading(const Facts& facts, const SubscriptionRecord& subscription)
      : facts_(facts), subscription_(subscription), connection_(facts.history.connections[subscription.connection]) {}

  bool is_conclusive() const {
    if (subscription_.granted == never_happened || facts_.answered_from_memory.contains(connection_.stream))
      return false;
    return connection_.ended == never_happened || connection_.ended > subscription_.granted + answered_ms;
  }

  void judge(Verdict& verdict) const {
    bool got_any = false;
    for (const DeliveryRecord& delivery : facts_.history.deliveries) {
      const MessageRecord& value = facts_.history.messages[delivery.message];
      if (delivery.connection != subscription_.connection || value.topic != subscription_.filter) continue;
      if (delivery.time > subscription_.granted + answered_ms) continue;
      got_any = true;
      if (!delivery.retain) continue;
      if (const auto newer = what_replaced(value))
        complain(verdict, delivery, "replaced by m" + std::to_string(*newer));
      if (value.lasts != 0 && value.acknowledged != never_happened &&
          delivery.time > value.acknowledged + value.lasts + clock_error_ms + under_way_ms) {
        complain(verdict, delivery, "expired");
      }
    }
    if (!got_any) judge_nothing(verdict);
  }

 private:
  bool is_of_topic(const MessageRecord& message) const {
    return message.retain && message.topic == subscription_.filter;
  }

  bool is_acknowledged_before(const MessageRecord& message) const {
    return message.acknowledged != never_happened && message.acknowledged < subscription_.sent;
  }

  std::optional<MessageIndex> what_replaced(const MessageRecord& value) const {
    const auto& messages = facts_.history.messages;
    for (MessageIndex index = 0; index < messages.size(); ++index) {
      const MessageRecord& newer = messages[index];
      if (is_of_topic(newer) && is_acknowledged_before(newer) && completed_before(value, newer)) return index;
    }
    return std::nullopt;
  }

  /// Nothing was there, or a deletion or a value that expires may have been the last.
  void judge_nothing(Verdict& verdict) const {
    const auto& messages = facts_.history.messages;
    for (MessageIndex index = 0; index < messages.size(); ++index) {
      const MessageRecord& value = messages[index];
      if (!is_of_topic(value) || value.deletes || value.lasts != 0 || !is_acknowledged_before(value)) continue;
      const bool may_be_gone = std::any_of(messages.begin(), messages.end(), [&](const MessageRecord& other) {
        return is_of_topic(other) && (other.deletes || other.lasts != 0) && !completed_before(other, value);
      });
      if (may_be_gone) continue;
      verdict.push_back("P4: " + who() + " got nothing, and m" + std::to_string(index) + " was acknowledged at " +
                        std::to_string(value.acknowledged));
      return;
    }
  }

  void complain(Verdict& verdict, const DeliveryRecord& delivery, const std::string& why) const {
    verdict.push_back("P4: " + who() + " got m" + std::to_string(delivery.message) + " at " +
                      std::to_string(delivery.time) + ", " + why);
  }

  std::string who() const {
    return facts_.history.clients[subscription_.client].id + ", who subscribed to " + subscription_.filter + " at " +
           connection_.broker + " at " + std::to_string(subscription_.sent) + ',';
  }

  const Facts& facts_;
  const SubscriptionRecord& subscription_;
  const ConnectionRecord& connection_;
};

}  // namespace

void judge_retained(const Facts& facts, Verdict& verdict) {
  for (const SubscriptionRecord& subscription : facts.history.subscriptions) {
    if (!subscription.filter.starts_with("r/") || subscription.filter.ends_with('#')) continue;
    const Reading reading(facts, subscription);
    if (reading.is_conclusive()) reading.judge(verdict);
  }
}

}  // namespace mqttzoo::sim
