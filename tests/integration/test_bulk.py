"""10,000 numbered messages as fast as possible through one broker arrive complete and in order at the other two."""

import os
import unittest

from harness.clients import Paho
from harness.cluster import Cluster

COUNT = int(os.environ.get("MQTTZOO_BULK_COUNT", "10000"))


class Bulk:
    threads = 1

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(threads=cls.threads)
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()

    def run_bulk(self, qos):
        one, two, three = self.cluster.brokers
        subscribers = [Paho(broker, "5", f"bulk-{broker.name}-{qos}") for broker in (two, three)]
        publisher = Paho(one, "5", f"bulk-publisher-{qos}")
        for client in (*subscribers, publisher):
            self.addCleanup(client.close)
        for subscriber in subscribers:
            subscriber.subscribe(f"bulk/{qos}", qos)
        last = None
        for number in range(COUNT):
            last = publisher.publish(f"bulk/{qos}", str(number), qos, wait=False)
        last.wait_for_publish(120)
        for subscriber in subscribers:
            subscriber.wait_messages(COUNT, 120)
            self.assertEqual([int(payload) for payload in subscriber.payloads()], list(range(COUNT)))

    def test_qos_0(self):
        self.run_bulk(0)

    def test_qos_1(self):
        self.run_bulk(1)

    def test_qos_2(self):
        self.run_bulk(2)


class OneThread(Bulk, unittest.TestCase):
    threads = 1


class FourThreads(Bulk, unittest.TestCase):
    threads = 4


if __name__ == "__main__":
    unittest.main(verbosity=2)
