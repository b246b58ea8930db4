"""Chapter 4.6: the order of messages and of acknowledgements."""

from framework.scenario import equal
from framework.statements import statement
from mqtt import packets


@statement(v311="4.6.0-1 4.6.0-6", v5="4.6.0-1")
def messages_are_sent_again_in_order(t):
    """The broker as the one that sends again, over two reconnects."""
    subscriber, publisher = t.subscriber(**t.persistent()), t.publisher()
    subscriber.subscribe(t.topic(), 2)
    for number in range(10):
        publisher.publish(t.topic(), b"%d" % number, 1)
    first = [subscriber.expect("PUBLISH").packet_id for _ in range(10)]
    for _ in range(2):
        subscriber.reset()
        subscriber = t.back(subscriber.client_id)
        again = [subscriber.expect_next("PUBLISH", dup=True) for _ in range(10)]
        equal([message.payload for message in again], [b"%d" % number for number in range(10)])
        equal([message.packet_id for message in again], first)


@statement(v311="4.6.0-2 4.6.0-3", v5="4.6.0-2 4.6.0-3", where="tools")
def client_acknowledges_in_order(t):
    server = t.start("mqtt_sub", "-t", "t", "-q", "2")
    server.accept()
    server.answer_subscribe()
    identifiers = [5, 3, 9, 1, 7]
    for qos, answer in ((1, "PUBACK"), (2, "PUBREC")):
        for identifier in identifiers:
            server.send_publish("t", b"x", qos, identifier)
        equal([server.expect(answer).packet_id for _ in identifiers], identifiers)


@statement(v311="4.6.0-2 4.6.0-3", v5="4.6.0-2 4.6.0-3")
def broker_acknowledges_in_order(t):
    """Topics with subscribers on different brokers, and retained messages among them, take different ways."""
    publisher = t.publisher()
    for client, name in ((t.publisher(), "a"), (t.subscriber(), "b"), (t.another(), "c")):
        client.subscribe(t.topic(name), 2)
    identifiers = [number * 7 % 61 + 1 for number in range(60)]
    for qos, answer in ((1, "PUBACK"), (2, "PUBREC")):
        for place, identifier in enumerate(identifiers):
            publisher.send_publish(t.topic("abcd"[place % 4]), b"x", qos, packet_id=identifier, retain=place % 10 == 9)
        equal([publisher.expect(answer).packet_id for _ in identifiers], identifiers)


@statement(v311="4.6.0-4", v5="4.6.0-4")
def broker_releases_in_order(t):
    subscriber, publisher = t.subscribed(2), t.publisher()
    for _ in range(10):
        publisher.publish(t.topic(), b"x", 2)
    identifiers = [subscriber.expect("PUBLISH").packet_id for _ in range(10)]
    for identifier in identifiers:
        subscriber.acknowledge("PUBREC", identifier)
    equal([subscriber.expect("PUBREL").packet_id for _ in identifiers], identifiers)


@statement(v311="4.6.0-4", v5="4.6.0-4", where="tools")
def client_releases_in_order(t):
    server = t.start("mqtt_pub", "-t", "t", "-l", "-q", "2", text=b"1\n2\n3\n4\n5\n")
    server.accept()
    identifiers = [server.expect("PUBLISH").packet_id for _ in range(5)]
    for identifier in identifiers:
        server.acknowledge("PUBREC", identifier)
    equal([server.expect("PUBREL").packet_id for _ in identifiers], identifiers)


@statement(v311="4.6.0-5 4.6.0-6", v5="4.6.0-5 4.6.0-6")
def messages_arrive_in_order(t):
    """Per QoS, from two publishers at once; each subscriber sees each publisher's order."""
    for qos in (0, 1, 2):
        publishers, subscribers = [t.publisher(), t.another()], [t.subscriber(), t.publisher()]
        for subscriber in subscribers:
            subscriber.subscribe(t.topic(qos), qos)
        for number in range(100):
            for name, publisher in zip("ab", publishers):
                publisher.send_publish(t.topic(qos), b"%s %d" % (name.encode(), number), qos)
                if qos == 2:
                    publisher.acknowledge("PUBREL", publisher.expect("PUBREC").packet_id)
        for subscriber in subscribers:
            found = [subscriber.receive(topic=t.topic(qos)).payload for _ in range(200)]
            for name in (b"a", b"b"):
                equal([payload for payload in found if payload.startswith(name)],
                      [b"%s %d" % (name, number) for number in range(100)])


@statement(v311="4.6.0-5 4.6.0-6", v5="4.6.0-5 4.6.0-6")
def small_and_large_messages_keep_their_order(t):
    subscriber, publisher = t.subscribed(1), t.publisher()
    payloads = [b"%03d" % number + b"x" * (200_000 if number % 5 == 0 else 0) for number in range(30)]
    publisher.send(*[packets.publish(t.version, t.topic(), payload, 1, number + 1)
                     for number, payload in enumerate(payloads)])
    for payload in payloads:
        equal(subscriber.receive(topic=t.topic()).payload[:3], payload[:3])
