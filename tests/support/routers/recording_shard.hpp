#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/router.hpp"
#include "tests/support/routers/fake_session.hpp"

namespace mqttzoo::test {

/// A stand-in for core::Shard: filters instead of sessions. Remembers what its router told it, and unregisters a
/// connection that is evicted, as the core does.
class RecordingShard final : public core::RouterClient {
 public:
  explicit RecordingShard(core::Router& router) : router_(router) {}

  struct Delivery {
    std::string topic;
    std::string payload;
    mqtt::QoS qos{};
    bool retain = false;
    core::ClusterMilliseconds expires_at = 0;
    std::int64_t retained_version = 0;
  };

  std::vector<std::string> filters;  ///< what its sessions are subscribed to; a message counts once for each
  std::vector<Delivery> deliveries;  ///< of messages that match
  /// The members that its sessions are of Shared Subscriptions, and the payloads that they got.
  std::map<std::string, core::ShareMembers> shares;
  std::vector<std::string> shared;
  bool shares_are_full = false;                                 ///< no member has room, not even for what may wait
  std::map<std::uint64_t, mqtt::ReasonCode> published_reasons;  ///< by ticket sequence
  std::vector<std::uint64_t> published_order;
  std::map<std::uint64_t, mqtt::ReasonCode> registered_reasons;  ///< by serial
  std::map<std::uint64_t, mqtt::ReasonCode> evicted_reasons;
  std::map<std::uint64_t, std::string> evicted_details;
  std::map<std::uint64_t, std::string> server_references;
  std::vector<std::string> subscriptions;  ///< "reading 1", "settled 1"
  std::vector<core::RetainedMatch> retained;
  std::map<std::string, std::unique_ptr<FakeSession>, std::less<>> sessions;  ///< by Client Identifier
  std::map<std::uint64_t, core::Admission> admissions;                        ///< by serial
  std::map<std::uint64_t, FakeConnection> connections;  ///< by serial: those that were admitted to a session
  std::vector<std::string> session_events;              ///< "open me", "leave me 60", "discard me"
  int resumed = 0;
  bool unregisters_evicted = true;
  bool denies_wills = false;
  std::map<std::uint64_t, std::uint32_t> session_expiry_seconds;  ///< of connections that are evicted, by serial

  /// The payloads of what was delivered, separated by spaces.
  std::string payloads() const;
  bool acknowledged(std::uint64_t sequence) const { return published_reasons.contains(sequence); }
  bool admitted(std::uint64_t serial) const {
    const auto found = registered_reasons.find(serial);
    return found != registered_reasons.end() && found->second == mqtt::ReasonCode::success;
  }
  bool evicted(std::uint64_t serial) const { return evicted_reasons.contains(serial); }

  std::size_t deliver(core::RoutedMessage& message) override;
  core::SharedDelivery deliver_to_share(const std::string& name, core::RoutedMessage& message, bool able_only) override;
  void published(core::PublishTicket ticket, core::PublishResult result) override;
  void resume_reading() override { ++resumed; }
  void retained_read_begins(core::SubscribeTicket ticket) override;
  void subscription_settled(core::SubscribeTicket ticket, std::vector<core::RetainedMatch> found) override;
  void registered(core::ConnectionId connection, const core::Admission& admission) override;
  void evict(core::ConnectionId connection, mqtt::ReasonCode reason, const char* detail) override;
  bool may_publish(const core::Will&) const override { return !denies_wills; }
  void settle_connections() override {}
  core::SessionOpened open_session(const core::SessionRequest& request) override;
  void leave_session(std::string_view client_id, std::uint32_t expiry_seconds) override;
  void discard_session(std::string_view client_id) override;
  void discard_sessions(const std::function<bool(std::string_view client_id)>& keeps) override;
  bool has_subscription(std::string_view filter) const override;
  core::ShareMembers members_of_share(std::string_view name) const override;
  void session_committed(core::SessionId) override {}
  std::vector<std::string> session_clients(
      const std::function<bool(std::string_view client_id)>& wanted) const override;
  std::optional<core::KeptSession> keep_session(std::string_view client_id, std::uint64_t& from,
                                                std::size_t bytes_max) const override;
  std::optional<core::KeptSession> give_session_away(std::string_view client_id) override;
  bool restore_session(std::string_view client_id, core::KeptSession&& kept) override;

 private:
  core::Router& router_;
};

}  // namespace mqttzoo::test
