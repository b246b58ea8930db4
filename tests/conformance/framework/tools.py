"""Our own clients against a server that does what a test says."""

import os
import pathlib
import socket
import subprocess

from harness.broker import BUILD
from harness.processes import spawn
from mqtt import packets
from mqtt.connection import DEADLINE_SECONDS, Connection
from mqtt.packets import V5

from .scenario import Scenario


class ServerSide(Connection):
    """The server's end of a client's connection."""

    from_server = False

    def accept(self, reason=0, session_present=False, properties=None):
        """Reads CONNECT, answers CONNACK; returns the CONNECT."""
        connect = self.expect_next("CONNECT")
        self.send_connack(reason, session_present, properties)
        return connect

    def send_connack(self, reason=0, session_present=False, properties=None):
        body = bytes([session_present, reason])
        self.send(packets.frame("CONNACK", body + (packets.properties(properties) if self.version == V5 else b"")))

    def send_publish(self, topic, payload=b"", qos=0, packet_id=None, properties=None, **arguments):
        self.send(packets.publish(self.version, topic, payload, qos, packet_id, properties_=properties, **arguments))

    def acknowledge(self, name, packet_id, reason=0, properties=None):
        self.send(packets.acknowledge(name, self.version, packet_id, reason, properties))

    def answer_subscribe(self):
        """Reads SUBSCRIBE, grants all; returns it."""
        subscribe = self.expect("SUBSCRIBE")
        empty = packets.properties(None) if self.version == V5 else b""
        granted = bytes(options & 3 for _, options in subscribe.filters)
        self.send(packets.frame("SUBACK", subscribe.packet_id.to_bytes(2, "big") + empty + granted))
        return subscribe


class ToolScenario(Scenario):
    """mqtt_pub and mqtt_sub, each connected to a listening socket of the test."""

    def __init__(self, version):
        super().__init__((None, None, None), version)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.processes = []

    def start(self, tool, *arguments, text=None):
        """Starts a tool, returns the server's side of its connection. `text` is its standard input."""
        stdin = subprocess.DEVNULL
        if text is not None:
            stdin, write_end = os.pipe()
            os.write(write_end, text)
            os.close(write_end)
        version = "5" if self.v5 else "311"
        self.processes.append(spawn(
            [str(pathlib.Path(BUILD) / "client" / tool), "-h", "127.0.0.1", "-p",
             str(self.listener.getsockname()[1]), "-V", version, *arguments],
            stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        if text is not None:
            os.close(stdin)
        return self.next_connection()

    def next_connection(self):
        self.listener.settimeout(DEADLINE_SECONDS)
        connection = ServerSide(self.listener.accept()[0], self.version)
        self._clients.append(connection)
        return connection

    def output(self):
        """Exit code and standard output of the tool that was started last."""
        out, _ = self.processes[-1].communicate(timeout=DEADLINE_SECONDS)
        return self.processes[-1].returncode, out

    def close(self):
        super().close()
        self.listener.close()
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.communicate()
