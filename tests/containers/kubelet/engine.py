"""A Docker engine beside any other: its own data, its own socket, and no rules in the machine's firewall."""

import ctypes
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from harness.waiting import wait_until

from . import BUILD

# A client from elsewhere may be too new for Debian's engine.
DOCKER = "/usr/bin/docker"
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def reason_to_skip():
    """Why there can be no engine here; None when there can."""
    if os.geteuid() != 0:
        return "a Docker engine needs root"
    for program in "dockerd", "mmdebstrap":
        if shutil.which(program) is None:
            return f"{program} is not installed"
    if not os.path.exists(DOCKER):
        return f"{DOCKER} is not installed"
    if subprocess.run(["unshare", "--mount", "--net", "true"], stderr=subprocess.DEVNULL).returncode:
        return "root may make no namespaces here (is this a container itself?)"
    return None


def _stop_with_parent():
    # SIGTERM: the engine ends its containers; a killed one would leave them.
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    os.setpgid(0, 0)


class Engine:
    """Images and layers stay in build/containers for the next run; containers, networks and volumes do not."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="mqttzoo-engine-"))
        self.data = BUILD / "containers" / "docker"
        self.data.mkdir(parents=True, exist_ok=True)
        self.socket = f"unix://{self.directory}/docker.sock"
        self.log_path = self.data.parent / "dockerd.log"
        self.process = None

    def start(self):
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                # Its mounts are its own, and go with it.
                ["unshare", "--mount", "dockerd", "--data-root", str(self.data), "--exec-root", str(self.directory / "exec"),
                 "--pidfile", str(self.directory / "pid"), "-H", self.socket,
                 # Containers need names and each other, nothing from outside; builds use the machine's network.
                 "--bridge", "none", "--iptables=false", "--ip6tables=false",
                 # Not every machine allows the default, which wants CAP_SYS_RESOURCE.
                 "--oom-score-adjust", "0"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, preexec_fn=_stop_with_parent)
        wait_until(self._answers_or_ended, "the Docker engine", 60)
        self._clear()  # what a run that was killed has left
        return self

    def _answers_or_ended(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"dockerd ended: {self.log_path.read_text()[-3000:]}")
        return self.run("version", check=False, quiet=True).returncode == 0

    def run(self, *arguments, check=True, quiet=False, **options):
        """docker ARGUMENTS...; its output is text, both streams in one."""
        result = subprocess.run([DOCKER, "-H", self.socket, *map(str, arguments)], stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL if quiet else subprocess.STDOUT, text=True,
                                stdin=options.pop("stdin", subprocess.DEVNULL),
                                env=dict(os.environ, DOCKER_BUILDKIT="0"), **options)
        if check and result.returncode:
            raise RuntimeError(f"docker {' '.join(map(str, arguments))}: {result.stdout[-3000:]}")
        return result

    def build(self, tag, context, *options):
        self.run("build", "--network", "host", "-t", tag, *options, context)

    def has_image(self, tag):
        return bool(self.run("images", "-q", tag).stdout.strip())

    def inspect(self, container):
        return json.loads(self.run("inspect", container).stdout)[0]

    def _clear(self):
        containers = self.run("ps", "-aq").stdout.split()
        if containers:
            self.run("rm", "-f", "-v", *containers)
        self.run("network", "prune", "-f")
        self.run("volume", "prune", "-f")

    def stop(self):
        self._clear()
        self.process.terminate()
        self.process.wait(60)
        shutil.rmtree(self.directory, ignore_errors=True)
