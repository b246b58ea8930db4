"""Any client publishes at one broker, any client receives at another: protocols, wildcards, QoS."""

import itertools
import unittest

from harness.clients import Mosquitto, MqttJs, Paho
from harness.cluster import Cluster
from harness.waiting import wait_until


class AcrossBrokers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()

    def setUp(self):
        self.one, self.two, self.three = self.cluster.brokers

    def crosses(self, publisher, subscriber, topic, qos):
        lines = subscriber.subscribe(self.two, topic, qos)
        self.addCleanup(lines.close)
        publisher.publish(self.one, topic, f"at qos {qos}", qos)
        self.assertEqual(lines.wait_lines(1)[0], f"{topic} at qos {qos}")

    def test_mosquitto_in_every_version_and_qos(self):
        for version, qos in itertools.product(("3.1", "3.1.1", "5"), (0, 1, 2)):
            with self.subTest(version=version, qos=qos):
                self.crosses(Mosquitto(version), Mosquitto(version), f"mosquitto/{version}/{qos}", qos)

    def test_mqttjs_in_every_version_and_qos(self):
        self.assertTrue(MqttJs.available(), "MQTT.js is missing: ./automateBuild.sh test installs it")
        for version, qos in (("3.1.1", 0), ("3.1.1", 2), ("5", 1), ("5", 2)):
            with self.subTest(version=version, qos=qos):
                self.crosses(MqttJs(version), MqttJs(version), f"mqttjs/{version}/{qos}", qos)

    def test_versions_and_clients_mix(self):
        self.crosses(MqttJs("5"), Mosquitto("3.1"), "mix/js-mosquitto", 1)
        self.crosses(Mosquitto("3.1"), MqttJs("5"), "mix/mosquitto-js", 2)

    def test_paho_in_every_version(self):
        for version, qos in itertools.product(("3.1", "3.1.1", "5"), (0, 1, 2)):
            with self.subTest(version=version, qos=qos):
                subscriber = Paho(self.three, version, f"sub-{version[-1]}{qos}")
                self.addCleanup(subscriber.close)
                publisher = Paho(self.one, version, f"pub-{version[-1]}{qos}")
                self.addCleanup(publisher.close)
                subscriber.subscribe(f"paho/{version}/{qos}", qos)
                publisher.publish(f"paho/{version}/{qos}", "hello", qos)
                message = subscriber.wait_messages(1)[0]
                self.assertEqual((message.payload, message.qos, message.retain), (b"hello", qos, 0))

    def test_wildcards(self):
        cases = {
            "w/+/c": (["w/b/c", "w//c"], ["w/b/b/c", "w/b", "x/b/c"]),
            "w/#": (["w", "w/a", "w/a/b"], ["ww", "v/w"]),
            "+/w": (["/w", "a/w"], ["w", "a/w/"]),
            "/+": (["/a", "/"], ["a", "a/b"]),
        }
        publisher = Paho(self.one)
        self.addCleanup(publisher.close)
        for topic_filter, (matching, others) in cases.items():
            with self.subTest(filter=topic_filter):
                subscriber = Paho(self.two)
                self.addCleanup(subscriber.close)
                subscriber.subscribe(topic_filter, 1)
                for topic in others + matching:
                    publisher.publish(topic, "x", 1)
                subscriber.wait_messages(len(matching))
                self.assertEqual([message.topic for message in subscriber.messages], matching)

    def test_dollar_topics_are_not_for_wildcards_at_the_front(self):
        everything, system = Paho(self.two), Paho(self.two)
        self.addCleanup(everything.close)
        self.addCleanup(system.close)
        everything.subscribe("#", 1)
        system.subscribe("$SYS/broker/version", 0)
        system.wait_messages(1)
        publisher = Paho(self.one)
        self.addCleanup(publisher.close)
        publisher.publish("after/sys", "x", 1)
        everything.wait_messages(1)
        self.assertFalse([message.topic for message in everything.messages if message.topic.startswith("$")])

    def test_unsubscribe_ends_delivery(self):
        subscriber, publisher = Paho(self.two), Paho(self.one)
        self.addCleanup(subscriber.close)
        self.addCleanup(publisher.close)
        subscriber.subscribe([("left", 1), ("kept", 1)])
        publisher.publish("left", "1", 1)
        publisher.publish("kept", "1", 1)
        subscriber.wait_messages(2)
        subscriber.unsubscribe("left")
        publisher.publish("left", "2", 1)
        publisher.publish("kept", "2", 1)
        subscriber.wait_messages(3)
        self.assertEqual([(m.topic, m.payload) for m in subscriber.messages[2:]], [("kept", b"2")])

    def test_v5_properties_cross(self):
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        subscriber, publisher = Paho(self.two), Paho(self.one)
        self.addCleanup(subscriber.close)
        self.addCleanup(publisher.close)
        subscriber.subscribe("properties", 1)
        sent = Properties(PacketTypes.PUBLISH)
        sent.PayloadFormatIndicator = 1
        sent.ContentType = "text/plain"
        sent.ResponseTopic = "answers"
        sent.CorrelationData = b"\x00\x01"
        sent.MessageExpiryInterval = 100
        sent.UserProperty = [("a", "1"), ("b", "2"), ("a", "3")]
        publisher.publish("properties", "x", 1, properties=sent)
        got = subscriber.wait_messages(1)[0].properties
        self.assertEqual((got.PayloadFormatIndicator, got.ContentType, got.ResponseTopic, got.CorrelationData),
                         (1, "text/plain", "answers", b"\x00\x01"))
        self.assertEqual(got.UserProperty, [("a", "1"), ("b", "2"), ("a", "3")])
        self.assertTrue(90 <= got.MessageExpiryInterval <= 100, got.MessageExpiryInterval)

    def test_a_megabyte_crosses(self):
        subscriber, publisher = Paho(self.two), Paho(self.one)
        self.addCleanup(subscriber.close)
        self.addCleanup(publisher.close)
        subscriber.subscribe("large", 2)
        body = bytes(range(256)) * 4096
        publisher.publish("large", body, 2)
        self.assertEqual(subscriber.wait_messages(1)[0].payload, body)

    def test_a_broker_without_interest_gets_no_frame(self):
        subscriber, publisher = Paho(self.two), Paho(self.one)
        self.addCleanup(subscriber.close)
        self.addCleanup(publisher.close)
        subscriber.subscribe("only/two", 1)

        def received(broker):
            return broker.metric("mqttzoo_peer_messages_received_total")

        before_two, before_three = received(self.two), received(self.three)
        for number in range(100):
            publisher.publish("only/two", str(number), number % 3)
        subscriber.wait_messages(100)
        wait_until(lambda: received(self.two) == before_two + 100, "the interested broker's counter")
        self.assertEqual(received(self.three), before_three)


if __name__ == "__main__":
    unittest.main(verbosity=2)
