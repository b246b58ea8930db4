"""One broker process and its HTTP side."""

import json
import os
import pathlib
import re
import signal
import urllib.error
import urllib.request

from .processes import spawn, stop
from .waiting import free_port, wait_until

BUILD = pathlib.Path(os.environ.get("MQTTZOO_BUILD_DIR", pathlib.Path(__file__).parents[3] / "build"))
BINARY = BUILD / "broker" / "mqttzoo"


class Broker:
    """A broker with a configuration file of its own; ports are given once and kept over restarts."""

    def __init__(self, name, directory, zookeeper=None, threads=1, settings=(), prefix=(),
                 anonymous=True):
        self.name = name
        self.directory = pathlib.Path(directory)
        self.port = free_port()
        self.http_port = free_port()
        self.cluster_port = free_port()
        self.zookeeper = zookeeper
        self.threads = threads
        self.settings = list(settings)
        self.prefix = list(prefix)
        self.anonymous = anonymous
        self.process = None

    @property
    def log_path(self):
        return self.directory / f"{self.name}.log"

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def start(self):
        lines = [f"broker_name {self.name}", f"listener {self.port} 127.0.0.1", f"allow_anonymous {str(self.anonymous).lower()}",
                 f"http_listener {self.http_port} 127.0.0.1", f"threads {self.threads}"]
        if self.zookeeper:
            lines += [f"zookeeper {self.zookeeper}", f"cluster_listener 127.0.0.1:{self.cluster_port}",
                      f"cluster_advertise 127.0.0.1:{self.cluster_port}"]
        config = self.directory / f"{self.name}.conf"
        config.write_text("\n".join(lines + self.settings) + "\n")
        self.process = spawn(self.prefix + [str(BINARY), "-c", str(config)], self.log_path)
        return self

    def get(self, path):
        """(status, body) of a GET; (0, '') while nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}{path}", timeout=3) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def ready(self):
        return self.get("/readyz")[0] == 200

    def wait_ready(self, seconds=30):
        def ready_or_dead():
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{self.log()[-3000:]}")
            return self.ready()

        try:
            wait_until(ready_or_dead, f"{self.name} to be ready", seconds)
        except TimeoutError as error:
            raise TimeoutError(f"{error}: {self.get('/readyz')}\n{self.log()[-3000:]}") from None
        return self

    def metric(self, name, **labels):
        """The value of a metric, summed over the label sets that contain `labels`."""
        total = 0.0
        for line in self.get("/metrics")[1].splitlines():
            match = re.fullmatch(r"(\w+)(?:\{(.*)\})? ([0-9.eE+-]+)", line)
            if match and match[1] == name:
                found = dict(re.findall(r'(\w+)="([^"]*)"', match[2] or ""))
                if all(found.get(key) == value for key, value in labels.items()):
                    total += float(match[3])
        return total

    def stop(self):
        return stop(self.process, signal.SIGTERM)

    def kill(self):
        stop(self.process, signal.SIGKILL)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)
