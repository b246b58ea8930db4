"""An ensemble and the brokers on it, as one thing that a test class sets up."""

import shutil
import tempfile

from .broker import Broker
from .waiting import wait_until
from .zookeeper import Ensemble

PARTITIONS = 64  # of Client Identifiers


class Cluster:
    def __init__(self, brokers=3, zookeepers=3, threads=1, settings=()):
        self.directory = tempfile.mkdtemp(prefix="mqttzoo-")
        self.ensemble = Ensemble(self.directory, zookeepers)
        self.threads = threads
        self.settings = settings
        self.brokers = [self.new_broker(f"b{number}") for number in range(1, brokers + 1)]

    def new_broker(self, name):
        return Broker(name, self.directory, f"{self.ensemble.hosts}/mqttzoo", self.threads, self.settings)

    def start(self):
        self.ensemble.start()
        for broker in self.brokers:
            broker.start()
        self.wait_ready()
        return self

    def wait_ready(self):
        for broker in self.brokers:
            broker.wait_ready()
        wait_until(lambda: all(b.metric("mqttzoo_view_members") == len(self.brokers) for b in self.brokers),
                   "all brokers in one view", 30)
        wait_until(self.is_balanced, "each broker to be home of somebody", 30)

    def is_balanced(self):
        """A broker that joins gets copies first and partitions then, which ends connections to the sessions there."""
        homes = [broker.metric("mqttzoo_partitions") for broker in self.brokers]
        return all(homes) and sum(homes) == PARTITIONS

    def add(self, name):
        broker = self.new_broker(name)
        self.brokers.append(broker)
        return broker

    def stop(self, keep_logs=False):
        for broker in self.brokers:
            if broker.process and broker.process.poll() is None:
                broker.kill()
        self.ensemble.stop()
        if not keep_logs:
            shutil.rmtree(self.directory, ignore_errors=True)
