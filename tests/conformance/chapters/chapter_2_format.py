"""Chapter 2: the Fixed Header, Packet Identifiers, Property Length."""

from framework.scenario import equal
from framework.statements import statement
from mqtt import packets
from mqtt.wire import string


def packet_with_flags(t, name, flags):
    if name in ("PUBACK", "PUBREC", "PUBREL", "PUBCOMP"):
        return packets.acknowledge(name, t.version, 1, flags=flags)
    if name == "SUBSCRIBE":
        return packets.subscribe(t.version, 1, [("t", 0)], flags=flags)
    if name == "UNSUBSCRIBE":
        return packets.unsubscribe(t.version, 1, ["t"], flags=flags)
    return packets.frame(name, b"", flags)


@statement(v311="2.2.2-1 2.2.2-2", v5="2.1.3-1")
def wrong_flags_are_refused(t):
    for name in ("PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "UNSUBSCRIBE", "PINGREQ", "DISCONNECT"):
        right = packets.FLAGS.get(name, 0)
        for flags in {0, 1, 2, 3, 4, 8, 15} - {right}:
            client = t.publisher()
            client.send(packet_with_flags(t, name, flags))
            client.expect_refused(0x81)


@statement(v311="2.2.2-1", v5="2.1.3-1")
def flags_of_the_broker_are_right(t):
    """One packet of each type that a broker sends; the client of the tests looks at the flags of all."""
    subscriber, publisher = t.subscriber(), t.publisher()
    for qos in (0, 1, 2):
        subscriber.subscribe(t.topic(qos), qos)
        publisher.publish(t.topic(qos), b"x", qos)
        subscriber.receive(topic=t.topic(qos), qos=qos)
    subscriber.unsubscribe(t.topic(0))
    subscriber.ping()
    seen = {packet.name for packet in subscriber.seen + publisher.seen}
    equal(seen, {"CONNACK", "SUBACK", "UNSUBACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "PINGRESP"})


@statement(v311="2.3.1-1", v5="2.2.1-3")
def packet_identifier_zero_is_refused(t):
    client = t.publisher()
    client.send_publish(t.topic(), b"x", 1, packet_id=0)
    client.expect_refused(0x81, 0x82)
    client = t.publisher()
    client.send_publish(t.topic(), b"x", 2, packet_id=0)
    client.expect_refused(0x81, 0x82)
    client = t.subscriber()
    client.send(packets.subscribe(t.version, 0, [("t", 0)]))
    client.expect_refused(0x81, 0x82)
    client = t.subscriber()
    client.send(packets.unsubscribe(t.version, 0, ["t"]))
    client.expect_refused(0x81, 0x82)


@statement(v311="2.3.1-1 2.3.1-2", v5="2.2.1-3", where="tools")
def client_uses_unused_identifiers(t):
    server = t.start("mqtt_pub", "-q", "1", "-l", text=b"1\n2\n3\n4\n")
    server.accept()
    messages = [server.expect("PUBLISH", qos=1) for _ in range(4)]
    identifiers = [message.packet_id for message in messages]
    assert 0 not in identifiers and len(set(identifiers)) == 4, identifiers
    for identifier in identifiers:
        server.acknowledge("PUBACK", identifier)
    server.expect("DISCONNECT")


@statement(v311="2.3.1-1 2.3.1-2", v5="2.2.1-3", where="tools")
def client_subscribes_with_an_identifier(t):
    server = t.start("mqtt_sub", "-t", "t", "-C", "1", "-q", "1")
    server.accept()
    subscribe = server.answer_subscribe()
    assert subscribe.packet_id != 0
    server.send_publish("t", b"x", 1, 7)
    server.expect("PUBACK", packet_id=7)
    assert server.expect("UNSUBSCRIBE").packet_id != 0


@statement(v311="2.3.1-4", v5="2.2.1-4")
def broker_uses_unused_identifiers(t):
    subscriber, publisher = t.subscribed(2), t.publisher()
    for number in range(20):
        publisher.publish(t.topic(), b"%d" % number, 1 + number % 2)
    identifiers = {subscriber.expect("PUBLISH").packet_id for _ in range(20)}
    equal(len(identifiers), 20)
    assert 0 not in identifiers


@statement(v311="2.3.1-5", v5="2.2.1-2")
def qos_0_has_no_identifier(t):
    """What looks like an identifier is payload (in v5: is properties), towards the broker and from it."""
    subscriber, publisher = t.subscribed(0), t.publisher()
    publisher.publish(t.topic(), b"\0\1payload", 0)
    subscriber.receive(topic=t.topic(), payload=b"\0\1payload", qos=0)
    publisher.publish(t.topic(), b"\0\1second", 1)
    subscriber.receive(topic=t.topic(), payload=b"\0\1second", qos=0)


@statement(v311="2.3.1-5", v5="2.2.1-2", where="tools")
def client_sends_qos_0_without_identifier(t):
    server = t.start("mqtt_pub", "-t", "t", "-m", "payload")
    server.accept()
    server.expect("PUBLISH", qos=0, topic="t", payload=b"payload")


@statement(v311="2.3.1-6", v5="2.2.1-5")
def acknowledgements_carry_the_identifier(t):
    publisher, subscriber = t.publisher(), t.subscribed(2)
    for identifier in (1, 255, 256, 65535):
        publisher.send_publish(t.topic(), b"one", 1, packet_id=identifier)
        publisher.expect("PUBACK", packet_id=identifier)
        publisher.send_publish(t.topic(), b"two", 2, packet_id=identifier)
        publisher.expect("PUBREC", packet_id=identifier)
        publisher.acknowledge("PUBREL", identifier)
        publisher.expect("PUBCOMP", packet_id=identifier)
        subscriber.receive(payload=b"one", qos=1)
        message = subscriber.expect("PUBLISH", payload=b"two", qos=2)
        subscriber.acknowledge("PUBREC", message.packet_id)
        subscriber.expect("PUBREL", packet_id=message.packet_id)
        subscriber.acknowledge("PUBCOMP", message.packet_id)


@statement(v311="2.3.1-6", v5="2.2.1-5", where="tools")
def client_acknowledges_with_the_identifier(t):
    server = t.start("mqtt_sub", "-t", "t", "-q", "2")
    server.accept()
    server.answer_subscribe()
    server.send_publish("t", b"x", 1, 4711)
    server.expect("PUBACK", packet_id=4711)
    server.send_publish("t", b"x", 2, 4712)
    server.expect("PUBREC", packet_id=4712)
    server.acknowledge("PUBREL", 4712)
    server.expect("PUBCOMP", packet_id=4712)


@statement(v311="2.3.1-7", v5="2.2.1-6")
def answers_carry_the_identifier(t):
    client = t.subscriber()
    for identifier in (1, 256, 65535):
        client.send(packets.subscribe(t.version, identifier, [(t.topic(identifier), 1)]))
        client.expect("SUBACK", packet_id=identifier)
        client.send(packets.unsubscribe(t.version, identifier, [t.topic(identifier)]))
        client.expect("UNSUBACK", packet_id=identifier)


@statement(v5="2.2.2-1")
def property_length_is_there_without_properties(t):
    """A packet of the broker without that byte would be read wrongly here; one of a client is malformed."""
    subscriber, publisher = t.subscribed(0), t.publisher()
    publisher.publish(t.topic(), b"payload")
    equal(subscriber.receive(payload=b"payload").properties, [])
    publisher.send(packets.frame("PUBLISH", string(t.topic()), 0))
    publisher.expect_refused(0x81)
    subscriber.send(packets.frame("SUBSCRIBE", b"\0\1"))
    subscriber.expect_refused(0x81)


@statement(v5="2.2.2-1", where="tools")
def client_sends_property_length(t):
    server = t.start("mqtt_sub", "-t", "t")
    connect = server.accept()
    equal(connect.properties, [])
    equal(server.answer_subscribe().properties, [])
