"""Chapters 3.12 to 3.15: PINGREQ, DISCONNECT and AUTH."""

from framework.scenario import equal
from framework.statements import statement
from mqtt import packets
from mqtt.connection import Closed


@statement(v311="3.12.4-1", v5="3.12.4-1")
def pingresp_answers_pingreq(t):
    client = t.publisher()
    client.send(packets.pingreq(), packets.pingreq())
    client.expect_next("PINGRESP")
    client.expect_next("PINGRESP")


@statement(v5="3.14.0-1")
def no_disconnect_before_connack(t):
    """Whatever was wrong with it: CONNACK, or nothing, comes before the end."""
    for packet in (packets.frame("CONNECT", b"\0\4MQTT\5"), packets.publish(t.version, "t", b"x"),
                   packets.connect(t.version, "x" * 65_535), packets.connect(t.version, level=9), b"\0\0"):
        client = t.open()
        client.send(packet)
        try:
            equal(client.next_packet().name, "CONNACK")
        except Closed:
            pass


@statement(v311="3.14.1-1", v5="3.14.1-1")
def flags_of_disconnect(t):
    for flags in (1, 2, 4, 8, 15):
        client = t.publisher()
        client.send(packets.disconnect(t.version, flags=flags))
        client.expect_refused(0x81)


@statement(v5="3.14.2-1")
def reason_codes_of_disconnect(t):
    """The client of the tests fails on codes of the broker that are not in the table; the other way round:"""
    for reason in (0x01, 0x10, 0x7F, 0xFF):
        client = t.publisher()
        client.send(packets.disconnect(t.version, reason))
        client.expect_refused(0x81, 0x82)


@statement(v5="3.14.2-1", where="tools")
def reason_codes_of_a_client(t):
    server = t.start("mqtt_sub", "-t", "t")
    server.accept()
    server.answer_subscribe()
    server.send(packets.frame("PUBLISH", b"\0\1#\0", 0))
    assert server.expect("DISCONNECT").reason in (0x81, 0x82, 0x90)


@statement(v5="3.14.2-2")
def no_session_expiry_from_the_broker(t):
    client = t.publisher(**t.persistent())
    client.send_publish("a/#", b"x")
    client.waiting.clear()
    farewell = client.expect_next("DISCONNECT")
    equal((farewell.properties or []) and farewell.properties.all("session_expiry_interval"), [])
    client.expect_closed()


@statement(v5="3.14.2-3 3.14.2-4")
def disconnect_fits_the_client(t):
    size = t.publisher().seen[0].size
    for packet in (b"\x30\xff\xff\xff\xff\x7f", packets.publish(t.version, "a/+", b"x"), packets.connect(t.version)):
        client = t.publisher(properties_={"maximum_packet_size": size})
        client.send(packet)
        client.expect_refused(0x81, 0x82, 0x90)
        assert all(packet.size <= size for packet in client.seen), client.seen


@statement(v5="3.14.4-1 3.14.4-2")
def nothing_after_the_brokers_disconnect(t):
    publisher, subscriber = t.publisher(), t.subscribed(1)
    subscriber.send_publish("a/+", b"x")
    for _ in range(20):
        publisher.publish(t.topic(), b"x", 1)
    subscriber.expect("DISCONNECT")
    subscriber.waiting.clear()  # what came before it
    subscriber.expect_closed()


@statement(v311="3.14.4-1 3.14.4-2", v5="3.14.4-1 3.14.4-2", where="tools")
def nothing_after_a_clients_disconnect(t):
    for tool, arguments in (("mqtt_pub", ("-m", "x")), ("mqtt_sub", ("-t", "t", "-C", "1"))):
        server = t.start(tool, *arguments)
        server.accept()
        if tool == "mqtt_sub":
            subscribe = server.answer_subscribe()
            server.send_publish("t", b"x")
            identifier = server.expect("UNSUBSCRIBE").packet_id.to_bytes(2, "big")
            assert subscribe.packet_id
            server.send(packets.frame("UNSUBACK", identifier + (b"\0\0" if t.v5 else b"")))
        else:
            server.expect("PUBLISH")
        server.expect_next("DISCONNECT")
        server.expect_closed()


@statement(v5="3.14.4-2 3.14.4-1")
def broker_closes_after_the_clients_disconnect(t):
    client = t.publisher()
    client.send(packets.disconnect(t.version), packets.pingreq())
    client.expect_closed()


@statement(v5="3.15.1-1")
def flags_of_auth(t):
    for flags in (1, 2, 8, 15):
        client = t.publisher()
        client.send(packets.auth(0x18, {"authentication_method": "SCRAM-SHA-256"}, flags=flags))
        client.expect_refused(0x81)
