#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "broker/core/session_inlet.hpp"
#include "broker/core/session_outlet.hpp"

namespace mqttzoo::test {

/// A session that remembers what it was told, and says what the test wants.
class FakeSession final : public core::SessionInlet {
 public:
  std::vector<std::string> told;  ///< "SUBSCRIBE #1 a/+", "PUBACK #1", "attach", "room"
  core::SessionOutlet* outlet = nullptr;

  /// Sends a PUBLISH to the client; what became of it.
  core::SendResult send(const std::string& topic, const std::string& payload, int qos, std::uint16_t packet_id,
                        std::span<const std::uint32_t> identifiers = {}, core::ClusterMilliseconds expires_at = 0,
                        core::ClusterMilliseconds now = 0);
  /// As a session that is discarded.
  void end();

  void attach(core::SessionOutlet& to) override;
  void detach() override;
  void send_waiting() override { told.push_back("room"); }
  bool must_pause() override { return false; }
  void subscribe(const mqtt::Subscribe& subscribe) override;
  void unsubscribe(const mqtt::Unsubscribe& unsubscribe) override;
  void publish(std::uint16_t packet_id, const core::MessageView& message, bool refusable) override;
  void on_pubrel(std::uint16_t packet_id) override;
  void on_puback(std::uint16_t packet_id) override;
  void on_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason) override;
  void on_pubcomp(std::uint16_t packet_id) override;
};

/// A connection that remembers what its session told it.
class FakeConnection final : public core::SessionOutlet {
 public:
  std::vector<std::string> got;  ///< packets as text (packet_text.hpp)
  core::SessionInlet* session = nullptr;
  core::SendResult answer = core::SendResult::sent;  ///< to PUBLISH

  void attach_to(core::SessionInlet& inlet);
  void detach();

  core::SendResult send_publish(core::PublishEncoder& encoder, core::PublishForm& form) override;
  void send_pubrel(std::uint16_t packet_id, mqtt::ReasonCode reason) override;
  void send_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason) override;
  void send_pubcomp(std::uint16_t packet_id, mqtt::ReasonCode reason) override;
  void send_suback(std::uint16_t packet_id, std::span<const mqtt::ReasonCode> reasons) override;
  void send_unsuback(std::uint16_t packet_id, std::span<const mqtt::ReasonCode> reasons) override;
  void resume_reading() override { got.push_back("resume"); }
  void give_up(mqtt::ReasonCode reason, const char* detail) override;
};

}  // namespace mqttzoo::test
