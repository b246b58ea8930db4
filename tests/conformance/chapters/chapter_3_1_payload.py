"""Chapter 3.1: what CONNECT's properties and payload ask for, and how it is answered (3.1.2.11 to 3.1.4)."""

from framework.scenario import equal
from framework.statements import statement
from mqtt import packets


@statement(v5="3.1.2-24 3.1.2-25")
def maximum_packet_size_of_the_client(t):
    """What is too large is dropped as if it had been sent: the one place of Receive Maximum stays free."""
    publisher = t.publisher()
    subscriber = t.subscriber(properties_={"maximum_packet_size": 200, "receive_maximum": 1})
    subscriber.subscribe(t.topic(), 2)
    for qos in (0, 1, 2):
        publisher.publish(t.topic(), b"x" * 300, qos)
        publisher.publish(t.topic(), b"small", qos)
        subscriber.receive(payload=b"small", qos=qos)
    assert max(packet.size for packet in subscriber.seen) <= 200


@statement(v5="3.1.2-24")
def maximum_packet_size_at_its_border(t):
    topic = t.topic()
    size = len(packets.publish(t.version, topic, b"x" * 300))
    publisher, subscriber = t.publisher(), t.subscriber(properties_={"maximum_packet_size": size})
    subscriber.subscribe(topic)
    publisher.publish(topic, b"x" * 301)
    publisher.publish(topic, b"x" * 300)
    equal(subscriber.receive(topic=topic, payload=b"x" * 300).size, size)


@statement(v5="3.1.2-26 3.3.2-11")
def topic_aliases_within_the_maximum_of_the_client(t):
    """Each alias is in the range, has its topic with the first use, and stands for that topic later."""
    publisher, subscriber = t.publisher(), t.subscriber(properties_={"topic_alias_maximum": 2})
    subscriber.subscribe(t.topic("+"))
    known, used = {}, 0
    for round_number in range(3):
        for number in range(5):
            payload = b"%d %d" % (round_number, number)
            publisher.publish(t.topic(number), payload)
            message = subscriber.receive(payload=payload)
            alias = message.properties.get("topic_alias")
            if alias is not None:
                assert 1 <= alias <= 2, alias
                used += 1
                known[alias] = message.topic or known[alias]
            equal(message.topic or known[alias], t.topic(number))
    assert used, "the broker does not use Topic Aliases"


@statement(v5="3.1.2-27")
def no_topic_alias_unasked(t):
    for asked in ({}, {"topic_alias_maximum": 0}):
        publisher, subscriber = t.publisher(), t.subscriber(properties_=asked)
        subscriber.subscribe(t.topic())
        for _ in range(4):
            publisher.publish(t.topic(), b"x", properties={"topic_alias": 1})
            equal(subscriber.receive(topic=t.topic()).properties.all("topic_alias"), [])


@statement(v5="3.1.2-28")
def no_response_information_unasked(t):
    for asked in ({}, {"request_response_information": 0}):
        equal(t.publisher(properties_=asked).connack.properties.all("response_information"), [])


@statement(v5="3.1.2-29")
def no_problem_information_when_not_wanted(t):
    """One refusal of each kind, none with a reason in words."""
    client = t.publisher(properties_={"request_problem_information": 0})
    client.send(packets.subscribe(t.version, 1, [("a/#/b", 0)]))
    client.expect("SUBACK", reasons=[0x8F])
    client.send(packets.unsubscribe(t.version, 2, [t.topic()]))
    client.expect("UNSUBACK", reasons=[0x11])
    client.send_publish("$SYS/broker/mine", b"x", 1, packet_id=3)
    client.expect("PUBACK", reason=0x87)
    client.send_publish("$SYS/broker/mine", b"x", 2, packet_id=4)
    client.expect("PUBREC", reason=0x87)
    client.acknowledge("PUBREL", 99)
    client.expect("PUBCOMP", reason=0x92)
    client.acknowledge("PUBREC", 98)
    client.expect("PUBREL", reason=0x92)
    for packet in client.seen:
        if packet.name != "CONNACK" and packet.properties is not None:
            equal(packet.properties.all("reason_string") + packet.properties.all("user_property"), [])


@statement(v311="3.1.3-2 3.1.4-2", v5="3.1.3-2 3.1.4-3 3.14.2-1")
def same_identifier_takes_over(t):
    first, bystander = t.publisher(), t.publisher()
    second = t.subscriber(client_id=first.client_id)
    first.expect_refused(0x8E)
    second.ping()
    bystander.ping()


@statement(v311="3.1.3-2", v5="3.1.3-2")
def session_belongs_to_its_identifier(t):
    one, two, publisher = t.subscriber(**t.persistent()), t.subscriber(**t.persistent()), t.publisher()
    one.subscribe(t.topic("one"), 1)
    two.subscribe(t.topic("two"), 1)
    for client in (one, two):
        client.disconnect()
    for name in ("one", "two"):
        publisher.publish(t.topic(name), name.encode(), 1)
    for client, name in ((one, "one"), (two, "two")):
        returned = t.back(client.client_id)
        returned.receive(topic=t.topic(name), payload=name.encode())
        t.nothing_else(publisher, returned, qos=1)


@statement(v311="3.1.3-3 3.1.4-1", v5="3.1.3-3 3.1.4-1")
def identifier_must_be_there(t):
    client = t.open()
    client.send_connect(payload=b"")
    client.expect_connect_refused(v5=(0x81,))


@statement(v311="3.1.3-4 3.1.4-1", v5="3.1.3-4 3.1.4-1")
def identifier_is_utf8(t):
    client = t.open()
    client.send_connect(client_id=b"\xc3\x28")
    client.expect_connect_refused(v5=(0x81,))


@statement(v311="3.1.3-5", v5="3.1.3-5")
def identifiers_of_1_to_23_characters(t):
    t.publisher(client_id="5" if t.v5 else "4").ping()
    start = f"{t.number:04}"
    for identifier in (start, "0123456789abcdefghi" + start, "ABCDEFGHIJKLMNOPQRS" + start,
                       "TUVWXYZjklmnopqrstu" + start, "vwxyz" + start):
        t.publisher(client_id=identifier).ping()


@statement(v311="3.1.3-6", v5="3.1.3-6 3.1.3-7 3.2.2-16")
def clients_without_identifier_are_apart(t):
    clients = [t.publisher(client_id=""), t.subscriber(client_id=""), t.another(client_id="")]
    for client in clients:
        client.ping()
    if t.v5:
        identifiers = {client.connack.properties.get("assigned_client_identifier") for client in clients}
        assert None not in identifiers and "" not in identifiers
        equal(len(identifiers), 3)


@statement(v5="3.1.3-7")
def assigned_identifier_is_the_clients(t):
    first = t.publisher(client_id="")
    second = t.subscriber(client_id=first.connack.properties.get("assigned_client_identifier"))
    equal(second.connack.properties.all("assigned_client_identifier"), [])
    first.expect_refused(0x8E)


@statement(v311="3.1.3-7", where="tools")
def client_without_identifier_asks_for_a_clean_session(t):
    connect = t.start("mqtt_sub", "-t", "t").accept()
    equal((connect.client_id, connect.connect_flags), ("", 0x02))


@statement(v311="3.1.3-8 3.2.2-4 3.2.2-5")
def no_identifier_and_no_clean_session(t):
    client = t.open()
    client.send_connect(client_id="", clean=False)
    client.expect_connect_refused(v3=2)


@statement(v311="3.1.3-9", v5="3.1.3-8 3.1.4-2")
def rejected_identifier(t):
    client = t.open()
    client.send_connect(client_id="x" * 65_535)
    client.expect_connect_refused(v3=2, v5=(0x85,))


@statement(v5="3.1.3-9")
def return_within_the_delay_stops_the_will(t):
    subscriber, publisher = t.subscribed(1), t.publisher()
    will = {"topic": t.topic(), "payload": b"no", "qos": 1, "properties": {"will_delay_interval": 1}}
    client = t.publisher(will=will, **t.persistent())
    client.reset()
    returned = t.back(client.client_id)
    t.after_1500_milliseconds()
    returned.ping()
    t.nothing_else(publisher, subscriber, qos=1)


@statement(v5="3.1.3-10 3.1.2-9")
def properties_of_the_will(t):
    pairs = [("b", "1"), ("a", "2"), ("b", "1"), ("", ""), ("a", "3")]
    given = {"payload_format_indicator": 1, "message_expiry_interval": 100, "content_type": "text/plain",
             "response_topic": "answer", "correlation_data": b"\0\1", "user_property": pairs}
    subscriber = t.subscribed(1)
    t.publisher(will={"topic": t.topic(), "payload": b"bye", "qos": 1, "properties": given}).reset()
    found = subscriber.receive(topic=t.topic(), payload=b"bye").properties
    equal(found.all("user_property"), pairs)
    for name in ("payload_format_indicator", "content_type", "response_topic", "correlation_data"):
        equal(found.all(name), [given[name]])
    assert 95 <= found.get("message_expiry_interval") <= 100


@statement(v311="3.1.3-10", v5="3.1.3-11")
def will_topic_is_utf8(t):
    client = t.open()
    client.send_connect(will={"topic": b"t/\xff"})
    client.expect_connect_refused(v5=(0x81,))


@statement(v311="3.1.3-11", v5="3.1.3-12")
def user_name_is_utf8(t):
    client = t.open()
    client.send_connect(user_name=b"\xed\xa0\x80")
    client.expect_connect_refused(v5=(0x81,))


@statement(v311="3.1.4-1", v5="3.1.4-1")
def connect_with_more_bytes_than_fields(t):
    client = t.open()
    whole = packets.connect(t.version, client.client_id)
    client.send(packets.frame("CONNECT", whole[2:] + b"more"))
    client.expect_connect_refused(v5=(0x81,))
    client = t.open()
    client.send(packets.frame("CONNECT", whole[2:9]))
    client.expect_connect_refused(v5=(0x81,))


@statement(v5="3.1.4-1 3.2.2-8 3.14.0-1")
def wrong_properties_of_connect(t):
    """Forbidden here, twice, or of a value that none may have."""
    for given in ([("topic_alias", 1)], [("receive_maximum", 1), ("receive_maximum", 1)], [("receive_maximum", 0)],
                  [("maximum_packet_size", 0)], [("request_problem_information", 2)],
                  [("request_response_information", 2)], [("authentication_data", b"x")]):
        client = t.open()
        client.send_connect(properties_=given)
        client.expect_connect_refused(v5=(0x81, 0x82))


@statement(v5="3.1.4-2")
def will_that_is_not_allowed(t):
    client = t.open()
    client.send_connect(will={"topic": "$SYS/broker/mine"})
    client.expect_connect_refused(v5=(0x87,))


@statement(v311="3.1.4-4", v5="3.1.4-5")
def connect_is_acknowledged(t):
    client = t.open()
    client.send_connect()
    client.expect_next("CONNACK", reason=0, session_present=False)


@statement(v311="3.1.4-5", v5="3.1.4-6")
def nothing_is_done_after_a_rejected_connect(t):
    subscriber, publisher = t.subscribed(1), t.publisher()
    client = t.open()
    wrong = packets.connect(t.version, "x" * 65_535)
    client.send(wrong, packets.publish(t.version, t.topic(), b"no", 1, 1, retain=True), packets.pingreq())
    client.expect_connect_refused(v3=2, v5=(0x85,))
    t.nothing_else(publisher, subscriber, qos=1)
    later = t.another()
    later.subscribe(t.topic(), 1)
    t.nothing_else(publisher, later, qos=1)
