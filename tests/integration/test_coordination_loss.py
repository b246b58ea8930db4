"""P8: what clients see of a broker that has lost ZooKeeper, and that all of it is over when ZooKeeper is back."""

import time
import unittest

from harness.clients import Paho, session_expiry
from harness.cluster import Cluster
from harness.gate import Gate
from harness.waiting import wait_until

GRACE_SECONDS = 5
SERVER_UNAVAILABLE, SERVER_BUSY, V3_SERVER_UNAVAILABLE = 0x88, 0x89, 3
STATE = "$SYS/broker/cluster/coordination"


class CoordinationLoss(unittest.TestCase):
    def cluster(self, gated=(0, 1, 2), settings=()):
        """Brokers that reach ZooKeeper through a gate, but for those that are not `gated`."""
        cluster = Cluster(zookeepers=1, settings=[f"coordination_grace {GRACE_SECONDS}", "sys_interval 1", *settings])
        self.addCleanup(cluster.stop)
        self.gate = Gate(cluster.ensemble.servers[0].client_port)
        self.addCleanup(self.gate.close)
        for number in gated:
            cluster.brokers[number].zookeeper = f"127.0.0.1:{self.gate.port}/mqttzoo"
        cluster.start()
        return cluster

    def client(self, broker, version="5", *arguments, **options):
        client = Paho(broker, version, *arguments, **options)
        self.addCleanup(client.close)
        return client

    def resume(self, broker, version, client_id):
        properties = session_expiry(600) if version == "5" else None
        return self.client(broker, version, client_id, clean=False, connect_properties=properties)

    def wait_lease_lost(self, brokers):
        for broker in brokers:
            wait_until(lambda: "no lease" in broker.get("/readyz")[1], f"{broker.name} to be without a lease", 20)
            self.assertIn("QoS 1 and 2 and SUBSCRIBE are not answered", broker.get("/readyz")[1])

    def assert_refused(self, broker, client_id, seconds_max):
        began = time.monotonic()
        client = self.resume(broker, "5", client_id)
        self.assertEqual(client.connect_answer[1].value, SERVER_UNAVAILABLE)
        self.assertIn("ZooKeeper", client.connect_answer[2].ReasonString)
        self.assertEqual(self.resume(broker, "3.1.1", client_id).connect_answer[1], V3_SERVER_UNAVAILABLE)
        self.assertLess(time.monotonic() - began, seconds_max)

    def lose_and_return(self, cluster, lose, come_back):
        one, two, three = cluster.brokers
        five, three_one = self.resume(one, "5", "five"), self.resume(two, "3.1.1", "three")
        for client in (five, three_one):
            client.subscribe("loss/#", 1)
        clean, publisher = self.client(three), self.client(two)
        clean.subscribe("loss/#", 1)
        watcher = self.client(one)
        watcher.subscribe(STATE)
        wait_until(lambda: watcher.payloads()[-1:] == ["ok"], f"{STATE} to be ok")
        lose()
        self.wait_lease_lost(cluster.brokers)
        # Within the grace: QoS 0 goes on, QoS 1 waits.
        publisher.publish("loss/zero", "x", 0)
        held = publisher.publish("loss/one", "x", 1, wait=False)
        for client in (five, three_one, clean):
            client.wait_messages(1)
        self.assertEqual([b.metric("mqttzoo_coordination_lost") for b in cluster.brokers], [1, 1, 1])
        # After it: persistent sessions are not served any more, everything else is.
        for client in (five, three_one):
            self.assertTrue(client.disconnected.wait(GRACE_SECONDS + 5), "a persistent session is served on")
        self.assertEqual(five.disconnect_reason.value, SERVER_BUSY)
        self.assertIn("ZooKeeper", five.disconnect_properties.ReasonString)
        self.assertEqual(sum(b.metric("mqttzoo_sessions_cut_off_total") for b in cluster.brokers), 2)
        wait_until(lambda: watcher.payloads()[-1] == "refusing", f"{STATE} to be refusing")
        self.assert_refused(three, "five", 3)
        late = self.client(one)
        late.publish("loss/late", "x", 0)
        clean.wait_messages(2)
        self.assertFalse(held.is_published())
        come_back()
        cluster.wait_ready()
        held.wait_for_publish(20)
        clean.wait_messages(3)
        self.assertEqual([m.topic for m in clean.messages], ["loss/zero", "loss/late", "loss/one"])
        self.assertFalse(clean.disconnected.is_set() or publisher.disconnected.is_set())
        wait_until(lambda: watcher.payloads()[-1] == "ok", f"{STATE} to be ok again")
        for broker, version, client_id in ((two, "5", "five"), (three, "3.1.1", "three")):
            back = self.resume(broker, version, client_id)
            self.assertTrue(back.session_present(), f"the session of {client_id}")
            back.wait_messages(1)
            self.assertEqual([m.topic for m in back.messages], ["loss/one"])

    def test_no_broker_reaches_zookeeper_until_all_sessions_have_expired(self):
        cluster = self.cluster()
        self.lose_and_return(cluster, self.gate.shut, self.gate.reopen)
        for broker in cluster.brokers:
            self.assertIn("the session with ZooKeeper has expired", broker.log())
            self.assertIn("persistent sessions are refused until ZooKeeper is back", broker.log())
            self.assertIn("the lease holds again", broker.log())

    def test_zookeeper_hangs(self):
        cluster = self.cluster()
        server = cluster.ensemble.servers[0]
        self.lose_and_return(cluster, server.pause, server.resume)

    def test_one_broker_is_cut_off_and_the_others_take_over(self):
        cluster = self.cluster(gated=(2,))
        one, two, three = cluster.brokers
        served = [self.resume(three, "5", f"moves-{number}") for number in range(6)]
        own = self.client(three)
        own.subscribe("own", 1)
        self.gate.shut()
        wait_until(lambda: one.metric("mqttzoo_view_members") == 2, "the others to go on without it", 20)
        self.wait_lease_lost([three])
        for client in served:
            self.assertTrue(client.disconnected.wait(GRACE_SECONDS + 5), "a persistent session is served on")
            self.assertEqual(client.disconnect_reason.value, SERVER_BUSY)
            self.assertTrue(client.disconnect_properties.ReasonString)
        for number in range(6):
            self.assertEqual(self.resume(two, "5", f"moves-{number}").connect_answer[1].value, 0)
        wait_until(lambda: "persistent sessions are refused" in three.log(), "the grace to end", GRACE_SECONDS + 5)
        self.assert_refused(three, "late", 3)
        self.client(three).publish("own", "x", 0)
        own.wait_messages(1)
        self.gate.reopen()
        cluster.wait_ready()
        self.assertIn("joins again as a new one", three.log())
        self.assertEqual(self.resume(three, "5", "moves-0").connect_answer[1].value, 0)
        fresh = self.client(three)
        fresh.subscribe("again", 1)
        self.client(one).publish("again", "x", 1)
        fresh.wait_messages(1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
