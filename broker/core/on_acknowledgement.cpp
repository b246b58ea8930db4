#include "broker/core/connection_send.hpp"
#include "broker/core/version_policy.hpp"
#include "proto/mqtt/decode.hpp"

// PUBACK, PUBREC, PUBREL and PUBCOMP in both directions: v5 3.4 to 3.7, 4.3; v3.1.1 3.4 to 3.7, 4.3.
namespace mqttzoo::core {

void Connection::on_published(std::uint64_t sequence, mqtt::ReasonCode reason) {
  answers_.settle(sequence, reason);
  send_answers();
}

void Connection::send_answers() {
  PublishAnswers::Answer answer;
  while (state_ != State::ended && answers_.pop(answer)) {
    if (answer.repeated) {
      send_pubrec_again(answer.packet_id);
    } else if (mqtt::is_error(answer.reason) && !policy_of(version_).refuses_publishes) {
      // To acknowledge would be a lie, so v3.1.1 [MQTT-3.3.5-2] leaves this.
      end(EndCause::limit, answer.reason, "a PUBLISH was not accepted, which this version cannot be told");
    } else if (answer.qos == mqtt::QoS::at_least_once) {
      --unfinished_publishes_;
      send(mqtt::Puback{.packet_id = answer.packet_id, .reason = answer.reason, .properties = {}});
    } else {
      send_pubrec(answer.packet_id, answer.reason);
    }
  }
  if (answers_.size() <= shard_.limits.receive_maximum / 2) unpause(Pause::unanswered);
}

void Connection::send_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  if (mqtt::is_error(reason)) {  // v5 4.3.3: the identifier is free again
    --unfinished_publishes_;
    session_->received_qos2().release(packet_id);
  } else {
    session_->received_qos2().set(packet_id, ReceivedQos2::State::received);
  }
  send(mqtt::Pubrec{.packet_id = packet_id, .reason = reason, .properties = {}});
}

void Connection::send_pubrec_again(std::uint16_t packet_id) {
  // The answers before this one may have taken so long that the client released the identifier meanwhile.
  if (session_->received_qos2().state_of(packet_id) != ReceivedQos2::State::received) return;
  send(mqtt::Pubrec{.packet_id = packet_id, .reason = mqtt::ReasonCode::success, .properties = {}});
}

void Connection::on_pubrel(const mqtt::Frame& frame) {
  const auto pubrel = mqtt::decode_pubrel(frame, version_);
  if (!pubrel) return fail(pubrel.error());
  ReceivedQos2& received = session_->received_qos2();
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  switch (received.state_of(pubrel->packet_id)) {
    case ReceivedQos2::State::routing:
      return fail(mqtt::ReasonCode::protocol_error, "PUBREL before PUBREC");
    case ReceivedQos2::State::received:
      received.release(pubrel->packet_id);
      --unfinished_publishes_;
      break;
    case ReceivedQos2::State::unknown:
      reason = mqtt::ReasonCode::packet_identifier_not_found;
      break;
  }
  send(mqtt::Pubcomp{.packet_id = pubrel->packet_id, .reason = reason, .properties = {}});
}

void Connection::on_puback(const mqtt::Frame& frame) {
  const auto puback = mqtt::decode_puback(frame, version_);
  if (!puback) return fail(puback.error());
  session_->on_puback(puback->packet_id);
}

void Connection::on_pubrec(const mqtt::Frame& frame) {
  const auto pubrec = mqtt::decode_pubrec(frame, version_);
  if (!pubrec) return fail(pubrec.error());
  session_->on_pubrec(pubrec->packet_id, pubrec->reason);
}

void Connection::on_pubcomp(const mqtt::Frame& frame) {
  const auto pubcomp = mqtt::decode_pubcomp(frame, version_);
  if (!pubcomp) return fail(pubcomp.error());
  session_->on_pubcomp(pubcomp->packet_id);
}

}  // namespace mqttzoo::core
