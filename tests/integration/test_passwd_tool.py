"""mqttzoo_passwd: what it writes is what mosquitto understands, and it leaves alone what it was not asked to change."""

import pathlib
import socket
import stat
import subprocess
import tempfile
import unittest

from harness.broker import BUILD
from harness.processes import spawn, stop
from harness.waiting import free_port, wait_until

TOOL = BUILD / "broker" / "mqttzoo_passwd"


class PasswdTool(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.file = self.directory / "users"

    def run_tool(self, *arguments, password=None):
        return subprocess.run([str(TOOL), *arguments], input=password, capture_output=True, text=True, timeout=60)

    def write(self, *arguments, password=None):
        done = self.run_tool(*arguments, password=password)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        return self.file.read_text()

    def refused(self, reason, *arguments, password=None):
        before = self.file.read_bytes() if self.file.exists() else None
        done = self.run_tool(*arguments, password=password)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(reason, done.stderr)
        self.assertEqual(self.file.read_bytes() if self.file.exists() else None, before)
        self.assertFalse((self.directory / "users.new").exists())

    def test_mosquitto_understands_it(self):
        self.write("-c", str(self.file), "ann", password="secret\n")
        self.write("-b", "--iterations", "101", str(self.file), "bob x", "pä:ss $wörd")
        port = free_port()
        config = self.directory / "mosquitto.conf"
        self.file.chmod(0o644)
        self.directory.chmod(0o755)
        config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {self.file}\n")
        mosquitto = spawn(["mosquitto", "-c", str(config)], self.directory / "mosquitto.log")
        self.addCleanup(stop, mosquitto)

        def listens():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        wait_until(listens, "mosquitto")

        def publish(user, password):
            return subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), "-u", user, "-P", password, "-t",
                                   "a", "-m", "x"], capture_output=True, timeout=30).returncode

        self.assertEqual(publish("ann", "secret"), 0)
        self.assertEqual(publish("bob x", "pä:ss $wörd"), 0)
        self.assertNotEqual(publish("ann", "Secret"), 0)

    def test_users_come_change_and_go(self):
        self.file.write_text("# ours\nann:$6$c2FsdA==$" + "A" * 86 + "==\n")
        self.file.chmod(0o640)
        both = self.write("-b", str(self.file), "bob", "one").splitlines()
        self.assertEqual([line.split(":")[0] for line in both], ["# ours", "ann", "bob"])
        self.assertRegex(both[2], r"^bob:\$7\$10000\$[\w+/]{16}\$[\w+/]{86}==$")
        changed = self.write("-b", str(self.file), "bob", "two").splitlines()
        self.assertEqual(changed[:2], both[:2])
        self.assertNotEqual(changed[2], both[2])
        self.assertEqual(self.write("-D", str(self.file), "bob").splitlines(), both[:2])
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o640)
        self.refused("there is no user bob", "-D", str(self.file), "bob")

    def test_scram(self):
        first = self.write("--scram", "-c", str(self.file), "ann", password="pencil").splitlines()
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o600)
        self.assertRegex(first[0], r"^\$secret:[\w+/]{43}=$")
        self.assertRegex(first[1], r"^ann:SCRAM-SHA-256\$4096:[\w+/]{22}==\$[\w+/]{43}=:[\w+/]{43}=$")
        second = self.write("--scram", "-b", str(self.file), "bob", "x").splitlines()
        self.assertEqual(second[:2], first, "the secret stays")
        self.refused("this name is not for users", "--scram", "-b", str(self.file), "$secret", "x")
        self.refused("not hashed with $6$ or $7$", "-b", str(self.file), "bob", "x")

    def test_the_secret_is_added_where_it_is_missing(self):
        self.write("--scram", "-b", "-c", str(self.file), "ann", "x")
        self.file.write_text(self.file.read_text().splitlines()[1] + "\n")
        self.assertIn("\n$secret:", self.write("--scram", "-b", str(self.file), "bob", "x"))

    def test_refusals(self):
        self.refused("cannot be opened", "-b", str(self.file), "ann", "x")
        self.write("-c", "-b", str(self.file), "ann", "x")
        self.refused("cannot hold ':'", "-b", str(self.file), "a:b", "x")
        self.refused("the password is empty", str(self.file), "ann", password="\n")
        self.refused("no password was given", str(self.file), "ann", password="")
        self.refused("--batch", str(self.file), "ann", "x")
        self.refused("iterations", "--iterations", "0", "-b", str(self.file), "ann", "x")
        self.file.write_text("nonsense\n")
        self.refused("users:1: there is no ':'", "-b", str(self.file), "ann", "x")


if __name__ == "__main__":
    unittest.main(verbosity=2)
