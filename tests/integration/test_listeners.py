"""Several listeners of one broker, each with settings of its own."""

import socket
import tempfile
import types
import unittest

from harness.broker import Broker
from harness.clients import Paho
from harness.waiting import free_port, wait_until


def at(port, host="127.0.0.1"):
    return types.SimpleNamespace(name=f"port {port}", host=host, port=port)


def opens(port, host="127.0.0.1"):
    """Whether a socket can be opened and stays open for a while."""
    try:
        with socket.create_connection((host, port), 5) as connection:
            connection.settimeout(0.3)
            return connection.recv(1) != b""
    except socket.timeout:
        return True
    except OSError:
        return False


class Listeners(unittest.TestCase):
    def start(self, *settings):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        broker = Broker("several", directory.name, threads=2, settings=settings).start()
        self.addCleanup(broker.kill)
        return broker

    def client(self, port, host="127.0.0.1"):
        client = Paho(at(port, host))
        self.addCleanup(client.close)
        return client

    def test_each_has_its_own_settings(self):
        wide, narrow = free_port(), free_port()
        broker = self.start(f"listener {wide}", f"listener {narrow}", "socket_domain ipv4",
                            "max_connections 2").wait_ready()
        first, second = self.client(narrow), self.client(narrow)
        self.assertFalse(opens(narrow), "a third client at a listener for two")
        self.assertTrue(opens(wide))
        self.assertTrue(opens(wide, "::1"))
        self.assertFalse(opens(narrow, "::1"), "IPv6 at a listener for IPv4")
        self.assertEqual(broker.metric("mqttzoo_connections_over_limit_total"), 1)
        wait_until(lambda: "client turned away" in broker.log() and "limit=max_connections" in broker.log(),
                   "the log line")

        first.close()
        wait_until(lambda: opens(narrow), "a place at the listener")
        other = self.client(wide, "::1")
        other.subscribe("across", 1)
        second.publish("across", "listeners", 1)
        other.wait_messages(1)

    def test_all_together_are_bounded_too(self):
        other = free_port()
        broker = self.start(f"listener {other} 127.0.0.1", "global_max_connections 2").wait_ready()
        self.client(broker.port)
        self.client(other)
        self.assertFalse(opens(broker.port))
        self.assertFalse(opens(other))
        wait_until(lambda: "limit=global_max_connections" in broker.log(), "the log line")

    def test_default_listener_beside_others(self):
        port = free_port()
        self.start(f"port {port}", "bind_address ::1").wait_ready()
        self.assertTrue(opens(port, "::1"))
        self.assertFalse(opens(port))

    def test_interface(self):
        port = free_port()
        broker = self.start(f"listener {port}", "bind_interface lo", "set_tcp_nodelay false").wait_ready()
        self.client(port)
        self.assertEqual(broker.stop(), 0)

    def test_missing_interface_stops_the_start(self):
        broker = self.start(f"listener {free_port()}", "bind_interface no-such-device")
        self.assertEqual(broker.process.wait(30), 1)
        self.assertIn("interface no-such-device: No such device", broker.log())


if __name__ == "__main__":
    unittest.main(verbosity=2)
