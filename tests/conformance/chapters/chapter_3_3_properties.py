"""Chapter 3.3: the properties of PUBLISH, Subscription Identifiers and Receive Maximum (MQTT 5)."""

from framework.scenario import equal
from framework.statements import statement
from mqtt import packets


def passes_unchanged(t, given):
    """To live subscribers of each QoS, and to later ones as a retained message."""
    publisher, subscriber, topic = t.publisher(), t.subscriber(), t.topic(t.new_id())
    subscriber.subscribe(topic, 2)
    for qos in (0, 1, 2):
        publisher.publish(topic, b"text", qos, properties=given, retain=True)
        equal(list(subscriber.receive(topic=topic, payload=b"text").properties), given)
    later = t.another()
    later.subscribe(topic, 2)
    equal(list(later.receive(topic=topic, retain=True).properties), given)


@statement(v5="3.3.2-4")
def payload_format_indicator(t):
    for value in (0, 1):
        passes_unchanged(t, [("payload_format_indicator", value)])
    client = t.publisher()
    client.send_publish(t.topic(), b"x", properties=[("payload_format_indicator", 2)])
    client.expect_refused(0x81, 0x82)


@statement(v5="3.3.2-5")
def expired_message_is_not_delivered(t):
    """B waits behind A for the one place of Receive Maximum, and expires there."""
    publisher, subscriber = t.publisher(), t.subscriber(properties_={"receive_maximum": 1})
    subscriber.subscribe(t.topic(), 1)
    for payload, seconds in ((b"A", 60), (b"B", 1), (b"C", 60)):
        publisher.publish(t.topic(), payload, 1, properties={"message_expiry_interval": seconds})
    first = subscriber.expect("PUBLISH", payload=b"A")
    t.after_1500_milliseconds()
    subscriber.acknowledge("PUBACK", first.packet_id)
    subscriber.receive(payload=b"C")


@statement(v5="3.3.2-5")
def expired_retained_message_is_not_delivered(t):
    publisher, subscriber = t.publisher(), t.subscriber()
    publisher.publish(t.topic(), b"short", 1, retain=True, properties={"message_expiry_interval": 1})
    t.after_1500_milliseconds()
    subscriber.subscribe(t.topic(), 1)
    t.nothing_else(publisher, subscriber, qos=1)


@statement(v5="3.3.2-5")
def expired_stored_message_is_not_delivered(t):
    publisher, subscriber = t.publisher(), t.subscriber(**t.persistent())
    subscriber.subscribe(t.topic(), 1)
    subscriber.disconnect()
    t.after_1500_milliseconds()  # its home knows: what was under way before is sent again, however old
    for payload, seconds in ((b"short", 1), (b"long", 60)):
        publisher.publish(t.topic(), payload, 1, properties={"message_expiry_interval": seconds})
    t.after_1500_milliseconds()
    t.back(subscriber.client_id).receive(payload=b"long")


@statement(v5="3.3.2-6")
def expiry_interval_is_what_is_left(t):
    publisher, subscriber = t.publisher(), t.subscriber(properties_={"receive_maximum": 1})
    subscriber.subscribe(t.topic(), 1)
    interval = {"message_expiry_interval": 100}
    publisher.publish(t.topic(), b"at once", 1, properties=interval)
    publisher.publish(t.topic(), b"waits", 1, properties=interval)
    first = subscriber.expect("PUBLISH", payload=b"at once")
    assert 99 <= first.properties.get("message_expiry_interval") <= 100, first
    t.after_1500_milliseconds()
    subscriber.acknowledge("PUBACK", first.packet_id)
    left = subscriber.receive(payload=b"waits").properties.get("message_expiry_interval")
    assert 90 <= left <= 99, left


@statement(v5="3.3.2-6")
def expiry_interval_of_a_retained_message(t):
    publisher, subscriber = t.publisher(), t.subscriber()
    publisher.publish(t.topic(), b"kept", 1, retain=True, properties={"message_expiry_interval": 100})
    t.after_1500_milliseconds()
    subscriber.subscribe(t.topic(), 1)
    left = subscriber.receive(payload=b"kept", retain=True).properties.get("message_expiry_interval")
    assert 90 <= left <= 99, left


@statement(v5="3.3.2-5 3.3.2-6")
def expiry_interval_of_0_waits_for_nobody(t):
    """Who is there gets the message, with an interval of 0; who is away or comes later does not."""
    publisher, present, away = t.publisher(), t.subscriber(), t.subscriber(**t.persistent())
    for subscriber in present, away:
        subscriber.subscribe(t.topic(), 2)
    publisher.publish(t.topic(), b"was kept", 1, retain=True)
    for subscriber in present, away:
        subscriber.receive(payload=b"was kept")
    away.disconnect()
    for qos in (0, 1, 2):
        publisher.publish(t.topic(), b"now", qos, retain=True, properties={"message_expiry_interval": 0})
        equal(present.receive(payload=b"now", qos=qos).properties.get("message_expiry_interval"), 0)
    later = t.another()
    later.subscribe(t.topic(), 2)
    back = t.back(away.client_id)
    t.nothing_else(publisher, later, back, qos=1)


@statement(v5="3.3.2-7")
def topic_alias_ends_with_the_connection(t):
    publisher = t.publisher(**t.persistent())
    publisher.publish(t.topic(), b"x", 1, properties={"topic_alias": 1})
    publisher.publish("", b"x", 1, properties={"topic_alias": 1})
    publisher.disconnect()
    publisher = t.publisher(client_id=publisher.client_id, **t.persistent())
    publisher.send_publish("", b"x", 1, properties={"topic_alias": 1})
    publisher.expect_refused(0x82)


@statement(v5="3.3.2-8")
def topic_alias_0(t):
    client = t.publisher()
    client.send_publish(t.topic(), b"x", properties={"topic_alias": 0})
    client.expect_refused(0x94)


@statement(v5="3.3.2-9")
def topic_alias_above_the_maximum(t):
    for above in (1, 65_535):
        client = t.publisher()
        maximum = client.connack.properties.get("topic_alias_maximum", 0)
        client.send_publish(t.topic(), b"x", properties={"topic_alias": min(maximum + above, 65_535)})
        client.expect_refused(0x94)


@statement(v5="3.3.2-10 3.3.2-11", where="tools")
def client_without_topic_aliases(t):
    """mqtt_sub allows none, so each is one too many."""
    server = t.start("mqtt_sub", "-t", "t")
    equal(server.accept().properties.get("topic_alias_maximum", 0), 0)
    server.answer_subscribe()
    server.send_publish("t", b"x", properties={"topic_alias": 1})
    server.expect("DISCONNECT", reason=0x94)


@statement(v5="3.3.2-12")
def every_topic_alias_up_to_the_maximum(t):
    publisher, subscriber = t.publisher(), t.subscriber()
    maximum = publisher.connack.properties.get("topic_alias_maximum")
    assert maximum > 0
    subscriber.subscribe(t.topic("+"), 1)
    for alias in range(1, maximum + 1):
        publisher.publish(t.topic(alias), b"set", 1, properties={"topic_alias": alias})
    for alias in range(1, maximum + 1):
        publisher.publish("", b"used", 1, properties={"topic_alias": alias})
    publisher.publish(t.topic("anew"), b"set", 1, properties={"topic_alias": 1})
    publisher.publish("", b"used", 1, properties={"topic_alias": 1})
    names = [str(alias) for alias in range(1, maximum + 1)]
    for payload, topics in ((b"set", names), (b"used", names), (b"set", ["anew"]), (b"used", ["anew"])):
        for name in topics:
            subscriber.receive(topic=t.topic(name), payload=payload)


@statement(v5="3.3.2-13 3.3.2-14")
def response_topic_is_a_topic_name(t):
    for topic in (b"\xff", b"a\0b", "a/#", "+"):
        client = t.publisher()
        client.send_publish(t.topic(), b"x", properties={"response_topic": topic})
        client.expect_refused(0x81, *((0x82, 0x90) if isinstance(topic, str) else ()))


@statement(v5="3.3.2-15")
def response_topic_is_passed_on(t):
    passes_unchanged(t, [("response_topic", "answers/\u20ac")])


@statement(v5="3.3.2-16")
def correlation_data_is_passed_on(t):
    passes_unchanged(t, [("correlation_data", bytes(range(256)))])
    passes_unchanged(t, [("correlation_data", b"")])


@statement(v5="3.3.2-17 3.3.2-18")
def user_properties_are_passed_on_in_order(t):
    pairs = [("z", "1"), ("a", "2"), ("z", "1"), ("", ""), ("\u20ac", "x" * 1000), ("a", "1")]
    passes_unchanged(t, [("user_property", pair) for pair in pairs])


@statement(v5="3.3.2-19")
def content_type_is_utf8(t):
    for text in (b"\xc0\x80", b"a\0b"):
        client = t.publisher()
        client.send_publish(t.topic(), b"x", properties={"content_type": text})
        client.expect_refused(0x81)


@statement(v5="3.3.2-20")
def content_type_is_passed_on(t):
    passes_unchanged(t, [("content_type", "text/plain; \u00e9")])


@statement(v5="3.3.4-3 3.3.4-4")
def subscription_identifiers(t):
    publisher, subscriber = t.publisher(), t.subscriber()
    for identifier, name in ((1, "a/b"), (268_435_455, "a/+"), (3, "c")):
        subscriber.subscribe(t.topic(name), 1, properties={"subscription_identifier": identifier})
    subscriber.subscribe(t.topic("a/#"), 1)
    for name, wanted in (("a/b", [1, 268_435_455]), ("a/x", [268_435_455]), ("a", []), ("c", [3])):
        publisher.publish(t.topic(name), b"x", 1)
        message = subscriber.receive(topic=t.topic(name))
        equal(sorted(message.properties.all("subscription_identifier")), wanted)
    t.nothing_else(publisher, subscriber, qos=1)


@statement(v5="3.3.4-3")
def subscription_identifier_of_a_retained_message(t):
    publisher, subscriber = t.publisher(), t.subscriber()
    publisher.publish(t.topic(), b"kept", 1, retain=True)
    subscriber.subscribe(t.topic(), 1, properties={"subscription_identifier": 7})
    equal(subscriber.receive(payload=b"kept").properties.all("subscription_identifier"), [7])


@statement(v5="3.3.4-3")
def subscription_identifier_is_replaced_with_the_subscription(t):
    publisher, subscriber = t.publisher(), t.subscriber()
    for given, wanted in (({"subscription_identifier": 1}, [1]), ({"subscription_identifier": 2}, [2]), ({}, [])):
        subscriber.subscribe(t.topic(), 1, properties=given)
        publisher.publish(t.topic(), b"x", 1)
        equal(subscriber.receive(topic=t.topic()).properties.all("subscription_identifier"), wanted)


@statement(v5="3.3.4-6")
def subscription_identifier_from_a_client(t):
    client = t.publisher()
    client.send_publish(t.topic(), b"x", properties={"subscription_identifier": 1})
    client.expect_refused(0x82)


@statement(v5="3.3.4-7")
def client_above_receive_maximum(t):
    """QoS 2 without PUBREL: each one counts until it is released."""
    client = t.publisher()
    maximum = client.connack.properties.get("receive_maximum", 65_535)
    for identifier in range(1, maximum + 1):
        client.send_publish(t.topic(), b"x", 2, packet_id=identifier)
    for identifier in range(1, maximum + 1):
        client.expect("PUBREC", packet_id=identifier)
    client.acknowledge("PUBREL", 1)
    client.expect("PUBCOMP", packet_id=1)
    client.send_publish(t.topic(), b"x", 2, packet_id=1)
    client.expect("PUBREC", packet_id=1)
    client.send_publish(t.topic(), b"x", 2, packet_id=maximum + 1)
    client.expect_refused(0x93)


@statement(v5="3.3.4-7 4.9.0-1 4.9.0-2", where="tools")
def client_keeps_to_receive_maximum(t):
    server = t.start("mqtt_pub", "-t", "t", "-l", "-q", "1", "-k", "1", text=b"1\n2\n3\n4\n")
    server.accept(properties={"receive_maximum": 2})
    first = server.expect("PUBLISH", payload=b"1")
    server.expect("PUBLISH", payload=b"2")
    server.expect_next("PINGREQ")  # a second later: the third message waits
    server.send(packets.frame("PINGRESP"))
    server.acknowledge("PUBACK", first.packet_id)
    server.expect_next("PUBLISH", payload=b"3")
    server.expect_next("PINGREQ")


@statement(v5="3.3.4-8 4.9.0-3", where="tools")
def client_at_receive_maximum_delays_publish_alone(t):
    server = t.start("mqtt_pub", "-t", "t", "-l", "-q", "2", "-k", "1", text=b"1\n2\n")
    server.accept(properties={"receive_maximum": 1})
    first = server.expect("PUBLISH", payload=b"1")
    server.acknowledge("PUBREC", first.packet_id)
    server.expect_next("PUBREL", packet_id=first.packet_id)
    server.expect_next("PINGREQ")
    server.send(packets.frame("PINGRESP"))
    server.acknowledge("PUBCOMP", first.packet_id)
    server.expect_next("PUBLISH", payload=b"2")


@statement(v5="3.3.4-9 4.9.0-1 4.9.0-2")
def broker_keeps_to_receive_maximum(t):
    """All messages are with the subscriber's broker when the publisher has its acknowledgements; what it sends before
    PINGRESP is all that it may."""
    for qos in (1, 2):
        publisher, subscriber = t.publisher(), t.subscriber(properties_={"receive_maximum": 3})
        subscriber.subscribe(t.topic(qos), qos)
        for number in range(8):
            publisher.publish(t.topic(qos), b"%d" % number, qos)
        subscriber.ping()
        equal([packet.payload for packet in subscriber.waiting], [b"0", b"1", b"2"])
        for number in range(8):
            subscriber.receive(payload=b"%d" % number)


@statement(v5="3.3.4-10 4.9.0-3")
def broker_at_receive_maximum_delays_publish_alone(t):
    publisher, subscriber = t.publisher(), t.subscriber(properties_={"receive_maximum": 1})
    subscriber.subscribe(t.topic(), 2)
    publisher.publish(t.topic(), b"first", 2)
    publisher.publish(t.topic(), b"second", 2)
    first = subscriber.expect("PUBLISH", payload=b"first")
    subscriber.acknowledge("PUBREC", first.packet_id)
    subscriber.expect_next("PUBREL", packet_id=first.packet_id)
    subscriber.subscribe(t.topic("more"), 1)
    subscriber.publish(t.topic("own"), b"x", 2)
    subscriber.unsubscribe(t.topic("more"))
    subscriber.ping()
    equal(subscriber.waiting, [])
    subscriber.acknowledge("PUBCOMP", first.packet_id)
    subscriber.receive(payload=b"second")
