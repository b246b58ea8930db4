"""Chapters 3.10 and 3.11: UNSUBSCRIBE and UNSUBACK."""

from framework.scenario import equal
from framework.statements import statement
from mqtt import packets


@statement(v311="3.10.1-1", v5="3.10.1-1")
def flags_of_unsubscribe(t):
    for flags in (0, 1, 3, 6, 10, 15):
        client = t.subscriber()
        client.send(packets.unsubscribe(t.version, 1, ["t"], flags=flags))
        client.expect_refused(0x81)


@statement(v311="3.10.3-1", v5="3.10.3-1")
def filters_of_unsubscribe_are_utf8(t):
    for text in (b"\xff", b"a/\xed\xa0\x80/+", b"a\0"):
        client = t.subscriber()
        client.send(packets.unsubscribe(t.version, 1, ["good", text]))
        client.expect_refused(0x81)


@statement(v311="3.10.3-2", v5="3.10.3-2")
def unsubscribe_has_at_least_one_filter(t):
    client = t.subscriber()
    client.send(packets.unsubscribe(t.version, 1, []))
    client.expect_refused(0x81, 0x82)


@statement(v311="3.10.4-1 3.10.4-5", v5="3.10.4-1 3.10.4-5")
def filter_is_compared_character_by_character(t):
    subscriber, publisher = t.subscriber(), t.publisher()
    subscriber.subscribe(t.topic("a/+"), 1)
    for other in ("a/b", "a/#", "A/+", "a/+/", "+/+", "a/+/#"):
        answer = subscriber.unsubscribe(t.topic(other))
        equal(answer.reasons, [0x11] if t.v5 else [])
    publisher.publish(t.topic("a/b"), b"still", 1)
    subscriber.receive(payload=b"still")
    equal(subscriber.unsubscribe(t.topic("a/+")).reasons, [0] if t.v5 else [])
    publisher.publish(t.topic("a/b"), b"no more", 1)
    t.nothing_else(publisher, subscriber, qos=1)


@statement(v311="3.10.4-2", v5="3.10.4-2")
def nothing_new_after_unsubscribe(t):
    subscriber, publisher = t.subscriber(), t.publisher()
    for qos in (0, 1, 2):
        subscriber.subscribe(t.topic(), qos)
        publisher.publish(t.topic(), b"before", qos)
        subscriber.receive(payload=b"before")
        subscriber.unsubscribe(t.topic())
        publisher.publish(t.topic(), b"after", qos)
        t.nothing_else(publisher, subscriber, qos=qos)


@statement(v311="3.10.4-3", v5="3.10.4-3")
def begun_deliveries_are_completed(t):
    subscriber, publisher = t.subscribed(2), t.publisher()
    publisher.publish(t.topic(), b"one", 1)
    publisher.publish(t.topic(), b"two", 2)
    one = subscriber.expect("PUBLISH", payload=b"one")
    two = subscriber.expect("PUBLISH", payload=b"two")
    subscriber.unsubscribe(t.topic())
    subscriber.acknowledge("PUBACK", one.packet_id)
    subscriber.acknowledge("PUBREC", two.packet_id)
    subscriber.expect("PUBREL", packet_id=two.packet_id, reason=0)
    subscriber.acknowledge("PUBCOMP", two.packet_id)
    subscriber.ping()


@statement(v311="3.10.4-3", v5="3.10.4-3")
def begun_deliveries_are_completed_after_a_reconnect(t):
    subscriber, publisher = t.subscriber(**t.persistent()), t.publisher()
    subscriber.subscribe(t.topic(), 2)
    publisher.publish(t.topic(), b"x", 2)
    first = subscriber.expect("PUBLISH", payload=b"x")
    subscriber.unsubscribe(t.topic())
    subscriber.reset()
    subscriber = t.back(subscriber.client_id)
    equal(subscriber.receive(payload=b"x", dup=True).packet_id, first.packet_id)


@statement(v311="3.10.4-4", v5="3.10.4-4 3.10.4-5")
def unsuback_answers_unsubscribe(t):
    client = t.subscriber()
    client.subscribe(t.topic(), 1)
    for identifier in (1, 300, 65_535):
        client.send(packets.unsubscribe(t.version, identifier, [t.topic()]))
        client.expect_next("UNSUBACK", packet_id=identifier)


@statement(v311="3.10.4-6", v5="3.10.4-6 3.11.3-1 3.11.3-2")
def several_filters_in_one_unsubscribe(t):
    subscriber, publisher = t.subscriber(), t.publisher()
    for name in ("a", "b", "c"):
        subscriber.subscribe(t.topic(name), 1)
    answer = subscriber.unsubscribe(t.topic("a"), t.topic("never"), t.topic("c"), t.topic("a"))
    equal(answer.reasons, [0, 0x11, 0, 0x11] if t.v5 else [])
    for name in ("a", "b", "c"):
        publisher.publish(t.topic(name), name.encode(), 1)
    subscriber.receive(topic=t.topic("b"))
    t.nothing_else(publisher, subscriber, qos=1)
