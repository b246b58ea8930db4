"""mqtt_pub and mqtt_sub as a person uses them."""

import signal
import subprocess
import tempfile
import unittest

from harness.broker import BUILD, Broker
from harness.clients import Lines, Paho
from harness.waiting import free_port, wait_until

PUB = str(BUILD / "client" / "mqtt_pub")
SUB = str(BUILD / "client" / "mqtt_sub")


class Tools(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        cls.broker = Broker("lone", cls.directory.name).start()
        cls.addClassCleanup(lambda: cls.broker.kill())
        cls.broker.wait_ready()

    def run_pub(self, *arguments, text="", code=0):
        result = subprocess.run([PUB, "-p", str(self.broker.port), *arguments], input=text, capture_output=True, text=True,
                                timeout=30)
        self.assertEqual(result.returncode, code, result.stderr)
        return result

    def watch(self, *topics):
        client = Paho(self.broker)
        self.addCleanup(client.close)
        for topic in topics:
            client.subscribe(topic, 2)
        return client

    def test_default_topic_and_a_message_per_line_until_an_empty_one(self):
        watcher = self.watch("/Testing")
        self.run_pub(text="one\ntwo\n\nthree\n")
        watcher.wait_messages(2)
        self.run_pub("-t", "/Testing", "-m", "end", "-q", "1")
        watcher.wait_messages(3)
        self.assertEqual(watcher.payloads(), ["one", "two", "end"])

    def test_message_sources(self):
        watcher = self.watch("source")
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("from\na file\n")
            file.flush()
            self.run_pub("-t", "source", "-f", file.name, "-q", "1")
        self.run_pub("-t", "source", "-m", "given", "-q", "2")
        self.run_pub("-t", "source", "-s", "-q", "1", text="all of\nstdin\n")
        self.run_pub("-t", "source", "-l", "-q", "1", text="a\n\nb\n")
        self.run_pub("-t", "source", "-n", "-q", "1")
        watcher.wait_messages(7)
        self.assertEqual(watcher.payloads(), ["from\na file\n", "given", "all of\nstdin\n", "a", "", "b", ""])

    def test_lines_of_what_cannot_be_polled(self):
        watcher = self.watch("lines")
        with tempfile.TemporaryFile("w+") as file:
            file.write("first\nsecond\n")
            file.flush()
            file.seek(0)
            for source in file, subprocess.DEVNULL:
                subprocess.run([PUB, "-p", str(self.broker.port), "-t", "lines", "-q", "1", "-l"], stdin=source, check=True,
                               timeout=30)
        watcher.wait_messages(2)
        self.assertEqual(watcher.payloads(), ["first", "second"])

    def test_versions(self):
        watcher = self.watch("version")
        for version in ("mqttv31", "mqttv311", "mqttv5", "31", "311", "5"):
            self.run_pub("-V", version, "-t", "version", "-m", version, "-q", "1")
        watcher.wait_messages(6)

    def test_sub_prints_and_ends_politely_on_interrupt(self):
        lines = Lines([SUB, "-p", str(self.broker.port), "-t", "tool/#", "-v", "-d"])
        self.addCleanup(lines.close)
        wait_until(lambda: lines.ready.is_set() or any("SUBACK" in line for line in lines.lines + lines.errors), "SUBACK")
        self.run_pub("-t", "tool/a", "-m", "hello", "-q", "1")
        wait_until(lambda: "tool/a hello" in lines.lines, "the message")
        lines.process.send_signal(signal.SIGINT)
        self.assertEqual(lines.process.wait(10), 0)

    def test_sub_counts_and_times_out(self):
        self.run_pub("-t", "count", "-m", "kept", "-r", "-q", "1")
        result = subprocess.run([SUB, "-p", str(self.broker.port), "-t", "count", "-C", "1"], capture_output=True, text=True,
                                timeout=20)
        self.assertEqual((result.returncode, result.stdout), (0, "kept\n"))
        result = subprocess.run([SUB, "-p", str(self.broker.port), "-t", "nothing", "-W", "1"], capture_output=True, text=True,
                                timeout=20)
        self.assertEqual(result.returncode, 27)

    def test_ttl(self):
        self.run_pub("-t", "ttl", "-m", "short", "-r", "-q", "1", "--ttl", "1")
        watcher = self.watch("ttl")
        watcher.wait_messages(1)
        self.assertIn(watcher.messages[0].properties.MessageExpiryInterval, (0, 1))
        result = self.run_pub("-V", "311", "-t", "ttl", "-m", "x", "--ttl", "1", code=1)
        self.assertIn("ttl", result.stderr.lower())

    def test_url(self):
        watcher = self.watch("by/url")
        result = subprocess.run([PUB, "-L", f"mqtt://user:password@127.0.0.1:{self.broker.port}/by/url", "-m", "x", "-q", "1"],
                                capture_output=True, text=True, timeout=20)
        self.assertEqual(result.returncode, 0, result.stderr)
        watcher.wait_messages(1)

    def test_will(self):
        watcher = self.watch("tool/will")
        lines = Lines([SUB, "-p", str(self.broker.port), "-t", "x", "-d", "--will-topic", "tool/will", "--will-payload", "gone",
                       "--will-qos", "1"])
        wait_until(lambda: lines.ready.is_set() or any("SUBACK" in line for line in lines.lines + lines.errors), "SUBACK")
        lines.process.kill()
        self.assertEqual(watcher.wait_messages(1)[0].payload, b"gone")

    def test_errors_are_clear(self):
        port = free_port()
        for tool in (PUB, SUB):
            result = subprocess.run([tool, "-p", str(port), "-t", "x"] + (["-m", "x"] if tool == PUB else []), capture_output=True,
                                    text=True, timeout=20)
            self.assertEqual(result.returncode, 1)
            self.assertIn(f"connection refused by localhost:{port}", result.stderr)
            bad = subprocess.run([tool, "-q", "3", "-t", "x"], capture_output=True, text=True, timeout=20)
            self.assertEqual(bad.returncode, 1)
            self.assertIn("q", bad.stderr)

    def test_help_and_version(self):
        for tool in (PUB, SUB):
            page = subprocess.run([tool, "--help"], capture_output=True, text=True, timeout=20)
            self.assertEqual(page.returncode, 0)
            self.assertIn("Example", page.stdout)
            self.assertRegex(subprocess.run([tool, "--version"], capture_output=True, text=True, timeout=20).stdout, r"\d+\.\d+\.\d+")


if __name__ == "__main__":
    unittest.main(verbosity=2)
