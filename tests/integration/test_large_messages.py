"""Messages as large as they may be, through every way that a message can take, and one byte more."""

import unittest

from harness.clients import session_expiry
from harness.cluster_case import ClusterCase
from harness.waiting import wait_until

PACKET_BYTES_MAX = 16 * 1024 * 1024
PACKET_TOO_LARGE = 0x95


def payload_bytes(version, topic, qos, packet_bytes=PACKET_BYTES_MAX):
    """The payload that makes a PUBLISH that large."""
    remaining = packet_bytes - 5
    return remaining - 2 - len(topic) - (2 if qos else 0) - (1 if version == "5" else 0)


class LargeMessages(ClusterCase):
    cluster_options = dict(zookeepers=1, threads=2)

    def persistent(self, broker, client_id, version="5"):
        return self.client(broker, version, client_id, clean=False,
                           connect_properties=session_expiry(600) if version == "5" else None)

    def id_with_home(self, home, name):
        """A Client Identifier of a session that is new at that broker."""
        sessions = lambda: [broker.metric("mqttzoo_persistent_sessions") for broker in self.cluster.brokers]
        for number in range(100):
            before, client = sessions(), self.persistent(self.one, f"{name}-{number}")
            wait_until(lambda: sum(sessions()) == sum(before) + 1, "the session in a metric")
            found = sessions()[self.cluster.brokers.index(home)] > before[self.cluster.brokers.index(home)]
            client.close()
            if found:
                return client.client._client_id.decode()
        raise AssertionError(f"no home at {home.name}")

    def assert_arrives(self, publisher, subscriber, topic, qos):
        body = b"x" * payload_bytes(publisher.version, topic, qos)
        publisher.publish(topic, body, qos)
        message = subscriber.wait_messages(1)[0]
        self.assertEqual((len(message.payload), message.qos), (len(body), qos))
        self.assertTrue(message.payload == body)
        subscriber.messages.clear()

    def assert_refused(self, publisher, topic, qos):
        publisher.publish(topic, b"x" * (payload_bytes(publisher.version, topic, qos) + 1), qos, wait=False)
        self.assertTrue(publisher.disconnected.wait(30), "one byte more was taken")
        if publisher.version == "5":
            self.assertEqual(publisher.disconnect_reason.value, PACKET_TOO_LARGE)

    def test_the_largest_packet_and_one_byte_more(self):
        subscriber = self.client(self.two)
        subscriber.subscribe("limit", 2)
        for version, qos in (("5", 0), ("5", 1), ("3.1.1", 2)):
            with self.subTest(version=version, qos=qos):
                publisher = self.client(self.one, version)
                self.assert_arrives(publisher, subscriber, "limit", qos)
                self.assert_refused(publisher, "limit", qos)
        self.client(self.one).publish("limit", "still served", 1)
        self.assertEqual(subscriber.wait_messages(1)[0].payload, b"still served")

    def test_to_sessions_at_every_home(self):
        """The publisher is at the first broker, the subscriber at the second, its session at each one; live and queued."""
        publisher = self.client(self.one)
        for home in self.cluster.brokers:
            client_id = self.id_with_home(home, f"to-{home.name}")
            subscriber = self.persistent(self.two, client_id)
            topic = f"to/{home.name}"
            subscriber.subscribe(topic, 2)
            with self.subTest(home=home.name):
                self.assert_arrives(publisher, subscriber, topic, 2)
                subscriber.wait_acknowledged()
                subscriber.drop()
                body = b"y" * payload_bytes("5", topic, 1)
                publisher.publish(topic, body, 1)
                back = self.persistent(self.three, client_id)
                self.assertTrue(back.wait_messages(1)[0].payload == body)

    def test_from_sessions_at_every_home(self):
        """QoS 2 of a persistent client goes through its session."""
        subscriber = self.client(self.three)
        subscriber.subscribe("from/#", 2)
        for home in self.cluster.brokers:
            client_id = self.id_with_home(home, f"from-{home.name}")
            for version in ("5", "3.1.1"):
                with self.subTest(home=home.name, version=version):
                    self.assert_arrives(self.persistent(self.two, client_id, version), subscriber, f"from/{version}", 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
