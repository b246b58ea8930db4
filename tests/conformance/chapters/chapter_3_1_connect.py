"""Chapter 3.1: CONNECT, its flags, the session and the Will; the payload is in chapter_3_1_payload.py."""

import time

from framework.scenario import equal
from framework.statements import statement
from mqtt import packets
from mqtt.wire import binary, properties, string


@statement(v311="3.1.0-1", v5="3.1.0-1")
def first_packet_is_connect(t):
    for packet in (packets.publish(t.version, "t", b"x"), packets.subscribe(t.version, 1, [("t", 0)]),
                   packets.pingreq(), packets.disconnect(t.version), packets.acknowledge("PUBACK", t.version, 1)):
        client = t.open()
        client.send(packet)
        client.expect_closed()


@statement(v311="3.1.0-2", v5="3.1.0-2")
def second_connect_ends_the_connection(t):
    client = t.publisher()
    client.send_connect()
    client.expect_refused(0x82)


@statement(v311="3.1.2-1", v5="3.1.2-1")
def unknown_protocol_name(t):
    for name in ("MQTX", "mqtt", "", "MQTTT"):
        client = t.open()
        client.send_connect(name=name)
        client.expect_closed()


@statement(v311="3.1.2-2", v5="3.1.2-2")
def unsupported_protocol_level(t):
    for level in ((6, 7, 0x7F) if t.v5 else (0, 2, 3)):
        client = t.open()
        client.send_connect(level=level)
        client.expect_connect_refused(v3=1, v5=(0x84,))


@statement(v311="3.1.2-3", v5="3.1.2-3")
def reserved_connect_flag(t):
    client = t.open()
    client.send_connect(flags=0x03)
    client.expect_connect_refused(v5=(0x81,))


@statement(v311="3.1.2-4 3.2.2-2", v5="3.1.2-5 3.2.2-3 3.1.2-23")
def session_is_resumed(t):
    subscriber, publisher = t.subscriber(**t.persistent()), t.publisher()
    assert not subscriber.connack.session_present
    subscriber.subscribe(t.topic(), 1)
    subscriber.disconnect()
    subscriber = t.back(subscriber.client_id)
    publisher.publish(t.topic(), b"still subscribed", 1)
    subscriber.receive(topic=t.topic(), payload=b"still subscribed", qos=1)


@statement(v311="3.1.2-4", v5="3.1.2-6")
def session_is_begun(t):
    subscriber, publisher = t.subscriber(**t.persistent()), t.publisher()
    assert not subscriber.connack.session_present
    subscriber.subscribe(t.topic(), 1)
    publisher.publish(t.topic(), b"x", 1)
    subscriber.receive(topic=t.topic(), payload=b"x")


@statement(v311="3.1.2-5", v5="3.1.2-23")
def messages_are_stored_for_an_absent_client(t):
    subscriber, publisher = t.subscriber(**t.persistent()), t.publisher()
    for qos in (1, 2):
        subscriber.subscribe(t.topic(qos), qos)
    subscriber.reset()
    for qos in (1, 2):
        publisher.publish(t.topic(qos), b"while away", qos)
    subscriber = t.back(subscriber.client_id)
    for qos in (1, 2):
        subscriber.receive(topic=t.topic(qos), payload=b"while away", qos=qos)
    t.nothing_else(publisher, subscriber, qos=2)


@statement(v311="3.1.2-6 3.1.4-3", v5="3.1.2-4 3.1.4-4")
def clean_start_discards_the_session(t):
    """The control session shows that there was something to discard."""
    control, subscriber, publisher = t.subscriber(**t.persistent()), t.subscriber(**t.persistent()), t.publisher()
    for client in (control, subscriber):
        client.subscribe(t.topic(), 1)
        client.disconnect()
    publisher.publish(t.topic(), b"x", 1)
    again = t.another(client_id=subscriber.client_id)
    assert not again.connack.session_present
    t.nothing_else(publisher, again, qos=1)
    again.disconnect()
    again = t.subscriber(client_id=subscriber.client_id, **t.persistent())
    assert not again.connack.session_present
    t.nothing_else(publisher, again, qos=1)
    if t.v5:  # a session that begins anew and goes on
        again.subscribe(t.topic(), 1)
        again.disconnect()
        publisher.publish(t.topic(), b"y", 1)
        again = t.another(client_id=subscriber.client_id, **t.persistent(clean=True))
        assert not again.connack.session_present
        t.nothing_else(publisher, again, qos=1)
    t.back(control.client_id).receive(topic=t.topic(), payload=b"x")


@statement(v311="3.1.2-7")
def retained_messages_outlive_the_session(t):
    publisher = t.publisher()
    publisher.publish(t.topic(), b"kept", 1, retain=True)
    publisher.disconnect()
    t.publisher(client_id=publisher.client_id).disconnect()
    subscriber = t.subscribed(1)
    subscriber.receive(topic=t.topic(), payload=b"kept", retain=True)


@statement(v311="3.1.2-8 3.1.2-9", v5="3.1.2-7 3.1.2-8 3.1.2-9")
def will_is_published_when_the_connection_is_lost(t):
    subscriber = t.subscriber()
    for qos in (0, 1, 2):
        subscriber.subscribe(t.topic(qos), 2)
    for qos in (0, 1, 2):
        client = t.publisher(will={"topic": t.topic(qos), "payload": b"lost", "qos": qos})
        (client.reset if qos else client.close)()
        subscriber.receive(topic=t.topic(qos), payload=b"lost", qos=qos, retain=False)


@statement(v311="3.1.2-8", v5="3.1.2-8")
def will_is_published_after_a_fault_of_the_client(t):
    subscriber = t.subscribed(1)
    client = t.publisher(will={"topic": t.topic(), "payload": b"fault", "qos": 1})
    client.send(b"\x00\x00")
    client.expect_refused(0x81, 0x82)
    subscriber.receive(topic=t.topic(), payload=b"fault")


@statement(v311="3.1.2-8 3.1.2-24", v5="3.1.2-8 3.1.2-22")
def will_is_published_when_keep_alive_is_over(t):
    subscriber = t.subscribed(1)
    t.publisher(keep_alive=1, will={"topic": t.topic(), "payload": b"silent", "qos": 1})
    subscriber.receive(topic=t.topic(), payload=b"silent")


@statement(v5="3.1.2-8")
def will_does_not_wait_when_the_session_ends_with_the_connection(t):
    subscriber = t.subscribed(1)
    will = {"topic": t.topic(), "payload": b"now", "qos": 1, "properties": {"will_delay_interval": 600}}
    t.publisher(will=will).reset()
    subscriber.receive(topic=t.topic(), payload=b"now")


@statement(v5="3.1.2-8")
def will_waits_for_its_delay(t):
    subscriber = t.subscribed(1)
    will = {"topic": t.topic(), "payload": b"later", "qos": 1, "properties": {"will_delay_interval": 1}}
    client = t.publisher(will=will, **t.persistent())
    client.reset()
    begin = time.monotonic()
    subscriber.receive(topic=t.topic(), payload=b"later")
    assert time.monotonic() - begin > 0.9, "the Will did not wait for its delay"


@statement(v5="3.1.2-8")
def will_is_published_when_the_session_ends_before_its_delay(t):
    subscriber = t.subscribed(1)
    will = {"topic": t.topic(), "payload": b"at the end", "qos": 1, "properties": {"will_delay_interval": 600}}
    client = t.publisher(will=will, **t.persistent(expiry_seconds=1))
    client.reset()
    begin = time.monotonic()
    subscriber.receive(topic=t.topic(), payload=b"at the end")
    assert time.monotonic() - begin > 0.9, "the Will did not wait for the session's end"


@statement(v5="3.1.2-8 3.14.2-1")
def disconnect_with_will(t):
    """0x04 asks for the Will."""
    subscriber = t.subscribed(1)
    t.publisher(will={"topic": t.topic(), "payload": b"asked for", "qos": 1}).disconnect(0x04)
    subscriber.receive(topic=t.topic(), payload=b"asked for")


@statement(v311="3.1.2-10 3.14.4-3", v5="3.1.2-10 3.14.4-3")
def disconnect_withdraws_the_will(t):
    subscriber, publisher = t.subscribed(1), t.publisher()
    client = t.publisher(will={"topic": t.topic(), "payload": b"no", "qos": 1})
    client.disconnect()
    t.publisher(client_id=client.client_id).reset()  # nor does it come back with a later connection
    # Whoever takes the identifier over comes after all that its earlier connections caused.
    t.publisher(client_id=client.client_id).ping()
    t.nothing_else(publisher, subscriber, qos=1)


@statement(v311="3.1.2-10", v5="3.1.2-10")
def will_is_published_once(t):
    subscriber, publisher = t.subscribed(2), t.publisher()
    client = t.publisher(will={"topic": t.topic(), "payload": b"once", "qos": 2})
    client.reset()
    subscriber.receive(payload=b"once")
    t.publisher(client_id=client.client_id).reset()
    t.publisher(client_id=client.client_id).ping()
    t.nothing_else(publisher, subscriber, qos=2)


@statement(v311="3.1.2-9 3.1.4-1", v5="3.1.2-9 3.1.4-1")
def will_flag_needs_topic_and_payload(t):
    for will in (b"", string("topic only")):
        client = t.open()
        before = properties(None) if t.v5 and will else b""
        client.send_connect(flags=0x06, payload=string(client.client_id) + before + will)
        client.expect_connect_refused(v5=(0x81,))


@statement(v311="3.1.2-11")
def topic_and_message_need_the_will_flag(t):
    client = t.open()
    client.send_connect(flags=0x02, payload=string(client.client_id) + string("topic") + binary(b"message"))
    client.expect_closed()


@statement(v311="3.1.2-11 3.1.2-13", v5="3.1.2-11")
def will_qos_needs_the_will_flag(t):
    for bits in (0x08, 0x10, 0x18):
        client = t.open()
        client.send_connect(flags=0x02 | bits)
        client.expect_connect_refused(v5=(0x81,))


@statement(v311="3.1.2-12")
def no_will_without_the_will_flag(t):
    subscriber, publisher = t.subscriber(), t.publisher()
    subscriber.subscribe(t.topic("#"), 1)
    client = t.publisher()
    client.publish(t.topic("alive"), b"x", 1)
    client.reset()
    t.publisher(client_id=client.client_id).ping()
    subscriber.receive(topic=t.topic("alive"))
    t.nothing_else(publisher, subscriber, qos=1)


@statement(v311="3.1.2-14", v5="3.1.2-12")
def will_qos_is_not_3(t):
    client = t.open()
    client.send_connect(flags=0x1E, will={"topic": "t"})
    client.expect_connect_refused(v5=(0x81,))


@statement(v311="3.1.2-11 3.1.2-15", v5="3.1.2-13")
def will_retain_needs_the_will_flag(t):
    client = t.open()
    client.send_connect(flags=0x22)
    client.expect_connect_refused(v5=(0x81,))


@statement(v311="3.1.2-9 3.1.2-16 3.1.2-17", v5="3.1.2-9 3.1.2-14 3.1.2-15")
def will_is_retained_as_it_says(t):
    for retain in (False, True):
        watcher = t.subscriber()
        watcher.subscribe(t.topic(retain), 1)
        t.publisher(will={"topic": t.topic(retain), "payload": b"bye", "qos": 1, "retain": retain}).reset()
        watcher.receive(topic=t.topic(retain), payload=b"bye", retain=False)
    later, publisher = t.another(), t.publisher()
    later.subscribe(t.topic(True), 1)
    later.receive(topic=t.topic(True), payload=b"bye", retain=True)
    later.subscribe(t.topic(False), 1)
    t.nothing_else(publisher, later, qos=1)


@statement(v311="3.1.2-18 3.1.2-20", v5="3.1.2-16 3.1.2-18")
def user_name_and_password_need_their_flags(t):
    """Without the flags the bytes are no part of the packet, which is then longer than its fields."""
    for more in (string("name"), string("name") + binary(b"password")):
        client = t.open()
        client.send_connect(flags=0x02, payload=string(client.client_id) + more)
        client.expect_connect_refused(v5=(0x81,))


@statement(v311="3.1.2-19 3.1.2-21", v5="3.1.2-17 3.1.2-19")
def flags_need_user_name_and_password(t):
    for flags, payload in ((0x82, b""), (0xC2, string("name"))):
        client = t.open()
        client.send_connect(flags=flags, payload=string(client.client_id) + payload)
        client.expect_connect_refused(v5=(0x81,))


@statement(v311="3.1.2-19 3.1.2-21 3.1.3-1", v5="3.1.2-17 3.1.2-19 3.1.3-1")
def all_fields_in_their_order(t):
    subscriber = t.subscriber()
    subscriber.subscribe(t.topic("will"), 1)
    will = {"topic": t.topic("will"), "payload": b"w", "qos": 1}
    client = t.publisher(user_name="name", password=b"\0\xff", will=will)
    client.reset()
    subscriber.receive(topic=t.topic("will"), payload=b"w")


@statement(v311="3.1.2-18 3.1.2-19 3.1.2-20 3.1.2-21 3.1.3-1 3.1.3-3",
           v5="3.1.2-16 3.1.2-17 3.1.2-18 3.1.2-19 3.1.3-1 3.1.3-3", where="tools")
def client_sends_fields_as_its_flags_say(t):
    """The server of the test reads the fields in their order, and to the packet's last byte."""
    will = ["--will-topic", "w", "--will-payload", "bye", "--will-qos", "1", "--will-retain"]
    for arguments, flags in (([], 0x02), (["-u", "name"], 0x82), (["-u", "name", "-P", "secret"] + will, 0xEE)):
        connect = t.start("mqtt_pub", "-i", "me", "-m", "x", *arguments).accept()
        equal((connect.client_id, connect.connect_flags), ("me", flags))
    equal((connect.user_name, connect.password), ("name", b"secret"))
    equal((connect.will_topic, connect.will_payload), ("w", b"bye"))


@statement(v311="3.1.2-22")
def password_needs_a_user_name(t):
    client = t.open()
    client.send_connect(flags=0x42, payload=string(client.client_id) + binary(b"password"))
    client.expect_closed()


@statement(v5="3.1.2-16 3.1.2-19")
def password_without_a_user_name(t):
    """Version 5 allows it."""
    t.publisher(password=b"\0\1").ping()


@statement(v311="3.1.2-22", where="tools")
def client_sends_no_password_alone(t):
    server = t.start("mqtt_pub", "-u", "name", "-P", "secret", "-m", "x")
    assert server.accept().connect_flags & 0xC0 == 0xC0


@statement(v311="3.1.2-23", v5="3.1.2-20", where="tools")
def client_pings_in_time(t):
    server = t.start("mqtt_sub", "-t", "t", "-k", "1")
    equal(server.accept().keep_alive, 1)
    server.answer_subscribe()
    for _ in range(2):
        begin = time.monotonic()
        server.expect("PINGREQ", seconds=1.4)
        assert time.monotonic() - begin < 1.2, "PINGREQ after the Keep Alive"
        server.send(packets.frame("PINGRESP"))


@statement(v5="3.1.2-21 3.2.2-21", where="tools")
def client_uses_the_server_keep_alive(t):
    server = t.start("mqtt_sub", "-t", "t", "-k", "600")
    server.accept(properties={"server_keep_alive": 1})
    server.answer_subscribe()
    server.expect("PINGREQ", seconds=1.4)


@statement(v311="3.1.2-24", v5="3.1.2-22 3.2.2-22")
def silent_client_is_disconnected(t):
    client = t.publisher(keep_alive=1)
    assert not t.v5 or client.connack.properties.get("server_keep_alive") is None
    begin = time.monotonic()
    client.expect_refused(0x8D)
    assert 1.4 < time.monotonic() - begin < 3, f"closed after {time.monotonic() - begin:.2f} s"


@statement(v311="3.1.2-24", v5="3.1.2-22")
def client_that_speaks_is_not_disconnected(t):
    """What it sends every 1.5 s keeps it for longer than the 3 s that it may be silent."""
    client, endless = t.publisher(keep_alive=2), t.publisher(keep_alive=0)
    for _ in range(3):
        t.after_1500_milliseconds()
        client.send_publish(t.topic(), b"x")
    client.ping()
    endless.ping()
