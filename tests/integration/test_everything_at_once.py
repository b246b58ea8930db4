"""A cluster of brokers with several threads each, under load of every kind while brokers end and start: none may end by
itself. Built with ThreadSanitizer, none may have a data race (label tsan)."""

import threading
import unittest

from harness.cluster import Cluster
from harness.noise import Noise
from harness.waiting import wait_until

TIMELY = 60  # seconds; a race detector is slow


class EverythingAtOnce(unittest.TestCase):
    def setUp(self):
        self.cluster = Cluster(zookeepers=1, threads=3, settings=["sys_interval 1"])
        self.addCleanup(self.cluster.stop)
        self.cluster.start()

    def test_nobody_ends_and_nothing_races(self):
        brokers = self.cluster.brokers
        noise = Noise([broker.port for broker in brokers]).start()
        self.addCleanup(noise.stop)
        self.ask_for_metrics_until(self.cleanup_event())
        for how in ("stopped", "killed"):
            for broker in brokers:
                self.wait_for_traffic(noise)
                broker.kill() if how == "killed" else self.stop(broker)
                broker.start()
        self.wait_for_traffic(noise)
        noise.stop()
        for broker in brokers:
            broker.wait_ready(TIMELY)
        for broker in brokers:
            self.stop(broker)

    def stop(self, broker):
        status, log = broker.stop(), broker.log()
        race = log.find("WARNING: ThreadSanitizer")
        self.assertEqual(race, -1, log[race:race + 5000])
        self.assertEqual(status, 0, log[-3000:])

    def wait_for_traffic(self, noise):
        """Every broker runs and has delivered messages since now."""
        before = dict(noise.received)
        for broker in self.cluster.brokers:
            broker.wait_ready(TIMELY)
            wait_until(lambda: noise.received[broker.port] >= before[broker.port] + 500, f"traffic at {broker.name}", TIMELY)

    def cleanup_event(self):
        event = threading.Event()
        self.addCleanup(event.set)
        return event

    def ask_for_metrics_until(self, ended):
        def ask():
            while not ended.wait(0.05):
                for broker in self.cluster.brokers:
                    broker.get("/metrics")

        threading.Thread(target=ask, daemon=True).start()


if __name__ == "__main__":
    unittest.main(verbosity=2)
