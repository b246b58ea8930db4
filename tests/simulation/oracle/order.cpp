#include <map>
#include <set>
#include <tuple>

#include "tests/simulation/oracle/excuses.hpp"
#include "tests/simulation/oracle/facts.hpp"

namespace mqttzoo::sim {

/// P6: by the first arrivals of messages that were sent on one connection alone.
void judge_order(const Facts& facts, Verdict& verdict) {
  using Session = std::pair<ClientIndex, std::size_t>;
  using Line = std::tuple<Session, ConnectionIndex, std::string, mqtt::QoS>;
  std::map<Line, MessageIndex> last;
  std::set<std::pair<Session, MessageIndex>> received;
  for (const DeliveryRecord& delivery : facts.history.deliveries) {
    const MessageRecord& message = facts.history.messages[delivery.message];
    const Session session{delivery.client, delivery.generation};
    const bool is_shared = message.topic.starts_with("s/");  // another member may come first
    if (delivery.retain || message.is_will || is_shared || message.connections != 1) continue;
    if (!received.insert({session, delivery.message}).second) continue;
    const auto [before, is_first] =
        last.try_emplace({session, message.connection, message.topic, message.qos}, delivery.message);
    if (!is_first && delivery.message < before->second) {
      verdict.push_back("P6: " + facts.history.clients[delivery.client].id + " got m" +
                        std::to_string(delivery.message) + " after m" + std::to_string(before->second) + " of " +
                        message.topic + " at " + std::to_string(delivery.time));
    }
    before->second = std::max(before->second, delivery.message);
  }
}

/// P7: a message of QoS 2 that a subscription of QoS 2 gets is new once in each session.
void judge_exactly_once(const Facts& facts, Verdict& verdict) {
  std::map<std::tuple<ClientIndex, std::size_t, MessageIndex>, Milliseconds> first;
  for (const DeliveryRecord& delivery : facts.history.deliveries) {
    const MessageRecord& message = facts.history.messages[delivery.message];
    if (delivery.qos != mqtt::QoS::exactly_once || delivery.repeated || message.retain) continue;
    const auto [before, is_first] =
        first.try_emplace({delivery.client, delivery.generation, delivery.message}, delivery.time);
    const std::string& publisher = facts.history.clients[message.client].id;
    const bool chosen_again = message.topic.starts_with("s/") && excuses::a_broker_left(facts);
    if (is_first || chosen_again || may_have_begun_anew(facts, message.client, message.begun) ||
        excuses::home_changed(facts, publisher, message.begun, delivery.time))
      continue;
    verdict.push_back("P7: " + facts.history.clients[delivery.client].id + " got m" + std::to_string(delivery.message) +
                      " twice, at " + std::to_string(before->second) + " and " + std::to_string(delivery.time));
  }
}

}  // namespace mqttzoo::sim
