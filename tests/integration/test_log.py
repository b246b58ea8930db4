"""Where the log goes, and what is in it."""

import pathlib
import re
import signal
import tempfile
import unittest

from harness.broker import Broker
from harness.clients import Paho
from harness.waiting import wait_until


class Log(unittest.TestCase):
    def start(self, *settings):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.file = pathlib.Path(directory.name) / "broker log"
        broker = Broker("logging", directory.name,
                        settings=[setting.replace("FILE", str(self.file)) for setting in settings]).start()
        self.addCleanup(broker.kill)
        return broker.wait_ready()

    def client(self, broker, name):
        Paho(broker, client_id=name).close()

    def test_file_that_is_rotated(self):
        broker = self.start("log_dest file FILE", "log_timestamp_format %d/%m/%y")
        self.client(broker, "first")
        wait_until(lambda: "client=first" in self.file.read_text(), "the line of the first client")
        self.assertRegex(self.file.read_text(), re.compile(r"\A(\d\d/\d\d/\d\d (error|warning|info)  .*\n)+\Z"))
        old = self.file.with_name("old")
        self.file.rename(old)
        broker.process.send_signal(signal.SIGHUP)
        wait_until(self.file.exists, "the new file")
        self.client(broker, "second")
        wait_until(lambda: "client=second" in self.file.read_text(), "the line of the second client")
        self.assertNotIn("second", old.read_text())
        self.assertEqual(broker.log(), "", "standard error")
        self.assertEqual(broker.stop(), 0)
        self.assertIn("stopped", self.file.read_text())

    def test_several_destinations(self):
        broker = self.start("log_dest stdout", "log_dest stderr", "log_dest file FILE")
        wait_until(lambda: "all members are ready" in self.file.read_text(), "the file")
        wait_until(lambda: broker.log().count("all members are ready") == 2, "the lines of both streams")

    def test_none(self):
        broker = self.start("log_dest none")
        self.client(broker, "unseen")
        self.assertEqual(broker.stop(), 0)
        self.assertEqual(broker.log(), "")

    def test_connection_messages(self):
        broker = self.start("connection_messages false")
        self.client(broker, "unseen")
        self.assertEqual(broker.stop(), 0)
        self.assertNotIn("client ended", broker.log())
        self.assertIn("stopped", broker.log())

    def test_types(self):
        broker = self.start("log_type warning", "log_type error", "log_timestamp false")
        broker.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "SIGHUP" in broker.log(), "the warning")
        self.assertEqual(broker.stop(), 0)
        self.assertEqual(broker.log(), "warning SIGHUP is ignored: the configuration is only read at the start\n")

    def test_file_that_cannot_be_written(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        broker = Broker("logging", directory.name, settings=["log_dest file /dev/null/broker.log"]).start()
        self.addCleanup(broker.kill)
        self.assertEqual(broker.process.wait(30), 1)
        self.assertRegex(broker.log(), r"\Amqttzoo: the log file cannot be opened: .*/dev/null.*\n\Z")


if __name__ == "__main__":
    unittest.main(verbosity=2)
