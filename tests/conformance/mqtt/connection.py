"""A socket that carries MQTT packets, with a deadline for everything that is waited for."""

import os
import socket
import struct
import time

from .packets import parse
from .wire import Violation

DEADLINE_SECONDS = float(os.environ.get("MQTTZOO_DEADLINE_SECONDS", "10"))


class Closed(AssertionError):
    """The other side closed the connection where a packet was expected."""


class Connection:
    """What arrives is kept in order: `next_packet` takes the first, `expect` the first of a type."""

    from_server = True

    def __init__(self, socket_, version):
        self.version = version
        self.socket = socket_
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.unread = b""
        self.waiting = []
        self.seen = []

    def send(self, *packets):
        try:
            self.socket.sendall(b"".join(packets))
        except (BrokenPipeError, ConnectionResetError):
            pass  # what the other side said before it closed is still to be read

    def _split(self):
        """The first whole packet of what was read, or None."""
        length = shift = 0
        for position in range(1, min(len(self.unread), 5)):
            length |= (self.unread[position] & 0x7F) << shift
            shift += 7
            if not self.unread[position] & 0x80:
                end = position + 1 + length
                if len(self.unread) < end:
                    return None
                if position > 1 and length < 1 << 7 * (position - 1):
                    raise Violation("v5 [MQTT-1.5.5-1]: Remaining Length longer than it needs")
                first, body = self.unread[0], self.unread[position + 1:end]
                self.unread = self.unread[end:]
                return parse(first, body, self.version, end, self.from_server)
        if len(self.unread) >= 5:
            raise Violation("Remaining Length of five bytes")
        return None

    def _read_packet(self, deadline):
        while True:
            packet = self._split()
            if packet:
                self.seen.append(packet)
                return packet
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.socket.settimeout(left)
            try:
                data = self.socket.recv(262144)
            except socket.timeout:
                raise TimeoutError from None
            except ConnectionResetError:
                data = b""
            if not data:
                raise Closed("the connection was closed")
            self.unread += data

    def next_packet(self, seconds=DEADLINE_SECONDS):
        if self.waiting:
            return self.waiting.pop(0)
        try:
            return self._read_packet(time.monotonic() + seconds)
        except TimeoutError:
            raise AssertionError(f"no packet within {seconds} s; before: {self.seen[-3:]}") from None

    def expect(self, name, seconds=DEADLINE_SECONDS, **fields):
        """The first packet of that type; others that came before it are kept. Its fields must be as said."""
        packet = next((kept for kept in self.waiting if kept.name == name), None)
        if packet:
            self.waiting.remove(packet)
        deadline = time.monotonic() + seconds
        while not packet:
            try:
                arrived = self._read_packet(deadline)
            except TimeoutError:
                raise AssertionError(f"no {name} within {seconds} s; waiting: {self.waiting[-3:]}") from None
            except Closed:
                raise Closed(f"closed instead of {name}; waiting: {self.waiting[-3:]}") from None
            if arrived.name == name:
                packet = arrived
            elif arrived.name == "DISCONNECT":
                raise Closed(f"instead of {name}: {arrived}")
            else:
                self.waiting.append(arrived)
        for field, wanted in fields.items():
            found = getattr(packet, field)
            if found != wanted:
                raise AssertionError(f"{field} of {packet}: wanted {wanted!r}")
        return packet

    def expect_next(self, name, **fields):
        """The very next packet is of that type."""
        packet = self.next_packet()
        if packet.name != name:
            raise AssertionError(f"wanted {name}, got {packet}")
        self.waiting.insert(0, packet)
        return self.expect(name, **fields)

    def expect_closed(self, seconds=DEADLINE_SECONDS):
        """The other side closes, and says nothing before."""
        try:
            packet = self.next_packet(seconds)
        except Closed:
            return
        raise AssertionError(f"wanted the connection closed, got {packet}")

    def is_open(self):
        return self.socket.fileno() != -1

    def close(self):
        """Closes the socket; nothing is sent."""
        self.socket.close()

    def reset(self):
        """Breaks the connection as a crashed client does."""
        if self.is_open():
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.socket.close()


