"""Each limit that has a key, at the limit and one beyond, answered as the standard says."""

import itertools
import socket
import struct
import tempfile
import time
import unittest

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from harness.broker import Broker
from harness.clients import Paho
from harness.noise import CONNECT, PUBLISH, SUBSCRIBE, packet, text
from harness.waiting import wait_until

CONNACK, PUBACK, PUBREC, SUBACK, END = 0x20, 0x40, 0x50, 0x90, 0xE0
SUCCESS, ID_NOT_VALID, TOPIC_FILTER_INVALID, TOPIC_NAME_INVALID, RECEIVE_MAXIMUM_EXCEEDED, TOO_LARGE, QUOTA_EXCEEDED = \
    0x00, 0x85, 0x8F, 0x90, 0x93, 0x95, 0x97
SERVER_KEEP_ALIVE = b"\x13"


class Client:
    """MQTT 5.0 in bytes: what well-behaved clients would never send, too."""

    serial = itertools.count()

    def __init__(self, broker, client_id=None, keep_alive=0, send=True):
        client_id = client_id or f"c{next(self.serial)}"
        self.socket = socket.create_connection(("127.0.0.1", broker.port), 20)
        self.connack = b""
        if send:
            self.socket.sendall(packet(CONNECT, text("MQTT") + b"\x05\x02" + struct.pack(">H", keep_alive) + b"\x00" +
                                       text(client_id)))
            kind, self.connack = self.read()
            assert kind == CONNACK, kind

    def exactly(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def read(self):
        kind, length, shift, more = self.exactly(1)[0], 0, 0, 128
        while more:
            byte = self.exactly(1)[0]
            length, shift, more = length | (byte & 127) << shift, shift + 7, byte & 128
        return kind, self.exactly(length)

    def reason(self, expected):
        """The reason code of the next packet, which is of the kind `expected`."""
        kind, body = self.read()
        assert kind & 0xF0 == expected, hex(kind)
        place = {CONNACK: 1, PUBACK: 2, PUBREC: 2, SUBACK: len(body) - 1, END: 0}[expected]
        return body[place] if len(body) > place else SUCCESS

    def publish(self, topic, payload=b"x", qos=1, identifier=1, retain=False):
        head = text(topic) + (struct.pack(">H", identifier) if qos else b"") + b"\x00"
        self.socket.sendall(packet(PUBLISH | qos << 1 | retain, head + payload))

    def subscribe(self, topic_filter, identifier=1):
        self.socket.sendall(packet(SUBSCRIBE, struct.pack(">H", identifier) + b"\x00" + text(topic_filter) + b"\x01"))
        return self.reason(SUBACK)

    def close(self):
        self.socket.close()


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        cls.broker = Broker("limited", cls.directory.name, settings=(
            "max_packet_size 2000", "max_topic_length 40", "max_topic_levels 4", "max_clientid_length 25",
            "connect_timeout 1", "max_keepalive 30", "receive_maximum 2", "max_subscriptions 2",
            "max_subscription_bytes 300", "max_retained_messages 2", "sys_interval 0")).start()
        cls.addClassCleanup(cls.broker.kill)
        cls.broker.wait_ready()

    def client(self, *arguments, **options):
        client = Client(self.broker, *arguments, **options)
        self.addCleanup(client.close)
        return client

    def test_max_packet_size(self):
        client = self.client()
        self.assertIn(b"\x27" + struct.pack(">I", 2000), client.connack, "Maximum Packet Size")
        overhead = 1 + 2 + len(text("a")) + 2 + 1
        client.publish("a", b"x" * (2000 - overhead))
        self.assertEqual(client.reason(PUBACK) & 0x80, 0)
        client.publish("a", b"x" * (2001 - overhead))
        self.assertEqual(client.reason(END), TOO_LARGE)

    def test_topics(self):
        client = self.client()
        for topic, reason in (("a" * 40, 0), ("a" * 41, TOPIC_NAME_INVALID), ("a/b/c/d", 0),
                              ("a/b/c/d/e", TOPIC_NAME_INVALID)):
            client.publish(topic)
            answer = client.reason(PUBACK)
            self.assertEqual(answer if reason else answer & 0x80, reason, topic)
        self.assertEqual(client.subscribe("a/+/c/#"), 1)
        self.assertEqual(client.subscribe("a/b/c/d/#"), TOPIC_FILTER_INVALID)
        self.assertEqual(client.subscribe("a" * 41), TOPIC_FILTER_INVALID)

    def test_max_clientid_length(self):
        self.assertEqual(self.client("i" * 25).connack[1], SUCCESS)
        self.assertEqual(self.client("i" * 26).connack[1], ID_NOT_VALID)

    def test_connect_timeout(self):
        begin = time.monotonic()
        with self.assertRaises(EOFError):
            self.client(send=False).read()
        self.assertLess(time.monotonic() - begin, 8)

    def test_max_keepalive(self):
        self.assertNotIn(SERVER_KEEP_ALIVE + b"\x00", self.client(keep_alive=30).connack[2:])
        for asked in (31, 0):
            self.assertIn(SERVER_KEEP_ALIVE + struct.pack(">H", 30), self.client(keep_alive=asked).connack)

    def test_receive_maximum(self):
        client = self.client()
        self.assertIn(b"\x21" + struct.pack(">H", 2), client.connack)
        for identifier in (1, 2):
            client.publish("a", qos=2, identifier=identifier)  # never released
            self.assertEqual(client.reason(PUBREC) & 0x80, 0)
        client.publish("a", qos=2, identifier=3)
        self.assertEqual(client.reason(END), RECEIVE_MAXIMUM_EXCEEDED)

    def test_subscriptions(self):
        client = self.client()
        self.assertEqual([client.subscribe(topic) for topic in ("a", "b", "c", "b")], [1, 1, QUOTA_EXCEEDED, 1])
        client = self.client()
        self.assertEqual([client.subscribe(topic) for topic in ("+/a/b/c", "b" * 38, "b" * 37)], [1, QUOTA_EXCEEDED, 1],
                         "7 bytes and 64 for each level; the rest of 300 bytes")

    def test_max_retained_messages(self):
        client = self.client()
        for topic, refused in (("r/1", False), ("r/2", False), ("r/3", True), ("r/2", False)):
            client.publish(topic, retain=True)
            self.assertEqual(client.reason(PUBACK) == QUOTA_EXCEEDED, refused, topic)


class Sessions(unittest.TestCase):
    def start(self, *settings):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        broker = Broker("sessions", directory.name, settings=settings).start()
        self.addCleanup(broker.kill)
        return broker.wait_ready()

    def client(self, broker, *arguments, **options):
        client = Paho(broker, *arguments, **options)
        self.addCleanup(client.close)
        return client

    def got_while_away(self, *settings):
        broker = self.start(*settings)
        away = self.client(broker, "3.1.1", "away", clean=False)
        away.subscribe("q", 1)
        away.close()
        publisher = self.client(broker)
        publisher.publish("q", "0", 0)
        publisher.publish("q", "1", 1)
        back = self.client(broker, "3.1.1", "away", clean=False)
        publisher.publish("q", "last", 1)
        wait_until(lambda: "last" in back.payloads(), "the last message")
        return back.payloads()

    def test_queue_qos0_messages(self):
        self.assertEqual(self.got_while_away(), ["1", "last"])
        self.assertEqual(self.got_while_away("queue_qos0_messages true"), ["0", "1", "last"])

    def test_persistent_client_expiration(self):
        broker = self.start("persistent_client_expiration 2h")
        for asked, told in ((7200, None), (7201, 7200), (0xFFFFFFFF, 7200)):
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = asked
            client = self.client(broker, "5", "lasting", connect_properties=properties)
            self.assertEqual(getattr(client.connect_answer[2], "SessionExpiryInterval", None), told)


    def refusal(self, broker, version, client_id):
        client = self.client(broker, version, client_id)
        answer = client.connect_answer[1]
        client.close()
        return getattr(answer, "value", answer)

    def test_global_max_clients(self):
        broker = self.start("global_max_clients 3")
        away = self.client(broker, "3.1.1", "away", clean=False)
        away.close()
        first, _ = self.client(broker, "5", "first"), self.client(broker, "5", "second")
        self.assertEqual(self.refusal(broker, "5", "third"), QUOTA_EXCEEDED)
        self.assertEqual(self.refusal(broker, "3.1.1", "third"), 3)
        back = self.client(broker, "3.1.1", "away", clean=False)
        self.assertTrue(back.session_present(), "who has a session is let in")
        first.close()
        wait_until(lambda: self.refusal(broker, "5", "third") == SUCCESS, "a place for one more client")
        self.assertGreaterEqual(broker.metric("mqttzoo_sessions_refused_total"), 2)


class Queues(unittest.TestCase):
    def overflow(self, *settings):
        """What a subscriber that acknowledges nothing gets of ten messages: how many, and how it ends."""
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        broker = Broker("queue", directory.name, settings=settings).start()
        self.addCleanup(broker.kill)
        broker.wait_ready()
        subscriber, publisher = Client(broker), Client(broker)
        self.addCleanup(subscriber.close)
        self.addCleanup(publisher.close)
        subscriber.subscribe("q")
        for identifier in range(1, 11):
            publisher.publish("q", b"x" * 100, identifier=identifier)
            publisher.reason(PUBACK)
        subscriber.socket.settimeout(1)
        got, ending = 0, None
        try:
            while ending is None:
                kind, body = subscriber.read()
                got += kind & 0xF0 == PUBLISH
                ending = body[0] if kind == END else None
        except socket.timeout:
            pass
        return got, ending

    def test_max_inflight_messages(self):
        self.assertEqual(self.overflow("max_inflight_messages 4"), (4, None))
        self.assertEqual(self.overflow("max_inflight_messages 0"), (10, None))

    def test_max_inflight_bytes(self):
        self.assertEqual(self.overflow("max_inflight_bytes 301"), (4, None))
        self.assertEqual(self.overflow("max_inflight_bytes 300"), (3, None))
        self.assertEqual(self.overflow("max_inflight_bytes 1"), (1, None))

    def test_max_queued_messages(self):
        self.assertEqual(self.overflow("max_inflight_messages 4", "max_queued_messages 6"), (4, None))
        self.assertEqual(self.overflow("max_inflight_messages 4", "max_queued_messages 5"), (4, QUOTA_EXCEEDED))
        self.assertEqual(self.overflow("max_inflight_messages 4", "max_queued_messages 0"), (4, None))

    def test_max_queued_bytes(self):
        self.assertEqual(self.overflow("max_inflight_messages 4", "max_queued_bytes 500"), (4, QUOTA_EXCEEDED))
        self.assertEqual(self.overflow("max_inflight_messages 4", "max_queued_bytes 0"), (4, None))


if __name__ == "__main__":
    unittest.main(verbosity=2)
