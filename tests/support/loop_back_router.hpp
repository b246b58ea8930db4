#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/router.hpp"

namespace mqttzoo::test {

/// A cluster of one shard, which is the home of all clients: everything is routed back to where it came from, at once
/// or when the test says so. Keeps retained messages in memory and remembers what it was asked.
class LoopBackRouter final : public core::Router {
 public:
  core::RouterClient* shard = nullptr;
  core::SessionJournal* sessions_journal = nullptr;  ///< before the first session begins

  // Switches.

  bool holds_publishes = false;      ///< answers wait for `finish_publish`; deliveries do not
  bool holds_registrations = false;  ///< wait for the test to call RouterClient::registered
  bool holds_subscriptions = false;  ///< wait for the test to call RouterClient::subscription_settled
  bool pauses = false;               ///< must_pause
  bool shares_to_able_only = false;  ///< deliver_to_share for those who would not wait
  mqtt::ReasonCode publish_reason = mqtt::ReasonCode::success;
  mqtt::ReasonCode registration_reason = mqtt::ReasonCode::success;

  // What it was asked.

  struct Routed {
    std::string topic;
    std::string payload;
    std::string properties;
    mqtt::QoS qos{};
    bool retain = false;
    core::ClusterMilliseconds expires_at = 0;
    core::ClientKey publisher = 0;
    core::PublishTicket ticket;
  };
  std::vector<Routed> routed;
  std::vector<core::PublishTicket> unfinished;
  std::vector<std::string> interest;  ///< "+filter" and "-filter", in order
  std::vector<std::pair<core::ConnectionId, core::Registration>> registrations;
  std::vector<std::pair<core::ConnectionId, core::ConnectionFate>> unregistrations;
  std::vector<std::uint32_t> session_expiries;  ///< of the unregistrations
  std::vector<std::pair<core::SubscribeTicket, std::vector<std::string>>> subscriptions;
  std::vector<std::size_t> unsettled;  ///< which of `subscriptions` were not answered at once
  std::map<std::string, core::MessageRef> retained;
  std::map<std::string, core::ShareMembers> shares;
  std::vector<std::string> given_to_others;  ///< payloads that came by publish_to_share
  std::vector<core::SharedDelivery> shared_deliveries;

  /// Answers the publish that was asked for as number `index`.
  void finish_publish(std::size_t index, mqtt::ReasonCode reason = mqtt::ReasonCode::success) {
    shard->published(unfinished.at(index), {reason});
  }
  /// Answers the first one of `unsettled`, with the retained messages that there are.
  void settle_next();
  /// The retained messages that the filters of a SUBSCRIBE match.
  std::vector<core::RetainedMatch> find_retained(const std::vector<std::string>& filters) const;
  /// Puts a message into the retained store without routing it.
  core::MessageRef store(const std::string& topic, const std::string& payload, std::int64_t version,
                         mqtt::QoS qos = mqtt::QoS::at_least_once);

  void publish(core::RoutedMessage& message, core::PublishTicket ticket) override;
  core::SessionJournal* journal() override { return sessions_journal; }
  bool must_pause() const override { return pauses; }
  void interest_added(std::string_view filter) override { interest.push_back("+" + std::string(filter)); }
  void interest_removed(std::string_view filter) override { interest.push_back("-" + std::string(filter)); }
  void share_changed(std::string_view name, core::ShareMembers members) override;
  void publish_to_share(const std::string& name, core::MessageRef message) override;
  void settle_subscription(core::SubscribeTicket ticket, std::vector<std::string> retained_filters) override;
  void register_connection(core::ConnectionId connection, const core::Registration& registration) override;
  void unregister_connection(core::ConnectionId connection, core::ConnectionFate fate,
                             std::uint32_t session_expiry_seconds) override;
  /// What the home does when it grants a registration.
  void admit(core::ConnectionId connection, const core::Registration& registration);

 private:
  void share(core::RoutedMessage& message);

  std::map<std::uint64_t, std::string> persistent_;  ///< Client Identifiers by the serials of connections
  std::int64_t last_version_ = 0;
};

}  // namespace mqttzoo::test
