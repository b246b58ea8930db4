"""Several listeners of one broker, each with settings of its own."""

import socket
import tempfile
import types
import unittest

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from harness.broker import Broker
from harness.clients import Paho
from harness.waiting import free_port, wait_until

CLIENT_IDENTIFIER_NOT_VALID, NOT_AUTHORIZED, RETAIN_NOT_SUPPORTED = 0x85, 0x87, 0x9A


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

    def reason_of(self, port, **options):
        """The reason code that a v5 client gets, and its properties."""
        client = Paho(at(port), **options)
        self.addCleanup(client.close)
        _, reason, properties = client.connect_answer
        return reason.value if hasattr(reason, "value") else reason, properties

    def test_who_may_come_in_is_for_each(self):
        closed, named = free_port(), free_port()
        broker = self.start("per_listener_settings true", f"listener {closed} 127.0.0.1",
                            f"listener {named} 127.0.0.1", "allow_anonymous true", "auto_id_prefix named-",
                            "max_qos 1", "max_topic_alias 3", "max_topic_alias_broker 0").wait_ready()
        self.assertEqual(self.reason_of(broker.port)[0], 0, "allow_anonymous stands behind the first listener")
        self.assertEqual(self.reason_of(closed)[0], NOT_AUTHORIZED)
        reason, properties = self.reason_of(named)
        self.assertEqual(reason, 0)
        self.assertTrue(properties.AssignedClientIdentifier.startswith("named-"))
        self.assertEqual(properties.MaximumQoS, 1)
        self.assertEqual(properties.TopicAliasMaximum, 3)
        for version in "3.1.1", "5":
            client = Paho(at(named), version=version, client_id=f"subscriber-{version}")
            self.addCleanup(client.close)
            granted = client.subscribe("a/#", 2)[0]
            self.assertEqual(getattr(granted, "value", granted), 1, "max_qos is what a subscription gets")
        properties = self.reason_of(broker.port)[1]
        self.assertTrue(properties.AssignedClientIdentifier.startswith("auto-"))
        self.assertFalse(hasattr(properties, "MaximumQoS"))
        self.assertEqual(properties.TopicAliasMaximum, 10)

    def test_what_a_listener_accepts(self):
        new, strict = free_port(), free_port()
        self.start(f"listener {new} 127.0.0.1", "accept_protocol_versions 5",
                   f"listener {strict} 127.0.0.1", "listener_allow_anonymous false").wait_ready()
        self.assertEqual(self.reason_of(new, version="3.1.1", client_id="old")[0], 1)
        self.assertEqual(self.reason_of(new)[0], 0)
        self.assertEqual(self.reason_of(strict)[0], NOT_AUTHORIZED)

    def test_what_all_accept(self):
        broker = self.start("allow_zero_length_clientid false", "clientid_prefixes ok-", "retain_available false",
                            "message_size_limit 10", "validate_payload_format true").wait_ready()
        self.assertEqual(self.reason_of(broker.port)[0], CLIENT_IDENTIFIER_NOT_VALID)
        self.assertEqual(self.reason_of(broker.port, client_id="other")[0], NOT_AUTHORIZED)
        publisher = Paho(broker, client_id="ok-publisher")
        self.addCleanup(publisher.close)
        self.assertEqual(publisher.connect_answer[2].RetainAvailable, 0)
        publisher.publish("a", "x" * 10, 1)
        publisher.publish("a", "x" * 11, 1)
        wait_until(lambda: broker.metric("mqttzoo_messages_dropped_total", reason="payload_too_long") == 1, "the drop")
        is_text = Properties(PacketTypes.PUBLISH)
        is_text.PayloadFormatIndicator = 1
        for payload in b"\xc3\xa4", b"\xc3":
            publisher.publish("a", payload, 1, properties=is_text)
        wait_until(lambda: broker.metric("mqttzoo_messages_dropped_total", reason="payload_format_invalid") == 1,
                   "the refusal")
        publisher.publish("a", "x", 0, retain=True, wait=False)
        self.assertTrue(publisher.disconnected.wait(10))
        self.assertEqual(publisher.disconnect_reason.value, RETAIN_NOT_SUPPORTED)

    def test_clients_are_sent_elsewhere(self):
        now, good = free_port(), free_port()
        broker = self.start("shutdown_server_reference later:1883", f"listener {now} 127.0.0.1",
                            "use_another_server for-now:1884 10.0.0.1", f"listener {good} 127.0.0.1",
                            "server_moved for-good").wait_ready()
        for port, expected, place in ((now, 0x9C, "for-now:1884 10.0.0.1"), (good, 0x9D, "for-good")):
            reason, properties = self.reason_of(port)
            self.assertEqual((reason, properties.ServerReference), (expected, place))
            self.assertEqual(self.reason_of(port, version="3.1.1", client_id="old")[0], 3)
        client, told = self.client(broker.port), []
        client.client.on_disconnect = lambda c, u, reason, properties: told.append((reason, properties))
        self.assertEqual(broker.stop(), 0)
        wait_until(lambda: told, "DISCONNECT")
        reason, properties = told[0]
        self.assertEqual((reason.value, properties.ServerReference), (0x9C, "later:1883"))

    def test_response_information(self):
        broker = self.start("response_topic_prefix answers").wait_ready()
        for asked, told in ((1, "answers/me"), (0, None)):
            properties = Properties(PacketTypes.CONNECT)
            properties.RequestResponseInformation = asked
            client = Paho(broker, client_id="me", connect_properties=properties)
            self.addCleanup(client.close)
            self.assertEqual(getattr(client.connect_answer[2], "ResponseInformation", None), told)

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
