"""What the broker asks of the operating system: its user, the file with its number, the files of its configuration."""

import os
import pathlib
import pwd
import socket
import tempfile
import unittest

from harness.broker import Broker
from harness.waiting import free_port


class Process(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def start(self, *settings, name="process"):
        broker = Broker(name, self.directory, settings=settings).start()
        self.addCleanup(broker.kill)
        return broker

    def test_pid_file(self):
        file = self.directory / "pid"
        broker = self.start(f"pid_file {file}").wait_ready()
        self.assertEqual(file.read_text(), f"{broker.process.pid}\n")
        self.assertEqual(broker.stop(), 0)
        self.assertFalse(file.exists())

    def test_pid_file_that_cannot_be_written(self):
        broker = self.start("pid_file /dev/null/pid")
        self.assertEqual(broker.process.wait(30), 1)
        self.assertIn("pid_file /dev/null/pid cannot be written: Not a directory", broker.log())

    def test_pid_file_of_a_running_broker_is_left_alone(self):
        file = self.directory / "pid"
        broker = self.start(f"pid_file {file}").wait_ready()
        second = self.start(f"pid_file {file}", f"listener {broker.port} 127.0.0.1", name="second")
        self.assertEqual(second.process.wait(30), 1)
        self.assertEqual(file.read_text(), f"{broker.process.pid}\n")

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
    def test_root_becomes_the_user(self):
        nobody = pwd.getpwnam("nobody")
        broker = self.start("user nobody", "log_dest stderr").wait_ready()
        for task in pathlib.Path(f"/proc/{broker.process.pid}/task").iterdir():
            status = dict(line.split(":", 1) for line in (task / "status").read_text().splitlines())
            self.assertEqual(set(status["Uid"].split()), {str(nobody.pw_uid)})
            self.assertEqual(set(status["Gid"].split()), {str(nobody.pw_gid)})
            self.assertNotIn("0", status["Groups"].split())
            self.assertEqual(int(status["CapEff"], 16), 0)
        self.assertEqual(broker.stop(), 0)

    @unittest.skipUnless(os.geteuid() == 0, "others stay who they are")
    def test_unknown_user(self):
        broker = self.start("user no-such-user")
        self.assertEqual(broker.process.wait(30), 1)
        self.assertIn("there is no user no-such-user", broker.log())

    def test_included_files(self):
        first, second = free_port(), free_port()
        included = self.directory / "conf.d"
        included.mkdir()
        (included / "a.conf").write_text(f"listener {first} 127.0.0.1\nmax_connections 5\n")
        (included / "b.conf").write_text(f"listener {second} 127.0.0.1\nmax_connections 6\n")
        self.start(f"include_dir {included}").wait_ready()
        for port in (first, second):
            socket.create_connection(("127.0.0.1", port), 5).close()

    def test_fault_in_an_included_file(self):
        included = self.directory / "conf.d"
        included.mkdir()
        (included / "a.conf").write_text("\ncafile /etc/ca.pem\n")
        broker = self.start(f"include_dir {included}")
        self.assertEqual(broker.process.wait(30), 1)
        self.assertIn("conf.d/a.conf:2: cafile: not supported by MQTTZoo: TLS", broker.log())


if __name__ == "__main__":
    unittest.main(verbosity=2)
