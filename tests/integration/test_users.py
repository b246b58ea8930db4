"""Who may connect: password files, anonymous clients, and what is logged and counted of those who may not."""

import pathlib
import subprocess
import tempfile
import threading
import time
import unittest

from harness.broker import BINARY, Broker
from harness.clients import Paho
from harness.users import write_users
from harness.waiting import wait_until

BAD_USER_NAME_OR_PASSWORD, NOT_AUTHORIZED = 0x86, 0x87
V3_BAD_USER_NAME_OR_PASSWORD, V3_NOT_AUTHORIZED = 4, 5


def answer_of(client):
    reason = client.connect_answer[1]
    return getattr(reason, "value", reason)


class Users(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def broker(self, *settings, anonymous=False):
        broker = Broker("lone", self.directory, settings=settings, anonymous=anonymous).start()
        self.addCleanup(broker.kill)
        return broker.wait_ready()

    def client(self, broker, version="5", **options):
        client = Paho(broker, version, **options)
        self.addCleanup(client.close)
        return client

    def password_file(self, users, *options):
        return f"password_file {write_users(self.directory / 'users', users, *options)}"

    def test_right_and_wrong(self):
        broker = self.broker(self.password_file({"ann": "ann's secret", "bob": "bob's secret"}))
        for version, wrong, nobody in (("3.1", 4, 5), ("3.1.1", 4, 5),
                                       ("5", BAD_USER_NAME_OR_PASSWORD, NOT_AUTHORIZED)):
            with self.subTest(version):
                right = self.client(broker, version, user="ann", password="ann's secret")
                self.assertEqual(answer_of(right), 0)
                right.publish("a", "x", 1)
                for user, password in (("ann", "bob's secret"), ("ann", None), ("eve", "ann's secret"), ("", "")):
                    refused = self.client(broker, version, client_id="guest", user=user, password=password)
                    self.assertEqual(answer_of(refused), wrong, (user, password))
                self.assertEqual(answer_of(self.client(broker, version, client_id="guest")), nobody)
        log = broker.log()
        self.assertRegex(log, r'client ended client=guest .*cause=refused reason="Bad User Name or Password".* user=ann')
        self.assertNotIn("secret", log)
        self.assertEqual(broker.metric("mqttzoo_logins_refused_total"), 15)
        self.assertEqual(broker.metric("mqttzoo_logins_over_limit_total"), 0)

    def test_what_mosquitto_passwd_writes(self):
        users = self.directory / "users"
        for options in (["-c", "-H", "sha512"], ["-H", "sha512-pbkdf2"]):
            name = options[-1]
            subprocess.run(["mosquitto_passwd", *options, "-b", str(users), name, "sécret"], check=True)
        broker = self.broker(f"password_file {users}")
        for name in ("sha512", "sha512-pbkdf2"):
            self.assertEqual(answer_of(self.client(broker, user=name, password="sécret")), 0)
            self.assertNotEqual(answer_of(self.client(broker, user=name, password="secret")), 0)

    def test_mosquittos_tools(self):
        broker = self.broker(self.password_file({"ann": "secret"}))

        def publish(password):
            return subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(broker.port), "-u", "ann", "-P", password,
                                   "-t", "a", "-m", "x", "-q", "1"], capture_output=True, timeout=30).returncode

        self.assertEqual(publish("secret"), 0)
        self.assertNotEqual(publish("Secret"), 0)

    def test_anonymous_clients_beside_users(self):
        broker = self.broker(self.password_file({"ann": "secret"}), anonymous=True)
        self.assertEqual(answer_of(self.client(broker)), 0)
        self.assertEqual(answer_of(self.client(broker, user="ann", password="secret")), 0)
        self.assertEqual(answer_of(self.client(broker, user="ann", password="wrong")), BAD_USER_NAME_OR_PASSWORD)
        self.assertEqual(answer_of(self.client(broker, user="anybody")), BAD_USER_NAME_OR_PASSWORD)

    def slow_broker(self, iterations):
        users = self.password_file({"slow": "secret"}, "--iterations", str(iterations))
        return self.broker(users, "connect_timeout 120", anonymous=True)

    def log_in(self, broker):
        """How long the login of the user with the slow hash takes, in seconds."""
        started = time.monotonic()
        client = Paho(broker, user="slow", password="secret", client_id="slow", wait_seconds=120)
        took = time.monotonic() - started
        client.close()
        self.assertEqual(answer_of(client), 0)
        return took

    def test_a_slow_hash_does_not_stop_the_shard(self):
        broker = self.slow_broker(800_000)
        quick = self.client(broker)
        quick.subscribe("a", 1)
        took = []
        login = threading.Thread(target=lambda: took.append(self.log_in(broker)))
        login.start()
        longest = rounds = 0
        while login.is_alive():
            sent = time.monotonic()
            quick.publish("a", "x", 1)
            rounds += 1
            quick.wait_messages(rounds)
            longest = max(longest, time.monotonic() - sent)
        login.join()
        self.assertLess(longest, took[0] / 2, f"{rounds} rounds in {took[0]:.1f} s")

    def test_clients_that_do_not_wait_for_their_slow_hash(self):
        broker = self.slow_broker(400_000)
        alone = self.log_in(broker)
        for _ in range(30):
            flood = subprocess.Popen(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(broker.port), "-u", "slow", "-P", "x",
                                      "-t", "a", "-m", "x"], stderr=subprocess.DEVNULL)
            wait_until(lambda: broker.metric("mqttzoo_connections") >= 1, "the connection", interval=0)
            flood.kill()
            flood.wait()
        wait_until(lambda: broker.metric("mqttzoo_connections") == 0, "the end of all connections")
        self.assertLess(self.log_in(broker), 15 * alone, "it waited for those who have gone")

    def refused_start(self, settings):
        config = self.directory / "broken.conf"
        config.write_text("listener 1 127.0.0.1\n" + settings)
        said = []
        for options in ([], ["--test-config"]):
            done = subprocess.run([str(BINARY), "-c", str(config), *options], capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 1)
            said.append(done.stderr)
        self.assertIn(said[1].removeprefix("mqttzoo: ").strip(), said[0], "the start and --test-config say the same")
        return said[0]

    def test_files_that_cannot_be_used_stop_the_start(self):
        missing = self.directory / "missing"
        broken = self.directory / "broken"
        broken.write_text("# users\nann:secret in plain text\n")
        for key in ("password_file", "scram_file", "acl_file"):
            self.assertIn(f"{missing}: cannot be opened: No such file or directory", self.refused_start(f"{key} {missing}\n"))
            self.assertIn(f"{self.directory}: cannot be read: Is a directory",
                          self.refused_start(f"{key} {self.directory}\n"))
        said = self.refused_start(f"password_file {broken}\n")
        self.assertIn(f"{broken}:2: the password is not hashed", said)
        self.assertNotIn("plain text", said)
        self.assertIn(f"{broken}:2: behind the user name", self.refused_start(f"scram_file {broken}\n"))
        self.assertIn(f"{broken}:2: the line does not begin with topic", self.refused_start(f"acl_file {broken}\n"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
