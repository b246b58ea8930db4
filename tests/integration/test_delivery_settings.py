"""Settings that change the way of a message to its client, with publisher and subscriber at different brokers."""

import unittest

from harness.clients import Paho, session_expiry
from harness.cluster import Cluster


class UpgradedQos(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(settings=("upgrade_outgoing_qos true", "sys_interval 0"))
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()

    def client(self, broker, **options):
        client = Paho(self.cluster.brokers[broker], **options)
        self.addCleanup(client.close)
        return client

    def test_is_that_of_the_subscription(self):
        publisher = self.client(0)
        subscribers = [self.client(broker, version=version) for broker in (0, 1, 2) for version in ("3.1.1", "5")]
        for subscriber in subscribers:
            subscriber.subscribe("up", 2)
        for qos in 0, 1, 2:
            publisher.publish("up", f"qos {qos}", qos)
        for subscriber in subscribers:
            subscriber.wait_messages(3)
            self.assertEqual(sorted(subscriber.payloads()), ["qos 0", "qos 1", "qos 2"])
            self.assertEqual({message.qos for message in subscriber.messages}, {2})

    def test_holds_for_retained_messages(self):
        self.client(0).publish("up/kept", "x", 1, retain=True)
        for broker in 0, 1, 2:
            subscriber = self.client(broker)
            subscriber.subscribe("up/kept", 2)
            message = subscriber.wait_messages(1)[0]
            self.assertEqual((message.qos, message.retain), (2, True))

    def test_qos_0_waits_for_a_client_that_is_away(self):
        for number in range(6):  # their homes are at different brokers
            name = f"away-{number}"
            first = self.client(1, client_id=name, connect_properties=session_expiry(60))
            first.subscribe(f"up/{name}", 1)
            first.drop()
            publisher = self.client(0)
            publisher.publish(f"up/{name}", "x", 0)
            publisher.wait_acknowledged()
            second = self.client(2, client_id=name, clean=False, connect_properties=session_expiry(0))
            self.assertEqual([(m.payload, m.qos) for m in second.wait_messages(1)], [(b"x", 1)])


if __name__ == "__main__":
    unittest.main(verbosity=2)
