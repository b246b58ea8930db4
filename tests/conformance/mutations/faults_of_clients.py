"""Faults of mqtt_pub and mqtt_sub."""

from .fault import Fault

_PROTOCOL = "client/client_protocol.cpp"


def _fault(tag, old, new, test):
    return Fault(tag, _PROTOCOL, old, new, test, "tools")


FAULTS = [
    _fault("3.1.2-20", "now - last_sent_ >= keep_alive() - ping_lead", "now - last_sent_ >= keep_alive() * 2",
           "client_pings_in_time"),
    _fault("3.2.2-21", "properties.find_number(PropertyId::server_keep_alive)",
           "properties.find_number(PropertyId::server_reference)", "client_uses_the_server_keep_alive"),
    _fault("3.2.2-4", "if (connack->session_present && options_.version == mqtt::ProtocolVersion::v5) {",
           "if (connack->session_present && options_.version != mqtt::ProtocolVersion::v5) {",
           "client_without_a_session_closes"),
    _fault("3.2.2-11", "if (message.qos > broker_qos_max_) throw", "if (message.topic.empty()) throw",
           "client_keeps_to_maximum_qos"),
    _fault("3.2.2-14", "if (message.retain && !retain_available_) throw", "if (message.topic.empty()) throw",
           "client_does_not_retain_where_it_cannot"),
    _fault("3.2.2-15", "if (output_.size() - before > broker_packet_size_max_) {",
           "if (output_.size() - before > broker_packet_size_max_ + 10) {", "client_keeps_to_maximum_packet_size"),
    _fault("3.3.2-10", "if (publish->properties.has(PropertyId::topic_alias)) {",
           "if (publish->properties.has(PropertyId::server_reference)) {", "client_without_topic_aliases"),
    _fault("3.3.4-7", "find_number(PropertyId::receive_maximum)) receive_maximum_ = *number;",
           "find_number(PropertyId::receive_maximum)) receive_maximum_ = *number + 1;",
           "client_keeps_to_receive_maximum"),
    _fault("4.3.3-10", "publish->qos == QoS::exactly_once && !received_qos2_.insert(publish->packet_id).second",
           "publish->qos == QoS::exactly_once && !received_qos2_.insert(publish->packet_id).second && false",
           "client_as_qos_2_receiver"),
    _fault("4.3.3-12", "const bool known = received_qos2_.erase(release->packet_id) != 0;",
           "const bool known = received_qos2_.contains(release->packet_id);", "client_as_qos_2_receiver"),
]
