"""How the ends of connections look to the broker."""

import socket
import struct
import tempfile
import unittest

from harness.broker import Broker
from harness.waiting import wait_until


def connect_packet(client_id, flags=b"\x02", more=b""):
    body = b"\x00\x04MQTT\x05" + flags + b"\x00\x00\x00" + struct.pack(">H", len(client_id)) + client_id + more
    return bytes([0x10, len(body)]) + body


class PoliteReset(unittest.TestCase):
    """A client that disconnects while messages for it are unread resets its connection: its Will is dropped still."""

    def test_disconnect_is_read_although_nothing_can_be_sent_any_more(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        broker = Broker("lone", directory.name).start()
        self.addCleanup(broker.kill)
        broker.wait_ready()
        polite = self.subscriber(broker, b"polite", will=True)
        for number in range(40):  # so that each read of the flood is worth megabytes and is sent before the next read
            self.addCleanup(self.subscriber(broker, b"crowd%d" % number).close)
        publisher = self.connect(broker, connect_packet(b"publisher"))
        self.addCleanup(publisher.close)
        message = b"\x30\xeb\x07\x00\x05flood\x00" + bytes(995)
        publisher.sendall(message)
        self.assertTrue(polite.recv(1, socket.MSG_PEEK))  # there is something that it has not read
        broker.pause()
        publisher.sendall(100 * message)
        polite.sendall(b"\xe0\x00")
        polite.close()
        broker.resume()
        wait_until(lambda: "client=polite" in broker.log(), "the end of the connection")
        line = next(line for line in broker.log().splitlines() if "client=polite" in line)
        self.assertIn("cause=disconnected", line)

    def connect(self, broker, packet):
        connection = socket.create_connection(("127.0.0.1", broker.port), 5)
        connection.sendall(packet)
        self.assertEqual(connection.recv(2)[:1], b"\x20")
        return connection

    def subscriber(self, broker, client_id, will=False):
        flags, more = (b"\x06", b"\x00\x00\x04gone\x00\x03bye") if will else (b"\x02", b"")
        connection = self.connect(broker, connect_packet(client_id, flags, more))
        connection.sendall(b"\x82\x0b\x00\x01\x00\x00\x05flood\x00")
        answer = b""
        while not answer.endswith(b"\x90\x04\x00\x01\x00\x00"):
            answer += connection.recv(1)
        return connection


if __name__ == "__main__":
    unittest.main(verbosity=2)
