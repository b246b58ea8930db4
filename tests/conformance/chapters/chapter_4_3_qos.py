"""Chapter 4.3: the exchanges of QoS 0, 1 and 2, with the broker as receiver and as sender."""

from framework.scenario import equal
from framework.statements import statement
from mqtt import packets

NOT_AUTHORIZED = 0x87


@statement(v311="4.3.1-1", v5="4.3.1-1")
def qos_0_is_sent_once(t):
    subscriber, publisher = t.subscribed(2), t.publisher()
    publisher.publish(t.topic(), b"x", 0)
    subscriber.receive(payload=b"x", qos=0, dup=False, packet_id=None)
    t.nothing_else(publisher, subscriber)


@statement(v311="4.3.1-1", v5="4.3.1-1", where="tools")
def client_sends_qos_0(t):
    server = t.start("mqtt_pub", "-t", "t", "-m", "x", "-q", "0")
    server.accept()
    server.expect_next("PUBLISH", qos=0, dup=False)
    server.expect_next("DISCONNECT")


@statement(v311="4.3.2-1", v5="4.3.2-1 4.3.2-2")
def qos_1_sender(t):
    subscriber, publisher = t.subscribed(1), t.publisher()
    identifiers = set()
    for number in range(10):
        publisher.publish(t.topic(), b"%d" % number, 1)
        identifiers.add(subscriber.expect("PUBLISH", payload=b"%d" % number, qos=1, dup=False).packet_id)
    equal(len(identifiers), 10)
    assert 0 not in identifiers


@statement(v311="4.3.2-1", v5="4.3.2-1 4.3.2-2 4.3.2-3", where="tools")
def client_as_qos_1_sender(t):
    server = t.start("mqtt_pub", "-t", "t", "-l", "-q", "1", "-k", "1", text=b"1\n2\n3\n")
    server.accept()
    messages = [server.expect_next("PUBLISH", qos=1, dup=False) for _ in range(3)]
    equal(len({message.packet_id for message in messages}), 3)
    server.expect_next("PINGREQ")  # it waits for PUBACK, and does not send again
    server.send(packets.frame("PINGRESP"))
    for message in messages:
        server.acknowledge("PUBACK", message.packet_id)
    server.expect_next("DISCONNECT")


@statement(v5="4.3.2-3")
def qos_1_is_unacknowledged_until_puback(t):
    subscriber, publisher = t.subscribed(1, properties_={"receive_maximum": 1}), t.publisher()
    for payload in (b"first", b"second"):
        publisher.publish(t.topic(), payload, 1)
    first = subscriber.expect("PUBLISH", payload=b"first")
    subscriber.ping()
    equal(subscriber.waiting, [])
    subscriber.acknowledge("PUBACK", first.packet_id)
    subscriber.receive(payload=b"second")


@statement(v311="4.3.2-1", v5="4.3.2-3")
def qos_1_without_puback_is_sent_again(t):
    subscriber, publisher = t.subscriber(**t.persistent()), t.publisher()
    subscriber.subscribe(t.topic(), 1)
    publisher.publish(t.topic(), b"x", 1)
    first = subscriber.expect("PUBLISH", payload=b"x")
    for _ in range(2):
        subscriber.reset()
        subscriber = t.back(subscriber.client_id)
        subscriber.expect("PUBLISH", payload=b"x", packet_id=first.packet_id, dup=True)
    subscriber.acknowledge("PUBACK", first.packet_id)
    subscriber.ping()
    subscriber.reset()
    t.nothing_else(publisher, t.back(subscriber.client_id), qos=1)


@statement(v311="4.3.2-2", v5="4.3.2-4 4.3.2-5")
def qos_1_receiver(t):
    """After PUBACK the same identifier is a new message, with and without DUP."""
    subscriber, publisher = t.subscribed(1), t.publisher()
    for dup in (False, True, False):
        publisher.send_publish(t.topic(), b"x", 1, packet_id=10, dup=dup)
        publisher.expect("PUBACK", packet_id=10, reason=0)
        subscriber.receive(payload=b"x", dup=False)
    t.nothing_else(publisher, subscriber, qos=1)


@statement(v311="4.3.2-2", v5="4.3.2-4 4.3.2-5", where="tools")
def client_as_qos_1_receiver(t):
    server = t.start("mqtt_sub", "-t", "t", "-q", "1", "-C", "2")
    server.accept()
    server.answer_subscribe()
    for payload in (b"one", b"two"):
        server.send_publish("t", payload, 1, 10, dup=payload == b"two")
        server.expect("PUBACK", packet_id=10)
    server.expect("UNSUBSCRIBE")
    server.close()
    equal(t.output()[1], b"one\ntwo\n")


@statement(v311="4.3.3-1", v5="4.3.3-1 4.3.3-2 4.3.3-4 4.3.3-6")
def qos_2_sender(t):
    subscriber, publisher = t.subscribed(2), t.publisher()
    messages = []
    for number in range(10):
        publisher.publish(t.topic(), b"%d" % number, 2)
        messages.append(subscriber.expect("PUBLISH", payload=b"%d" % number, qos=2, dup=False))
    equal(len({message.packet_id for message in messages} - {0}), 10)
    for message in messages:
        for _ in range(2):  # a PUBREC that comes again is answered again
            subscriber.acknowledge("PUBREC", message.packet_id)
            subscriber.expect("PUBREL", packet_id=message.packet_id, reason=0)
        subscriber.acknowledge("PUBCOMP", message.packet_id)
    subscriber.ping()
    equal(subscriber.waiting, [])


@statement(v311="4.3.3-1", v5="4.3.3-1 4.3.3-2 4.3.3-3 4.3.3-4 4.3.3-5 4.3.3-6", where="tools")
def client_as_qos_2_sender(t):
    server = t.start("mqtt_pub", "-t", "t", "-m", "x", "-q", "2", "-k", "1")
    server.accept()
    identifier = server.expect_next("PUBLISH", qos=2, dup=False).packet_id
    server.expect_next("PINGREQ")
    server.send(packets.frame("PINGRESP"))
    server.acknowledge("PUBREC", identifier)
    server.expect_next("PUBREL", packet_id=identifier)
    server.expect_next("PINGREQ")
    server.send(packets.frame("PINGRESP"))
    server.acknowledge("PUBCOMP", identifier)
    server.expect_next("DISCONNECT")


@statement(v5="4.3.3-4", where="tools")
def client_ends_a_refused_qos_2_exchange(t):
    server = t.start("mqtt_pub", "-t", "t", "-m", "x", "-q", "2")
    server.accept()
    server.acknowledge("PUBREC", server.expect_next("PUBLISH", qos=2).packet_id, NOT_AUTHORIZED)
    server.expect_next("DISCONNECT")


@statement(v5="4.3.3-3 4.3.3-5")
def qos_2_is_unacknowledged_until_its_answers(t):
    """The one place of Receive Maximum is free after PUBCOMP."""
    subscriber, publisher = t.subscribed(2, properties_={"receive_maximum": 1}), t.publisher()
    for payload in (b"first", b"second"):
        publisher.publish(t.topic(), payload, 2)
    identifier = subscriber.expect("PUBLISH", payload=b"first").packet_id
    subscriber.ping()
    equal(subscriber.waiting, [])
    subscriber.acknowledge("PUBREC", identifier)
    subscriber.expect_next("PUBREL", packet_id=identifier)
    subscriber.ping()
    equal(subscriber.waiting, [])
    subscriber.acknowledge("PUBCOMP", identifier)
    subscriber.receive(payload=b"second")


@statement(v5="4.3.3-4")
def qos_2_ends_with_an_error_in_pubrec(t):
    subscriber, publisher = t.subscribed(2), t.publisher()
    publisher.publish(t.topic(), b"x", 2)
    subscriber.acknowledge("PUBREC", subscriber.expect("PUBLISH").packet_id, 0x80)
    subscriber.ping()
    equal(subscriber.waiting, [])


@statement(v311="4.3.3-1", v5="4.3.3-3 4.3.3-5 4.3.3-6")
def qos_2_is_continued_after_a_reconnect(t):
    """PUBLISH again before PUBREC; only PUBREL after it; nothing after PUBCOMP."""
    subscriber, publisher = t.subscriber(**t.persistent()), t.publisher()
    subscriber.subscribe(t.topic(), 2)
    publisher.publish(t.topic(), b"x", 2)
    identifier = subscriber.expect("PUBLISH", payload=b"x").packet_id
    subscriber.reset()
    subscriber = t.back(subscriber.client_id)
    subscriber.expect("PUBLISH", payload=b"x", packet_id=identifier, dup=True)
    subscriber.acknowledge("PUBREC", identifier)
    subscriber.expect("PUBREL", packet_id=identifier)
    for _ in range(2):
        subscriber.reset()
        subscriber = t.back(subscriber.client_id)
        subscriber.expect_next("PUBREL", packet_id=identifier)
    subscriber.acknowledge("PUBCOMP", identifier)
    subscriber.ping()
    subscriber.reset()
    t.nothing_else(publisher, t.back(subscriber.client_id), qos=2)


@statement(v5="4.3.3-7")
def message_that_was_sent_does_not_expire(t):
    subscriber, publisher = t.subscriber(**t.persistent()), t.publisher()
    subscriber.subscribe(t.topic(), 2)
    publisher.publish(t.topic(), b"x", 2, properties={"message_expiry_interval": 1})
    identifier = subscriber.expect("PUBLISH", payload=b"x").packet_id
    subscriber.reset()
    t.after_1500_milliseconds()
    t.back(subscriber.client_id).receive(payload=b"x", packet_id=identifier, dup=True)


@statement(v311="4.3.3-2", v5="4.3.3-8 4.3.3-10 4.3.3-11 4.3.3-12")
def qos_2_receiver(t):
    subscriber, publisher = t.subscribed(2), t.publisher()
    for payload in (b"first", b"second"):
        for dup in (False, True, True):
            publisher.send_publish(t.topic(), payload, 2, packet_id=10, dup=dup)
            publisher.expect("PUBREC", packet_id=10, reason=0)
        publisher.acknowledge("PUBREL", 10)
        publisher.expect("PUBCOMP", packet_id=10, reason=0)
        subscriber.receive(payload=payload)
    t.nothing_else(publisher, subscriber, qos=2)


@statement(v311="4.3.3-2", v5="4.3.3-8 4.3.3-10 4.3.3-11 4.3.3-12", where="tools")
def client_as_qos_2_receiver(t):
    server = t.start("mqtt_sub", "-t", "t", "-q", "2", "-C", "2")
    server.accept()
    server.answer_subscribe()
    for payload in (b"one", b"two"):
        for dup in (False, True):
            server.send_publish("t", payload, 2, 10, dup=dup)
            server.expect("PUBREC", packet_id=10)
        server.acknowledge("PUBREL", 10)
        server.expect("PUBCOMP", packet_id=10)
    server.expect("UNSUBSCRIBE")
    server.close()
    equal(t.output()[1], b"one\ntwo\n")


@statement(v311="4.3.3-2", v5="4.3.3-10")
def qos_2_receiver_remembers_over_a_reconnect(t):
    subscriber, publisher = t.subscriber(), t.publisher(**t.persistent())
    subscriber.subscribe(t.topic(), 2)
    publisher.send_publish(t.topic(), b"once", 2, packet_id=10)
    publisher.expect("PUBREC", packet_id=10)
    publisher.reset()
    publisher = t.back(publisher.client_id)
    publisher.send_publish(t.topic(), b"once", 2, packet_id=10, dup=True)
    publisher.expect("PUBREC", packet_id=10, reason=0)
    publisher.acknowledge("PUBREL", 10)
    publisher.expect("PUBCOMP", packet_id=10, reason=0)
    subscriber.receive(payload=b"once")
    t.nothing_else(publisher, subscriber, qos=2)


@statement(v5="4.3.3-9")
def identifier_is_free_after_an_error_in_pubrec(t):
    subscriber, publisher = t.subscribed(2), t.publisher()
    publisher.send_publish("$SYS/mine", b"x", 2, packet_id=10)
    publisher.expect("PUBREC", packet_id=10, reason=NOT_AUTHORIZED)
    publisher.publish(t.topic(), b"new", 2, packet_id=10)
    subscriber.receive(payload=b"new")


@statement(v5="4.3.3-13")
def exchange_goes_on_after_expiry(t):
    publisher = t.publisher()
    publisher.send_publish(t.topic(), b"x", 2, packet_id=10, properties={"message_expiry_interval": 1})
    publisher.expect("PUBREC", packet_id=10)
    t.after_1500_milliseconds()
    publisher.send_publish(t.topic(), b"x", 2, packet_id=10, dup=True, properties={"message_expiry_interval": 1})
    publisher.expect("PUBREC", packet_id=10, reason=0)
    publisher.acknowledge("PUBREL", 10)
    publisher.expect("PUBCOMP", packet_id=10, reason=0)
