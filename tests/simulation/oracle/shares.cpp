#include <algorithm>
#include <map>
#include <set>

#include "proto/mqtt/topic.hpp"
#include "tests/simulation/oracle/excuses.hpp"
#include "tests/simulation/oracle/facts.hpp"

namespace mqttzoo::sim {

namespace {

std::string filter_of(const std::string& share) { return share.substr(share.find('/', share.find('/') + 1) + 1); }

/// A broker hears of a lost connection in so long.
constexpr Milliseconds heard_ms = 10'000;

/// A member at QoS 0 may have been sent the message on a connection that was lost already, or that broke under it.
bool may_be_lost_at_qos0(const Facts& facts, const MessageRecord& message, const std::string& share) {
  const auto& all = facts.history.subscriptions;
  return std::any_of(all.begin(), all.end(), [&](const SubscriptionRecord& member) {
    if (member.filter != share || member.qos != mqtt::QoS::at_most_once) return false;
    const auto& connections = facts.history.connections;
    return std::any_of(connections.begin(), connections.end(), [&](const ConnectionRecord& connection) {
      return connection.client == member.client && connection.generation == member.generation &&
             connection.ended != never_happened && connection.ended >= message.begun - heard_ms &&
             connection.ended <= message.acknowledged + heard_ms;
    });
  });
}

}  // namespace

/// A message goes to one member of each Shared Subscription. While members come and go with their brokers there are two
/// corners open (ARCHITECTURE.md, "Shared Subscriptions"), so runs in which a broker left are not judged; nor are
/// messages of QoS 2 that were sent to a member which then ended, so these are judged for being doubled alone. And
/// where queues are short there may be no member with room.
void judge_shares(const Facts& facts, Verdict& verdict) {
  if (excuses::a_broker_left(facts) || facts.queues_are_short) return;
  std::map<MessageIndex, std::set<std::pair<ClientIndex, std::size_t>>> received;
  std::map<MessageIndex, int> new_at_qos2;
  std::set<std::string> shares;
  for (const SubscriptionRecord& subscription : facts.history.subscriptions) {
    if (subscription.filter.starts_with("$share/") && stands(facts, subscription)) shares.insert(subscription.filter);
  }
  for (const DeliveryRecord& delivery : facts.history.deliveries) {
    const MessageRecord& message = facts.history.messages[delivery.message];
    if (!message.topic.starts_with("s/")) continue;
    received[delivery.message].insert({delivery.client, delivery.generation});
    if (delivery.qos == mqtt::QoS::exactly_once && !delivery.repeated && ++new_at_qos2[delivery.message] == 2)
      verdict.push_back("P7: m" + std::to_string(delivery.message) + " went to two members of a Shared Subscription");
  }
  for (const SubscriptionRecord& member : facts.history.subscriptions) {
    if (!shares.contains(member.filter) || !stands(facts, member)) continue;
    for (MessageIndex index = 0; index < facts.history.messages.size(); ++index) {
      const MessageRecord& message = facts.history.messages[index];
      if (message.acknowledged == never_happened || message.qos != mqtt::QoS::at_least_once ||
          message.begun <= member.granted || !mqtt::matches(filter_of(member.filter), message.topic))
        continue;
      if (!received.contains(index) && !may_be_lost_at_qos0(facts, message, member.filter))
        verdict.push_back("P2: m" + std::to_string(index) + " reached no member of " + member.filter);
    }
  }
}

}  // namespace mqttzoo::sim
