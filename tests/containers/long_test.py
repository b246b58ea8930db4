"""What takes longer than CI has: the shipped Dockerfile without any cache, and compose.yaml brought up as its page says."""

import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml
from kubelet import ROOT
from kubelet.clients import connect
from kubelet.engine import Engine, reason_to_skip
from kubelet.images import BROKER, build_broker, build_stand_ins, import_base


class Host:
    host = "127.0.0.1"
    name = "the balancer's port on this machine"

    def __init__(self, port):
        self.port = port


class LongWay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = Engine()
        cls.addClassCleanup(cls.engine.stop)
        cls.engine.start()
        import_base(cls.engine)
        build_broker(cls.engine, "--no-cache")
        build_stand_ins(cls.engine)

    def test_the_image_holds_programs_and_no_tools(self):
        version = self.engine.run("run", "--rm", "--network", "none", BROKER, "--version").stdout
        self.assertRegex(version, r"^mqttzoo \d+\.\d+\.\d+\n$")
        tools = "command -v g++ cmake ccache; id -u"
        found = self.engine.run("run", "--rm", "--network", "none", "--entrypoint", "sh", BROKER, "-c", tools)
        self.assertEqual(found.stdout, "10001\n")

    def compose(self, *arguments):
        command = ["docker-compose", "-H", self.engine.socket, "--project-directory", str(ROOT), "-p", "mqttzoo", "-f",
                   self.file.name, *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    @unittest.skipUnless(shutil.which("docker-compose"), "docker-compose is not installed")
    def test_compose(self):
        content = yaml.safe_load((ROOT / "compose.yaml").read_text())
        self.assertEqual(content["services"]["balancer"]["ports"], ["1883:1883"])
        content["services"]["balancer"]["ports"] = ["127.0.0.1:0:1883"]  # any free port
        self.file = tempfile.NamedTemporaryFile("w", suffix=".yaml")
        self.addCleanup(self.file.close)
        yaml.safe_dump(content, self.file)
        self.file.flush()
        self.addCleanup(lambda: self.compose("down", "--volumes"))
        self.compose("up", "-d", "--no-build")
        self.host = Host(int(self.compose("port", "balancer", "1883").strip().rpartition(":")[2]))
        one, two = connect(self, self.host, "one", 120), connect(self, self.host, "two")
        two.subscribe("compose", 1)
        one.publish("compose", "hello", 1)
        two.wait_messages(1)


if __name__ == "__main__":
    reason = reason_to_skip()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    unittest.main()
