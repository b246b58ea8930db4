"""Files with users, and the client's side of SCRAM-SHA-256 on a raw socket."""

import base64
import hashlib
import hmac
import os
import socket
import struct
import subprocess

from .broker import BUILD

TOOL = BUILD / "broker" / "mqttzoo_passwd"
METHOD = b"SCRAM-SHA-256"
AUTHENTICATION_METHOD, AUTHENTICATION_DATA = 0x15, 0x16


def write_users(path, users, *options):
    """`users`: name -> password. The path, for a line of a configuration file."""
    for number, (name, password) in enumerate(users.items()):
        subprocess.run([str(TOOL), *(["-c"] if number == 0 else []), *options, "-b", str(path), name, password], check=True,
                       timeout=60)
    return path


def _string(data):
    return struct.pack(">H", len(data)) + data


def _length(number):
    assert number < 16384
    return bytes([number]) if number < 128 else bytes([number & 127 | 128, number >> 7])


def scram_properties(data):
    block = bytes([AUTHENTICATION_METHOD]) + _string(METHOD) + bytes([AUTHENTICATION_DATA]) + _string(data)
    return _length(len(block)) + block


class ScramClient:
    """A client of MQTT 5.0 that authenticates by SCRAM-SHA-256, step by step."""

    def __init__(self, broker, client_id=b"scram"):
        self.socket = socket.create_connection(("127.0.0.1", broker.port), 20)
        self.client_id = client_id

    def close(self):
        self.socket.close()

    def send(self, first_byte, body):
        self.socket.sendall(bytes([first_byte]) + _length(len(body)) + body)

    def receive(self):
        """(type, body); ('closed', b'') at the end."""
        head = self._exactly(2)
        if not head:
            return "closed", b""
        length = head[1]
        if length & 128:
            length = length & 127 | self._exactly(1)[0] << 7
        return {2: "CONNACK", 3: "PUBLISH", 4: "PUBACK", 9: "SUBACK", 13: "PINGRESP", 14: "DISCONNECT",
                15: "AUTH"}[head[0] >> 4], self._exactly(length)

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                return b""
            data += part
        return data

    # ---------------------------------------------------------------- SCRAM

    def first(self, user):
        self.bare = b"n=" + user.encode() + b",r=" + base64.b64encode(os.urandom(18))
        return b"n,," + self.bare

    def final(self, challenge, password):
        fields = dict(part.split(b"=", 1) for part in challenge.split(b","))
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(fields[b"s"]), int(fields[b"i"]))

        def sign(key, text):
            return hmac.new(key, text, hashlib.sha256).digest()

        without_proof = b"c=biws,r=" + fields[b"r"]
        signed = b",".join([self.bare, challenge, without_proof])
        client_key = sign(salted, b"Client Key")
        proof = bytes(a ^ b for a, b in zip(client_key, sign(hashlib.sha256(client_key).digest(), signed)))
        self.expected = b"v=" + base64.b64encode(sign(sign(salted, b"Server Key"), signed))
        return without_proof + b",p=" + base64.b64encode(proof)

    def connect(self, user, password):
        """The broker's answer to the whole exchange: its type and body."""
        self.send(0x10, b"\0\4MQTT\5\2\0\x3c" + scram_properties(self.first(user)) + _string(self.client_id))
        return self.answer(password)

    def authenticate_again(self, user, password):
        self.send(0xF0, b"\x19" + scram_properties(self.first(user)))
        return self.answer(password)

    def challenge(self):
        """The data of the AUTH that arrives, or what arrives instead."""
        kind, body = self.receive()
        if kind != "AUTH":
            return kind, body
        assert body[0] == 0x18, body
        return kind, body[body.index(b"r="):]

    def answer(self, password):
        kind, challenge = self.challenge()
        if kind != "AUTH":
            return kind, challenge
        self.send(0xF0, b"\x18" + scram_properties(self.final(challenge, password)))
        return self.receive()

    def ping(self):
        self.send(0xC0, b"")
        return self.receive()[0]
