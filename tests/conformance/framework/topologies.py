"""Where the tests run: one broker, three brokers on a real ensemble, or our own clients."""

import contextlib
import pathlib
import tempfile

from harness.broker import Broker
from harness.cluster import Cluster
from harness.users import write_users

from .scenario import Scenario
from .tools import ToolScenario

SETTINGS = ["sys_interval 1"]
SCRAM_USER, SCRAM_PASSWORD = "conformance", "pencil"


@contextlib.contextmanager
def authenticating():
    """The port of a lone broker with a user who proves himself by SCRAM-SHA-256."""
    with tempfile.TemporaryDirectory(prefix="mqttzoo-") as directory:
        users = write_users(pathlib.Path(directory) / "users", {SCRAM_USER: SCRAM_PASSWORD}, "--scram")
        broker = Broker("authenticating", directory, settings=[f"scram_file {users}"]).start()
        try:
            yield broker.wait_ready().port
        finally:
            broker.kill()


@contextlib.contextmanager
def one():
    """A lone broker with two shards."""
    with tempfile.TemporaryDirectory(prefix="mqttzoo-") as directory, authenticating() as authenticating_port:
        broker = Broker("lone", directory, threads=2, settings=SETTINGS).start()
        try:
            broker.wait_ready()
            yield lambda version: Scenario([broker.port] * 3, version, authenticating_port)
        finally:
            broker.kill()


@contextlib.contextmanager
def three():
    """Publisher, subscriber and a third client are on three brokers of one cluster."""
    cluster = Cluster(zookeepers=1, settings=SETTINGS)
    with authenticating() as authenticating_port:
        try:
            cluster.start()
            ports = [broker.port for broker in cluster.brokers]
            yield lambda version: Scenario(ports, version, authenticating_port)
        finally:
            cluster.stop()


@contextlib.contextmanager
def tools():
    """mqtt_pub and mqtt_sub against a scripted server."""
    yield ToolScenario


TOPOLOGIES = {"one": (one, "brokers"), "three": (three, "brokers"), "tools": (tools, "tools")}
