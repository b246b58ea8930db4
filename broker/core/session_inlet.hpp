#pragma once

#include <cstdint>

#include "broker/core/message.hpp"
#include "proto/mqtt/packets.hpp"
#include "proto/mqtt/reason_code.hpp"

namespace mqttzoo::core {

class SessionOutlet;

/// All that a Connection asks of the Session of its client: what the packets of the client mean for what outlives the
/// connection. Implemented by Session; by a forwarder when the two live in different places. Packets are decoded and
/// keep to the rules that concern one packet alone; answers come through the SessionOutlet, also from inside a call.
class SessionInlet {
 public:
  /// The connection serves the session from now on: what its client has not acknowledged is sent again, then what
  /// waits.
  virtual void attach(SessionOutlet& outlet) = 0;
  /// The connection has ended and must not be called any more.
  virtual void detach() = 0;
  /// There is room again after SendResult::no_room.
  virtual void send_waiting() = 0;

  /// True: too much of what the client sent is on its way to the session. The connection reads no more until
  /// SessionOutlet::resume_reading.
  virtual bool must_pause() = 0;

  /// Answered by send_suback when the cluster knows of it.
  virtual void subscribe(const mqtt::Subscribe& subscribe) = 0;
  /// Answered by send_unsuback.
  virtual void unsubscribe(const mqtt::Unsubscribe& unsubscribe) = 0;

  /// PUBLISH with QoS 2 (v5 and v3.1.1 4.3.3): answered by send_pubrec, at once if it was received before.
  virtual void publish(std::uint16_t packet_id, const MessageView& message, bool refusable) = 0;
  /// Answered by send_pubcomp.
  virtual void on_pubrel(std::uint16_t packet_id) = 0;

  virtual void on_puback(std::uint16_t packet_id) = 0;
  virtual void on_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason) = 0;
  virtual void on_pubcomp(std::uint16_t packet_id) = 0;

 protected:
  ~SessionInlet() = default;
};

}  // namespace mqttzoo::core
