#include "tests/support/loop_back_router.hpp"

#include "proto/mqtt/topic.hpp"

namespace mqttzoo::test {

std::vector<core::RetainedMatch> LoopBackRouter::find_retained(const std::vector<std::string>& filters) const {
  std::vector<core::RetainedMatch> matches;
  for (std::uint32_t i = 0; i < filters.size(); ++i) {
    for (const auto& [topic, message] : retained) {
      if (mqtt::matches(filters[i], topic)) matches.push_back({i, message});
    }
  }
  return matches;
}

core::MessageRef LoopBackRouter::store(const std::string& topic, const std::string& payload, std::int64_t version,
                                       mqtt::QoS qos) {
  core::MessageView view;
  view.topic = topic;
  view.payload = payload;
  view.qos = qos;
  view.retain = true;
  core::MessageRef message = core::MessageRef::copy_of(view);
  message->set_retained_version(version);
  retained[topic] = message;
  return message;
}

void LoopBackRouter::publish(core::RoutedMessage& message, core::PublishTicket ticket) {
  const core::MessageView& view = message.view();
  routed.push_back({std::string(view.topic), std::string(view.payload), std::string(view.properties), view.qos,
                    view.retain, view.expires_at, view.publisher, ticket});
  if (view.retain) {
    message.share()->set_retained_version(++last_version_);
    if (view.payload.empty()) {
      retained.erase(std::string(view.topic));
    } else {
      retained[std::string(view.topic)] = message.share();
    }
  }
  shard->deliver(message);
  share(message);
  if (view.qos == mqtt::QoS::at_most_once) return;
  if (holds_publishes) {
    unfinished.push_back(ticket);
  } else {
    shard->published(ticket, {publish_reason});
  }
}

void LoopBackRouter::share(core::RoutedMessage& message) {
  const auto known = shares;
  for (const auto& [name, members] : known) {
    if (!mqtt::matches(mqtt::parse_shared_filter(name)->filter, message.view().topic)) continue;
    shared_deliveries.push_back(shard->deliver_to_share(name, message, shares_to_able_only));
  }
}

void LoopBackRouter::share_changed(std::string_view name, core::ShareMembers members) {
  if (members.all != 0) {
    shares[std::string(name)] = members;
  } else {
    shares.erase(std::string(name));
  }
}

void LoopBackRouter::publish_to_share(const std::string& name, core::MessageRef message) {
  given_to_others.emplace_back(message->view().payload);
  core::RoutedMessage again(std::move(message));
  shared_deliveries.push_back(shard->deliver_to_share(name, again, false));
}

void LoopBackRouter::settle_subscription(core::SubscribeTicket ticket, std::vector<std::string> retained_filters) {
  unsettled.push_back(subscriptions.size());
  subscriptions.emplace_back(ticket, std::move(retained_filters));
  if (!holds_subscriptions) settle_next();
}

void LoopBackRouter::settle_next() {
  const auto [ticket, filters] = subscriptions.at(unsettled.front());
  unsettled.erase(unsettled.begin());
  if (!filters.empty()) shard->retained_read_begins(ticket);
  shard->subscription_settled(ticket, find_retained(filters));
}

void LoopBackRouter::register_connection(core::ConnectionId connection, const core::Registration& registration) {
  registrations.emplace_back(connection, registration);
  if (!holds_registrations) admit(connection, registration);
}

void LoopBackRouter::admit(core::ConnectionId connection, const core::Registration& registration) {
  core::Admission admission{registration_reason};
  if (mqtt::is_error(admission.reason)) return shard->registered(connection, admission);
  if (registration.persistent()) {
    const core::SessionOpened opened = shard->open_session(
        {registration.client_id, registration.clean_start, registration.receive_maximum, registration.user_name});
    admission = {opened.reason, opened.present, opened.session};
    persistent_[connection.serial] = registration.client_id;
  } else {
    shard->discard_session(registration.client_id);
  }
  shard->registered(connection, admission);
}

void LoopBackRouter::unregister_connection(core::ConnectionId connection, core::ConnectionFate fate,
                                           std::uint32_t session_expiry_seconds) {
  unregistrations.emplace_back(connection, fate);
  session_expiries.push_back(session_expiry_seconds);
  const auto found = persistent_.find(connection.serial);
  if (found == persistent_.end()) return;
  shard->leave_session(found->second, session_expiry_seconds);
  persistent_.erase(found);
}

}  // namespace mqttzoo::test
