"""Chapters 3.4 to 3.7: PUBACK, PUBREC, PUBREL and PUBCOMP."""

from framework.scenario import equal
from framework.statements import statement
from mqtt import packets

NOT_AUTHORIZED = 0x87
NO_MATCHING_SUBSCRIBERS = 0x10
IDENTIFIER_NOT_FOUND = 0x92


@statement(v5="3.4.2-1")
def reason_codes_of_puback(t):
    publisher, subscriber = t.publisher(), t.subscribed(1)
    publisher.send_publish(t.topic(), b"x", 1, packet_id=1)
    publisher.expect("PUBACK", packet_id=1, reason=0)
    publisher.send_publish("$SYS/mine", b"x", 1, packet_id=2)
    publisher.expect("PUBACK", packet_id=2, reason=NOT_AUTHORIZED)
    publisher.send_publish("/".join("a" * 5000), b"x", 1, packet_id=3)
    publisher.expect("PUBACK", packet_id=3, reason=0x90)
    publisher.send_publish(t.topic("nobody"), b"x", 1, packet_id=4)
    assert publisher.expect("PUBACK", packet_id=4).reason in (0, NO_MATCHING_SUBSCRIBERS)


@statement(v5="3.5.2-1")
def reason_codes_of_pubrec(t):
    publisher = t.publisher()
    publisher.send_publish("$SYS/mine", b"x", 2, packet_id=2)
    publisher.expect("PUBREC", packet_id=2, reason=NOT_AUTHORIZED)
    publisher.send_publish("/".join("a" * 5000), b"x", 2, packet_id=2)
    publisher.expect("PUBREC", packet_id=2, reason=0x90)
    publisher.publish(t.topic(), b"x", 2, packet_id=2)


@statement(v5="3.6.2-1")
def reason_codes_of_pubrel(t):
    publisher, subscriber = t.publisher(), t.subscriber()
    subscriber.acknowledge("PUBREC", 77)
    subscriber.expect("PUBREL", packet_id=77, reason=IDENTIFIER_NOT_FOUND)
    subscriber.acknowledge("PUBCOMP", 77, IDENTIFIER_NOT_FOUND)
    subscriber.subscribe(t.topic(), 2)
    publisher.publish(t.topic(), b"x", 2)
    subscriber.receive(topic=t.topic(), qos=2)
    equal([packet.reason for packet in subscriber.seen if packet.name == "PUBREL"], [IDENTIFIER_NOT_FOUND, 0])


@statement(v5="3.7.2-1")
def reason_codes_of_pubcomp(t):
    publisher = t.publisher()
    publisher.acknowledge("PUBREL", 88)
    publisher.expect("PUBCOMP", packet_id=88, reason=IDENTIFIER_NOT_FOUND)
    publisher.publish(t.topic(), b"x", 2, packet_id=88)
    publisher.acknowledge("PUBREL", 88)
    publisher.expect("PUBCOMP", packet_id=88, reason=IDENTIFIER_NOT_FOUND)


@statement(v5="3.4.2-1 3.5.2-1 3.7.2-1", where="tools")
def reason_codes_of_a_subscriber(t):
    """The server of the test fails on a code that is not in the packet's table."""
    server = t.start("mqtt_sub", "-t", "t", "-q", "2")
    server.accept()
    server.answer_subscribe()
    server.send_publish("t", b"x", 1, 1)
    server.expect("PUBACK", packet_id=1, reason=0)
    server.send_publish("t", b"x", 2, 2)
    server.expect("PUBREC", packet_id=2, reason=0)
    server.acknowledge("PUBREL", 2)
    server.expect("PUBCOMP", packet_id=2, reason=0)
    server.acknowledge("PUBREL", 3)
    server.expect("PUBCOMP", packet_id=3, reason=IDENTIFIER_NOT_FOUND)


@statement(v5="3.6.2-1", where="tools")
def reason_codes_of_a_publisher(t):
    server = t.start("mqtt_pub", "-t", "t", "-q", "2", "-m", "x")
    server.accept()
    message = server.expect("PUBLISH", qos=2)
    server.acknowledge("PUBREC", message.packet_id + 1)
    server.expect("PUBREL", packet_id=message.packet_id + 1, reason=IDENTIFIER_NOT_FOUND)
    server.acknowledge("PUBREC", message.packet_id)
    server.expect("PUBREL", packet_id=message.packet_id, reason=0)
    server.acknowledge("PUBCOMP", message.packet_id)
    server.expect("DISCONNECT")


@statement(v5="3.4.2-2 3.4.2-3 3.5.2-2 3.5.2-3 3.6.2-2 3.6.2-3 3.7.2-2 3.7.2-3")
def answers_fit_the_client(t):
    """The smallest Maximum Packet Size with which CONNACK fits; answers with reasons have to be left bare."""
    size = t.publisher().seen[0].size
    client = t.publisher(properties_={"maximum_packet_size": size, "request_problem_information": 1})
    client.send_publish("$SYS/mine", b"x", 1, packet_id=1)
    client.expect("PUBACK", packet_id=1, reason=NOT_AUTHORIZED)
    client.send_publish("$SYS/mine", b"x", 2, packet_id=2)
    client.expect("PUBREC", packet_id=2, reason=NOT_AUTHORIZED)
    client.acknowledge("PUBREC", 3)
    client.expect("PUBREL", packet_id=3, reason=IDENTIFIER_NOT_FOUND)
    client.acknowledge("PUBREL", 4)
    client.expect("PUBCOMP", packet_id=4, reason=IDENTIFIER_NOT_FOUND)
    assert all(packet.size <= size for packet in client.seen), client.seen


@statement(v5="3.4.2-1 3.5.2-1 3.6.2-1 3.7.2-1")
def reason_codes_that_are_not_in_the_tables(t):
    for name, reason in (("PUBACK", 0x01), ("PUBREC", 0x92), ("PUBREL", 0x80), ("PUBCOMP", 0x10), ("PUBACK", 0xFF)):
        client = t.publisher()
        client.acknowledge(name, 1, reason)
        client.expect_refused(0x81, 0x82)


@statement(v311="3.6.1-1", v5="3.6.1-1")
def flags_of_pubrel(t):
    for flags in (0, 1, 3, 6, 10, 15):
        client = t.publisher()
        client.send_publish(t.topic(), b"x", 2, packet_id=1)
        client.expect("PUBREC", packet_id=1)
        client.send(packets.acknowledge("PUBREL", t.version, 1, flags=flags))
        client.expect_refused(0x81)


@statement(v311="3.6.1-1", v5="3.6.1-1")
def flags_of_the_brokers_pubrel(t):
    publisher, subscriber = t.publisher(), t.subscribed(2)
    publisher.publish(t.topic(), b"x", 2)
    message = subscriber.expect("PUBLISH", qos=2)
    subscriber.acknowledge("PUBREC", message.packet_id)
    subscriber.expect("PUBREL", packet_id=message.packet_id, flags=2)
    subscriber.acknowledge("PUBCOMP", message.packet_id)
