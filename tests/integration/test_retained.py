"""Retained values in znodes: late subscribers, time to live, the Bank, what stands in ZooKeeper (P4)."""

import subprocess
import time
import unittest

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from harness.clients import Mosquitto, Paho
from harness.cluster import Cluster
from harness.waiting import wait_until

QUOTA_EXCEEDED = 0x97
BANK_BYTES = 4 * 1024 * 1024


def expiry(seconds):
    properties = Properties(PacketTypes.PUBLISH)
    properties.MessageExpiryInterval = seconds
    return properties


class Retained(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(settings=[f"bank {BANK_BYTES}"])
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()

    def client(self, broker, version="5", **options):
        client = Paho(broker, version, **options)
        self.addCleanup(client.close)
        return client

    def retained_at(self, broker, topic):
        """What a new subscriber gets: the payloads before a marker that is published after SUBACK."""
        client = Paho(broker)
        try:
            client.subscribe([(topic, 1), (f"marker/{id(client)}", 1)])
            client.publish(f"marker/{id(client)}", "", 1)
            wait_until(lambda: any(m.topic.startswith("marker/") for m in client.messages), "the marker")
            return [(m.topic, m.payload.decode(), m.retain) for m in client.messages if not m.topic.startswith("marker/")]
        finally:
            client.close()

    def test_late_subscribers_at_every_broker_get_the_value(self):
        publisher = self.client(self.cluster.brokers[0])
        publisher.publish("late/a", "first", 1, retain=True)
        publisher.publish("late/a", "second", 1, retain=True)
        publisher.publish("late/b/c", "deep", 2, retain=True)
        publisher.publish("late/live", "not kept", 1, retain=False)
        for broker in self.cluster.brokers:
            with self.subTest(broker=broker.name):
                self.assertEqual(sorted(self.retained_at(broker, "late/#")),
                                 [("late/a", "second", 1), ("late/b/c", "deep", 1)])

    def test_the_value_is_there_at_the_acknowledgement(self):
        publisher = self.client(self.cluster.brokers[0])
        for number in range(20):
            publisher.publish("now", str(number), 1, retain=True)
            broker = self.cluster.brokers[1 + number % 2]
            self.assertEqual(self.retained_at(broker, "now"), [("now", str(number), 1)])

    def test_live_subscribers_get_it_without_the_retain_flag(self):
        subscriber = self.client(self.cluster.brokers[1])
        subscriber.subscribe("flag", 1)
        self.client(self.cluster.brokers[0]).publish("flag", "x", 1, retain=True)
        self.assertEqual(subscriber.wait_messages(1)[0].retain, 0)

    def test_an_empty_payload_deletes(self):
        publisher = self.client(self.cluster.brokers[0], "3.1.1")
        publisher.publish("gone", "x", 1, retain=True)
        publisher.publish("gone", "", 1, retain=True)
        for broker in self.cluster.brokers:
            self.assertEqual(self.retained_at(broker, "gone"), [])

    def test_time_to_live_ends_at_every_broker(self):
        publisher = self.client(self.cluster.brokers[0])
        publisher.publish("ttl/short", "x", 1, retain=True, properties=expiry(3))
        published = time.monotonic()
        publisher.publish("ttl/long", "x", 1, retain=True, properties=expiry(300))
        for broker in self.cluster.brokers:
            self.assertIn(("ttl/short", "x", 1), self.retained_at(broker, "ttl/#"))
        for broker in self.cluster.brokers:
            wait_until(lambda: self.retained_at(broker, "ttl/short") == [], f"expiry at {broker.name}", 10)
            ended = time.monotonic() - published
            self.assertTrue(2 <= ended, f"{broker.name} forgot it after {ended:.1f} s")
            self.assertEqual(self.retained_at(broker, "ttl/long"), [("ttl/long", "x", 1)])

    def test_the_bank_refuses_and_is_paid_back(self):
        publisher = self.client(self.cluster.brokers[0])
        body = b"x" * 500_000
        refused = None
        answers = {}
        publisher.client.on_publish = None
        for number in range(10):
            if not self.stores(publisher, f"bank/{number}", body):
                refused = number
                break
        self.assertIsNotNone(refused, "10 values of 500 kB fit into a bank of 4 MiB")
        self.assertGreaterEqual(refused, 4)
        self.assertEqual(self.retained_at(self.cluster.brokers[1], f"bank/{refused}"), [])
        # A v3.1.1 publisher cannot be told: delivered live, acknowledged, not stored.
        old, live = self.client(self.cluster.brokers[0], "3.1.1"), self.client(self.cluster.brokers[2])
        live.subscribe("bank/old", 1)
        old.publish("bank/old", body, 1, retain=True)
        live.wait_messages(1)
        self.assertEqual(self.retained_at(self.cluster.brokers[1], "bank/old"), [])
        broker = self.cluster.brokers[0]
        wait_until(lambda: "retained messages were not stored bank=" in broker.log(), "the refusal in the log")
        wait_until(lambda: broker.metric("mqttzoo_retained_credit_bytes") >= 4 * len(body), "what the values cost")
        # Deleting pays back.
        for number in range(refused):
            publisher.publish(f"bank/{number}", "", 1, retain=True)
        self.assertTrue(self.stores(publisher, "bank/again", body))
        publisher.publish("bank/again", "", 1, retain=True)

    def stores(self, publisher, topic, body):
        """True when the publish was taken, by what a new subscriber elsewhere gets."""
        publisher.publish(topic, body, 1, retain=True)
        return self.retained_at(self.cluster.brokers[1], topic) != []

    def test_a_value_over_the_znode_limit(self):
        body = b"x" * (901 * 1024)
        live = self.client(self.cluster.brokers[1])
        live.subscribe("huge/#", 1)
        self.client(self.cluster.brokers[0]).publish("huge/5", body, 1, retain=True)
        self.client(self.cluster.brokers[0], "3.1.1").publish("huge/3", body, 1, retain=True)
        self.assertEqual([m.topic for m in live.wait_messages(1)], ["huge/3"])
        self.assertEqual(self.retained_at(self.cluster.brokers[2], "huge/#"), [])

    def test_znodes_are_readable(self):
        self.client(self.cluster.brokers[0]).publish("read/me now", "visible", 1, retain=True)
        server = self.cluster.ensemble.servers[0]
        listing = subprocess.run(
            ["/usr/share/zookeeper/bin/zkCli.sh", "-server", f"127.0.0.1:{server.client_port}", "ls", "-R", "/mqttzoo/topic"],
            capture_output=True, text=True, timeout=60).stdout
        self.assertRegex(listing, r"(?m)^/mqttzoo/topic/[0-9a-f]{2}/read%2[Ff]me%20now$")

    def test_values_survive_all_brokers(self):
        self.client(self.cluster.brokers[0]).publish("survives", "x", 1, retain=True)
        for broker in self.cluster.brokers:
            broker.kill()
        for broker in self.cluster.brokers:
            broker.start()
        self.cluster.wait_ready()
        for broker in self.cluster.brokers:
            self.assertEqual(self.retained_at(broker, "survives"), [("survives", "x", 1)])

    def test_mosquitto_sub_gets_it_too(self):
        Mosquitto("3.1.1").publish(self.cluster.brokers[0], "tools", "kept", 1, "-r")
        lines = Mosquitto("5").subscribe(self.cluster.brokers[2], "tools", 1)
        self.addCleanup(lines.close)
        self.assertEqual(lines.wait_lines(1)[0], "tools kept")


if __name__ == "__main__":
    unittest.main(verbosity=2)
