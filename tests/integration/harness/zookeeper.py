"""A real ZooKeeper ensemble of plain processes."""

import pathlib
import signal
import socket

from .processes import spawn, stop
from .waiting import free_port, wait_until

# Its manifest names the libraries that it needs. Others that happen to be installed exclude each other.
CLASSPATH = "/etc/zookeeper/conf_example:/usr/share/java/zookeeper.jar"


class ZooKeeperServer:
    def __init__(self, number, directory):
        self.number = number
        self.directory = pathlib.Path(directory) / f"zk{number}"
        self.client_port = free_port()
        self.quorum_port = free_port()
        self.election_port = free_port()
        self.process = None

    def write_config(self, servers):
        data = self.directory / "data"
        data.mkdir(parents=True, exist_ok=True)
        (data / "myid").write_text(f"{self.number}\n")
        lines = [
            "tickTime=500", "initLimit=20", "syncLimit=10", f"dataDir={data}",
            f"clientPort={self.client_port}", "clientPortAddress=127.0.0.1", "admin.enableServer=false",
            "4lw.commands.whitelist=*", "maxClientCnxns=0", "extendedTypesEnabled=true",
        ]
        if len(servers) > 1:
            lines += [f"server.{s.number}=127.0.0.1:{s.quorum_port}:{s.election_port}" for s in servers]
        (self.directory / "zoo.cfg").write_text("\n".join(lines) + "\n")

    def start(self):
        self.process = spawn(
            ["java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
             "-Dzookeeper.fastleader.maxNotificationInterval=1000", "-cp", CLASSPATH,
             "org.apache.zookeeper.server.quorum.QuorumPeerMain", str(self.directory / "zoo.cfg")],
            self.directory / "log", cwd=self.directory)

    def ask(self, word):
        """A four-letter word; '' while the server does not answer."""
        try:
            with socket.create_connection(("127.0.0.1", self.client_port), 1) as connection:
                connection.sendall(word.encode())
                answer = b""
                while chunk := connection.recv(65536):
                    answer += chunk
                return answer.decode(errors="replace")
        except OSError:
            return ""

    def serves(self):
        return "Mode: " in self.ask("srvr")

    def leads(self):
        return "Mode: leader" in self.ask("srvr")

    def kill(self):
        stop(self.process, signal.SIGKILL)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)


class Ensemble:
    def __init__(self, directory, count=3):
        self.servers = [ZooKeeperServer(number, directory) for number in range(1, count + 1)]
        for server in self.servers:
            server.write_config(self.servers)

    @property
    def hosts(self):
        return ",".join(f"127.0.0.1:{server.client_port}" for server in self.servers)

    def start(self):
        for server in self.servers:
            server.start()
        self.wait_until_serving()

    def wait_until_serving(self):
        for server in self.servers:
            wait_until(server.serves, f"ZooKeeper server {server.number} to serve", 60)

    def leader(self):
        return wait_until(lambda: next((s for s in self.servers if s.leads()), None), "a ZooKeeper leader", 60)

    def stop(self):
        for server in self.servers:
            stop(server.process, signal.SIGKILL)
