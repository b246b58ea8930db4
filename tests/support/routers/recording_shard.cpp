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
  if (message.repeated()) return 0;  // it has no persistent sessions
  const core::MessageView& view = message.view();
  const auto matching = std::count_if(filters.begin(), filters.end(),
                                      [&](const std::string& filter) { return mqtt::matches(filter, view.topic); });
  if (matching != 0) {
    deliveries.push_back({std::string(view.topic), std::string(view.payload), view.qos, view.retain, view.expires_at,
                          message.retained_version()});
  }
  return static_cast<std::size_t>(matching);
}

core::SharedDelivery RecordingShard::deliver_to_share(const std::string& name, core::RoutedMessage& message,
                                                      bool able_only) {
  const auto found = shares.find(name);
  if (found == shares.end()) return core::SharedDelivery::no_member;
  if (shares_are_full || (able_only && found->second.able == 0)) return core::SharedDelivery::no_able_member;
  shared.emplace_back(message.view().payload);
  return core::SharedDelivery::taken;
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

void RecordingShard::registered(core::ConnectionId connection, const core::Admission& admission) {
  ensure(registered_reasons.emplace(connection.serial, admission.reason).second, "a registration is answered once");
  admissions[connection.serial] = admission;
  server_references[connection.serial] = admission.server_reference;
  if (admission.session) connections[connection.serial].attach_to(*admission.session);
}

void RecordingShard::evict(core::ConnectionId connection, mqtt::ReasonCode reason, const char* detail) {
  evicted_details[connection.serial] = detail;
  ensure(evicted_reasons.emplace(connection.serial, reason).second, "a connection is evicted once");
  if (const auto attached = connections.find(connection.serial); attached != connections.end()) {
    attached->second.detach();
  }
  if (!unregisters_evicted) return;
  const bool taken_over = reason == mqtt::ReasonCode::session_taken_over;
  router_.unregister_connection(connection, taken_over ? core::ConnectionFate::taken_over : core::ConnectionFate::lost,
                                session_expiry_seconds[connection.serial]);
}

core::SessionOpened RecordingShard::open_session(const core::SessionRequest& request) {
  const std::string client_id(request.client_id);
  session_events.push_back("open " + client_id);
  auto& session = sessions[client_id];
  const bool present = session && !request.clean_start;
  if (!present) session = std::make_unique<FakeSession>();
  return {mqtt::ReasonCode::success, present, {1}, session.get()};
}

void RecordingShard::leave_session(std::string_view client_id, std::uint32_t expiry_seconds) {
  session_events.push_back("leave " + std::string(client_id) + " " + std::to_string(expiry_seconds));
  const auto session = sessions.find(client_id);
  if (expiry_seconds == 0 && session != sessions.end()) sessions.erase(session);
}

void RecordingShard::discard_session(std::string_view client_id) {
  const auto session = sessions.find(client_id);
  if (session == sessions.end()) return;
  session_events.push_back("discard " + std::string(client_id));
  session->second->end();
  sessions.erase(session);
}

void RecordingShard::discard_sessions(const std::function<bool(std::string_view client_id)>& keeps) {
  std::vector<std::string> leaving;
  for (const auto& [client_id, session] : sessions)
    if (!keeps(client_id)) leaving.push_back(client_id);
  for (const std::string& client_id : leaving) discard_session(client_id);
}

bool RecordingShard::has_subscription(std::string_view filter) const {
  return std::find(filters.begin(), filters.end(), filter) != filters.end();
}

core::ShareMembers RecordingShard::members_of_share(std::string_view name) const {
  const auto found = shares.find(std::string(name));
  return found == shares.end() ? core::ShareMembers() : found->second;
}

std::vector<std::string> RecordingShard::session_clients(
    const std::function<bool(std::string_view client_id)>& wanted) const {
  std::vector<std::string> found;
  for (const auto& [client_id, session] : sessions)
    if (wanted(client_id)) found.push_back(client_id);
  return found;
}

std::optional<core::KeptSession> RecordingShard::keep_session(std::string_view client_id, std::uint64_t& from,
                                                              std::size_t) const {
  from = 0;
  if (!sessions.contains(client_id)) return std::nullopt;
  return core::KeptSession();
}

std::optional<core::KeptSession> RecordingShard::give_session_away(std::string_view client_id) {
  const auto session = sessions.find(client_id);
  if (session == sessions.end()) return std::nullopt;
  session_events.push_back("give away " + std::string(client_id));
  session->second->end();
  sessions.erase(session);
  return core::KeptSession();
}

bool RecordingShard::restore_session(std::string_view client_id, core::KeptSession&&) {
  session_events.push_back("restore " + std::string(client_id));
  sessions[std::string(client_id)] = std::make_unique<FakeSession>();
  return true;
}

}  // namespace mqttzoo::test
