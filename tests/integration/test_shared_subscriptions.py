"""Shared Subscriptions over the brokers of a cluster."""

import threading
import unittest

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from harness.clients import session_expiry
from harness.cluster_case import ClusterCase
from harness.waiting import wait_until


class SharedSubscriptions(ClusterCase):
    cluster_options = dict(threads=2)

    def publish_all(self, broker, topic, payloads, qos):
        publisher = self.client(broker)
        infos = [publisher.publish(topic, payload, qos, wait=False) for payload in payloads]
        for info in infos:
            info.wait_for_publish(60)
            self.assertTrue(info.is_published())

    def wait_all(self, members, payloads):
        """Each one exactly once, whoever got it."""
        got = lambda: [payload for member in members for payload in member.payloads()]
        wait_until(lambda: len(got()) >= len(payloads), f"{len(payloads)} messages", 60)
        self.assertEqual(sorted(got()), sorted(payloads))

    def test_each_message_to_one_member(self):
        """Members of all versions, two at each broker; publishers at each."""
        members = [self.client(broker, version) for broker in self.brokers for version in ("3.1.1", "5")]
        members.append(self.client(self.brokers[0], "3.1"))
        single = self.client(self.brokers[1])
        single.subscribe("each/+", 1)
        for member in members:
            member.subscribe("$share/group/each/+", 2)
        payloads = [f"{qos}-{broker.name}-{number}" for qos in (1, 2) for broker in self.brokers for number in range(70)]
        for qos in (1, 2):
            for broker in self.brokers:
                self.publish_all(broker, f"each/{broker.name}",
                                 [one for one in payloads if one.startswith(f"{qos}-{broker.name}-")], qos)
        self.wait_all(members, payloads)
        self.wait_all([single], payloads)
        for member in members:
            self.assertGreaterEqual(len(member.messages), 20, "not fair")

    def test_a_member_that_takes_nothing_gets_what_nobody_else_can_take(self):
        """One member acknowledges nothing and may have two messages: the others get all the rest."""
        two_at_once = Properties(PacketTypes.CONNECT)
        two_at_once.ReceiveMaximum = 2
        stuck = self.client(self.brokers[1], "5", connect_properties=two_at_once)
        stuck.client._send_puback = lambda packet_id: 0
        members = [self.client(broker) for broker in self.brokers]
        for member in (stuck, *members):
            member.subscribe("$share/able/able", 1)
        payloads = [str(number) for number in range(300)]
        self.publish_all(self.brokers[0], "able", payloads, 1)
        self.wait_all([stuck, *members], payloads)
        self.assertEqual(len(stuck.messages), 2)
        stuck.drop()
        self.wait_all(members, payloads)

    def test_nothing_is_lost_when_members_die(self):
        """QoS 1, members without a session: what they had not acknowledged goes to the others."""
        payloads = [str(number) for number in range(3000)]
        victims = [self.client(broker) for broker in self.brokers]
        survivor = self.client(self.brokers[1])
        for member in (*victims, survivor):
            member.subscribe("$share/mortal/mortal", 1)
        publishing = threading.Thread(target=self.publish_all, args=(self.brokers[0], "mortal", payloads, 1))
        publishing.start()
        for victim in victims:
            victim.wait_messages(100)
            victim.drop()
        publishing.join()
        seen = lambda: {payload for member in (*victims, survivor) for payload in member.payloads()}
        wait_until(lambda: seen() >= set(payloads), "every message at some member", 60)

    def test_a_session_that_ends_gives_its_messages_on(self):
        away = self.client(self.brokers[0], "5", "leaves", connect_properties=session_expiry(2))
        away.subscribe("$share/left/left", 1)
        away.drop()
        payloads = [str(number) for number in range(20)]
        self.publish_all(self.brokers[1], "left", payloads, 1)
        members = [self.client(self.brokers[2]), self.client(self.brokers[1])]
        for member in members:
            member.subscribe("$share/left/left", 1)
        self.wait_all(members, payloads)

    def test_the_death_of_a_broker_with_members(self):
        """What was chosen for its members and not answered is chosen for again, before the publisher is acknowledged."""
        one, two, three = self.brokers
        survivor = self.client(one)
        survivor.subscribe("$share/broker/broker", 1)
        victims = [self.client(three) for _ in range(3)]
        for victim in victims:
            victim.subscribe("$share/broker/broker", 1)
        publisher = self.client(two)
        three.pause()
        payloads = [str(number) for number in range(100)]
        infos = [publisher.publish("broker", payload, 1, wait=False) for payload in payloads]
        three.kill()
        for info in infos:
            info.wait_for_publish(60)
            self.assertTrue(info.is_published())
        self.wait_all([survivor], payloads)
        self.assertGreater(two.metric("mqttzoo_shared_chosen_again_total"), 50)
        three.start()


if __name__ == "__main__":
    unittest.main()
