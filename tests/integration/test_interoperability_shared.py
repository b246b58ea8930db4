"""Shared subscriptions of Paho Python, MQTT.js and mosquitto_sub, in 3.1.1 and 5.0, with members at different brokers."""

import itertools
import unittest

from harness.clients import Paho
from harness.cluster import Cluster
from harness.kinds import MosquittoKind, MqttJsKind, PahoKind, all_kinds
from harness.mqttjs import MqttJsHost
from harness.waiting import wait_until

COUNT = 1000
NUMBERS = [b"%d" % number for number in range(COUNT)]


class Shared(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(zookeepers=1, threads=2)
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()
        cls.host = MqttJsHost()
        cls.addClassCleanup(cls.host.stop)

    def member(self, kind, broker, group, topic, qos=1, number=0):
        listener = kind.listen(broker, f"{group}-{kind.name}-{number}", f"$share/{group}/{topic}", qos=qos)
        self.addCleanup(listener.close)
        return listener

    def publisher(self, broker):
        client = Paho(broker)
        self.addCleanup(client.close)
        return client

    def publish(self, client, topic, payloads=NUMBERS):
        for info in [client.publish(topic, payload, 1, wait=False) for payload in payloads]:
            info.wait_for_publish(30)

    @staticmethod
    def received(members):
        return [message[1] for member in members for message in member.received()]

    def wait_received(self, members, name, count=COUNT):
        wait_until(lambda: len(self.received(members)) >= count, f"{count} messages for {name}, have {len(self.received(members))}",
                   60)

    def assert_each_once(self, members, name):
        self.wait_received(members, name)
        self.assertEqual(sorted(self.received(members)), sorted(NUMBERS), name)

    def test_two_members_of_each_kind(self):
        """A group for each client in each version, its two members at different brokers."""
        brokers = itertools.cycle(self.cluster.brokers)
        groups = {kind.name: [self.member(kind, next(brokers), f"own-{kind.name}", "own/#", number=number) for number in (1, 2)]
                  for kind in all_kinds(self.host)}
        self.publish(self.publisher(self.cluster.brokers[0]), "own/topic")
        for name, members in groups.items():
            self.assert_each_once(members, name)
            self.assertTrue(all(member.received() for member in members), f"one member of {name} got nothing")

    def test_one_group_of_all_kinds(self):
        """And a subscriber outside of the group, which gets all."""
        kinds = all_kinds(self.host)
        members = [self.member(kind, broker, "mixed", "mixed/+") for kind, broker in
                   zip(kinds, itertools.cycle(self.cluster.brokers))]
        single = kinds[0].listen(self.cluster.brokers[2], "mixed-single", "mixed/+", qos=1)
        self.addCleanup(single.close)
        self.publish(self.publisher(self.cluster.brokers[1]), "mixed/topic")
        self.assert_each_once(members, "the group")
        self.assert_each_once([single], "the subscriber")
        self.assertTrue(all(member.received() for member in members), [len(member.received()) for member in members])

    def test_a_member_that_dies_loses_nothing(self):
        """What it has not acknowledged goes to the others; so may, a second time, what they had from it."""
        one, two, three = self.cluster.brokers
        for dying_kind in (PahoKind("3.1.1"), PahoKind("5"), MqttJsKind("3.1.1", self.host), MqttJsKind("5", self.host)):
            with self.subTest(dying_kind.name):
                group = f"dies-{dying_kind.name}"
                dying = self.member(dying_kind, one, group, group, number=1)
                staying = [self.member(MosquittoKind("5"), two, group, group), self.member(PahoKind("5"), three, group, group)]
                publisher = self.publisher(two)
                self.publish(publisher, group, NUMBERS[:COUNT // 2])
                wait_until(lambda: len(dying.received()) > 20, "messages at the member that is to die")
                infos = [publisher.publish(group, payload, 1, wait=False) for payload in NUMBERS[COUNT // 2:]]
                dying.die()
                for info in infos:
                    info.wait_for_publish(30)
                wait_until(lambda: set(self.received([dying, *staying])) == set(NUMBERS), "each message", 60)


if __name__ == "__main__":
    unittest.main(verbosity=2)
