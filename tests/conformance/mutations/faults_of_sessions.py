"""Deliberate faults in what outlives a connection: sessions, and the Shared Subscriptions of several."""

from .fault import Fault

_ACKNOWLEDGEMENTS = "broker/core/session_acknowledgements.cpp"
_SESSION = "broker/core/session.cpp"
_SHARES = "broker/core/session_shares.cpp"
_TABLE = "broker/core/session_table.cpp"

FAULTS = [
    Fault("3.1.2-5", _TABLE, "if (session && request.clean_start) {", "if (session) {", "session_is_resumed"),
    Fault("3.1.2-4", _TABLE, "if (session && request.clean_start) {", "if (session && request.client_id.empty()) {",
          "clean_start_discards_the_session"),
    Fault("4.1.0-2", _TABLE, "expiry_seconds != session_never_expires", "expiry_seconds > 1'000'000",
          "session_is_discarded_when_it_has_expired"),
    Fault("3.3.4-9", _SESSION, "std::min(receive_maximum_, shard_.limits.in_flight_max)",
          "shard_.limits.in_flight_max", "broker_keeps_to_receive_maximum"),
    Fault("4.3.3-4", _ACKNOWLEDGEMENTS, "} else if (mqtt::is_error(reason)) {",
          "} else if (reason == mqtt::ReasonCode::banned) {", "qos_2_ends_with_an_error_in_pubrec"),
    Fault("4.3.3-4", _ACKNOWLEDGEMENTS, "in_flight_[*place] = InFlightState::awaiting_pubcomp;", "",
          "qos_2_sender"),
    Fault("4.3.3-9", "broker/core/on_acknowledgement.cpp",
          "unreleased_.release(packet_id);\n    --unfinished_publishes_;", "--unfinished_publishes_;",
          "identifier_is_free_after_an_error_in_pubrec"),
    Fault("4.3.3-10", _ACKNOWLEDGEMENTS, "received_qos2_.set(packet_id, ReceivedQos2::State::received);",
          "received_qos2_.release(packet_id);", "qos_2_receiver_remembers_over_a_reconnect"),
    Fault("4.3.3-12", _ACKNOWLEDGEMENTS, "received_qos2_.release(packet_id);\n      record(session_change::Freed{packet_id});", "",
          "qos_2_receiver"),
    Fault("4.4.0-1", _SESSION, "form.dup = true;", "form.dup = false;", "unacknowledged_messages_are_sent_again"),
    Fault("4.4.0-1", _SESSION, "form.packet_id = packet_id;", "form.packet_id = static_cast<std::uint16_t>(packet_id + 1);",
          "unacknowledged_messages_are_sent_again"),
    Fault("4.8.2-1", "broker/core/shared_subscriptions.cpp",
          "if (deliver_among(*share, state, message, encoder, any_may_receive)) return SharedDelivery::taken;",
          "deliver_among(*share, state, message, encoder, any_may_receive);", "each_message_goes_to_one_member"),
    Fault("4.8.2-3", _SHARES, "form.qos = outgoing_qos(options.qos, message.view().qos);",
          "form.qos = message.view().qos;", "member_gets_its_granted_qos"),
    Fault("4.8.2-5", _SHARES, "sent.share && in_flight_[place] == InFlightState::awaiting_puback", "sent.share",
          "qos_2_goes_to_nobody_else_when_the_session_ends"),
]
