#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "proto/mqtt/topic.hpp"
#include "tests/simulation/oracle/excuses.hpp"
#include "tests/simulation/oracle/facts.hpp"

/// P5.
namespace mqttzoo::sim {

namespace {

// From a DISCONNECT until nobody can miss it any more, if all are well.
constexpr Milliseconds heard_ms = 10'000;
// A connection that was accepted sooner was registered at its home (RouterLimits::home_wait_ms).
constexpr Milliseconds registered_within_ms = 900;
// A broker may notice the end of a connection so much earlier than the client.
constexpr Milliseconds noticed_earlier_ms = 1'500;

std::string name_of(const Facts& facts, const ConnectionRecord& connection) {
  return "the will m" + std::to_string(connection.will) + " of " + facts.history.clients[connection.client].id +
         " at " + connection.broker + ", connected from " + std::to_string(connection.accepted) + " to " +
         std::to_string(connection.ended) + ',';
}

using Received = std::map<MessageIndex, std::set<std::pair<ClientIndex, std::size_t>>>;

void judge_once(const Facts& facts, Verdict& verdict) {
  std::set<MessageIndex> excused;
  for (const ConnectionRecord& connection : facts.history.connections) {
    if (connection.has_will && excuses::will_has_two_homes(facts, connection)) excused.insert(connection.will);
  }
  std::set<std::tuple<ClientIndex, std::size_t, MessageIndex>> seen;
  for (const DeliveryRecord& delivery : facts.history.deliveries) {
    if (!facts.history.messages[delivery.message].is_will || delivery.dup || delivery.repeated) continue;
    if (excused.contains(delivery.message)) continue;
    if (!seen.insert({delivery.client, delivery.generation, delivery.message}).second) {
      verdict.push_back("P5: " + facts.history.clients[delivery.client].id + " got the will m" +
                        std::to_string(delivery.message) + " twice, the second time at " +
                        std::to_string(delivery.time));
    }
  }
}

void judge_published(const Facts& facts, const Received& received, const ConnectionRecord& connection,
                     Verdict& verdict) {
  const MessageRecord& will = facts.history.messages[connection.will];
  const auto who = received.find(connection.will);
  for (const SubscriptionRecord& subscription : facts.history.subscriptions) {
    if (will.qos == mqtt::QoS::at_most_once || subscription.granted > connection.accepted) continue;
    if (!stands(facts, subscription) || !mqtt::matches(subscription.filter, will.topic)) continue;
    if (who != received.end() && who->second.contains({subscription.client, subscription.generation})) continue;
    verdict.push_back("P5: " + name_of(facts, connection) + " did not reach " +
                      facts.history.clients[subscription.client].id);
  }
}

/// Its session has gone on with another connection before the Will Delay Interval was over.
void judge_called_off(const Facts& facts, const ConnectionRecord& connection, Verdict& verdict) {
  const std::string& id = facts.history.clients[connection.client].id;
  if (excuses::home_changed(facts, id, connection.dialled, excuses::the_end) ||
      facts.was_removed(connection.broker, connection.dialled, connection.ended))
    return;
  for (const ConnectionRecord& next : facts.history.connections) {
    if (next.client != connection.client || next.dialled < connection.ended || !next.session_present) continue;
    if (next.accepted + noticed_earlier_ms > connection.ended + connection.will_delay) continue;
    verdict.push_back("P5: " + name_of(facts, connection) + " was published, and its client had come back in time");
    return;
  }
}

bool came_back(const Facts& facts, const ConnectionRecord& connection) {
  return std::any_of(facts.history.connections.begin(), facts.history.connections.end(), [&](const auto& next) {
    return next.client == connection.client && next.dialled >= connection.ended;
  });
}

}  // namespace

void judge_wills(const Facts& facts, Verdict& verdict, Verdict& missing) {
  judge_once(facts, verdict);
  Received received;
  for (const DeliveryRecord& delivery : facts.history.deliveries) {
    if (facts.history.messages[delivery.message].is_will)
      received[delivery.message].insert({delivery.client, delivery.generation});
  }
  for (const ConnectionRecord& connection : facts.history.connections) {
    if (!connection.has_will || connection.accepted == never_happened || connection.ended == never_happened) continue;
    const std::string& id = facts.history.clients[connection.client].id;
    if (connection.disconnected) {
      const Milliseconds heard = connection.ended + heard_ms;
      const bool excused = excuses::home_changed(facts, id, connection.dialled, heard) ||
                           facts.was_removed(connection.broker, connection.dialled, heard) ||
                           !facts.ran(connection.process, connection.ended, heard);
      if (received.contains(connection.will) && !excused)
        verdict.push_back("P5: " + name_of(facts, connection) + " was published after DISCONNECT");
    } else {
      // A broker that was removed, and hears of it last, admits clean sessions that no home knows.
      const bool registered = connection.accepted - connection.dialled <= registered_within_ms &&
                              facts.is_member(connection.broker, connection.accepted);
      const bool delayed = connection.will_delay != 0;
      if (delayed && received.contains(connection.will)) judge_called_off(facts, connection, verdict);
      if (registered && !(delayed && came_back(facts, connection)) &&
          !excuses::home_changed(facts, id, connection.dialled, excuses::the_end))
        judge_published(facts, received, connection, missing);
    }
  }
}

}  // namespace mqttzoo::sim
