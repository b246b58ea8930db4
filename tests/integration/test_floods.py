"""One client, or many from one place, cannot take a broker away from everybody else."""

import socket
import struct
import tempfile
import unittest

from harness.broker import Broker
from harness.waiting import wait_until


def packet(kind, body):
    length, rest = b"", len(body)
    while True:
        rest, digit = divmod(rest, 128)
        length += bytes([digit | (0x80 if rest else 0)])
        if not rest:
            return bytes([kind]) + length + body


def text(value):
    return struct.pack(">H", len(value)) + value


def connect(broker, client_id):
    connection = socket.create_connection(("127.0.0.1", broker.port), 5)
    connection.settimeout(30)
    connection.sendall(packet(0x10, text(b"MQTT") + b"\x04\x02\x00\x00" + text(client_id)))
    return connection


class Floods(unittest.TestCase):
    def start(self, name, **options):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        broker = Broker(name, directory.name, **options).start()
        self.addCleanup(broker.kill)
        return broker.wait_ready()

    def test_clients_leave_files_for_everything_else(self):
        broker = self.start("few-files", threads=2, prefix=["prlimit", "--nofile=400:400"])
        clients = [connect(broker, b"%d" % number) for number in range(500)]
        self.addCleanup(lambda: [client.close() for client in clients])
        wait_until(lambda: broker.metric("mqttzoo_connections_over_limit_total") > 0, "the limit to be reached")
        self.assertEqual(broker.get("/healthz")[0], 200)
        self.assertLessEqual(broker.metric("mqttzoo_connections"), 400 - 256)

    def test_many_wildcards_that_match_everything(self):
        broker = self.start("wildcards")
        publisher = connect(broker, b"publisher")
        self.assertEqual(publisher.recv(4)[:1], b"\x20")
        for number in range(2_000):
            publisher.sendall(packet(0x31, text(b"t/%d" % number) + b"x"))
        publisher.sendall(packet(0x33, text(b"last") + b"\x00\x01x"))
        self.assertEqual(publisher.recv(4)[:1], b"\x40")
        reader = connect(broker, b"reader")
        self.assertEqual(reader.recv(4)[:1], b"\x20")
        reader.sendall(packet(0x82, b"\x00\x01" + (text(b"#") + b"\x00") * 10_000))
        wait_until(lambda: broker.metric("mqttzoo_retained_reads_cut_short_total") == 1, "the limit to be reached", 30)
        bystander = connect(broker, b"bystander")
        self.assertEqual(bystander.recv(4)[:1], b"\x20")
        bystander.sendall(packet(0x82, b"\x00\x01" + text(b"t/1") + b"\x00"))
        self.assertEqual(bystander.recv(2)[:1], b"\x90")
        for client in (publisher, reader, bystander):
            client.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
