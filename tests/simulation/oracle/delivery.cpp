#include <set>
#include <tuple>

#include "proto/mqtt/topic.hpp"
#include "tests/simulation/oracle/excuses.hpp"
#include "tests/simulation/oracle/facts.hpp"

namespace mqttzoo::sim {

namespace {

using Received = std::set<std::tuple<ClientIndex, std::size_t, MessageIndex>>;

std::string name_of(const MessageRecord& message, MessageIndex index) {
  return 'm' + std::to_string(index) + " (qos" + std::to_string(static_cast<int>(message.qos)) + " to " +
         message.topic + ", begun " + std::to_string(message.begun) + ", acknowledged " +
         std::to_string(message.acknowledged) + ')';
}

bool demands(const SubscriptionRecord& subscription, const MessageRecord& message) {
  return message.acknowledged != never_happened && !message.is_will && !message.deletes && message.lasts == 0 &&
         message.begun > subscription.granted && mqtt::matches(subscription.filter, message.topic);
}

// The home of a session may have heard of a lost connection so much earlier than the client.
constexpr Milliseconds heard_earlier_ms = 1'000;

bool may_have_expired(const Facts& facts, const ConnectionRecord& last, Milliseconds now) {
  // How long it lasts is by the cluster's clock where its home changes.
  const Milliseconds gained = facts.clock_gained(last.dialled, now);
  if (now - last.ended + gained + heard_earlier_ms >= last.session_lasts) return true;
  // Where the frontend was removed the home has ended its connections, though it may have served them on for a while.
  constexpr Milliseconds short_ms = 60'000;
  return last.session_lasts < short_ms && facts.was_removed(last.broker, last.dialled, now);
}

}  // namespace

bool may_have_begun_anew(const Facts& facts, ClientIndex client, Milliseconds since) {
  const ConnectionRecord* before = nullptr;
  for (const ConnectionRecord& connection : facts.history.connections) {
    if (connection.client != client || connection.accepted == never_happened) continue;
    const bool counts = before && before->ended != never_happened && before->ended >= since;
    if (counts && may_have_expired(facts, *before, connection.accepted)) return true;
    before = &connection;
  }
  return false;
}

bool stands(const Facts& facts, const SubscriptionRecord& subscription) {
  const ClientRecord& client = facts.history.clients[subscription.client];
  if (client.persistent && excuses::home_lost(facts, client.id, subscription.granted, excuses::the_end)) return false;
  if (client.persistent && may_have_begun_anew(facts, subscription.client, subscription.granted)) return false;
  return subscription.granted != never_happened && subscription.ended == never_happened &&
         subscription.qos != mqtt::QoS::at_most_once &&
         subscription.generation == facts.last_generation(subscription.client);
}

void judge_delivery(const Facts& facts, Verdict& verdict) {
  Received received;
  for (const DeliveryRecord& delivery : facts.history.deliveries)
    received.insert({delivery.client, delivery.generation, delivery.message});
  for (const SubscriptionRecord& subscription : facts.history.subscriptions) {
    if (subscription.filter.starts_with("$share/") || !stands(facts, subscription)) continue;
    for (MessageIndex index = 0; index < facts.history.messages.size(); ++index) {
      const MessageRecord& message = facts.history.messages[index];
      if (!demands(subscription, message)) continue;
      if (received.contains({subscription.client, subscription.generation, index})) continue;
      verdict.push_back("P1, P2: " + name_of(message, index) + " did not reach " +
                        facts.history.clients[subscription.client].id + ", subscribed to " + subscription.filter +
                        " since " + std::to_string(subscription.granted));
    }
  }
}

void judge_sessions(const Facts& facts, Verdict& verdict) {
  const History& history = facts.history;
  std::vector<const ConnectionRecord*> before(history.clients.size(), nullptr);
  std::vector<Milliseconds> began(history.clients.size(), 0);
  for (const ConnectionRecord& connection : history.connections) {
    if (connection.accepted == never_happened) continue;
    const ClientRecord& client = history.clients[connection.client];
    const ConnectionRecord*& last = before[connection.client];
    if (!connection.session_present && last && client.persistent) {
      const bool expired = may_have_expired(facts, *last, connection.accepted);
      if (!expired && !excuses::home_lost(facts, client.id, began[connection.client], connection.accepted)) {
        verdict.push_back("P2: the session of " + client.id + " is lost at " + std::to_string(connection.accepted));
      }
    }
    if (!connection.session_present) began[connection.client] = connection.accepted;
    last = &connection;
  }
}

}  // namespace mqttzoo::sim
