"""Chapter 3.2: CONNACK, and what a client does with it."""

from framework.scenario import equal
from framework.statements import statement
from mqtt import packets


@statement(v311="3.2.0-1", v5="3.2.0-1")
def connack_comes_first(t):
    """Also when the client sends on without waiting, which it may."""
    client = t.open()
    client.send(packets.connect(t.version, client.client_id), packets.subscribe(t.version, 1, [(t.topic(), 1)]),
                packets.publish(t.version, t.topic(), b"x", 1, 2), packets.pingreq())
    client.expect_next("CONNACK", reason=0)
    client.expect("SUBACK")
    client.expect("PUBACK")
    client.expect("PINGRESP")


@statement(v311="3.2.0-1", v5="3.2.0-1")
def connack_comes_before_stored_messages(t):
    subscriber, publisher = t.subscriber(**t.persistent()), t.publisher()
    subscriber.subscribe(t.topic(), 1)
    subscriber.reset()
    publisher.publish(t.topic(), b"x", 1)
    t.back(subscriber.client_id).receive(topic=t.topic())


@statement(v5="3.2.0-2")
def one_connack(t):
    client = t.subscriber()
    client.subscribe(t.topic(), 2)
    client.publish(t.topic(), b"x", 2)
    client.receive(topic=t.topic())
    client.ping()
    client.disconnect()
    equal([packet.name for packet in client.seen].count("CONNACK"), 1)


@statement(v5="3.2.2-1")
def reserved_acknowledge_flags(t):
    """The client of the tests fails on each of these bits."""
    t.publisher().ping()
    client = t.open()
    client.send_connect(client_id="x" * 65_535)
    client.expect_connect_refused(v5=(0x85,))


@statement(v311="3.2.2-1 3.2.2-3", v5="3.2.2-2 3.2.2-3")
def no_session_present_for_a_new_session(t):
    assert not t.publisher(clean=True).connack.session_present
    assert not t.publisher(**t.persistent()).connack.session_present


@statement(v311="3.2.2-1", v5="3.2.2-2")
def no_session_present_with_clean_start(t):
    """Although there is one, as the returning neighbour shows."""
    client, neighbour = t.publisher(**t.persistent()), t.publisher(**t.persistent())
    client.disconnect()
    neighbour.disconnect()
    t.back(neighbour.client_id)
    assert not t.publisher(client_id=client.client_id).connack.session_present


@statement(v5="3.2.2-4", where="tools")
def client_without_a_session_closes(t):
    server = t.start("mqtt_sub", "-t", "t")
    server.accept(session_present=True)
    server.expect("DISCONNECT", reason=0x82)
    server.expect_closed()


@statement(v5="3.2.2-5", where="tools")
def client_discards_its_state_without_a_session(t):
    """mqtt_sub connects again by itself: it subscribes anew, and the identifier of a QoS 2 message that was under way
    belongs to a new message."""
    server = t.start("mqtt_sub", "-t", "t", "-q", "2", "-C", "2")
    server.accept()
    server.answer_subscribe()
    server.send_publish("t", b"first", 2, 1)
    server.expect("PUBREC", packet_id=1)
    server.close()
    server = t.next_connection()
    server.accept(session_present=False)
    server.answer_subscribe()
    server.send_publish("t", b"second", 2, 1)
    server.expect("PUBREC", packet_id=1)
    server.expect("UNSUBSCRIBE")
    server.close()
    equal(t.output()[1], b"first\nsecond\n")


@statement(v311="3.2.2-4 3.2.2-5", v5="3.2.2-6 3.2.2-7 4.13.2-1")
def refusal_has_no_session_and_closes(t):
    client = t.open()
    client.send_connect(client_id="x" * 65_535, **t.persistent())
    client.expect_connect_refused(v3=2, v5=(0x85,))
    client = t.open()
    client.send_connect(level=6 if t.v5 else 3)
    client.expect_connect_refused(v3=1, v5=(0x84,))


@statement(v311="3.2.2-6")
def closed_when_no_return_code_fits(t):
    client = t.open()
    client.send_connect(will={"topic": "with/#"})
    client.expect_closed()


@statement(v5="3.2.2-8")
def reason_codes_of_connack(t):
    """The client of the tests fails on a code that is not in the table."""
    for arguments, reasons in (({"client_id": "x" * 65_535}, (0x85,)), ({"level": 9}, (0x84,)), ({"flags": 3}, (0x81,)),
                               ({"will": {"topic": "a/+"}}, (0x90,)), ({"will": {"topic": "$SYS/x"}}, (0x87,)),
                               ({"properties_": {"authentication_method": "unknown"}}, (0x8C,))):
        client = t.open()
        client.send_connect(**arguments)
        client.expect_connect_refused(v5=reasons)


@statement(v5="3.2.2-9 3.2.2-12")
def every_qos_is_there_without_a_maximum(t):
    """No Maximum QoS in CONNACK promises QoS 2 for messages and Wills."""
    publisher, subscriber = t.publisher(), t.subscriber()
    equal(publisher.connack.properties.all("maximum_qos"), [])
    subscriber.subscribe(t.topic("+"), 2)
    publisher.publish(t.topic("message"), b"x", 2)
    subscriber.receive(topic=t.topic("message"), qos=2)
    t.publisher(will={"topic": t.topic("will"), "qos": 2}).reset()
    subscriber.receive(topic=t.topic("will"), qos=2)


@statement(v5="3.2.2-10")
def subscriptions_of_every_qos(t):
    client = t.subscriber()
    for qos in (0, 1, 2):
        client.subscribe(t.topic(qos), qos)


def published_nothing(t, properties, *arguments):
    """mqtt_pub is told the limits of the broker, and sends no PUBLISH before it goes."""
    server = t.start("mqtt_pub", *arguments)
    server.accept(properties=properties)
    server.expect("DISCONNECT")
    equal([packet.name for packet in server.seen], ["CONNECT", "DISCONNECT"])
    assert t.output()[0] != 0, "mqtt_pub does not say that it published nothing"


@statement(v5="3.2.2-11", where="tools")
def client_keeps_to_maximum_qos(t):
    published_nothing(t, {"maximum_qos": 0}, "-m", "x", "-q", "1")
    published_nothing(t, {"maximum_qos": 1}, "-m", "x", "-q", "2")
    server = t.start("mqtt_pub", "-m", "x", "-q", "1")
    server.accept(properties={"maximum_qos": 1})
    server.expect("PUBLISH", qos=1)


@statement(v5="3.2.2-13")
def retained_wills_are_there_when_retain_is(t):
    publisher = t.publisher(will={"topic": t.topic(), "payload": b"kept", "qos": 1, "retain": True})
    equal(publisher.connack.properties.get("retain_available", 1), 1)
    watcher = t.another()
    watcher.subscribe(t.topic(), 1)
    publisher.reset()
    watcher.receive(topic=t.topic(), payload=b"kept")
    subscriber = t.subscribed(1)
    subscriber.receive(topic=t.topic(), payload=b"kept", retain=True)


@statement(v5="3.2.2-14", where="tools")
def client_does_not_retain_where_it_cannot(t):
    published_nothing(t, {"retain_available": 0}, "-m", "x", "-r")


@statement(v5="3.2.2-15", where="tools")
def client_keeps_to_maximum_packet_size(t):
    published_nothing(t, {"maximum_packet_size": 50}, "-t", "t", "-m", "x" * 50)
    server = t.start("mqtt_pub", "-t", "t", "-m", "x" * 44)
    server.accept(properties={"maximum_packet_size": 50})
    equal(server.expect("PUBLISH").size, 50)


@statement(v5="3.2.2-17 3.2.2-18", where="tools")
def client_keeps_to_topic_alias_maximum(t):
    for properties in ({}, {"topic_alias_maximum": 1}):
        server = t.start("mqtt_pub", "-t", "t", "-l", text=b"1\n2\n3\n")
        server.accept(properties=properties)
        for _ in range(3):
            message = server.expect("PUBLISH")
            assert message.properties.get("topic_alias", 1) <= properties.get("topic_alias_maximum", 0) or \
                not message.properties.all("topic_alias")
            assert message.topic == "t" or message.properties.all("topic_alias")


@statement(v5="3.2.2-19 3.2.2-20")
def refusal_fits_the_client(t):
    for size in (5, 20):
        client = t.open()
        client.send_connect(client_id="x" * 65_535, properties_={"maximum_packet_size": size})
        client.expect_connect_refused(v5=(0x85, 0x95))
        assert client.seen[0].size <= size, client.seen


@statement(v5="3.2.2-22")
def keep_alive_of_the_client_counts(t):
    """Each of them without a Server Keep Alive, so with its own."""
    short, long = t.publisher(keep_alive=1), t.publisher(keep_alive=3)
    for client in (short, long):
        equal(client.connack.properties.all("server_keep_alive"), [])
    short.expect_refused(0x8D)
    long.ping()
