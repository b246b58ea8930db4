"""Chapter 4.8 (MQTT 5): Shared Subscriptions; and what MQTT 3.1.1 says in its 4.8 about errors."""

from framework.scenario import equal
from framework.statements import statement
from mqtt import packets


@statement(v5="4.8.2-1 4.8.2-2")
def malformed_shared_filters(t):
    for text in ("$share//topic", "$share/group", "$share/group/", "$share/+/topic", "$share/gr#oup/topic",
                 "$share/group+/topic", "$share", "$share/"):
        client = t.subscriber()
        client.send(packets.subscribe(t.version, 1, [(text, 1)]))
        answer = client.next_packet()
        # "$share" and "$share/" are plain filters of unusual names, or refused; the others are no filters.
        if text in ("$share", "$share/"):
            continue
        equal(answer.reasons if answer.name == "SUBACK" else answer.reason,
              [0x8F] if answer.name == "SUBACK" else 0x81)


@statement(v5="4.8.2-1 4.8.2-2")
def each_message_goes_to_one_member(t):
    """Two groups and a subscriber of its own: each group gets each message once, fairly; the subscriber gets all."""
    publisher, single = t.publisher(), t.another()
    members = {"one": [t.subscriber(), t.another(), t.publisher()], "two": [t.subscriber(), t.another()]}
    for group, clients in members.items():
        for client in clients:
            client.subscribe(f"$share/{group}-{t.number}/{t.topic('+')}", 1)
    single.subscribe(t.topic("+"), 1)
    for number in range(30):
        publisher.publish(t.topic("a"), b"%d" % number, 1)
    everything = sorted(b"%d" % number for number in range(30))
    equal(sorted(single.receive(topic=t.topic("a")).payload for _ in range(30)), everything)
    for clients in members.values():
        t.receive_all(publisher, clients)
        found = [[packet.payload for packet in client.seen if packet.name == "PUBLISH" and packet.topic == t.topic("a")]
                 for client in clients]
        equal(sorted(payload for payloads in found for payload in payloads), everything)
        assert all(payloads for payloads in found), "a member got nothing"


@statement(v5="4.8.2-3")
def member_gets_its_granted_qos(t):
    publisher = t.publisher()
    for granted in (0, 1, 2):
        member = t.subscriber()
        member.subscribe(f"$share/group/{t.topic(granted)}", granted)
        for sent in (0, 1, 2):
            publisher.publish(t.topic(granted), b"x", sent)
            member.receive(topic=t.topic(granted), qos=min(sent, granted))


@statement(v5="4.8.2-4")
def qos_2_is_completed_with_the_same_member(t):
    publisher, member, other = t.publisher(), t.subscriber(**t.persistent()), t.another()
    shared = f"$share/group/{t.topic()}"
    member.subscribe(shared, 2)
    publisher.publish(t.topic(), b"x", 2)
    identifier = member.expect("PUBLISH", payload=b"x").packet_id
    other.subscribe(shared, 2)
    member.reset()
    member = t.back(member.client_id)
    member.receive(payload=b"x", dup=True, packet_id=identifier)
    member.unsubscribe(shared)
    t.nothing_else(publisher, other, member, qos=2)


@statement(v5="4.8.2-5")
def qos_2_goes_to_nobody_else_when_the_session_ends(t):
    publisher, member, other = t.publisher(), t.subscriber(), t.another()
    shared = f"$share/group/{t.topic()}"
    member.subscribe(shared, 2)
    for payload in (b"received", b"sent"):
        publisher.publish(t.topic(), payload, 2)
    identifier = member.expect("PUBLISH", payload=b"received").packet_id
    member.expect("PUBLISH", payload=b"sent")
    other.subscribe(shared, 2)
    member.acknowledge("PUBREC", identifier)
    member.expect("PUBREL", packet_id=identifier)
    member.reset()
    t.subscriber(client_id=member.client_id).disconnect()  # its session has ended now
    t.nothing_else(publisher, other, qos=2)


@statement(v5="4.8.2-6")
def refused_message_goes_to_nobody_else(t):
    publisher, member, other = t.publisher(), t.subscriber(), t.another()
    shared = f"$share/group/{t.topic()}"
    member.subscribe(shared, 2)
    for qos in (1, 2):
        publisher.publish(t.topic(), b"x", qos)
    refused = [member.expect("PUBLISH", qos=qos).packet_id for qos in (1, 2)]
    other.subscribe(shared, 2)
    member.acknowledge("PUBACK", refused[0], 0x83)
    member.acknowledge("PUBREC", refused[1], 0x83)
    member.ping()
    t.nothing_else(publisher, other, qos=2)


@statement(v311="4.8.0-1")
def violations_end_the_connection(t):
    """Packets that only servers send, of no type, and answers that do not fit."""
    for packet in (packets.frame("CONNACK", b"\0\0"), packets.frame("SUBACK", b"\0\1\0"),
                   packets.frame("UNSUBACK", b"\0\1"), packets.frame("PINGRESP"), b"\x00\x00", b"\xf0\x00",
                   packets.frame("PUBACK", b"\0"), packets.frame("PINGREQ", b"x"),
                   packets.frame("SUBSCRIBE", b"\0\1\0"), packets.frame("PUBACK", b"\0\1\0")):
        client = t.publisher()
        client.send(packet)
        client.expect_closed()


@statement(v311="4.8.0-2")
def errors_end_the_connection(t):
    """What the broker cannot do and cannot say in 3.1.1: a topic of more levels than it takes."""
    subscriber, publisher = t.subscriber(), t.publisher()
    subscriber.subscribe("a/#", 0)
    client = t.publisher()
    client.send_publish("/".join("a" * 5000), b"x", 1)
    client.expect_closed()
    t.nothing_else(publisher, subscriber)
