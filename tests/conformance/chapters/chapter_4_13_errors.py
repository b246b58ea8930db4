"""Chapter 4.13 (MQTT 5): malformed packets and Protocol Errors."""

from framework.statements import statement
from mqtt import packets
from mqtt.wire import string, variable

MALFORMED, PROTOCOL_ERROR, PACKET_TOO_LARGE = 0x81, 0x82, 0x95


def publish_with(raw_properties):
    return packets.frame("PUBLISH", string("t") + variable(len(raw_properties)) + raw_properties + b"x", 0)


@statement(v5="4.13.1-1 4.13.2-1")
def malformed_packets_end_the_connection(t):
    for packet in (b"\x00\x00", b"\xf1\x00", packets.frame("PINGREQ", b"x"), packets.frame("PUBACK", b"\0"),
                   packets.frame("SUBSCRIBE", b"\0\1\0\0\5ab"), packets.frame("SUBSCRIBE", b"\0\1\0\0\1a"),
                   packets.frame("UNSUBSCRIBE", b"\0\1\0\0\5ab"),
                   packets.frame("PUBLISH", string("t") + b"\x05\x01", 0),
                   publish_with(b"\x02\0\0"), packets.frame("DISCONNECT", b"\0\5\x11")):
        client = t.publisher()
        client.send(packet)
        client.expect_refused(MALFORMED, PROTOCOL_ERROR)


@statement(v5="4.13.1-1")
def protocol_errors_end_the_connection(t):
    """Packets of a server; a property twice; an unknown alias; a DISCONNECT that prolongs the session."""
    for packet in (packets.frame("CONNACK", b"\0\0\0"), packets.frame("SUBACK", b"\0\1\0\0"),
                   packets.frame("UNSUBACK", b"\0\1\0\0"), packets.frame("PINGRESP"),
                   publish_with(b"\x01\1\x01\1"), publish_with(b"\x02\0\0\0\1\x02\0\0\0\1"),
                   packets.publish(t.version, "", b"x"),
                   packets.publish(t.version, "", b"x", properties_={"topic_alias": 1}),
                   packets.disconnect(t.version, 0, {"session_expiry_interval": 100})):
        client = t.publisher()
        client.send(packet)
        client.expect_refused(PROTOCOL_ERROR)


@statement(v5="4.13.1-1")
def unknown_and_misplaced_properties(t):
    for raw in (b"\x7f\0", b"\x04\0", b"\x21\0\1", b"\x11\0\0\0\1", b"\x80\x01"):
        client = t.publisher()
        client.send(publish_with(raw))
        client.expect_refused(MALFORMED, PROTOCOL_ERROR)


@statement(v5="4.13.1-1")
def packet_above_the_brokers_maximum(t):
    """Refused at its header."""
    client = t.publisher()
    maximum = client.connack.properties.get("maximum_packet_size")
    client.send(b"\x30" + variable(maximum))
    client.expect_refused(PACKET_TOO_LARGE)


@statement(v5="4.13.1-1 4.13.2-1")
def acknowledgements_that_do_not_fit(t):
    """PUBREC for QoS 1, PUBACK for QoS 2, PUBCOMP before PUBREC."""
    for qos, answer in ((1, "PUBREC"), (2, "PUBACK"), (2, "PUBCOMP")):
        publisher, subscriber = t.publisher(), t.subscriber()
        subscriber.subscribe(t.topic(), 2)
        publisher.publish(t.topic(), b"x", qos)
        subscriber.acknowledge(answer, subscriber.expect("PUBLISH", qos=qos).packet_id)
        subscriber.expect_refused(PROTOCOL_ERROR)


@statement(v5="4.13.2-1", where="tools")
def client_closes_after_an_error(t):
    server = t.start("mqtt_sub", "-t", "t")
    server.accept(reason=0x87)
    server.expect_closed()
    server = t.start("mqtt_sub", "-t", "t")
    server.accept()
    server.answer_subscribe()
    server.send(packets.frame("DISCONNECT", b"\x87"))
    server.expect_closed()
