"""Who may do what: an acl_file at publish, subscribe and delivery, for retained messages, wills and queues."""

import pathlib
import subprocess
import tempfile
import threading
import unittest

from harness.broker import Broker
from harness.clients import Mosquitto, Paho
from harness.cluster import Cluster
from harness.users import write_users
from harness.waiting import wait_until

NOT_AUTHORIZED = 0x87

RIGHTS = """
topic read news/#
pattern readwrite dev/%c/#
pattern read to/%u
user ann
topic home/#
topic deny home/safe/#
topic read $SYS/broker/version
user bob
topic write home/#
user admin
topic #
"""


class Rights(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        users = write_users(self.directory / "users", {name: "x" for name in ("ann", "bob", "admin")}, "--iterations", "1")
        self.acl = self.directory / "acl"
        self.acl.write_text(RIGHTS)
        self.broker = Broker("lone", self.directory, settings=[f"password_file {users}", f"acl_file {self.acl}"]).start()
        self.addCleanup(self.broker.kill)
        self.broker.wait_ready()

    def client(self, user=None, version="5", **options):
        client = Paho(self.broker, version, user=user, password="x" if user else None, **options)
        self.addCleanup(client.close)
        return client

    def barrier(self, client):
        """What was delivered to the client before has arrived afterwards."""
        client.unsubscribe("barrier")

    def test_read_write_deny(self):
        for version in ("3.1.1", "5"):
            with self.subTest(version):
                admin, ann, bob = (self.client(name, version) for name in ("admin", "ann", "bob"))
                for client in (admin, ann):
                    client.subscribe("#", 1)
                for client, name in ((ann, "ann"), (bob, "bob")):
                    for topic in ("home/door", "home/safe/code", "other"):
                        client.publish(topic, name, 1)
                admin.publish("home/safe/code", "admin", 1)
                admin.publish("other", "admin", 1)
                self.barrier(admin)
                self.barrier(ann)
                self.assertEqual([(m.topic, m.payload.decode()) for m in admin.messages],
                                 [("home/door", "ann"), ("home/door", "bob"), ("home/safe/code", "bob"),
                                  ("home/safe/code", "admin"), ("other", "admin")])
                self.assertEqual([(m.topic, m.payload.decode()) for m in ann.messages],
                                 [("home/door", "ann"), ("home/door", "bob")])
        self.assertGreater(self.broker.metric("mqttzoo_messages_dropped_total", reason="not_authorized"), 0)
        self.assertGreater(self.broker.metric("mqttzoo_messages_dropped_total", reason="may_not_receive"), 0)

    def test_subscriptions_that_would_give_nothing(self):
        for version, refused in (("3.1.1", 0x80), ("5", NOT_AUTHORIZED)):
            bob = self.client("bob", version)
            ann = self.client("ann", version)

            def granted(client, topic):
                code = client.subscribe(topic, 1)[0]
                return getattr(code, "value", code)

            for topic in ("home/#", "#", "news/today"):
                self.assertEqual(granted(bob, topic), refused if topic != "#" else 1, topic)
            self.assertEqual(granted(bob, "to/bob"), 1)
            self.assertEqual(granted(bob, "to/ann"), refused)
            self.assertEqual(granted(ann, "home/safe/+"), refused)
            self.assertEqual(granted(ann, "home/+"), 1)

    def test_patterns_and_anonymous_clients(self):
        admin = self.client("admin")
        device = self.client(client_id="seven")
        device.subscribe("dev/seven/#", 1)
        device.subscribe("news/#", 1)
        for topic in ("dev/seven/in", "dev/eight/in", "news/today", "to/seven"):
            admin.publish(topic, "x", 1)
        self.barrier(device)
        self.assertEqual([m.topic for m in device.messages], ["dev/seven/in", "news/today"])
        bold = self.client(client_id="+")
        bold.subscribe("#", 1)
        admin.publish("dev/seven/in", "x", 1)
        self.barrier(bold)
        self.assertEqual(bold.messages, [])

    def test_retained_messages(self):
        admin = self.client("admin")
        for topic in ("home/door", "home/safe/code"):
            admin.publish(topic, "kept", 1, retain=True)
        self.client("bob").publish("other", "not kept", 1, retain=True)
        ann, again = self.client("ann"), self.client("admin")
        for client in (ann, again):
            client.subscribe("#", 1)
            self.barrier(client)
        self.assertEqual([m.topic for m in ann.messages], ["home/door"])
        self.assertEqual({m.topic for m in again.messages}, {"home/door", "home/safe/code"})

    def test_wills(self):
        for version, refused in (("3.1.1", 5), ("5", NOT_AUTHORIZED)):
            denied = self.client("ann", version, will=("home/safe/will", "x", 1))
            reason = denied.connect_answer[1]
            self.assertEqual(getattr(reason, "value", reason), refused)
            admin = self.client("admin")
            admin.subscribe("home/#", 1)
            bob = self.client("bob", version, will=("home/will", "bob is gone", 1))
            bob.drop()
            self.assertEqual(admin.wait_messages(1)[0].payload, b"bob is gone")

    def test_sys_topics(self):
        ann = self.client("ann")
        ann.subscribe("$SYS/#", 0)
        admin = self.client("admin")
        self.assertEqual(admin.subscribe("$SYS/#", 0)[0].value, NOT_AUTHORIZED, "# does not grant what begins with $")
        wait_until(lambda: ann.messages, "the version")
        self.barrier(ann)
        self.assertEqual({m.topic for m in ann.messages}, {"$SYS/broker/version"})

    def test_a_queue_that_another_user_takes(self):
        """A right that is gone when the client comes back counts for what is in the queue already."""
        owner = self.client("ann", "3.1.1", client_id="shared", clean=False)
        owner.subscribe("home/#", 1)
        owner.close()
        admin = self.client("admin")
        admin.publish("home/door", "queued", 1)
        taker = self.client("bob", "3.1.1", client_id="shared", clean=False)
        self.assertTrue(taker.session_present())
        self.barrier(taker)
        self.assertEqual(taker.messages, [])
        taker.close()
        wait_until(lambda: self.broker.metric("mqttzoo_messages_dropped_total", reason="may_not_receive") >= 1, "the counter")

    def test_mosquittos_tools(self):
        listener = Mosquitto("5").subscribe(self.broker, "home/#", 1, "-u", "admin", "-P", "x")
        self.addCleanup(listener.close)
        denied = subprocess.run(["mosquitto_pub", "-V", "mqttv5", "-h", "127.0.0.1", "-p", str(self.broker.port), "-u", "ann",
                                 "-P", "x", "-t", "home/safe/code", "-m", "no", "-q", "1", "-d"], capture_output=True,
                                text=True, timeout=30)
        self.assertIn("RC:135", denied.stdout)
        Mosquitto("5").publish(self.broker, "home/door", "yes", 1, "-u", "ann", "-P", "x")
        self.assertEqual(listener.wait_lines(1), ["home/door yes"])


class RightsInACluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        name = tempfile.TemporaryDirectory()
        cls.addClassCleanup(name.cleanup)
        directory = pathlib.Path(name.name)
        users = write_users(directory / "users", {name: "x" for name in ("ann", "bob", "admin")}, "--iterations", "1")
        rights = directory / "acl"
        rights.write_text(RIGHTS)
        cls.cluster = Cluster(zookeepers=1, settings=[f"password_file {users}", f"acl_file {rights}"])
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()

    def client(self, number, user, *arguments, **options):
        client = Paho(self.cluster.brokers[number], *arguments, user=user, password="x", **options)
        self.addCleanup(client.close)
        return client

    def test_sessions_at_other_brokers_have_the_rights_of_their_users(self):
        admin = self.client(1, "admin")
        for number in range(8):  # their homes are all over the cluster
            ann = self.client(0, "ann", "3.1.1", f"ann-{number}", clean=False)
            ann.subscribe("#", 1)
            self.assertEqual(ann.subscribe("other", 1), (0x80,))
            ann.close()
            for topic in ("other", "home/safe/code", "home/door"):
                admin.publish(topic, str(number), 1)
            back = self.client(2, "ann", "3.1.1", f"ann-{number}", clean=False)
            back.wait_messages(1)
            back.unsubscribe("#")
            self.assertEqual([(m.topic, m.payload.decode()) for m in back.messages], [("home/door", str(number))])
            back.close()

    def test_a_session_taken_by_a_user_of_fewer_rights(self):
        """Nothing that is under way, queued or retained comes to who may not read it; nor later to who may."""
        admin = self.client(1, "admin")
        admin.publish("home/kept", "retained", 1, retain=True)
        for number in range(6):
            client_id = f"taken-{number}"
            self.leave_one_under_way(admin, client_id)
            admin.publish("home/door", "queued", 1)
            dropped = self.dropped()
            bob = self.client(2, "bob", "3.1.1", client_id, clean=False)
            self.assertTrue(bob.session_present())
            self.assertEqual(bob.subscribe("home/kept", 1), (0x80,))
            self.assertEqual(bob.subscribe("#", 1), (1,))
            bob.unsubscribe("barrier")
            self.assertEqual(bob.messages, [])
            self.assertGreaterEqual(self.dropped() - dropped, 2)
            bob.close()
            ann = self.client(0, "ann", "3.1.1", client_id, clean=False)
            admin.publish("home/door", "for ann", 1)
            self.assertEqual([m.payload for m in ann.wait_messages(1)], [b"for ann"])
            ann.close()

    def leave_one_under_way(self, admin, client_id):
        """A session of ann's with a message that she got and has not acknowledged."""
        ann = self.client(0, "ann", "3.1.1", client_id, clean=False)
        arrived, over = threading.Event(), threading.Event()
        ann.client.on_message = lambda *_: (arrived.set(), over.wait(20))
        ann.subscribe("home/door", 1)
        admin.publish("home/door", "under way", 1)
        self.assertTrue(arrived.wait(20))
        ann.client._sock_close()
        over.set()
        ann.client.loop_stop()

    def dropped(self):
        return sum(b.metric("mqttzoo_messages_dropped_total", reason="may_not_receive") for b in self.cluster.brokers)


if __name__ == "__main__":
    unittest.main(verbosity=2)
