"""Brokers and ZooKeeper servers come, go, hang and die in any order; clients elsewhere are not disturbed."""

import unittest

from harness.clients import Paho
from harness.cluster import Cluster
from harness.waiting import wait_until


class Membership(unittest.TestCase):
    def cluster(self, **options):
        cluster = Cluster(**options)
        self.addCleanup(cluster.stop)
        return cluster

    def client(self, broker, version="5", *arguments, **options):
        client = Paho(broker, version, *arguments, **options)
        self.addCleanup(client.close)
        return client

    def test_brokers_start_before_zookeeper(self):
        cluster = self.cluster(zookeepers=1)
        for broker in cluster.brokers:
            broker.start()
        for broker in cluster.brokers:
            wait_until(lambda: broker.get("/healthz")[0] == 200, f"{broker.name} to be healthy")
            status, reasons = broker.get("/readyz")
            self.assertEqual(status, 503)
            self.assertIn("ZooKeeper", reasons)
        cluster.ensemble.start()
        cluster.wait_ready()
        subscriber, publisher = self.client(cluster.brokers[1]), self.client(cluster.brokers[2])
        subscriber.subscribe("t", 1)
        publisher.publish("t", "x", 1)
        subscriber.wait_messages(1)

    def test_joining_and_leaving_disturb_nobody(self):
        cluster = self.cluster()
        cluster.start()
        subscriber, publisher = self.client(cluster.brokers[1]), self.client(cluster.brokers[0])
        subscriber.subscribe("steady", 1)
        sent = 0

        def send(count):
            nonlocal sent
            for _ in range(count):
                publisher.publish("steady", str(sent), 1)
                sent += 1

        send(50)
        newcomer = cluster.add("b4").start()
        send(50)
        cluster.wait_ready()
        late = self.client(newcomer)
        late.subscribe("steady", 1)
        send(50)
        late.wait_messages(50)
        late.close()
        self.assertEqual(newcomer.stop(), 0)
        cluster.brokers.remove(newcomer)
        send(50)
        cluster.wait_ready()
        cluster.brokers[2].kill()
        dead = cluster.brokers.pop(2)
        send(50)
        cluster.wait_ready()
        dead.start()
        cluster.brokers.append(dead)
        send(50)
        cluster.wait_ready()
        send(50)
        subscriber.wait_messages(sent)
        self.assertEqual([int(p) for p in subscriber.payloads()], list(range(sent)))
        self.assertFalse(subscriber.disconnected.is_set())
        self.assertFalse(publisher.disconnected.is_set())

    def test_a_quick_restart_under_the_same_name(self):
        cluster = self.cluster()
        cluster.start()
        subscriber = self.client(cluster.brokers[0])
        subscriber.subscribe("again/#", 1)
        for number in range(3):
            cluster.brokers[1].kill()
            cluster.brokers[1].start()
            cluster.wait_ready()
            self.client(cluster.brokers[1]).publish(f"again/{number}", "x", 1)
        subscriber.wait_messages(3)

    def test_a_hung_broker_is_taken_out_and_comes_back(self):
        cluster = self.cluster()
        cluster.start()
        subscriber, publisher = self.client(cluster.brokers[1]), self.client(cluster.brokers[0])
        hung = self.client(cluster.brokers[2], keepalive=600)
        hung.subscribe("hang", 1)
        subscriber.subscribe("hang", 1)
        cluster.brokers[2].pause()
        for number in range(10):
            publisher.publish("hang", str(number), 1)
        subscriber.wait_messages(10)
        # A new subscription waits for the hung broker's fence and no longer.
        late = self.client(cluster.brokers[1])
        late.subscribe("late", 1)
        cluster.brokers[2].resume()
        cluster.wait_ready()
        again = self.client(cluster.brokers[2])
        again.subscribe("hang", 1)
        publisher.publish("hang", "10", 1)
        again.wait_messages(1)
        subscriber.wait_messages(11)
        self.assertEqual([int(p) for p in subscriber.payloads()], list(range(11)))

    def test_zookeeper_leader_loss(self):
        cluster = self.cluster()
        cluster.start()
        subscriber, publisher = self.client(cluster.brokers[1]), self.client(cluster.brokers[0])
        subscriber.subscribe("leader", 1)
        leader = cluster.ensemble.leader()
        leader.kill()
        for number in range(20):
            publisher.publish("leader", str(number), 1)
        publisher.publish("leader/kept", "x", 1, retain=True)
        leader.start()
        cluster.wait_ready()
        subscriber.wait_messages(20)
        self.assertEqual([int(p) for p in subscriber.payloads()], list(range(20)))

    def test_zookeeper_away_and_back(self):
        cluster = self.cluster(zookeepers=1)
        cluster.start()
        subscriber, publisher = self.client(cluster.brokers[1]), self.client(cluster.brokers[0])
        subscriber.subscribe("away/#", 1)
        cluster.ensemble.servers[0].kill()
        wait_until(lambda: not any(b.ready() for b in cluster.brokers), "the brokers to say that they are cut off", 20)
        # P8: QoS 0 goes on and clean sessions are admitted; QoS 1 is not acknowledged.
        late = self.client(cluster.brokers[2])
        late.publish("away/zero", "x", 0)
        subscriber.wait_messages(1)
        held = publisher.publish("away/one", "x", 1, wait=False)
        self.assertFalse(held.is_published())
        cluster.ensemble.servers[0].start()
        cluster.wait_ready()
        held.wait_for_publish(20)
        subscriber.wait_messages(2)
        self.assertEqual([m.topic for m in subscriber.messages], ["away/zero", "away/one"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
