"""Where the tests run: one broker, three brokers on a real ensemble, or our own clients."""

import contextlib
import tempfile

from harness.broker import Broker
from harness.cluster import Cluster

from .scenario import Scenario
from .tools import ToolScenario

SETTINGS = ["sys_interval 1"]
SCRAM_USER, SCRAM_PASSWORD = "conformance", "pencil"


@contextlib.contextmanager
def one():
    """A lone broker with two shards."""
    with tempfile.TemporaryDirectory(prefix="mqttzoo-") as directory:
        broker = Broker("lone", directory, threads=2, settings=SETTINGS).start()
        try:
            broker.wait_ready()
            yield lambda version: Scenario([broker.port] * 3, version)
        finally:
            broker.kill()


@contextlib.contextmanager
def three():
    """Publisher, subscriber and a third client are on three brokers of one cluster."""
    cluster = Cluster(zookeepers=1, settings=SETTINGS)
    try:
        cluster.start()
        yield lambda version: Scenario([broker.port for broker in cluster.brokers], version)
    finally:
        cluster.stop()


@contextlib.contextmanager
def tools():
    """mqtt_pub and mqtt_sub against a scripted server."""
    yield ToolScenario


TOPOLOGIES = {"one": (one, "brokers"), "three": (three, "brokers"), "tools": (tools, "tools")}
