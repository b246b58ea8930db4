"""Faults of broker/core and of the homes of Client Identifiers."""

from .fault import Fault

_CONNECTION = "broker/core/connection.cpp"
_ON_CONNECT = "broker/core/on_connect.cpp"
_ON_PUBLISH = "broker/core/on_publish.cpp"
_ON_DISCONNECT = "broker/core/on_disconnect.cpp"
_INDEX = "broker/core/subscription_index.cpp"
_TREE = "broker/core/topic_tree.hpp"

FAULTS = [
    # Chapters 1 and 2
    Fault("1.5.4-3", _ON_PUBLISH, "view.topic = publish.topic;",
          'view.topic = publish.topic.substr(publish.topic.starts_with("\\xEF\\xBB\\xBF") ? 3 : 0);',
          "byte_order_mark_is_a_character"),
    Fault("2.2.1-4", "broker/core/in_flight_window.hpp", "(number_at(place) - 1) % id_count + 1", "(number_at(place) - 1) % 3 + 1",
          "broker_uses_unused_identifiers"),
    # Chapter 3.1
    Fault("3.1.2-10", _ON_DISCONNECT, "disconnect->reason == mqtt::ReasonCode::normal_disconnection ?",
          "disconnect->reason != mqtt::ReasonCode::normal_disconnection ?", "disconnect_withdraws_the_will"),
    Fault("3.1.2-9", _ON_CONNECT, "message.qos = will.qos;", "message.qos = mqtt::QoS::at_least_once;",
          "will_is_published_when_the_connection_is_lost"),
    Fault("3.1.2-15", _ON_CONNECT, "message.retain = will.retain;", "message.retain = false;",
          "will_is_retained_as_it_says"),
    Fault("3.1.2-22", _CONNECTION, "shard_.deadlines.schedule(*this, last_activity_ + keep_alive_seconds_ * 1500);",
          "shard_.deadlines.schedule(*this, last_activity_ + keep_alive_seconds_ * 5000);",
          "silent_client_is_disconnected"),
    Fault("3.1.2-22", _CONNECTION, "shard_.deadlines.schedule(*this, last_activity_ + keep_alive_seconds_ * 1500);",
          "shard_.deadlines.schedule(*this, last_activity_ + 600'000);",
          "will_is_published_when_keep_alive_is_over"),
    Fault("3.1.2-24", _CONNECTION, "client_packet_bytes_max_ != unlimited && !fits(encoder.size(form))",
          "client_packet_bytes_max_ == 0 && !fits(encoder.size(form))", "maximum_packet_size_of_the_client"),
    Fault("3.1.3-8", _ON_CONNECT, "if (connect.client_id.size() > ", "if (connect.client_id.size() > 65'535 + ",
          "rejected_identifier"),
    Fault("3.1.3-10", _ON_CONNECT, "{PropertyId::will_delay_interval, PropertyId::message_expiry_interval}",
          "{PropertyId::will_delay_interval, PropertyId::message_expiry_interval, PropertyId::user_property}",
          "properties_of_the_will"),
    Fault("3.1.4-3", "broker/cluster/homes/home_registry.cpp", "grants_.erase(last.epoch);\n      send_evict(client, last);",
          "grants_.erase(last.epoch);\n      if (client.partition == 999) send_evict(client, last);",
          "same_identifier_takes_over"),
    # Chapter 3.2
    Fault("3.2.2-16", _ON_CONNECT, "PropertyId::assigned_client_identifier, client_id_",
          "PropertyId::assigned_client_identifier, \"same\"", "clients_without_identifier_are_apart"),
    Fault("3.2.2-6", "broker/core/version_policy.cpp", "      return false;\n", "      return true;\n",
          "closed_when_no_return_code_fits"),
    Fault("3.2.2-8", "broker/core/version_policy.cpp",
          "mqtt::is_allowed(reason, mqtt::PacketType::connack, mqtt::Side::server)",
          "!mqtt::is_allowed(reason, mqtt::PacketType::connack, mqtt::Side::server)", "reason_codes_of_connack"),
    Fault("3.2.2-19", _CONNECTION, "return fits(mqtt::encoded_size(packet, version_));", "return true;",
          "refusal_fits_the_client"),
    # Chapter 3.3
    Fault("3.3.1-5", _ON_PUBLISH, "view.retain = publish.retain;", "view.retain = false;",
          "retained_message_is_stored"),
    Fault("3.3.1-13", _INDEX, "if (hit.options.retain_as_published) delivery.retain_as_published = true;", "",
          "retain_as_published"),
    Fault("3.3.2-9", _ON_PUBLISH, "if (*alias > ", "if (*alias > 65'535U + ",
          "topic_alias_above_the_maximum"),
    Fault("3.3.2-12", _ON_PUBLISH, "if (*alias > ", "if (*alias >= ", "every_topic_alias_up_to_the_maximum"),
    Fault("3.3.2-12", _ON_PUBLISH, "    aliases_->set(",
          "    if (aliases_->find(static_cast<std::uint16_t>(*alias)).empty()) aliases_->set(",
          "every_topic_alias_up_to_the_maximum"),
    Fault("3.1.2-27", _ON_PUBLISH, "of_this_hop{PropertyId::topic_alias, PropertyId::message_expiry_interval}",
          "of_this_hop{PropertyId::message_expiry_interval}", "no_topic_alias_unasked"),
    Fault("3.3.4-2", _INDEX, "delivery.qos = std::max<mqtt::QoS>(delivery.qos, hit.options.qos);",
          "delivery.qos = hit.options.qos;", "overlapping_subscriptions"),
    Fault("3.3.4-4", _INDEX, "if (hit.options.identifier != 0 && delivery.identifiers_size <",
          "if (hit.options.identifier != 0 && delivery.identifiers_size == 0 && delivery.identifiers_size <",
          "subscription_identifiers"),
    # Chapters 3.8 to 3.12
    Fault("3.8.3-3", _INDEX, "{ return hit.options.no_local; });", "{ return hit.options.identifier == 1 && "
          "hit.options.no_local; });", "no_local"),
    Fault("3.8.3-3", "broker/cluster/router/shard_router_homes.cpp", "  view.expires_at = 0;\n  if (will.has",
          "  view.publisher = {};\n  view.expires_at = 0;\n  if (will.has", "no_local_and_the_clients_own_will"),
    Fault("3.12.4-1", _ON_DISCONNECT, "send(mqtt::Pingresp{});", "", "pingresp_answers_pingreq"),
    Fault("3.14.2-3", _CONNECTION, "return fits(mqtt::encoded_size(packet, version_));", "return true;",
          "disconnect_fits_the_client"),
    # Chapter 4
    Fault("4.6.0-2", "broker/core/publish_answers.hpp",
          "if (waiting_.empty() || !waiting_.front().settled) return false;",
          "if (waiting_.empty()) return false;", "broker_acknowledges_in_order"),
    Fault("4.7.2-1", _TREE, "if (topic.front() == '$') return;", "", "wildcards_and_topics_of_the_server"),
    Fault("4.7.1-1", _TREE, 'if (!node.below.empty()) visit(node.below);  // "a/#" matches "a" as well',
          "if (!node.below.empty() && slash != std::string_view::npos) visit(node.below);",
          "wildcards_match_as_they_should"),
    Fault("4.13.1-1", _CONNECTION, "fail(mqtt::ReasonCode::packet_too_large,",
          "fail(mqtt::ReasonCode::malformed_packet,",
          "packet_above_the_brokers_maximum"),
    Fault("4.13.1-1", _CONNECTION, 'return fail(mqtt::ReasonCode::protocol_error, "a packet that only servers send");',
          "return;", "protocol_errors_end_the_connection"),
    Fault("4.13.1-1", _CONNECTION, "} else if (policy_of(version_).server_disconnects) {",
          "} else if (policy_of(version_).server_disconnects && version_ != mqtt::ProtocolVersion::v5) {",
          "malformed_packets_end_the_connection"),
]
