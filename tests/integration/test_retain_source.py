"""check_retain_source: the brokers of one cluster have different files with rights, as while an operator changes them
one after the other."""

import pathlib
import unittest

from harness.clients import Paho, session_expiry
from harness.cluster import Cluster
from harness.waiting import wait_until

BEFORE = "topic readwrite #\nuser bob\ntopic readwrite #\n"
AFTER = "topic readwrite #\nuser bob\ntopic read #\n"


class RetainSource(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()
        cls.addClassCleanup(cls.cluster.stop)
        unchecked = ["check_retain_source false"]
        for broker, rights, more in zip(cls.cluster.brokers, (BEFORE, AFTER, AFTER), ([], [], unchecked)):
            path = pathlib.Path(cls.cluster.directory) / f"{broker.name}.acl"
            path.write_text(rights)
            broker.settings = [f"acl_file {path}", "sys_interval 0", *more]
        cls.cluster.start()

    def client(self, broker, **options):
        client = Paho(self.cluster.brokers[broker], **options)
        self.addCleanup(client.close)
        return client

    def kept_back(self):
        return self.cluster.brokers[1].metric("mqttzoo_messages_dropped_total", reason="not_authorized")

    def got(self, broker, topic_filter, marker):
        """The payloads that a new subscriber at this broker gets before the retained message `marker`."""
        client = self.client(broker)
        client.subscribe(topic_filter, 1)
        client.subscribe(marker, 1)
        wait_until(lambda: marker in [message.topic for message in client.messages], "the marker")
        return sorted(message.payload.decode() for message in client.messages if message.topic != marker)

    def test_only_who_has_the_right_is_sent(self):
        self.client(0).publish("marker", "x", 1, retain=True)
        self.client(0, user="bob").publish("source/bob", "bob's", 1, retain=True)
        self.client(0).publish("source/anybody", "anybody's", 1, retain=True)
        kept_back = self.kept_back()
        for broker, expected in ((0, ["anybody's", "bob's"]), (1, ["anybody's"]), (2, ["anybody's", "bob's"])):
            self.assertEqual(self.got(broker, "source/#", "marker"), expected)
        self.assertEqual(self.kept_back(), kept_back + 1)

    def test_exactly_once_from_sessions_at_any_home(self):
        self.client(0).publish("marker", "x", 1, retain=True)
        for number in range(6):
            bob = self.client(0, user="bob", client_id=f"bob-{number}", connect_properties=session_expiry(60))
            bob.publish(f"sessions/{number}", str(number), 2, retain=True)
            bob.close()
        everything = [str(number) for number in range(6)]
        for broker, expected in ((0, everything), (1, []), (2, everything)):
            self.assertEqual(self.got(broker, "sessions/#", "marker"), expected)

    def test_a_right_that_is_given_back_counts(self):
        """The broker is started again with other rights: what it kept back is there, and is sent."""
        self.client(0).publish("marker", "x", 1, retain=True)
        self.client(0, user="bob").publish("again/bob", "bob's", 1, retain=True)
        self.assertEqual(self.got(1, "again/#", "marker"), [])
        broker = self.cluster.brokers[1]
        path = pathlib.Path(self.cluster.directory) / f"{broker.name}.acl"
        broker.stop()
        path.write_text(BEFORE)
        broker.start()
        self.cluster.wait_ready()
        self.assertEqual(self.got(1, "again/#", "marker"), ["bob's"])
        broker.stop()
        path.write_text(AFTER)
        broker.start()
        self.cluster.wait_ready()


if __name__ == "__main__":
    unittest.main(verbosity=2)
