#include "broker/core/message_source.hpp"
#include "broker/core/session.hpp"
#include "broker/core/shard_context.hpp"

// The ladders of QoS 1 and 2 in both directions: v5 and v3.1.1 4.3. Unknown identifiers are answered as the QoS asks.
namespace mqttzoo::core {

// ---------------------------------------------------------------- to the client

void Session::on_puback(std::uint16_t packet_id) {
  const auto place = in_flight_.find(packet_id);
  if (!place) return;
  if (in_flight_[*place] != InFlightState::awaiting_puback) {
    outlet_->give_up(mqtt::ReasonCode::protocol_error, "PUBACK for a QoS 2 PUBLISH");
    return;
  }
  acknowledge(*place);
  send_waiting();
}

void Session::on_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  const auto place = in_flight_.find(packet_id);
  if (!place) {
    if (!mqtt::is_error(reason)) outlet_->send_pubrel(packet_id, mqtt::ReasonCode::packet_identifier_not_found);
    return;
  }
  if (in_flight_[*place] == InFlightState::awaiting_puback) {
    outlet_->give_up(mqtt::ReasonCode::protocol_error, "PUBREC for a QoS 1 PUBLISH");
  } else if (mqtt::is_error(reason)) {  // v5 4.3.3: the identifier is free again, the message is not sent anew
    acknowledge(*place);
    send_waiting();
  } else {
    in_flight_[*place] = InFlightState::awaiting_pubcomp;
    forget_unacknowledged(*place);  // only the identifier is needed from here on
    note_ability();
    record(session_change::Received{in_flight_.number_at(*place)});
    answer({Answer::Kind::pubrel, packet_id, written_, {}});
  }
}

void Session::on_pubcomp(std::uint16_t packet_id) {
  const auto place = in_flight_.find(packet_id);
  if (!place) return;
  if (in_flight_[*place] != InFlightState::awaiting_pubcomp) {
    outlet_->give_up(mqtt::ReasonCode::protocol_error, "PUBCOMP before PUBREC");
    return;
  }
  acknowledge(*place);
  send_waiting();
}

// ---------------------------------------------------------------- from the client

/// What was received before is acknowledged again, not routed again (v5 [MQTT-4.3.3-10], v3.1.1 [MQTT-4.3.3-2]). While
/// it is being routed its answer comes anyway, to whichever connection serves the session by then.
void Session::publish(std::uint16_t packet_id, const MessageView& message, bool refusable) {
  switch (received_qos2_.state_of(packet_id)) {
    case ReceivedQos2::State::routing:
      shard_.counters.repeated_publishes_ignored.add();
      return;
    case ReceivedQos2::State::received:
      shard_.counters.repeated_publishes_ignored.add();
      return answer({Answer::Kind::pubrec, packet_id, written_, {}});
    case ReceivedQos2::State::unknown:
      break;
  }
  received_qos2_.set(packet_id, ReceivedQos2::State::routing);
  MessageView view = message;
  std::string source;
  if (view.retain && persistent()) {  // what comes over a channel does not say it
    source = MessageSource::text_of(client_id(), user_name_.get());
    view.source = source;
  }
  RoutedMessage routed(view);
  shard_.router.publish(routed, PublishTicket::of_session(id_, packet_id, refusable));
}

void Session::on_published(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  if (mqtt::is_error(reason)) {
    received_qos2_.release(packet_id);  // v5 4.3.3: the identifier is free again
  } else {
    received_qos2_.set(packet_id, ReceivedQos2::State::received);
    record(session_change::Taken{packet_id});
  }
  if (outlet_) answer({Answer::Kind::pubrec, packet_id, written_, {reason}});
}

void Session::on_pubrel(std::uint16_t packet_id) {
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  switch (received_qos2_.state_of(packet_id)) {
    case ReceivedQos2::State::routing:
      return outlet_->give_up(mqtt::ReasonCode::protocol_error, "PUBREL before PUBREC");
    case ReceivedQos2::State::received:
      received_qos2_.release(packet_id);
      record(session_change::Freed{packet_id});
      break;
    case ReceivedQos2::State::unknown:
      reason = mqtt::ReasonCode::packet_identifier_not_found;
      break;
  }
  answer({Answer::Kind::pubcomp, packet_id, written_, {reason}});
}

}  // namespace mqttzoo::core
