#pragma once

#include <cstdint>
#include <span>

#include "broker/core/publish_encoder.hpp"
#include "proto/mqtt/reason_code.hpp"

namespace mqttzoo::core {

/// What became of a PUBLISH that a session wanted to send.
enum class SendResult : std::uint8_t {
  sent,
  no_room,    ///< too much waits to be sent; when there is room again, SessionInlet::send_waiting is called
  too_large,  ///< for the client, not written (v5 [MQTT-3.1.2-24])
};

/// All that a Session asks of the Connection that serves it. Implemented by Connection; by a forwarder when the two
/// live in different places. No call destroys the session or changes its subscriptions before it returns; give_up
/// detaches the session.
class SessionOutlet {
 public:
  /// Writes the message that `encoder` has started; the outlet fills in the version of `form`.
  virtual SendResult send_publish(PublishEncoder& encoder, PublishForm& form) = 0;
  virtual void send_pubrel(std::uint16_t packet_id, mqtt::ReasonCode reason) = 0;

  // Answers.

  virtual void send_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason) = 0;
  virtual void send_pubcomp(std::uint16_t packet_id, mqtt::ReasonCode reason) = 0;
  virtual void send_suback(std::uint16_t packet_id, std::span<const mqtt::ReasonCode> reasons) = 0;
  virtual void send_unsuback(std::uint16_t packet_id, std::span<const mqtt::ReasonCode> reasons) = 0;

  /// After SessionInlet::must_pause.
  virtual void resume_reading() = 0;
  /// The session cannot go on: its queue is full, or its client broke the rules of its QoS.
  virtual void give_up(mqtt::ReasonCode reason, const char* detail) = 0;

 protected:
  ~SessionOutlet() = default;
};

}  // namespace mqttzoo::core
