"""One connection per Client Identifier in the whole cluster (P3), and wills that outlive the broker (P5)."""

import unittest

from harness.clients import Paho
from harness.cluster_case import ClusterCase
from harness.waiting import wait_until

SESSION_TAKEN_OVER = 0x8E


class WillsAndTakeover(ClusterCase):

    def test_takeover_across_brokers(self):
        for version in ("3.1.1", "5"):
            for number in range(6):  # several ids, so that homes on every broker are met
                with self.subTest(version=version, number=number):
                    first = self.client(self.one, version, f"same-{version[-1]}-{number}")
                    second = self.client(self.two, version, f"same-{version[-1]}-{number}")
                    self.assertTrue(first.disconnected.wait(10), "the old connection lives on")
                    if version == "5":
                        self.assertEqual(first.disconnect_reason.value, SESSION_TAKEN_OVER)
                    second.subscribe("alive", 1)
                    second.publish("alive", "x", 1)
                    second.wait_messages(1)
                    second.close()

    def test_the_old_connection_is_gone_before_connack(self):
        watcher = self.client(self.three)
        watcher.subscribe("taken/#", 1)
        for number in range(6):
            self.client(self.one, "3.1.1", f"taken-{number}", will=(f"taken/{number}", "old is gone", 1))
            self.client(self.two, "3.1.1", f"taken-{number}")
        watcher.wait_messages(6)
        self.assertEqual(sorted(m.topic for m in watcher.messages), [f"taken/{n}" for n in range(6)])

    def test_a_will_on_a_lost_connection_reaches_other_brokers(self):
        watcher = self.client(self.three)
        watcher.subscribe("will/lost", 2)
        device = self.client(self.one, "3.1.1", "lost", will=("will/lost", "bye", 2))
        device.drop()
        message = watcher.wait_messages(1)[0]
        self.assertEqual((message.payload, message.qos), (b"bye", 2))

    def test_no_will_after_disconnect(self):
        watcher = self.client(self.three)
        watcher.subscribe("will/none/#", 1)
        self.client(self.one, "5", "polite", will=("will/none/polite", "bye", 1)).close()
        self.client(self.one, "5", "rude", will=("will/none/rude", "bye", 1)).drop()
        watcher.wait_messages(1)
        self.assertEqual([m.topic for m in watcher.messages], ["will/none/rude"])

    def test_wills_of_a_killed_broker_are_published_once(self):
        watcher = self.client(self.three)
        watcher.subscribe("will/killed/#", 2)
        devices = [self.client(self.one, "5", f"killed-{n}", will=(f"will/killed/{n}", "bye", 2)) for n in range(30)]
        self.one.kill()
        # Until homes have copies, the wills whose home was the dead broker itself go with it: about a third.
        watcher.wait_messages(len(devices) // 3, 30)
        self.one.start().wait_ready()
        self.cluster.wait_ready()
        self.client(self.one).publish("will/killed/end", "", 2)
        wait_until(lambda: watcher.messages[-1].topic == "will/killed/end", "the end marker")
        topics = [m.topic for m in watcher.messages[:-1]]
        self.assertEqual(len(topics), len(set(topics)), "a will was published twice")
        self.assertLessEqual(set(topics), {f"will/killed/{n}" for n in range(30)})

    def test_a_retained_will(self):
        device = self.client(self.one, "5", "keeps", will=("will/kept", "offline", 1, True))
        device.drop()

        def kept():
            client = Paho(self.two)
            try:
                client.subscribe([("will/kept", 1), ("will/kept/marker", 1)])
                client.publish("will/kept/marker", "", 1)
                wait_until(lambda: any(m.topic.endswith("marker") for m in client.messages), "the marker")
                return [m.payload for m in client.messages if m.topic == "will/kept"] == [b"offline"]
            finally:
                client.close()

        wait_until(kept, "the retained will")


if __name__ == "__main__":
    unittest.main(verbosity=2)
