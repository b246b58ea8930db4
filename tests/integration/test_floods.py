"""One client, or many from one place, cannot take a broker away from everybody else."""

import pathlib
import re
import socket
import struct
import tempfile
import threading
import time
import unittest

from harness.broker import Broker
from harness.clients import Paho
from harness.cluster import Cluster
from harness.noise import CONNECT, PUBLISH, SUBSCRIBE, packet, text
from harness.waiting import wait_until

SUBACK, QUOTA_EXCEEDED = 0x90, 0x97


def connect(broker, client_id, version=4):
    connection = socket.create_connection(("127.0.0.1", broker.port), 5)
    connection.settimeout(60)
    properties = b"\x02\x17\x00" if version == 5 else b""  # no Request Problem Information: codes alone
    connection.sendall(packet(CONNECT, text("MQTT") + bytes([version, 2]) + b"\x00\x00" + properties + text(client_id)))
    return connection


def resident_bytes(broker):
    """The memory of the broker's process."""
    status = pathlib.Path(f"/proc/{broker.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024


def read_exactly(connection, size):
    data = bytearray()
    while len(data) < size:
        part = connection.recv(1 << 20)
        if not part:
            raise EOFError(f"closed after {len(data)} bytes: {data[-20:]}")
        data += part
    return bytes(data)


class Floods(unittest.TestCase):
    def start(self, name, **options):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        broker = Broker(name, directory.name, **options).start()
        self.addCleanup(broker.kill)
        return broker.wait_ready()

    def test_clients_leave_files_for_everything_else(self):
        broker = self.start("few-files", threads=2, prefix=["prlimit", "--nofile=400:400"])
        clients = [connect(broker, str(number)) for number in range(500)]
        self.addCleanup(lambda: [client.close() for client in clients])
        wait_until(lambda: broker.metric("mqttzoo_connections_over_limit_total") > 0, "the limit to be reached")
        self.assertEqual(broker.get("/healthz")[0], 200)
        self.assertLessEqual(broker.metric("mqttzoo_connections"), 400 - 256)

    def test_many_wildcards_that_match_everything(self):
        broker = self.start("wildcards")
        publisher = connect(broker, "publisher")
        self.assertEqual(publisher.recv(4)[:1], b"\x20")
        for number in range(2_000):
            publisher.sendall(packet(PUBLISH | 1, text(f"t/{number}") + b"x"))
        publisher.sendall(packet(PUBLISH | 3, text("last") + b"\x00\x01x"))
        self.assertEqual(publisher.recv(4)[:1], b"\x40")
        reader = connect(broker, "reader")
        self.assertEqual(reader.recv(4)[:1], b"\x20")
        reader.sendall(packet(SUBSCRIBE, b"\x00\x01" + (text("#") + b"\x00") * 10_000))
        wait_until(lambda: broker.metric("mqttzoo_retained_reads_cut_short_total") == 1, "the limit to be reached", 30)
        bystander = connect(broker, "bystander")
        self.assertEqual(bystander.recv(4)[:1], b"\x20")
        bystander.sendall(packet(SUBSCRIBE, b"\x00\x01" + text("t/1") + b"\x00"))
        self.assertEqual(bystander.recv(2)[:1], b"\x90")
        for client in (publisher, reader, bystander):
            client.close()

    def test_connections_that_never_send_a_whole_connect(self):
        """They end in time; meanwhile they cost little, and others are served."""
        broker = self.start("half-open", threads=2, settings=["connect_timeout 3"])
        witness = Paho(broker)
        self.addCleanup(witness.close)
        witness.subscribe("witness", 1)
        before = resident_bytes(broker)
        beginnings = [b"", b"\x10", b"\x10\xff\xff\x0f", packet(CONNECT, text("MQTT") + b"\x05\x02")[:-1]]
        crowd = []
        for number in range(800):
            crowd.append(socket.create_connection(("127.0.0.1", broker.port), 20))
            self.addCleanup(crowd[-1].close)
            crowd[-1].sendall(beginnings[number % 4])
        wait_until(lambda: broker.metric("mqttzoo_connections") == 801, "all connections")
        self.assertLess(resident_bytes(broker) - before, 20 << 20)
        witness.publish("witness", "x", 1)
        witness.wait_messages(1)
        wait_until(lambda: broker.metric("mqttzoo_connections") == 1, "their end")
        for connection in crowd:
            self.assertEqual(connection.recv(1), b"")
        self.assertFalse(witness.disconnected.is_set())


class SubscribeFlood(unittest.TestCase):
    COUNT = 100_000  # what a client may have

    def setUp(self):
        self.cluster = Cluster(brokers=2, zookeepers=1)
        self.addCleanup(self.cluster.stop)
        self.cluster.start()
        self.one, self.two = self.cluster.brokers

    def test_a_hundred_thousand_subscribe_packets(self):
        """Each is granted, one more is not; others are served all the time, and all of it comes back at the end."""
        witness, publisher = Paho(self.one), Paho(self.two)
        self.addCleanup(witness.close)
        self.addCleanup(publisher.close)
        witness.subscribe("witness", 1)
        greedy = connect(self.one, "greedy", 5)
        self.addCleanup(greedy.close)
        self.assertEqual(greedy.recv(4096)[:1], b"\x20")
        before = [resident_bytes(broker) for broker in self.cluster.brokers]
        answers = []
        reader = threading.Thread(target=lambda: answers.append(read_exactly(greedy, 6 * (self.COUNT + 1))), daemon=True)
        reader.start()
        writer = threading.Thread(target=lambda: greedy.sendall(b"".join(map(self.subscribe, range(self.COUNT + 1)))),
                                  daemon=True)
        writer.start()
        longest = self.serve_while(reader.is_alive, publisher, witness)
        self.assertLess(longest, 10, "seconds that a message took")
        self.assertEqual(set(answers[0][0::6]), {SUBACK})
        codes = answers[0][5::6]
        self.assertEqual((codes.count(1), codes.count(QUOTA_EXCEEDED)), (self.COUNT, 1))
        for broker, bytes_before in zip(self.cluster.brokers, before):
            self.assertLess(resident_bytes(broker) - bytes_before, 200 << 20, broker.name)
        greedy.close()
        self.serve_while(lambda: self.one.metric("mqttzoo_subscriptions") != 1, publisher, witness)
        wait_until(lambda: self.one.metric("mqttzoo_interest_filters") == 1, "the filters to be withdrawn")

    def subscribe(self, number):
        return packet(SUBSCRIBE, struct.pack(">H", 1 + number % 65_535) + b"\x00" + text(f"flood/{number}") + b"\x01")

    def serve_while(self, condition, publisher, witness):
        """Messages from broker to broker while that holds; how long the slowest one took."""
        longest, deadline = 0, time.monotonic() + 120
        while condition():
            self.assertLess(time.monotonic(), deadline)
            begin, count = time.monotonic(), len(witness.messages)
            publisher.publish("witness", "x", 1)
            witness.wait_messages(count + 1)
            longest = max(longest, time.monotonic() - begin)
        return longest


if __name__ == "__main__":
    unittest.main(verbosity=2)
