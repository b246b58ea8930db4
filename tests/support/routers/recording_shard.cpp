#include "tests/support/routers/recording_shard.hpp"

#include <algorithm>

#include "broker/common/ensure.hpp"
#include "proto/mqtt/topic.hpp"

namespace mqttzoo::test {

std::string RecordingShard::payloads() const {
  std::string text;
  for (const Delivery& one : deliveries) text += (text.empty() ? "" : " ") + one.payload;
  return text;
}

std::size_t RecordingShard::deliver(core::RoutedMessage& message) {
  const core::MessageView& view = message.view();
  const auto matching = std::count_if(filters.begin(), filters.end(),
                                      [&](const std::string& filter) { return mqtt::matches(filter, view.topic); });
  if (matching != 0) {
    deliveries.push_back({std::string(view.topic), std::string(view.payload), view.qos, view.retain, view.expires_at,
                          message.retained_version()});
  }
  return static_cast<std::size_t>(matching);
}

void RecordingShard::published(core::PublishTicket ticket, core::PublishResult result) {
  ensure(published_reasons.emplace(ticket.sequence, result.reason).second, "a publish is answered once");
  published_order.push_back(ticket.sequence);
}

void RecordingShard::retained_read_begins(core::SubscribeTicket ticket) {
  subscriptions.push_back("reading " + std::to_string(ticket.sequence));
}

void RecordingShard::subscription_settled(core::SubscribeTicket ticket, std::vector<core::RetainedMatch> found) {
  subscriptions.push_back("settled " + std::to_string(ticket.sequence));
  for (core::RetainedMatch& match : found) retained.push_back(std::move(match));
}

void RecordingShard::registered(core::ConnectionId connection, mqtt::ReasonCode reason) {
  ensure(registered_reasons.emplace(connection.serial, reason).second, "a registration is answered once");
}

void RecordingShard::evict(core::ConnectionId connection, mqtt::ReasonCode reason) {
  ensure(evicted_reasons.emplace(connection.serial, reason).second, "a connection is evicted once");
  if (!unregisters_evicted) return;
  const bool taken_over = reason == mqtt::ReasonCode::session_taken_over;
  router_.unregister_connection(connection, taken_over ? core::ConnectionFate::taken_over : core::ConnectionFate::lost);
}

}  // namespace mqttzoo::test
