"""Chapters 3.8 and 3.9: SUBSCRIBE and SUBACK."""

from framework.scenario import equal
from framework.statements import statement
from mqtt import packets


@statement(v311="3.8.1-1", v5="3.8.1-1")
def flags_of_subscribe(t):
    for flags in (0, 1, 3, 6, 10, 15):
        client = t.subscriber()
        client.send(packets.subscribe(t.version, 1, [("t", 0)], flags=flags))
        client.expect_refused(0x81)


@statement(v311="3.8.3-1", v5="3.8.3-1")
def filters_are_utf8(t):
    for text in (b"\xff", b"a/\xed\xa0\x80/+", b"a\0"):
        client = t.subscriber()
        client.send(packets.subscribe(t.version, 1, [("good", 0), (text, 0)]))
        client.expect_refused(0x81)


@statement(v311="3.8.3-2")
def wildcards_are_supported(t):
    """A broker that accepts them has to match by them."""
    subscriber, publisher = t.subscriber(), t.publisher()
    for text in (t.topic("+/x"), t.topic("y/#")):
        subscriber.subscribe(text, 1)
    for name in ("a/x", "y/a/b"):
        publisher.publish(t.topic(name), b"x", 1)
        subscriber.receive(topic=t.topic(name))


@statement(v311="3.8.3-3", v5="3.8.3-2")
def at_least_one_filter(t):
    client = t.subscriber()
    client.send(packets.subscribe(t.version, 1, []))
    client.expect_refused(0x81, 0x82)


@statement(v5="3.8.3-3")
def no_local(t):
    client, other = t.subscriber(), t.publisher()
    client.subscribe(t.topic(), 2, no_local=True)
    for qos in (0, 1, 2):
        client.publish(t.topic(), b"own", qos)
        other.publish(t.topic(), b"other", qos)
        client.receive(payload=b"other")
    client.subscribe(t.topic(), 1)
    client.publish(t.topic(), b"own again", 1)
    client.receive(payload=b"own again")


@statement(v5="3.8.3-3")
def no_local_and_the_clients_own_will(t):
    will = {"topic": t.topic(), "payload": b"own will", "qos": 1}
    client = t.subscriber(will=will, **t.persistent())
    client.subscribe(t.topic(), 1, no_local=True)
    other = t.subscribed(1)
    client.close()
    other.receive(payload=b"own will")
    other.publish(t.topic(), b"other", 1)
    client = t.back(client.client_id)
    client.receive(payload=b"other")


@statement(v5="3.8.3-4")
def no_local_on_a_shared_subscription(t):
    client = t.subscriber()
    client.send(packets.subscribe(t.version, 1, [("$share/group/t", packets.options(no_local=True))]))
    client.expect_refused(0x81, 0x82)


@statement(v311="3.8.3-4", v5="3.8.3-5")
def reserved_bits_of_the_options(t):
    # v5: bits 6 and 7, QoS 3, Retain Handling 3. v3.1.1: all but the two of QoS.
    for bits in ((0x40, 0x80, 0x03, 0x30) if t.v5 else (0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x03)):
        client = t.subscriber()
        client.send(packets.subscribe(t.version, 1, [("t", bits)]))
        client.expect_refused(0x81, 0x82)


@statement(v311="3.8.4-1 3.8.4-2", v5="3.8.4-1 3.8.4-2")
def suback_answers_subscribe(t):
    client = t.subscriber()
    for identifier in (1, 300, 65_535):
        client.send(packets.subscribe(t.version, identifier, [(t.topic(), 0)]))
        client.expect_next("SUBACK", packet_id=identifier)


@statement(v311="3.8.4-3", v5="3.8.4-3")
def same_filter_replaces_the_subscription(t):
    subscriber, publisher = t.subscriber(), t.publisher()
    for qos in (1, 0, 2):
        subscriber.subscribe(t.topic("+"), qos)
        publisher.publish(t.topic("a"), b"x", 2)
        subscriber.receive(topic=t.topic("a"), qos=qos)
    t.nothing_else(publisher, subscriber, qos=2)
    subscriber.unsubscribe(t.topic("+"))
    publisher.publish(t.topic("a"), b"x", 2)
    t.nothing_else(publisher, subscriber, qos=2)


@statement(v311="3.8.4-3", v5="3.8.4-4")
def replacing_sends_retained_messages_again(t):
    subscriber, publisher = t.subscriber(), t.publisher()
    publisher.publish(t.topic(), b"kept", 1, retain=True)
    for _ in range(3):
        subscriber.subscribe(t.topic(), 1)
        subscriber.receive(topic=t.topic(), payload=b"kept", retain=True)


@statement(v311="3.8.4-3", v5="3.8.4-4")
def replacing_interrupts_nothing(t):
    subscriber, publisher = t.subscribed(1), t.publisher()
    for number in range(30):
        publisher.send_publish(t.topic(), b"%d" % number, 1)
        subscriber.send(packets.subscribe(t.version, number + 1, [(t.topic(), 1)]))
    for number in range(30):
        subscriber.expect("SUBACK", packet_id=number + 1)
        publisher.expect("PUBACK")
        subscriber.receive(topic=t.topic(), payload=b"%d" % number)
    t.nothing_else(publisher, subscriber, qos=1)


@statement(v311="3.8.4-4 3.8.4-5 3.9.3-1", v5="3.8.4-5 3.8.4-6 3.9.3-1 3.8.4-7")
def several_filters_in_one_packet(t):
    subscriber, publisher = t.subscriber(), t.publisher()
    asked = [(t.topic("a"), 2), (t.topic("bad/#/x"), 1), (t.topic("b"), 0), (t.topic("c"), 1), (t.topic("a"), 1)]
    subscriber.send(packets.subscribe(t.version, 9, asked))
    subscriber.expect_next("SUBACK", packet_id=9, reasons=[2, 0x8F if t.v5 else 0x80, 0, 1, 1])
    for name, qos in (("a", 1), ("b", 0), ("c", 1)):
        publisher.publish(t.topic(name), b"x", 2)
        subscriber.receive(topic=t.topic(name), qos=qos)
    t.nothing_else(publisher, subscriber, qos=2)


@statement(v311="3.8.4-6", v5="3.8.4-7 3.8.4-8")
def delivery_at_the_lower_qos(t):
    publisher = t.publisher()
    for granted in (0, 1, 2):
        subscriber = t.subscriber()
        subscriber.subscribe(t.topic(), granted)
        for sent in (0, 1, 2):
            publisher.publish(t.topic(), b"%d" % sent, sent)
        # Of different QoS, so not necessarily in order.
        found = {message.payload: message.qos for message in (subscriber.receive(), subscriber.receive(),
                                                              subscriber.receive())}
        equal(found, {b"%d" % sent: min(sent, granted) for sent in (0, 1, 2)})


@statement(v311="3.8.4-6", v5="3.8.4-8")
def retained_message_at_the_lower_qos(t):
    publisher = t.publisher()
    for sent in (1, 2):
        publisher.publish(t.topic(sent), b"kept", sent, retain=True)
        for granted in (0, 1, 2):
            subscriber = t.subscriber()
            subscriber.subscribe(t.topic(sent), granted)
            subscriber.receive(topic=t.topic(sent), qos=min(sent, granted), retain=True)


@statement(v5="3.9.2-1 3.9.2-2 3.11.2-1 3.11.2-2")
def answers_to_subscribe_fit_the_client(t):
    size = t.publisher().seen[0].size
    client = t.subscriber(properties_={"maximum_packet_size": size, "request_problem_information": 1})
    client.send(packets.subscribe(t.version, 1, [("a/#/b", 0)]))
    client.expect("SUBACK", reasons=[0x8F])
    client.send(packets.unsubscribe(t.version, 2, ["never"]))
    client.expect("UNSUBACK", reasons=[0x11])
    assert all(packet.size <= size for packet in client.seen), client.seen


@statement(v311="3.9.3-2", v5="3.9.3-2")
def reason_codes_of_suback(t):
    """The client of the tests fails on a code that is not in the table."""
    client = t.subscriber()
    for text, refused in (("a/#/b", 0x8F), ("a+", 0x8F), ("#/a", 0x8F), ("/".join("a" * 5000), 0x8F)):
        client.send(packets.subscribe(t.version, 1, [(text, 1), (t.topic(), 1)]))
        client.expect("SUBACK", reasons=[refused if t.v5 else 0x80, 1])


@statement(v5="3.8.3-5")
def wrong_properties_of_subscribe(t):
    for given in ([("subscription_identifier", 0)], [("subscription_identifier", 1), ("subscription_identifier", 2)],
                  [("topic_alias", 1)]):
        client = t.subscriber()
        client.send(packets.subscribe(t.version, 1, [("t", 0)], given))
        client.expect_refused(0x81, 0x82)
