"""SCRAM-SHA-256 (enhanced authentication of MQTT 5.0) on a raw socket: at CONNECT and again while connected."""

import pathlib
import re
import tempfile
import unittest

from harness.broker import Broker
from harness.clients import Paho
from harness.users import METHOD, ScramClient, scram_properties, write_users

NOT_AUTHORIZED = 0x87


class Scram(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        users = write_users(self.directory / "scram", {"ann": "pencil", "bob": "stylus"}, "--scram")
        rights = self.directory / "acl"
        rights.write_text("user ann\ntopic anns/#\n")
        self.settings = [f"scram_file {users}", f"acl_file {rights}"]
        self.broker = self.start("one")

    def start(self, name):
        broker = Broker(name, self.directory, settings=self.settings, anonymous=False).start()
        self.addCleanup(broker.kill)
        return broker.wait_ready()

    def client(self, client_id=b"scram", broker=None):
        client = ScramClient(broker or self.broker, client_id)
        self.addCleanup(client.close)
        return client

    def test_the_right_password(self):
        client = self.client()
        kind, connack = client.connect("ann", "pencil")
        self.assertEqual((kind, connack[1]), ("CONNACK", 0))
        self.assertIn(METHOD, connack)
        self.assertIn(client.expected, connack, "the broker has proved itself too")
        self.assertEqual(client.ping(), "PINGRESP")

    def test_rights_are_those_of_the_proved_name(self):
        client = self.client()
        client.connect("ann", "pencil")
        for topic, reason in ((b"anns/x", 0x10), (b"bobs/x", NOT_AUTHORIZED)):
            client.send(0x32, len(topic).to_bytes(2, "big") + topic + b"\0\1\0x")
            kind, puback = client.receive()
            self.assertEqual((kind, puback[2] if len(puback) > 2 else 0), ("PUBACK", reason), topic)

    def test_wrong_proofs_and_unknown_users(self):
        for user, password in (("ann", "stylus"), ("ann", ""), ("eve", "pencil"), ("ANN", "pencil")):
            kind, connack = self.client().connect(user, password)
            self.assertEqual((kind, connack[1]), ("CONNACK", NOT_AUTHORIZED), (user, password))
        self.assertEqual(self.broker.metric("mqttzoo_logins_refused_total"), 4)
        self.assertRegex(self.broker.log(), r'client ended client=scram .*cause=refused .*user=eve')
        self.assertNotIn("pencil", self.broker.log())

    def challenge_for(self, user, broker=None):
        client = self.client(broker=broker)
        client.send(0x10, b"\0\4MQTT\5\2\0\x3c" + scram_properties(client.first(user)) + b"\0\1x")
        return re.fullmatch(rb"r=[^,]+,s=([^,]+),i=(\d+)", client.challenge()[1]).groups()

    def test_nobody_learns_which_users_there_are(self):
        ann, eve = self.challenge_for("ann"), self.challenge_for("eve")
        self.assertEqual(len(ann[0]), len(eve[0]))
        self.assertEqual(ann[1], eve[1])
        self.assertEqual(self.challenge_for("eve"), eve, "the same each time")
        self.assertNotEqual(self.challenge_for("eva"), eve)
        self.assertEqual(self.challenge_for("eve", self.start("other")), eve, "the same at each broker with these users")

    def test_again_while_connected(self):
        client = self.client()
        client.connect("ann", "pencil")
        for _ in range(2):
            kind, auth = client.authenticate_again("ann", "pencil")
            self.assertEqual((kind, auth[0]), ("AUTH", 0))
            self.assertIn(client.expected, auth)
            self.assertEqual(client.ping(), "PINGRESP")

    def test_again_and_wrong(self):
        for user, password in (("ann", "stylus"), ("bob", "stylus"), ("eve", "pencil")):
            client = self.client()
            client.connect("ann", "pencil")
            kind, disconnect = client.authenticate_again(user, password)
            self.assertEqual((kind, disconnect[0]), ("DISCONNECT", NOT_AUTHORIZED), (user, password))
            self.assertEqual(client.receive()[0], "closed")

    def test_other_ways_in_stay_closed(self):
        for options in ({}, {"user": "ann", "password": "pencil"}):
            client = Paho(self.broker, **options)
            self.addCleanup(client.close)
            self.assertNotEqual(client.connect_answer[1].value, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
