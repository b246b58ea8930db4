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
  while (state_ != State::ended && answers_.pop(answer)) send_answer(answer);
  if (answers_.size() <= shard_.limits.receive_maximum / 2) unpause(Pause::unanswered);
}

void Connection::send_answer(const PublishAnswers::Answer& answer) {
  const std::uint16_t packet_id = answer.packet_id;
  if (answer.repeated) {
    // The answers before this one may have taken so long that the client released the identifier meanwhile.
    if (unreleased_.state_of(packet_id) != UnreleasedPublishes::State::answered) return;
  } else if (mqtt::is_error(answer.reason) && !policy_of(version_).refuses_publishes) {
    // To acknowledge would be a lie, so v3.1.1 [MQTT-3.3.5-2] leaves this.
    return end(EndCause::limit, answer.reason, "a PUBLISH was not accepted, which this version cannot be told");
  } else if (answer.qos == mqtt::QoS::at_least_once) {
    --unfinished_publishes_;
    return send_reasoned(mqtt::Puback{.packet_id = packet_id, .reason = answer.reason, .properties = {}},
                         answer.reason);
  } else if (mqtt::is_error(answer.reason)) {  // v5 4.3.3: the identifier is free again
    unreleased_.release(packet_id);
    --unfinished_publishes_;
  } else {
    unreleased_.answer(packet_id);
  }
  send_reasoned(mqtt::Pubrec{.packet_id = packet_id, .reason = answer.reason, .properties = {}}, answer.reason);
}

void Connection::send_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  if (answers_.settle_qos2(packet_id, reason)) send_answers();
}

void Connection::on_pubrel(const mqtt::Frame& frame) {
  const auto pubrel = mqtt::decode_pubrel(frame, version_);
  if (!pubrel) return fail(pubrel.error());
  if (unreleased_.state_of(pubrel->packet_id) == UnreleasedPublishes::State::unanswered) {
    return fail(mqtt::ReasonCode::protocol_error, "PUBREL before PUBREC");
  }
  session_->on_pubrel(pubrel->packet_id);
  pause_if_session_must();
}

void Connection::send_pubcomp(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  if (unreleased_.state_of(packet_id) == UnreleasedPublishes::State::unanswered) {
    // Not of the PUBLISH under way, but answer_refused may have asked.
    if (answers_.settle_asked(packet_id, reason == mqtt::ReasonCode::success)) return send_answers();
  } else if (unreleased_.release(packet_id)) {
    --unfinished_publishes_;
  }
  send_reasoned(mqtt::Pubcomp{.packet_id = packet_id, .reason = reason, .properties = {}}, reason);
}

void Connection::on_puback(const mqtt::Frame& frame) {
  const auto puback = mqtt::decode_puback(frame, version_);
  if (!puback) return fail(puback.error());
  session_->on_puback(puback->packet_id);
  pause_if_session_must();
}

void Connection::on_pubrec(const mqtt::Frame& frame) {
  const auto pubrec = mqtt::decode_pubrec(frame, version_);
  if (!pubrec) return fail(pubrec.error());
  session_->on_pubrec(pubrec->packet_id, pubrec->reason);
  pause_if_session_must();
}

void Connection::on_pubcomp(const mqtt::Frame& frame) {
  const auto pubcomp = mqtt::decode_pubcomp(frame, version_);
  if (!pubcomp) return fail(pubcomp.error());
  session_->on_pubcomp(pubcomp->packet_id);
  pause_if_session_must();
}

}  // namespace mqttzoo::core
