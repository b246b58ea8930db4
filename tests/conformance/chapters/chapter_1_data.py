"""Chapter 1: strings, and the integers of MQTT 5."""

from framework.scenario import equal
from framework.statements import statement
from mqtt import packets
from mqtt.wire import binary, string, variable

# Overlong forms, surrogates, beyond U+10FFFF, a lone continuation, a character that is cut off.
BAD_UTF8 = [b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf4\x90\x80\x80",
            b"\xf5\x80\x80\x80", b"\x80", b"ok\xff", b"\xe2\x82"]


@statement(v311="1.5.3-1", v5="1.5.4-1")
def strings_are_well_formed(t):
    for bad in BAD_UTF8:
        client = t.publisher()
        client.send_publish(b"t/" + bad)
        client.expect_refused(0x81)
        client = t.subscriber()
        client.send(packets.subscribe(t.version, 1, [(b"t/" + bad, 0)]))
        client.expect_refused(0x81)
        client = t.open()
        client.send_connect(client_id=bad)
        client.expect_connect_refused(v5=(0x81,))


@statement(v311="1.5.3-1", v5="1.5.4-1")
def strings_of_all_lengths_of_characters_pass(t):
    topic = t.topic("ascii/\u00e9/\u20ac/\U0001f600/\ud7ff/\ue000/\U0010ffff")
    subscriber, publisher = t.subscriber(), t.publisher()
    subscriber.subscribe(topic)
    publisher.publish(topic, b"x")
    subscriber.receive(topic=topic)


@statement(v311="1.5.3-2 4.7.3-2", v5="1.5.4-2 4.7.3-2")
def no_null_character(t):
    client = t.publisher()
    client.send_publish("t/\0")
    client.expect_refused(0x81)
    client = t.subscriber()
    client.send(packets.subscribe(t.version, 1, [("t/\0", 0)]))
    client.expect_refused(0x81)
    client = t.subscriber()
    client.send(packets.unsubscribe(t.version, 1, ["t/\0"]))
    client.expect_refused(0x81)
    client = t.open()
    client.send_connect(client_id="a\0b")
    client.expect_connect_refused(v5=(0x81,))


@statement(v311="1.5.3-3", v5="1.5.4-3")
def byte_order_mark_is_a_character(t):
    plain = t.topic("mark")
    marked = "\ufeff" + plain
    subscriber, other, publisher = t.subscriber(), t.subscriber(), t.publisher()
    subscriber.subscribe(marked)
    other.subscribe(plain)
    publisher.publish(marked, b"marked")
    subscriber.receive(topic=marked, payload=b"marked")
    t.nothing_else(publisher, other)
    publisher.publish(plain, b"plain")
    other.receive(topic=plain, payload=b"plain")
    t.nothing_else(publisher, subscriber)


@statement(v5="1.5.5-1")
def integers_have_their_shortest_form(t):
    """The client of the tests fails on longer forms; here lengths and identifiers around each border come in."""
    for number, size in enumerate((0, 90, 127, 128, 16383, 16384, 2_097_151, 2_097_152)):
        topic = t.topic(f"sizes/{number}")
        subscriber, publisher = t.subscriber(), t.publisher()
        identifier = max(size, 1)
        subscriber.subscribe(topic, 1, properties={"subscription_identifier": identifier})
        user_property = [("k", "v" * min(size, 60_000))]
        publisher.publish(topic, b"x" * size, 1, properties={"user_property": user_property})
        message = subscriber.receive(topic=topic, payload=b"x" * size)
        equal(message.properties.all("subscription_identifier"), [identifier])
        equal(message.properties.all("user_property"), user_property)


@statement(v5="1.5.5-1")
def integers_of_five_bytes_are_malformed(t):
    client = t.publisher()
    client.send(b"\x30\xff\xff\xff\xff\x01")
    client.expect_refused(0x81)
    client = t.publisher()
    client.send(packets.frame("PUBLISH", string("t") + b"\xff\xff\xff\xff\x01" + b"x" * 200, 0))
    client.expect_refused(0x81)


@statement(v5="1.5.5-1")
def integers_that_are_longer_than_they_need(t):
    """As Remaining Length, Property Length and Subscription Identifier."""
    longer = [b"\xc0\x80\x00", b"\x30\x87\x00" + string("t") + b"\0abc",
              packets.frame("PUBLISH", string("t") + b"\x80\x00" + b"x", 0),
              packets.frame("SUBSCRIBE", b"\0\1" + b"\x03\x0b\x81\x00" + string("t") + b"\0")]
    for packet in longer:
        client = t.publisher()
        client.send(packet)
        client.expect_refused(0x81)


@statement(v5="1.5.7-1")
def both_strings_of_a_pair_are_valid(t):
    for pair in (b"\x26" + binary(b"\xff") + string("value"), b"\x26" + string("name") + binary(b"\xed\xa0\x80"),
                 b"\x26" + string("na\0me") + string("value")):
        client = t.publisher()
        client.send(packets.frame("PUBLISH", string(t.topic()) + variable(len(pair)) + pair, 0))
        client.expect_refused(0x81)
        client = t.subscriber()
        client.send(packets.frame("SUBSCRIBE", b"\0\1" + variable(len(pair)) + pair + string("t") + b"\0"))
        client.expect_refused(0x81)
