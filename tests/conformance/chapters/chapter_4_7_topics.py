"""Chapter 4.7: Topic Names and Topic Filters."""

from framework.scenario import equal
from framework.statements import statement
from mqtt import packets

# filter: names that match, names that do not; each below a topic of the test's own.
MATCHES = {
    "sport/player1/#": (["sport/player1", "sport/player1/ranking", "sport/player1/score/wimbledon"],
                        ["sport/player2", "sport", "sport/player1x"]),
    "sport/#": (["sport", "sport/", "sport/a/b/c"], ["sports", "Sport"]),
    "sport/+": (["sport/player1", "sport/"], ["sport", "sport/player1/ranking"]),
    "+/+": (["/finance", "a/b", "/"], ["a", "a/b/c", "a//"]),
    "/+": (["/finance", "/"], ["finance", "a/finance", "/a/b"]),
    "+": (["finance", ""], ["/finance", "a/b"]),
    "a/+/+/d": (["a/b/c/d", "a///d"], ["a/b/d", "a/b/c/d/e"]),
    "+/b/#": (["a/b", "/b/c", "a/b/c/d"], ["a/c/b", "b"]),
}


@statement(v311="4.7.1-1 4.7.1-2 4.7.1-3", v5="4.7.0-1 4.7.1-1 4.7.1-2")
def wildcards_match_as_they_should(t):
    publisher = t.publisher()
    for number, (text, (matching, others)) in enumerate(MATCHES.items()):
        subscriber = t.subscriber()
        subscriber.subscribe(t.topic(f"{number}/{text}"), 1)
        for name in others + matching:
            publisher.publish(t.topic(f"{number}/{name}"), name.encode(), 1)
        for name in matching:
            subscriber.receive(topic=t.topic(f"{number}/{name}"), payload=name.encode())
        t.nothing_else(publisher, subscriber, qos=1)


@statement(v311="4.7.1-2", v5="4.7.1-1")
def misplaced_multi_level_wildcard(t):
    for text in ("sport/tennis#", "sport/tennis/#/ranking", "#/", "##", "a/#b", "+#"):
        refused(t, text)


@statement(v311="4.7.1-3", v5="4.7.1-2")
def misplaced_single_level_wildcard(t):
    for text in ("sport+", "sport/+player", "++", "a/b+/c", "+a"):
        refused(t, text)


def refused(t, text):
    client = t.subscriber()
    client.send(packets.subscribe(t.version, 1, [(text, 0)]))
    client.expect("SUBACK", reasons=[0x8F if t.v5 else 0x80])


@statement(v311="4.7.2-1", v5="4.7.2-1")
def wildcards_and_topics_of_the_server(t):
    """The broker publishes below $SYS each second; a filter that begins with a wildcard does not see it."""
    server, blind, publisher = t.subscriber(), t.subscriber(), t.publisher()
    blind.subscribe("+/broker/#", 0)
    name = f"conformance-{t.number}"
    blind.subscribe(f"+/{name}", 0)
    server.subscribe("$SYS/#", 0)
    assert server.receive().topic.startswith("$SYS/")
    seeing = t.subscriber()
    seeing.subscribe(f"$other/{name}", 0)
    publisher.publish(f"$other/{name}", b"x")
    seeing.receive(topic=f"$other/{name}")
    publisher.publish(f"other/{name}", b"x")
    blind.receive(topic=f"other/{name}")
    t.nothing_else(publisher, blind)


@statement(v311="4.7.2-1", v5="4.7.2-1")
def wildcards_and_retained_topics_of_the_server(t):
    publisher, subscriber = t.publisher(), t.subscriber()
    name = f"conformance-{t.number}"
    publisher.publish(f"$other/{name}", b"x", 1, retain=True)
    subscriber.subscribe(f"+/{name}", 1)
    t.nothing_else(publisher, subscriber, qos=1)
    subscriber.subscribe(f"$other/{name}", 1)
    subscriber.receive(topic=f"$other/{name}", retain=True)


@statement(v311="4.7.3-1", v5="4.7.3-1")
def topics_are_not_empty(t):
    client = t.publisher()
    client.send_publish("", b"x", 1)
    client.expect_refused(0x82, 0x81, 0x90)
    client = t.subscriber()
    client.send(packets.subscribe(t.version, 1, [("", 0)]))
    answer = client.next_packet()
    if answer.name == "SUBACK":
        equal(answer.reasons, [0x8F if t.v5 else 0x80])
    else:
        equal((answer.name, answer.reason in (0x81, 0x82, 0x8F)), ("DISCONNECT", True))


@statement(v311="4.7.3-1", v5="4.7.3-1")
def one_character_is_enough(t):
    subscriber, publisher = t.subscriber(), t.publisher()
    name = "\ue005" if t.v5 else "\ue004"
    subscriber.subscribe(name)
    publisher.publish(name, b"x")
    subscriber.receive(topic=name)
    subscriber.subscribe("/", 1)
    t.publisher().publish("/", b"slash %d" % t.number, 1)
    while subscriber.receive(topic="/").payload != b"slash %d" % t.number:
        pass


@statement(v311="4.7.3-3", v5="4.7.3-3")
def longest_topic(t):
    """The longest that a string can be is taken whole, as name and as filter."""
    subscriber, publisher = t.subscriber(), t.publisher()
    name = t.topic("x").ljust(65_535, "x")
    subscriber.subscribe(name, 1)
    publisher.publish(name, b"long", 1)
    publisher.publish(name[:-1], b"shorter", 1)
    subscriber.receive(topic=name, payload=b"long")
    t.nothing_else(publisher, subscriber, qos=1)


@statement(v311="4.7.3-4", v5="4.7.3-4")
def topics_are_not_normalised(t):
    """Composed and decomposed letters, case, width, slashes at the ends and dots are all different topics."""
    publisher = t.publisher()
    names = ["\u00e9", "e\u0301", "E\u0301", "a", "A", "\uff21", "a/", "/a", "a//b", "a/b", "a/./b", " a", "a "]
    subscribers = [t.subscriber() for _ in names]
    for name, subscriber in zip(names, subscribers):
        subscriber.subscribe(t.topic(name), 1)
    for name in names:
        publisher.publish(t.topic(name), name.encode(), 1)
    for name, subscriber in zip(names, subscribers):
        subscriber.receive(topic=t.topic(name), payload=name.encode())
    t.nothing_else(publisher, *subscribers, qos=1)
