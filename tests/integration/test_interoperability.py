"""Paho Python, MQTT.js and mosquitto's tools, in 3.1.1 and 5.0, each with each: the publisher at one broker of a cluster,
the subscriber at another."""

import unittest

from harness.cluster import Cluster
from harness.kinds import all_kinds
from harness.mqttjs import MqttJsHost

EVERY_BYTE = bytes(range(256))


class Interoperability(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()
        host = MqttJsHost()
        cls.addClassCleanup(host.stop)
        cls.kinds = all_kinds(host)

    def setUp(self):
        self.one, self.two, self.three = self.cluster.brokers

    def listeners(self, broker, name, topic_filter, **options):
        """One of each kind, with a Client Identifier of its own."""
        found = {}
        for kind in self.kinds:
            found[kind.name] = kind.listen(broker, f"{name}-{kind.name}", topic_filter, **options)
            self.addCleanup(found[kind.name].close)
        return found

    def messages_of(self, kind, name, payload=EVERY_BYTE, retain=False, qualities=(0, 1, 2)):
        return [(f"{name}/{kind.name}/{qos}", payload, qos, retain) for qos in qualities]

    def publish_all(self, broker, name, **options):
        """What all kinds have published there, each its own messages."""
        sent = []
        for kind in self.kinds:
            messages = self.messages_of(kind, name, **options)
            kind.publish(broker, messages)
            sent += messages
        return sent

    def assert_received(self, listeners, wanted):
        for name, listener in listeners.items():
            with self.subTest(listener=name):
                self.assertEqual(sorted(listener.wait(len(wanted))), sorted(wanted))

    def test_each_qos_from_each_to_each(self):
        listeners = self.listeners(self.two, "live", "live/#")
        self.assert_received(listeners, self.publish_all(self.one, "live"))

    def test_a_subscription_lowers_the_qos(self):
        listeners = self.listeners(self.two, "lower", "lower/#", qos=1)
        sent = self.publish_all(self.three, "lower")
        self.assert_received(listeners, [(topic, payload, min(qos, 1), retain) for topic, payload, qos, retain in sent])

    def test_a_mebibyte_from_each_to_each(self):
        listeners = self.listeners(self.three, "large", "large/#")
        self.assert_received(listeners, self.publish_all(self.two, "large", payload=EVERY_BYTE * 4096, qualities=(2,)))

    def test_sessions_wait_for_their_clients(self):
        """They leave, or die, and come back at the other brokers."""
        for name, listener in self.listeners(self.one, "away", "away/#", resume=False).items():
            listener.leave() if "5" in name else listener.die()
        for broker, publisher_at in ((self.two, self.three), (self.three, self.one)):
            sent = self.publish_all(publisher_at, "away", qualities=(1, 2))
            back = self.listeners(broker, "away", "away/#", resume=True)
            self.assert_received(back, sent)
            for listener in back.values():
                listener.leave()

    def test_order_of_a_queue(self):
        for listener in self.listeners(self.two, "order", "order", qos=1, resume=False).values():
            listener.leave()
        sent = [("order", b"%d" % number, 1, False) for number in range(200)]
        self.kinds[0].publish(self.one, sent)
        for name, listener in self.listeners(self.three, "order", "order", qos=1, resume=True).items():
            with self.subTest(listener=name):
                self.assertEqual(listener.wait(len(sent)), sent)

    def test_retained_messages(self):
        live = self.listeners(self.three, "kept-live", "kept/#")
        sent = self.publish_all(self.one, "kept", retain=True)
        self.assert_received(live, [(topic, payload, qos, False) for topic, payload, qos, _ in sent])
        self.assert_received(self.listeners(self.two, "kept-late", "kept/#"), sent)
        self.publish_all(self.two, "kept", payload=b"", retain=True)
        nothing_left = self.listeners(self.three, "kept-deleted", "kept/#")
        marker = [("kept/marker", b"x", 1, False)]
        self.kinds[0].publish(self.one, marker)
        self.assert_received(nothing_left, marker)

    def test_wills(self):
        watchers = self.listeners(self.two, "watch", "will/#")
        wills = []
        for number, kind in enumerate(self.kinds):
            will = (f"will/{kind.name}", EVERY_BYTE[1:128], number % 3, False)
            kind.listen(self.one, f"dies-{kind.name}", "nothing", will=will).die()
            withdrawn = (f"will/{kind.name}/leaves", b"x", 1, False)
            kind.listen(self.one, f"leaves-{kind.name}", "nothing", will=withdrawn).leave()
            # mosquitto_sub that is told to end asks for its will where it can: DISCONNECT with 0x04.
            wills += [will, withdrawn] if kind.name == "mosquitto-5" else [will]
        self.assert_received(watchers, wills)


if __name__ == "__main__":
    unittest.main(verbosity=2)
