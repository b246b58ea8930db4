"""Bad input gets a clear answer and harms nobody else."""

import socket
import struct
import subprocess
import tempfile
import unittest

from harness.broker import BINARY, Broker
from harness.clients import Paho
from harness.cluster import Cluster
from harness.waiting import free_port, wait_until


def connect_packet(version=5, client_id=b"raw", flags=2):
    body = b"\x00\x04MQTT" + bytes([version, flags]) + b"\x00\x3c" + (b"\x00" if version == 5 else b"")
    body += struct.pack(">H", len(client_id)) + client_id
    return bytes([0x10, len(body)]) + body


def answer_to(port, data, seconds=20):
    """Sends bytes and reads until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.settimeout(seconds)
        connection.sendall(data)
        answer = b""
        try:
            while chunk := connection.recv(4096):
                answer += chunk
        except ConnectionResetError:
            pass
        return answer


class BadClients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        cls.broker = Broker("lone", cls.directory.name).start()
        cls.addClassCleanup(lambda: cls.broker.kill())
        cls.broker.wait_ready()

    def setUp(self):
        self.witness = Paho(self.broker)
        self.witness.subscribe("witness", 1)

    def tearDown(self):
        self.witness.publish("witness", "still here", 1)
        self.witness.wait_messages(1)
        self.assertFalse(self.witness.disconnected.is_set())
        self.witness.close()

    def assert_refused(self, data, reason):
        """After CONNECT and CONNACK, `data` gets DISCONNECT with the reason."""
        answer = answer_to(self.broker.port, connect_packet() + data)
        self.assertEqual(answer[0], 0x20, answer)
        disconnect = answer[2 + answer[1]:]
        self.assertEqual((disconnect[0], disconnect[2]), (0xE0, reason), answer)

    def test_wrong_first_packet(self):
        self.assertEqual(answer_to(self.broker.port, b"\xc0\x00")[:1], b"")

    def test_http_on_the_mqtt_port(self):
        self.assertEqual(answer_to(self.broker.port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), b"")

    def test_unsupported_version(self):
        self.assertEqual(answer_to(self.broker.port, connect_packet(version=6))[3], 0x84)

    def test_malformed_remaining_length(self):
        self.assert_refused(b"\x30\xff\xff\xff\xff\x7f", 0x81)

    def test_invalid_utf8(self):
        self.assert_refused(b"\x30\x06\x00\x02\xc3\x28\x00x", 0x81)

    def test_wildcard_in_a_topic_name(self):
        self.assert_refused(b"\x30\x05\x00\x01#\x00x", 0x90)

    def test_reserved_flags(self):
        self.assert_refused(b"\x80\x07\x00\x01\x00\x00\x01a\x00", 0x81)

    def test_second_connect(self):
        self.assert_refused(connect_packet(), 0x82)

    def test_topic_of_200_levels(self):
        topic = b"/".join([b"a"] * 200)
        body = struct.pack(">H", len(topic)) + topic + b"\x00x"
        self.assert_refused(b"\x30" + bytes([0x80 | len(body) % 128, len(body) // 128]) + body, 0x90)

    def test_oversize_packet_is_refused_at_its_header(self):
        self.assert_refused(b"\x30\xff\xff\xff\x7f", 0x95)

    def test_no_connect_in_time(self):
        self.assertEqual(answer_to(self.broker.port, b"\x10"), b"")

    def test_one_log_line_per_ending(self):
        before = self.broker.log().count("\n")
        answer_to(self.broker.port, connect_packet(client_id=b"logged") + b"\x30\x05\x00\x01#\x00x")
        wait_until(lambda: "logged" in self.broker.log(), "the log line")
        self.assertEqual(sum("logged" in line and "Topic" in line for line in self.broker.log().splitlines()[before:]), 1)


class BadStarts(unittest.TestCase):
    def start(self, *arguments, config=None):
        if config is not None:
            file = tempfile.NamedTemporaryFile("w", suffix=".conf")
            self.addCleanup(file.close)
            file.write(config)
            file.flush()
            arguments = ("-c", file.name, *arguments)
        result = subprocess.run([str(BINARY), *arguments], capture_output=True, text=True, timeout=30)
        self.assertNotEqual(result.returncode, 0)
        return result.stdout + result.stderr

    def test_port_in_use(self):
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            port = holder.getsockname()[1]
            output = self.start("-p", str(port))
            self.assertIn(str(port), output)
            self.assertIn("in use", output)

    def test_unknown_option(self):
        self.assertIn("--frobnicate", self.start("--frobnicate"))

    def test_unknown_key_is_named_with_its_line(self):
        output = self.start(config="allow_anonymous true\nfrobnicate yes\n")
        self.assertIn("frobnicate", output)
        self.assertIn(":2", output)

    def test_key_of_a_later_release(self):
        self.assertIn("cafile", self.start(config="cafile /etc/ca.pem\n"))

    def test_bad_zookeeper_string(self):
        self.assertIn("zookeeper", self.start("--zookeeper", "host:notaport").lower())


class BadPeers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(brokers=2, zookeepers=1)
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()

    def crosses(self):
        subscriber, publisher = Paho(self.cluster.brokers[1]), Paho(self.cluster.brokers[0])
        subscriber.subscribe("peers", 1)
        publisher.publish("peers", "x", 1)
        subscriber.wait_messages(1)
        subscriber.close()
        publisher.close()

    def test_garbage_on_the_cluster_port(self):
        port = self.cluster.brokers[0].cluster_port
        for garbage in (b"GET / HTTP/1.1\r\n\r\n", b"\x00\x00\x00\x05hello", b"\xff\xff\xff\xff", connect_packet()):
            answer_to(port, garbage)
        self.assertIn("peer", self.cluster.brokers[0].log())
        self.crosses()

    def test_another_protocol_version(self):
        hello = b"\x08\xe7\x07\x10\x01"  # protocol_version 999, kind CONTROL
        answer = answer_to(self.cluster.brokers[0].cluster_port, struct.pack(">I", len(hello)) + hello)
        self.assertIn(b"version", answer)
        self.crosses()


if __name__ == "__main__":
    unittest.main(verbosity=2)
