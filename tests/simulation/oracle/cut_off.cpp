#include <algorithm>
#include <set>

#include "proto/mqtt/topic.hpp"
#include "tests/simulation/oracle/facts.hpp"

/// P8.
namespace mqttzoo::sim {

namespace {

// A clean session is admitted without its home when that has been out of reach for a second
// (RouterLimits::home_wait_ms); TCP takes seconds to find out that it is.
constexpr Milliseconds admitted_ms = 9'000;
// SUBACK waits for retained values for three seconds, and holds live messages back so long.
constexpr Milliseconds delivered_ms = 4'000;

bool lasted(const ConnectionRecord& connection, Milliseconds until) {
  return connection.ended == never_happened || connection.ended > until;
}

/// Then TCP has to find out once more.
bool anybody_stopped(const Facts& facts, Milliseconds from, Milliseconds to) {
  return std::any_of(facts.standstills.begin(), facts.standstills.end(),
                     [&](const World::Standstill& one) { return one.from >= from && one.from <= to; });
}

void judge_admission(const Facts& facts, Verdict& verdict) {
  for (const ConnectionRecord& connection : facts.history.connections) {
    const Milliseconds until = connection.dialled + admitted_ms;
    if (facts.history.clients[connection.client].persistent || connection.accepted != never_happened) continue;
    if (!lasted(connection, until) || !facts.ran(connection.process, connection.dialled, until)) continue;
    if (anybody_stopped(facts, connection.dialled, until)) continue;
    verdict.push_back("P8: the clean session of " + facts.history.clients[connection.client].id +
                      " is not admitted at " + connection.broker + ", asked at " + std::to_string(connection.dialled));
  }
}

}  // namespace

void judge_cut_off(const Facts& facts, Verdict& verdict) {
  judge_admission(facts, verdict);
  if (facts.queues_are_short) return;  // what is held back for a SUBACK waits in one
  std::set<std::pair<ConnectionIndex, MessageIndex>> received;
  for (const DeliveryRecord& delivery : facts.history.deliveries)
    received.insert({delivery.connection, delivery.message});
  const auto& messages = facts.history.messages;
  for (const SubscriptionRecord& subscription : facts.history.subscriptions) {
    const ConnectionRecord& to = facts.history.connections[subscription.connection];
    if (subscription.granted == never_happened || facts.history.clients[subscription.client].persistent) continue;
    for (MessageIndex index = 0; index < messages.size(); ++index) {
      const MessageRecord& message = messages[index];
      if (message.qos != mqtt::QoS::at_most_once || message.retain || message.is_will) continue;
      const ConnectionRecord& from = facts.history.connections[message.connection];
      const Milliseconds until = message.begun + delivered_ms;
      if (from.process != to.process || message.begun <= subscription.granted || !lasted(from, until)) continue;
      if (!lasted(to, until) || (subscription.ended != never_happened && subscription.ended < until)) continue;
      if (!mqtt::matches(subscription.filter, message.topic) || !facts.ran(to.process, message.begun, until)) continue;
      if (received.contains({subscription.connection, index})) continue;
      verdict.push_back("P8: m" + std::to_string(index) + " (qos0 to " + message.topic + ") did not reach " +
                        facts.history.clients[subscription.client].id + " at the same broker, " + to.broker);
    }
  }
}

}  // namespace mqttzoo::sim
