"""Clients with the same Client Identifiers connect at all brokers of a cluster at once and take each other over while they
subscribe, unsubscribe and publish: in the end each session has one owner and the subscriptions that it asked for last.
Built with ThreadSanitizer, nothing may race meanwhile (label tsan)."""

import asyncio
import random
import struct
import unittest

from harness.clients import Paho
from harness.cluster import Cluster
from harness.noise import CONNECT, DISCONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, packet, text
from harness.waiting import wait_until

CLIENT_IDS = [f"raced-{number}" for number in range(6)]
RIVALS, ROUNDS, TIMELY = 4, 12, 60
TOPICS = [f"race/{number}" for number in range(7)] + ["race/x/deep/y"]
FILTERS = TOPICS[:-1] + ["race/+/deep/#", "$share/one/race/+", "$share/two/race/1", "$share/two/race/+/deep/#"]
CONNACK, PUBACK, SUBACK, UNSUBACK, PINGRESP, PINGREQ = 0x20, 0x40, 0x90, 0xB0, 0xD0, 0xC0
SESSION_EXPIRY = b"\x05\x11\x00\x00\x02\x58"


class Closed(Exception):
    pass


class Client:
    """A connection of MQTT 5.0; `received` are the topics and payloads of messages, acknowledged at once."""

    def __init__(self, port, client_id):
        self.port, self.client_id, self.received = port, client_id, []

    async def connect(self, clean=False):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.send(CONNECT, text("MQTT") + bytes([5, 2 if clean else 0]) + b"\x00\x00" + SESSION_EXPIRY + text(self.client_id))
        return self

    def send(self, kind, body=b""):
        self.writer.write(packet(kind, body))

    def subscribe(self, *filters):
        self.send(SUBSCRIBE, b"\x00\x01\x00" + b"".join(text(one) + b"\x01" for one in filters))

    def unsubscribe(self, *filters):
        self.send(UNSUBSCRIBE, b"\x00\x01\x00" + b"".join(map(text, filters)))

    async def packet(self):
        try:
            kind, length, shift, more = (await self.reader.readexactly(1))[0], 0, 0, 128
            while more:
                byte = (await self.reader.readexactly(1))[0]
                length, shift, more = length | (byte & 127) << shift, shift + 7, byte & 128
            body = await self.reader.readexactly(length)
        except (asyncio.IncompleteReadError, OSError):
            raise Closed from None
        if kind & 0xF0 == PUBLISH:
            size = 2 + int.from_bytes(body[:2], "big")
            self.received.append((body[2:size].decode(), body[size + 3:]))
            self.send(PUBACK, body[size:size + 2])
        return kind, body

    async def wait(self, expected, count=1):
        """Reads on until that many packets of that kind have come."""
        while count:
            kind, body = await self.packet()
            if kind & 0xF0 == expected:
                count -= 1
                if expected == CONNACK and body[1]:
                    raise Closed

    async def is_open(self):
        try:
            self.send(PINGREQ)
            await self.wait(PINGRESP)
            return True
        except Closed:
            return False


class Race:
    def __init__(self, ports, seed):
        self.ports, self.random, self.last = ports, random.Random(seed), {client_id: [] for client_id in CLIENT_IDS}

    async def run(self):
        await asyncio.gather(*[self.rival(client_id) for client_id in CLIENT_IDS for _ in range(RIVALS)])

    async def rival(self, client_id):
        for number in range(ROUNDS):
            client = await Client(self.random.choice(self.ports), client_id).connect(self.random.random() < 0.1)
            last = number == ROUNDS - 1
            try:
                await self.act(client, last)
            except Closed:
                pass
            if last:
                self.last[client_id].append(client)
            elif self.random.random() < 0.5:
                client.writer.transport.abort()
            else:
                client.send(DISCONNECT)
                client.writer.close()

    async def act(self, client, last):
        """Sends on without waiting, then waits for some of the answers."""
        steps = self.random.randrange(1, 8)
        for _ in range(steps):
            client.subscribe(*self.random.sample(FILTERS, 3))
            client.unsubscribe(*self.random.sample(FILTERS, 2))
            client.send(PUBLISH | 2, text(self.random.choice(TOPICS)) + struct.pack(">H", 2) + b"\x00raced")
        await client.wait(CONNACK)
        if not last:
            await client.wait(UNSUBACK, self.random.randrange(steps + 1))


class TakeoverRaces(unittest.TestCase):
    def setUp(self):
        self.cluster = Cluster(zookeepers=1, threads=2, settings=["sys_interval 0"])
        self.addCleanup(self.cluster.stop)
        self.cluster.start()

    def total(self, metric):
        return sum(broker.metric(metric) for broker in self.cluster.brokers)

    def wait_total(self, metric, count):
        wait_until(lambda: self.total(metric) == count, f"{metric} to be {count}, is {self.total(metric)}", TIMELY)

    def test_one_owner_and_its_subscriptions(self):
        asyncio.run(asyncio.wait_for(self.race_and_check(), 8 * TIMELY))
        for metric in ("mqttzoo_persistent_sessions", "mqttzoo_session_channels", "mqttzoo_subscriptions",
                       "mqttzoo_shared_subscriptions", "mqttzoo_interest_filters", "mqttzoo_clients_connected",
                       "mqttzoo_registrations", "mqttzoo_queued_messages", "mqttzoo_unfinished_messages"):
            self.wait_total(metric, 0)
        for broker in self.cluster.brokers:
            status, log = broker.stop(), broker.log()
            report = log.find("Sanitizer")
            self.assertEqual(report, -1, log[max(report - 100, 0):report + 5000])
            self.assertEqual(status, 0, log[-3000:])

    async def race_and_check(self):
        ports = [broker.port for broker in self.cluster.brokers]
        race = Race(ports, seed=1)
        await race.run()
        owners = []
        for client_id, clients in race.last.items():
            still_open = [client for client in clients if await client.is_open()]
            self.assertEqual(len(still_open), 1, f"connections of {client_id}")
            owners += still_open
        self.wait_total("mqttzoo_persistent_sessions", len(CLIENT_IDS))
        self.wait_total("mqttzoo_clients_connected", len(CLIENT_IDS))
        for owner in owners:
            owner.unsubscribe(*FILTERS)
            await owner.wait(UNSUBACK)
            owner.subscribe(TOPICS[1], "race/+/deep/#", "end")
            await owner.wait(SUBACK)
        self.wait_total("mqttzoo_subscriptions", 3 * len(owners))
        await asyncio.to_thread(self.publish_everywhere)
        wanted = [(topic, broker.name.encode()) for broker in self.cluster.brokers for topic in (TOPICS[1], TOPICS[-1])]
        for owner in owners:
            while ("end", b"") not in owner.received:
                await owner.packet()
            final = [message for message in owner.received if message[1] not in (b"raced", b"")]
            self.assertEqual(final, wanted, owner.client_id)
        for client_id in CLIENT_IDS:
            client = await Client(random.choice(ports), client_id).connect(clean=True)
            await client.wait(CONNACK)
            client.send(DISCONNECT, b"\x00" + b"\x05\x11\x00\x00\x00\x00")

    def publish_everywhere(self):
        for broker in self.cluster.brokers:
            publisher = Paho(broker)
            for topic in TOPICS:
                publisher.publish(topic, broker.name, 1)
            publisher.close()
        publisher = Paho(self.cluster.brokers[0])
        publisher.publish("end", "", 1)
        publisher.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
