"""Chapters 4.1, 4.2, 4.4 and 4.5: session state, the transport, sending again, storing for all who subscribed."""

from framework.scenario import equal
from framework.statements import statement
from mqtt import packets


@statement(v311="4.1.0-1", v5="3.1.2-23")
def session_keeps_all_of_its_state(t):
    """Subscriptions with their options, what waits, what is unacknowledged, what was received and not yet released."""
    subscriber, publisher = t.subscriber(**t.persistent()), t.publisher()
    for name in ("a", "b/+"):
        subscriber.subscribe(t.topic(name), 2)
    publisher.publish(t.topic("a"), b"unacknowledged", 1)
    unacknowledged = subscriber.expect("PUBLISH", payload=b"unacknowledged")
    subscriber.send_publish(t.topic("b/1"), b"not released", 2, packet_id=77)
    subscriber.expect("PUBREC", packet_id=77)
    not_released = subscriber.expect("PUBLISH", payload=b"not released")
    subscriber.reset()
    publisher.publish(t.topic("b/2"), b"waits", 2)
    subscriber = t.back(subscriber.client_id)
    equal(subscriber.receive(payload=b"unacknowledged", dup=True).packet_id, unacknowledged.packet_id)
    equal(subscriber.receive(payload=b"not released", dup=True).packet_id, not_released.packet_id)
    subscriber.receive(payload=b"waits", qos=2)
    subscriber.send_publish(t.topic("b/1"), b"not released", 2, packet_id=77, dup=True)
    subscriber.expect("PUBREC", packet_id=77)
    subscriber.acknowledge("PUBREL", 77)
    subscriber.expect("PUBCOMP", packet_id=77, reason=0)
    t.nothing_else(publisher, subscriber, qos=2)


@statement(v5="3.1.2-23")
def session_keeps_subscription_options(t):
    subscriber, publisher = t.subscriber(**t.persistent()), t.publisher()
    subscriber.subscribe(t.topic(), 1, {"subscription_identifier": 9}, no_local=True, retain_as_published=True)
    subscriber.disconnect()
    subscriber = t.back(subscriber.client_id)
    subscriber.publish(t.topic(), b"own", 1)
    publisher.publish(t.topic(), b"other", 1, retain=True)
    message = subscriber.receive(payload=b"other", retain=True)
    equal(message.properties.all("subscription_identifier"), [9])


@statement(v5="3.1.2-23")
def disconnect_may_change_session_expiry(t):
    """0 in DISCONNECT ends a session that was to stay."""
    client, neighbour = t.publisher(**t.persistent()), t.publisher(**t.persistent())
    client.disconnect(properties={"session_expiry_interval": 0})
    neighbour.disconnect(properties={"session_expiry_interval": 100})
    t.back(neighbour.client_id)
    assert not t.publisher(client_id=client.client_id, **t.persistent()).connack.session_present


@statement(v311="4.1.0-2", v5="4.1.0-1")
def session_lasts_as_long_as_its_connection(t):
    """Also one that ends with it: what was subscribed and is under way at the start is still so later."""
    subscriber, publisher = t.subscribed(2), t.publisher()
    publisher.publish(t.topic(), b"first", 2)
    first = subscriber.expect("PUBLISH", payload=b"first")
    t.after_1500_milliseconds()
    subscriber.acknowledge("PUBREC", first.packet_id)
    subscriber.expect("PUBREL", packet_id=first.packet_id, reason=0)
    subscriber.acknowledge("PUBCOMP", first.packet_id)
    publisher.publish(t.topic(), b"later", 2)
    subscriber.receive(payload=b"later", qos=2)


@statement(v5="4.1.0-1")
def session_does_not_expire_while_connected(t):
    subscriber, publisher = t.subscriber(**t.persistent(expiry_seconds=1)), t.publisher()
    subscriber.subscribe(t.topic(), 1)
    t.after_1500_milliseconds()
    publisher.publish(t.topic(), b"x", 1)
    subscriber.receive(payload=b"x")


@statement(v5="4.1.0-2")
def session_is_discarded_when_it_has_expired(t):
    client, neighbour = t.publisher(**t.persistent(expiry_seconds=1)), t.publisher(**t.persistent(expiry_seconds=600))
    client.disconnect()
    neighbour.disconnect()
    t.after_1500_milliseconds()
    t.back(neighbour.client_id)
    assert not t.another(client_id=client.client_id, **t.persistent()).connack.session_present


@statement(v5="4.1.0-2")
def session_without_expiry_ends_with_its_connection(t):
    client = t.publisher(clean=False)
    client.disconnect()
    assert not t.another(client_id=client.client_id, **t.persistent()).connack.session_present


@statement(v311="7.1.1-1", v5="4.2.0-1")
def transport_is_ordered_and_without_loss(t):
    """A packet that arrives in pieces, several that arrive as one, and a payload of a megabyte."""
    client = t.open()
    for byte in packets.connect(t.version, client.client_id) + packets.pingreq():
        client.send(bytes([byte]))
    client.expect_next("CONNACK", reason=0)
    client.expect_next("PINGRESP")
    subscriber = t.subscribed(1)
    payload = bytes(range(256)) * 4096
    client.send(packets.publish(t.version, t.topic(), payload, 1, 1), packets.publish(t.version, t.topic(), b"2", 1, 2),
                packets.pingreq())
    subscriber.receive(payload=payload)
    subscriber.receive(payload=b"2")


@statement(v311="7.1.2-1", v5="4.2.0-1", where="tools")
def clients_transport_is_ordered_and_without_loss(t):
    lines = b"".join(b"%06d\n" % number for number in range(5000))
    server = t.start("mqtt_pub", "-t", "t", "-s", text=lines)
    server.accept()
    server.expect("PUBLISH", payload=lines)


@statement(v311="7.0.0-2")
def nothing_beyond_the_standard_is_needed(t):
    """The least that the standard asks for: CONNECT without anything optional, and one exchange."""
    subscriber, publisher = t.subscriber(keep_alive=0), t.publisher(keep_alive=0)
    subscriber.subscribe(t.topic(), 0)
    publisher.publish(t.topic(), b"x")
    subscriber.receive(payload=b"x")


@statement(v311="4.4.0-1 2.3.1-4", v5="4.4.0-1 2.2.1-4")
def unacknowledged_messages_are_sent_again(t):
    """PUBLISH of QoS 1 and 2 with DUP and its identifier, PUBREL where PUBREC came; then what waited."""
    subscriber, publisher = t.subscriber(**t.persistent()), t.publisher()
    subscriber.subscribe(t.topic(), 2)
    for payload, qos in ((b"one", 1), (b"two", 2), (b"released", 2), (b"done", 1)):
        publisher.publish(t.topic(), payload, qos)
    sent = {}
    for payload in (b"one", b"two", b"released", b"done"):
        sent[payload] = subscriber.expect("PUBLISH", payload=payload, dup=False).packet_id
    subscriber.acknowledge("PUBREC", sent[b"released"])
    subscriber.expect("PUBREL", packet_id=sent[b"released"])
    subscriber.acknowledge("PUBACK", sent[b"done"])
    subscriber.ping()
    subscriber.reset()
    publisher.publish(t.topic(), b"meanwhile", 1)
    subscriber = t.back(subscriber.client_id)
    subscriber.receive(payload=b"one", dup=True, qos=1, packet_id=sent[b"one"])
    subscriber.expect("PUBLISH", payload=b"two", dup=True, qos=2, packet_id=sent[b"two"])
    subscriber.expect("PUBREL", packet_id=sent[b"released"], reason=0)
    subscriber.receive(payload=b"meanwhile")
    subscriber.acknowledge("PUBREC", sent[b"two"])
    subscriber.expect("PUBREL", packet_id=sent[b"two"], reason=0)
    for payload in (b"two", b"released"):
        subscriber.acknowledge("PUBCOMP", sent[payload])
    t.nothing_else(publisher, subscriber, qos=2)


@statement(v5="4.4.0-1")
def nothing_is_sent_again_within_a_connection(t):
    subscriber, publisher = t.subscribed(1), t.publisher()
    publisher.publish(t.topic(), b"x", 1)
    message = subscriber.expect("PUBLISH")
    t.after_1500_milliseconds()
    subscriber.ping()
    equal(subscriber.waiting, [])
    subscriber.acknowledge("PUBACK", message.packet_id)


@statement(v5="4.4.0-2")
def refused_messages_are_not_sent_again(t):
    subscriber, publisher = t.subscriber(**t.persistent()), t.publisher()
    subscriber.subscribe(t.topic(), 2)
    for qos, answer in ((1, "PUBACK"), (2, "PUBREC")):
        publisher.publish(t.topic(), b"x", qos)
        subscriber.acknowledge(answer, subscriber.expect("PUBLISH", qos=qos).packet_id, 0x83)
    subscriber.ping()
    subscriber.reset()
    subscriber = t.back(subscriber.client_id)
    t.nothing_else(publisher, subscriber, qos=2)


@statement(v5="4.4.0-2")
def refused_messages_free_their_place(t):
    subscriber, publisher = t.subscribed(2, properties_={"receive_maximum": 1}), t.publisher()
    for qos in (1, 2, 1):
        publisher.publish(t.topic(), b"%d" % qos, qos)
    for qos, answer in ((1, "PUBACK"), (2, "PUBREC"), (1, "PUBACK")):
        message = subscriber.expect("PUBLISH", payload=b"%d" % qos, qos=qos)
        subscriber.acknowledge(answer, message.packet_id, 0x80)
    subscriber.ping()
    equal(subscriber.waiting, [])


@statement(v311="4.5.0-1", v5="4.5.0-1")
def message_goes_to_all_who_subscribed(t):
    subscribers = [t.subscriber(), t.another(), t.publisher()]
    for subscriber, text in zip(subscribers, ("a/b", "a/+", "#")):
        subscriber.subscribe(t.topic(text), 2)
    stranger, publisher = t.subscriber(), t.publisher()
    stranger.subscribe(t.topic("other"), 2)
    for qos in (0, 1, 2):
        publisher.publish(t.topic("a/b"), b"%d" % qos, qos)
        for subscriber in subscribers:
            subscriber.receive(topic=t.topic("a/b"), payload=b"%d" % qos, qos=qos)
    t.nothing_else(publisher, stranger, qos=2)


@statement(v311="4.5.0-1", v5="4.5.0-1")
def message_goes_to_absent_clients_too(t):
    away, publisher = t.subscriber(**t.persistent()), t.publisher()
    away.subscribe(t.topic(), 1)
    away.reset()
    publisher.publish(t.topic(), b"x", 1)
    t.back(away.client_id).receive(payload=b"x")


@statement(v311="4.5.0-2", v5="4.5.0-2", where="tools")
def client_acknowledges_what_it_did_not_ask_for(t):
    server = t.start("mqtt_sub", "-t", "t", "-q", "0")
    server.accept()
    server.answer_subscribe()
    server.send_publish("never/subscribed", b"x", 1, 1)
    server.expect("PUBACK", packet_id=1)
    server.send_publish("never/subscribed", b"x", 2, 2)
    server.expect("PUBREC", packet_id=2)
    server.send_publish("never/subscribed", b"x", 2, 2, dup=True)
    server.expect("PUBREC", packet_id=2)
    server.acknowledge("PUBREL", 2)
    server.expect("PUBCOMP", packet_id=2)
