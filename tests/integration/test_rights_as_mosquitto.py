"""An acl_file means the same to mosquitto and to this broker: random files, asked of both what each client may do."""

import pathlib
import random
import socket
import tempfile
import unittest

from harness.broker import Broker
from harness.clients import Paho
from harness.processes import spawn, stop
from harness.users import write_users
from harness.waiting import free_port, wait_until

TOPICS = ["a", "a/b", "a/b/c", "b", "b/a", "ann", "ann/a", "c1", "c1/a", "x/c1/y", "x/ann", "a b/c", "$x", "$x/a"]
FILTERS = TOPICS + ["#", "+", "a/#", "+/a", "a/+", "+/+/c", "$x/#", "x/+/y", "b/#"]
PATTERNS = ["%u", "%u/#", "%c", "%c/#", "x/%c/y", "x/%u", "a/%u%c", "+/%u", "#", "a/#", "$x/%c", "c1/+"]
ACCESS = ["", "read ", "write ", "readwrite ", "deny "]
CLIENTS = [("c1", None), ("c1", "ann"), ("c2", "bob"), ("x+", "ann"), ("a/b", "carol"), ("c3", "d#")]
SEEDS = range(1, 13)


def random_file(seed):
    chance = random.Random(seed)

    def rule(filters, key):
        filter_ = chance.choice(filters)
        access = chance.choice(ACCESS if " " not in filter_ else ACCESS[1:])
        return f"{key} {access}{filter_}"

    lines = ["# rights"] + [rule(FILTERS, "topic") for _ in range(chance.randint(0, 3))]
    for user in chance.sample(["ann", "bob", "carol", "d#"], chance.randint(0, 4)):
        lines += [f"user {user}"] + [rule(FILTERS, "topic") for _ in range(chance.randint(0, 4))]
    lines += ["user admin", "topic readwrite #", "topic readwrite $x/#"]
    for _ in range(chance.randint(0, 4)):
        lines.insert(chance.randrange(len(lines)), rule(PATTERNS, "pattern"))
    return "\n".join(lines) + "\n"


class Mosquitto:
    """The broker, with the interface that a client here needs."""

    name = "mosquitto"

    def __init__(self, directory, settings):
        self.port = free_port()
        config = directory / "mosquitto.conf"
        config.write_text(f"listener {self.port} 127.0.0.1\nuser root\nallow_anonymous true\n" + "\n".join(settings) + "\n")
        self.process = spawn(["mosquitto", "-c", str(config)], directory / "mosquitto.log")
        wait_until(self._listens, "mosquitto")

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self):
        stop(self.process)


def rights_on(broker):
    """(client id, user) -> (topics it may write, topics it may read)."""
    admin = Paho(broker, client_id="admin", user="admin", password="x")
    admin.subscribe("#")
    admin.subscribe("$x/#")
    rights = {}
    for client_id, user in CLIENTS:
        client = Paho(broker, client_id=client_id, user=user, password="x" if user else None)
        client.subscribe("#")
        client.subscribe("$x/#")
        for topic in TOPICS:
            client.publish(topic, "from client", 1)
        admin.subscribe("done")  # SUBACK comes behind what was delivered before
        written = {message.topic for message in admin.messages if message.payload == b"from client"}
        for topic in TOPICS:
            admin.publish(topic, "from admin", 1)
        client.subscribe("done")
        read = {message.topic for message in client.messages if message.payload == b"from admin"}
        rights[client_id, user] = (written, read)
        client.close()
        admin.messages.clear()
    admin.close()
    return rights


class SameRights(unittest.TestCase):
    maxDiff = None

    def test_random_files(self):
        granted = 0
        for seed in SEEDS:
            with self.subTest(seed=seed), tempfile.TemporaryDirectory() as name:
                directory = pathlib.Path(name)
                rules = directory / "acl"
                rules.write_text(random_file(seed))
                users = write_users(directory / "users", {name: "x" for name in ("admin", "ann", "bob", "carol", "d#")},
                                    "--iterations", "1")
                settings = [f"acl_file {rules}", f"password_file {users}"]
                ours = Broker("ours", directory, settings=settings).start()
                self.addCleanup(ours.kill)
                theirs = Mosquitto(directory, settings)
                self.addCleanup(theirs.kill)
                ours.wait_ready()
                expected = rights_on(theirs)
                self.assertEqual(rights_on(ours), expected, rules.read_text())
                granted += sum(len(written) + len(read) for written, read in expected.values())
                ours.kill()
                theirs.kill()
        self.assertGreater(granted, 100, "the files say too little to show anything")


if __name__ == "__main__":
    unittest.main(verbosity=2)
