"""`coordination_loss serve`: brokers that have lost ZooKeeper serve on, say so, and come back by themselves."""

import unittest

from harness.clients import Paho, session_expiry
from harness.cluster import Cluster
from harness.gate import Gate
from harness.waiting import wait_until

STATE = "$SYS/broker/cluster/coordination"


class ServeWithoutZooKeeper(unittest.TestCase):
    def cluster(self, gated=(0, 1, 2)):
        cluster = Cluster(zookeepers=1, settings=["coordination_loss serve", "coordination_grace 2", "sys_interval 1"])
        self.addCleanup(cluster.stop)
        self.gate = Gate(cluster.ensemble.servers[0].client_port)
        self.addCleanup(self.gate.close)
        for number in gated:
            cluster.brokers[number].zookeeper = f"127.0.0.1:{self.gate.port}/mqttzoo"
        cluster.start()
        return cluster

    def client(self, broker, *arguments, **options):
        client = Paho(broker, "5", *arguments, **options)
        self.addCleanup(client.close)
        return client

    def resume(self, broker, client_id):
        return self.client(broker, client_id, clean=False, connect_properties=session_expiry(600))

    def wait_degraded(self, *brokers):
        for broker in brokers:
            wait_until(lambda: broker.metric("mqttzoo_serving_without_coordination") == 1, f"{broker.name} to serve on", 20)
            status, text = broker.get("/readyz")
            self.assertEqual(status, 200, "clients shall come")
            self.assertIn("degraded", text)
            self.assertIn("acknowledged messages can be lost", text)
            self.assertIn("serves on without it", broker.log())

    def wait_all(self, client, numbers):
        """It may get some again that the connection before it had."""
        missing = lambda: {str(number) for number in numbers} - set(client.payloads())
        wait_until(lambda: not missing(), f"all messages, the last one {max(numbers)}", 30)

    def client_at_home(self, broker):
        """A client at `broker`, which is home of its session."""
        for number in range(64):
            before = broker.metric("mqttzoo_persistent_sessions")
            client = self.resume(broker, f"at-home-{number}")
            client.subscribe("on/#", 1)
            if self.grows(broker, before):
                return client, number
            client.unsubscribe("on/#")
        raise AssertionError(f"{broker.name} is nobody's home")

    def grows(self, broker, before):
        try:
            return wait_until(lambda: broker.metric("mqttzoo_persistent_sessions") > before, "one more session", 1.5)
        except TimeoutError:
            return False

    def test_the_cluster_goes_on_without_zookeeper(self):
        cluster = self.cluster()
        one, two, three = cluster.brokers
        served, number_served = self.client_at_home(one)
        publisher, watcher = self.client(two), self.client(one)
        watcher.subscribe(STATE)
        third = self.client(three)
        third.subscribe("on/#", 1)
        self.gate.shut()
        self.wait_degraded(one, two, three)
        wait_until(lambda: watcher.payloads()[-1:] == ["serving"], f"{STATE} to be serving")
        for number in range(20):
            publisher.publish(f"on/{number}", str(number), 1 + number % 2)
        for client in (served, third):
            client.wait_messages(20)
        self.assertEqual(served.payloads(), [str(number) for number in range(20)])
        new = self.resume(two, f"at-home-{number_served}-new")  # its home is reached, whichever it is
        self.assertEqual(new.connect_answer[1].value, 0)
        moved = self.resume(two, f"at-home-{number_served}")
        self.assertTrue(moved.session_present())
        self.assertTrue(served.disconnected.wait(10), "it was taken over")
        # Who dies now stays in the view, and is done without.
        three.kill()
        for number in range(20, 40):
            publisher.publish(f"on/{number}", str(number), 1)
        self.wait_all(moved, range(20, 40))
        self.assertGreater(two.metric("mqttzoo_unreachable_dropped_total"), 0)
        self.gate.reopen()
        for broker in (one, two):
            wait_until(lambda: broker.get("/readyz")[1] == "ready\n", f"{broker.name} to be all right again")
            wait_until(lambda: broker.metric("mqttzoo_view_members") == 2, "the dead broker to be taken out")
            self.assertIn("no longer serves without ZooKeeper", broker.log())
        wait_until(lambda: watcher.payloads()[-1] == "ok", f"{STATE} to be ok")
        publisher.publish("on/40", "40", 1)
        self.wait_all(moved, [40])
        self.assertFalse(moved.disconnected.is_set() or publisher.disconnected.is_set())

    def test_one_that_was_removed_meanwhile_gives_up_what_it_served(self):
        cluster = self.cluster(gated=(2,))
        one, two, three = cluster.brokers
        mine, number = self.client_at_home(three)
        publisher = self.client(three)
        self.gate.shut()
        self.wait_degraded(three)
        wait_until(lambda: one.metric("mqttzoo_view_members") == 2, "the others to go on without it", 20)
        publisher.publish("on/here", "here", 1)
        mine.wait_messages(1)
        # P3 is given up: the same session at two brokers.
        there = self.resume(one, f"at-home-{number}")
        self.assertEqual(there.connect_answer[1].value, 0)
        self.assertFalse(mine.disconnected.is_set())
        self.gate.reopen()
        self.assertTrue(mine.disconnected.wait(20), "it is served twice for ever")
        cluster.wait_ready()
        self.assertIn("joins again as a new one", three.log())
        self.assertEqual(self.resume(two, f"at-home-{number}").connect_answer[1].value, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
