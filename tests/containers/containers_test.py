"""The shipped image and the rendered manifests, run: three ZooKeeper servers and three brokers in containers, clients
through the shipped load balancer's configuration."""

import sys
import unittest

from kubelet import ROOT
from kubelet.clients import connect
from kubelet.engine import Engine, reason_to_skip
from kubelet.images import BROKER, WARM, build_broker, build_stand_ins, build_warm_base, import_base
from kubelet.pods import NETWORK, Pods

from harness.waiting import wait_until


class Balancer:
    """haproxy with packaging/haproxy.cfg, as in compose.yaml."""

    port = 1883
    name = "balancer"

    def __init__(self, engine):
        engine.run("run", "-d", "--name", "balancer", "--network", NETWORK, "--volume",
                   f"{ROOT}/packaging/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro", "haproxy:3.0")
        (network,) = engine.inspect("balancer")["NetworkSettings"]["Networks"].values()
        self.host = network["IPAddress"]


class Containers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = Engine()
        cls.addClassCleanup(cls.engine.stop)
        cls.engine.start()
        import_base(cls.engine)
        build_warm_base(cls.engine)
        build_broker(cls.engine, "--build-arg", f"BUILD_IMAGE={WARM}")
        build_stand_ins(cls.engine)
        cls.pods = Pods(cls.engine)
        # Any order works: the brokers wait for the ensemble.
        cls.brokers, cls.servers = cls.pods.of["mqttzoo"], cls.pods.of["zookeeper"]
        cls.brokers += [cls.pods.new("mqttzoo", number).start() for number in range(3)]
        cls.pods.scale("zookeeper")
        cls.pods.wait_ready("mqttzoo")
        cls.balancer = Balancer(cls.engine)

    def tearDown(self):
        self.pods.scale("mqttzoo", 3)
        self.wait_members(3)

    def wait_members(self, count):
        wait_until(lambda: all(pod.metric("mqttzoo_view_members") == count for pod in self.brokers),
                   f"{count} brokers in one view", 60, 0.2)

    def start_elsewhere(self, pod):
        """A pod that is gone, made anew as its StatefulSet's controller does: the name stays, the address does not."""
        self.engine.run("run", "-d", "--name", "squatter", "--network", NETWORK, "--entrypoint", "sleep", BROKER, "600")
        self.addCleanup(self.engine.run, "rm", "-f", "squatter")
        before = pod.host
        pod.start()
        self.assertNotEqual(pod.host, before)

    def crosses(self, publisher, subscriber, topic):
        subscriber.subscribe(topic, 1)
        publisher.publish(topic, topic, 1)
        wait_until(lambda: topic in subscriber.payloads(), f"{topic} to arrive")

    def test_probes_answer(self):
        for pod in self.brokers + self.servers:
            for probe in {"startupProbe", "livenessProbe", "readinessProbe"} & set(pod.container):
                self.assertTrue(pod.probe(probe), f"{pod.name}: {probe}")
        self.assertEqual([pod.get("/healthz") for pod in self.brokers], [(200, "ok\n")] * 3)
        self.wait_members(3)

    def test_without_a_majority_nobody_is_ready_and_nobody_is_restarted(self):
        for server in self.servers[1:]:
            server.kill()
        wait_until(lambda: not any(pod.ready() for pod in self.brokers), "all brokers not to be ready", 30)
        wait_until(lambda: not self.servers[0].ready(), "the last server not to be ready", 30)
        self.assertTrue(all(pod.probe("livenessProbe") for pod in self.brokers + self.servers[:1]))
        for server in self.servers[1:]:
            server.start()
        self.pods.wait_ready("zookeeper")
        self.pods.wait_ready("mqttzoo")

    def test_a_message_crosses_through_the_load_balancer(self):
        clients = []

        def at_all_brokers():
            clients.append(connect(self, self.balancer, f"client-{len(clients)}"))
            return all(pod.metric("mqttzoo_clients_connected") for pod in self.brokers)

        wait_until(at_all_brokers, "the balancer to use all brokers", 30, 0.5)
        for client in clients:
            client.subscribe("through/balancer", 1)
        clients[-1].publish("through/balancer", "hello", 1)
        for client in clients:
            client.wait_messages(1)

    def test_clients_of_a_killed_broker_come_back_elsewhere(self):
        victim = self.brokers[1]
        lost, other = connect(self, victim, "lost"), connect(self, self.brokers[0], "other")
        self.crosses(other, lost, "before")
        victim.kill()
        self.assertTrue(lost.disconnected.wait(10))
        back = connect(self, self.balancer, "lost")
        self.crosses(other, back, "after")
        self.start_elsewhere(victim)
        self.pods.wait_ready("mqttzoo")
        self.crosses(connect(self, victim, "third"), back, "with all three")

    def test_five_brokers_and_two(self):
        kept = connect(self, self.brokers[0], "kept")
        self.pods.scale("mqttzoo", 5)
        self.wait_members(5)
        self.crosses(connect(self, self.brokers[4], "fifth"), kept, "of five")
        self.assertEqual(self.pods.scale("mqttzoo", 2), [0, 0, 0])
        self.wait_members(2)
        self.crosses(connect(self, self.brokers[1], "second"), kept, "of two")
        self.crosses(connect(self, self.balancer, "any"), kept, "of any")

    def test_a_zookeeper_server_comes_back_at_another_address(self):
        server = self.servers[0]
        publisher, subscriber = connect(self, self.brokers[0], "p"), connect(self, self.brokers[2], "s")
        server.kill()
        self.crosses(publisher, subscriber, "two of three")
        self.start_elsewhere(server)
        self.pods.wait_ready("zookeeper")
        self.assertEqual([pod.ready() for pod in self.brokers], [True] * 3)

    def test_the_clients_are_in_the_image_too(self):
        name = self.brokers[0].name
        self.engine.run("exec", name, "mqtt_pub", "-t", "kept", "-m", "value", "-r", "-q", "1")
        got = self.engine.run("exec", name, "mqtt_sub", "-h", "mqttzoo-2.mqttzoo-peers", "-t", "kept", "-C", "1", "-W", "10")
        self.assertEqual(got.stdout, "value\n")


if __name__ == "__main__":
    reason = reason_to_skip()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    unittest.main()
