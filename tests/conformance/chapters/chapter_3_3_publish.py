"""Chapter 3.3: PUBLISH, its flags and its topic; retained messages. Properties are in chapter_3_3_properties.py."""

from framework.scenario import equal
from framework.statements import statement
from mqtt import packets
from mqtt.wire import properties, string


@statement(v311="3.3.1-1", v5="3.3.1-1")
def dup_when_sent_again(t):
    subscriber, publisher = t.subscriber(**t.persistent()), t.publisher()
    for qos in (1, 2):
        subscriber.subscribe(t.topic(qos), qos)
        publisher.publish(t.topic(qos), b"x", qos)
        subscriber.expect("PUBLISH", topic=t.topic(qos), dup=False)
    subscriber.reset()
    subscriber = t.back(subscriber.client_id)
    for qos in (1, 2):
        subscriber.receive(topic=t.topic(qos), qos=qos, dup=True)


@statement(v311="3.3.1-2", v5="3.3.1-2")
def no_dup_with_qos_0(t):
    subscriber, publisher = t.subscribed(0), t.publisher()
    for qos in (0, 1, 2):
        publisher.publish(t.topic(), b"x", qos, dup=qos != 0)
        subscriber.receive(topic=t.topic(), qos=0, dup=False)
    publisher.send_publish(t.topic(), b"x", 0, dup=True)
    publisher.expect_refused(0x81)


@statement(v311="3.3.1-3", v5="3.3.1-3")
def dup_is_not_passed_on(t):
    subscriber, publisher = t.subscribed(2), t.publisher()
    for qos in (1, 2):
        publisher.publish(t.topic(), b"x", qos, dup=True)
        subscriber.receive(topic=t.topic(), qos=qos, dup=False)


@statement(v311="3.3.1-4", v5="3.3.1-4")
def both_qos_bits(t):
    for flags in (0x06, 0x07, 0x0E):
        client = t.publisher()
        client.send_publish(t.topic(), b"x", packet_id=1, flags=flags)
        client.expect_refused(0x81)


@statement(v311="3.3.1-5 3.3.1-6 3.3.1-8", v5="3.3.1-5")
def retained_message_is_stored(t):
    """With its QoS; a later one takes its place."""
    publisher = t.publisher()
    for qos in (1, 2):
        for payload in (b"old", b"new"):
            publisher.publish(t.topic(qos), payload, qos, retain=True)
    subscriber = t.subscriber()
    subscriber.subscribe(t.topic("+"), 2)
    found = sorted((message.topic, message.payload, message.qos, message.retain)
                   for message in (subscriber.receive(), subscriber.receive()))
    equal(found, [(t.topic(1), b"new", 1, True), (t.topic(2), b"new", 2, True)])
    t.nothing_else(publisher, subscriber, qos=1)


@statement(v311="3.3.1-5", v5="3.3.1-5")
def retained_message_keeps_its_topic_to_itself(t):
    publisher = t.publisher()
    for name in ("a", "a/b", "A", "a/"):
        publisher.publish(t.topic(name), name.encode(), 1, retain=True)
    for name in ("a", "a/b", "A", "a/"):
        subscriber = t.subscriber()
        subscriber.subscribe(t.topic(name), 1)
        subscriber.receive(topic=t.topic(name), payload=name.encode(), retain=True)
        t.nothing_else(publisher, subscriber, qos=1)


@statement(v311="3.3.1-7", v5="3.3.1-5")
def retained_qos_0_message_takes_the_place(t):
    publisher, watcher = t.publisher(), t.subscriber()
    publisher.publish(t.topic(), b"old", 1, retain=True)
    watcher.subscribe(t.topic(), 0)
    watcher.receive(payload=b"old")
    publisher.publish(t.topic(), b"new", 0, retain=True)
    watcher.receive(payload=b"new")
    subscriber = t.another()
    subscriber.subscribe(t.topic(), 1)
    subscriber.receive(topic=t.topic(), payload=b"new", retain=True)


@statement(v311="3.3.1-8 3.3.1-9", v5="3.3.1-12")
def retain_is_0_for_existing_subscriptions(t):
    publisher, subscriber = t.publisher(), t.subscribed(1)
    for qos in (0, 1, 2):
        publisher.publish(t.topic(), b"%d" % qos, qos, retain=True)
        subscriber.receive(topic=t.topic(), payload=b"%d" % qos, retain=False)
    later = t.another()
    later.subscribe(t.topic(), 1)
    later.receive(topic=t.topic(), payload=b"2", retain=True)


@statement(v5="3.3.1-13")
def retain_as_published(t):
    publisher, subscriber = t.publisher(), t.subscriber()
    subscriber.subscribe(t.topic(), 1, retain_as_published=True)
    for retain in (True, False, True):
        publisher.publish(t.topic(), b"x", 1, retain=retain)
        subscriber.receive(topic=t.topic(), retain=retain)


@statement(v311="3.3.1-10 3.3.1-11", v5="3.3.1-6 3.3.1-7")
def empty_message_removes_the_retained_one(t):
    publisher, watcher = t.publisher(), t.subscriber()
    publisher.publish(t.topic(), b"kept", 1, retain=True)
    watcher.subscribe(t.topic(), 1)
    watcher.receive(payload=b"kept", retain=True)
    publisher.publish(t.topic(), b"", 1, retain=True)
    watcher.receive(topic=t.topic(), payload=b"", retain=False)
    later = t.another()
    later.subscribe(t.topic(), 1)
    t.nothing_else(publisher, later, qos=1)


@statement(v311="3.3.1-12", v5="3.3.1-8")
def message_without_retain_leaves_the_store_alone(t):
    publisher = t.publisher()
    publisher.publish(t.topic("kept"), b"kept", 1, retain=True)
    for payload in (b"live", b""):
        for name in ("kept", "never"):
            publisher.publish(t.topic(name), payload, 1)
    subscriber = t.subscriber()
    subscriber.subscribe(t.topic("+"), 1)
    subscriber.receive(topic=t.topic("kept"), payload=b"kept", retain=True)
    t.nothing_else(publisher, subscriber, qos=1)


@statement(v5="3.3.1-9")
def retain_handling_0(t):
    publisher, subscriber = t.publisher(), t.subscriber()
    publisher.publish(t.topic(), b"kept", 1, retain=True)
    for _ in range(2):
        subscriber.subscribe(t.topic(), 1, retain_handling=0)
        subscriber.receive(payload=b"kept", retain=True)


@statement(v5="3.3.1-10")
def retain_handling_1(t):
    publisher, subscriber = t.publisher(), t.subscriber()
    publisher.publish(t.topic(), b"kept", 1, retain=True)
    subscriber.subscribe(t.topic(), 1, retain_handling=1)
    subscriber.receive(payload=b"kept", retain=True)
    subscriber.subscribe(t.topic(), 1, retain_handling=1)
    t.nothing_else(publisher, subscriber, qos=1)
    subscriber.unsubscribe(t.topic())
    subscriber.subscribe(t.topic(), 1, retain_handling=1)
    subscriber.receive(payload=b"kept", retain=True)


@statement(v5="3.3.1-11")
def retain_handling_2(t):
    publisher, subscriber = t.publisher(), t.subscriber()
    publisher.publish(t.topic(), b"kept", 1, retain=True)
    subscriber.subscribe(t.topic(), 1, retain_handling=2)
    t.nothing_else(publisher, subscriber, qos=1)
    publisher.publish(t.topic(), b"live", 1)
    subscriber.receive(payload=b"live")


@statement(v311="3.3.2-1", v5="3.3.2-1")
def topic_name_comes_first(t):
    """A packet that ends within its topic, and one whose topic is no UTF-8."""
    for body in (b"", b"\0", b"\0\5abc"):
        client = t.publisher()
        client.send(packets.frame("PUBLISH", body, 0))
        client.expect_refused(0x81)
    client = t.publisher()
    client.send_publish(b"\xc3\x28", b"x")
    client.expect_refused(0x81)


@statement(v311="3.3.2-1", v5="3.3.2-1")
def topic_name_at_the_packet_end(t):
    subscriber, publisher = t.subscriber(), t.publisher()
    subscriber.subscribe(t.topic())
    publisher.send(packets.frame("PUBLISH", string(t.topic()) + (properties(None) if t.v5 else b""), 0))
    subscriber.receive(topic=t.topic(), payload=b"")


@statement(v311="3.3.2-2 4.7.1-1", v5="3.3.2-2 4.7.0-1")
def no_wildcards_in_a_topic_name(t):
    for topic in ("#", "+", "a/#", "a/+/b", "a+", "#a", "a/b#"):
        client = t.publisher()
        client.send_publish(topic, b"x", 1)
        client.expect_refused(0x81, 0x90)


@statement(v311="3.3.2-3", v5="3.3.2-3")
def topic_name_matches_the_filter(t):
    subscriber, publisher = t.subscriber(), t.publisher()
    subscriber.subscribe(t.topic("room/+/light/#"), 1)
    for name in ("room/1/light", "room/1/dark", "room/2/light/a/b", "room", "room/1/2/light", "room//light"):
        publisher.publish(t.topic(name), name.encode(), 1)
    for name in ("room/1/light", "room/2/light/a/b", "room//light"):
        subscriber.receive(topic=t.topic(name), payload=name.encode())
    t.nothing_else(publisher, subscriber, qos=1)


@statement(v311="3.3.4-1", v5="3.3.4-1")
def publish_is_answered_by_its_qos(t):
    publisher = t.publisher()
    publisher.send_publish(t.topic(), b"x", 0)
    publisher.ping()
    publisher.send_publish(t.topic(), b"x", 1, packet_id=5)
    publisher.expect_next("PUBACK", packet_id=5)
    publisher.send_publish(t.topic(), b"x", 2, packet_id=6)
    publisher.expect_next("PUBREC", packet_id=6)
    publisher.acknowledge("PUBREL", 6)
    publisher.expect_next("PUBCOMP", packet_id=6)


@statement(v311="3.3.4-1", v5="3.3.4-1", where="tools")
def client_answers_publish_by_its_qos(t):
    server = t.start("mqtt_sub", "-t", "t", "-q", "2")
    server.accept()
    server.answer_subscribe()
    server.send_publish("t", b"0")
    server.send_publish("t", b"1", 1, 1)
    server.expect_next("PUBACK", packet_id=1)
    server.send_publish("t", b"2", 2, 2)
    server.expect_next("PUBREC", packet_id=2)
    server.acknowledge("PUBREL", 2)
    server.expect_next("PUBCOMP", packet_id=2)


@statement(v311="3.3.5-1", v5="3.3.4-2")
def overlapping_subscriptions(t):
    """One delivery, at the highest QoS of those that match, in whatever order they came."""
    publisher = t.publisher()
    for order in ((0, 2, 1), (2, 1, 0), (1, 0, 2)):
        subscriber = t.subscriber()
        filters = {0: t.topic("a/#"), 1: t.topic("a/+"), 2: t.topic("a/b")}
        for qos in order:
            subscriber.subscribe(filters[qos], qos)
        publisher.publish(t.topic("a/b"), b"x", 2)
        subscriber.receive(topic=t.topic("a/b"), qos=2)
        t.nothing_else(publisher, subscriber, qos=2)


@statement(v311="3.3.5-2")
def publish_that_is_not_allowed(t):
    """A client cannot be told: the broker acknowledges, and nobody gets the message."""
    subscriber, publisher = t.subscriber(), t.publisher()
    subscriber.subscribe("$SYS/mine", 2)
    for qos in (1, 2):
        publisher.publish("$SYS/mine", b"forged", qos)
    t.nothing_else(publisher, subscriber, qos=2)
