"""Clients that do everything at once and expect nothing: connect, take each other over, subscribe, publish, vanish."""

import asyncio
import random
import struct
import threading

TOPICS = [f"noise/{number}/x" for number in range(8)]
FILTERS = ["noise/#", "noise/+/x", "noise/3/#", "kept/#", "will/#", "$SYS/#", "#"]
CLIENT_IDS = [f"noise-{number}" for number in range(20)]
ACKNOWLEDGEMENTS = {5: 0x62, 6: 0x70}  # PUBREC gets PUBREL, PUBREL gets PUBCOMP
CONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, DISCONNECT = 0x10, 0x30, 0x82, 0xA2, 0xE0


def packet(first_byte, body=b""):
    length, rest = b"", len(body)
    while rest >= 128:
        length, rest = length + bytes([rest % 128 | 128]), rest // 128
    return bytes([first_byte]) + length + bytes([rest]) + body


def text(value):
    return struct.pack(">H", len(value)) + value.encode()


class Noise:
    """`clients` connections at a time to the given ports, on a thread of its own from start() to stop()."""

    def __init__(self, ports, clients=20, seed=1):
        self.ports = ports
        self.clients = clients
        self.random = random.Random(seed)
        self.received = dict.fromkeys(ports, 0)  # messages, by the port that they came from
        self.ending = False
        self.thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def start(self):
        self.thread.start()
        return self

    def stop(self):
        self.ending = True
        self.thread.join()

    async def _run(self):
        await asyncio.gather(*[self._client() for _ in range(self.clients)])

    async def _client(self):
        while not self.ending:
            port = self.random.choice(self.ports)
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            listening = asyncio.create_task(self._listen(port, reader, writer))
            try:
                await self._talk(writer, listening)
            except OSError:
                pass
            if self.random.random() < 0.5:
                writer.transport.abort()
            writer.close()
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _talk(self, writer, listening):
        chance, client_id = self.random.random, self.random.choice(CLIENT_IDS)
        writer.write(packet(CONNECT, text("MQTT") + b"\x04\x0e\x00\x3c" + text(client_id) + text("will/x") + text("gone")))
        filters = self.random.sample(FILTERS, 2)
        writer.write(packet(SUBSCRIBE, b"\x00\x01" + b"".join(text(f) + bytes([self.random.randrange(3)]) for f in filters)))
        for number in range(2, self.random.randrange(5, 60)):
            if self.ending or listening.done():
                return
            writer.write(b"".join(self._publish(number) for _ in range(4)))
            if chance() < 0.1:
                writer.write(packet(UNSUBSCRIBE, b"\x00\x01" + text(filters[0])))
            await writer.drain()
            await asyncio.sleep(chance() / 20)
        if chance() < 0.3:
            writer.write(packet(DISCONNECT))

    def _publish(self, number):
        kept, qos = self.random.random() < 0.2, self.random.randrange(3)
        topic = f"kept/{self.random.randrange(50)}" if kept else self.random.choice(TOPICS)
        identifier = struct.pack(">H", number) if qos else b""
        payload = b"x" * self.random.choice([0, 1, 50, 500, 5000])
        return packet(PUBLISH | qos << 1 | kept, text(topic) + identifier + payload)

    async def _listen(self, port, reader, writer):
        while not writer.is_closing():
            first_byte, length, shift, more = (await reader.readexactly(1))[0], 0, 0, True
            while more:
                byte = (await reader.readexactly(1))[0]
                length, shift, more = length | (byte & 127) << shift, shift + 7, byte & 128
            body = await reader.readexactly(length)
            kind, qos = first_byte >> 4, first_byte >> 1 & 3
            if kind == 3:
                self.received[port] += 1
                start = 2 + int.from_bytes(body[:2], "big")
                if qos:
                    writer.write(packet(0x40 if qos == 1 else 0x50, body[start:start + 2]))
            elif kind in ACKNOWLEDGEMENTS:
                writer.write(packet(ACKNOWLEDGEMENTS[kind], body[:2]))
