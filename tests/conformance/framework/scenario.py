"""What a test gets: clients on the brokers under test, with identifiers and topics that no other test has."""

import itertools

from mqtt.client import Client
from mqtt.packets import V5

_numbers = itertools.count(1)


class Scenario:
    """`publisher_port`, `subscriber_port` and `another_port` are one broker's, or three brokers' of one cluster.
    `authenticating_port` is that of a broker of its own that knows SCRAM_USER; None for tools."""

    def __init__(self, ports, version, authenticating_port=None):
        self.publisher_port, self.subscriber_port, self.another_port = ports
        self.authenticating_port = authenticating_port
        self.version = version
        self.number = next(_numbers)
        self._clients = []
        self._names = itertools.count(1)

    @property
    def v5(self):
        return self.version == V5

    def new_id(self):
        return f"c{self.number}x{next(self._names)}"

    def topic(self, name="topic"):
        return f"conformance/{self.number}/{name}"

    def open(self, port=None, client_id=None, version=None):
        """A socket to the broker, nothing sent yet."""
        client = Client(port or self.publisher_port, version or self.version,
                        self.new_id() if client_id is None else client_id)
        self._clients.append(client)
        return client

    def publisher(self, **connect):
        return self.open(self.publisher_port, connect.pop("client_id", None)).connect(**connect)

    def subscriber(self, **connect):
        return self.open(self.subscriber_port, connect.pop("client_id", None)).connect(**connect)

    def subscribed(self, qos, **connect):
        """A subscriber to the usual topic."""
        client = self.subscriber(**connect)
        client.subscribe(self.topic(), qos)
        return client

    def another(self, **connect):
        """A third client: in a cluster it is on the third broker."""
        return self.open(self.another_port, connect.pop("client_id", None)).connect(**connect)

    def persistent(self, expiry_seconds=600, **connect):
        """What makes a session outlive its connection; with `clean` also a new one."""
        if self.v5:
            connect["properties_"] = {**connect.get("properties_", {}), "session_expiry_interval": expiry_seconds}
        return {"clean": False, **connect}

    def nothing_else(self, publisher, *subscribers, qos=0):
        """Proves that no other message is on its way to the subscribers: a marker that the publisher sends now is the
        next that each of them gets."""
        marker = self.topic(f"marker/{next(self._names)}")
        for subscriber in subscribers:
            subscriber.subscribe(marker, qos)
        publisher.publish(marker, b"marker", qos)
        for subscriber in subscribers:
            message = subscriber.receive()
            assert message.topic == marker, f"an unexpected message: {message}"

    def receive_all(self, publisher, members, qos=1):
        """Each member has received what was under way to it: a marker behind it has come to all of them."""
        marker = self.topic(f"marker/{next(self._names)}")
        for member in members:
            member.subscribe(marker, qos)
        publisher.publish(marker, b"marker", qos)
        for member in members:
            while member.receive().topic != marker:
                pass

    def back(self, client_id, **connect):
        """A client that was away: in a cluster it returns to another broker. The session must be there."""
        client = self.another(client_id=client_id, **self.persistent(**connect))
        assert client.connack.session_present, "the session is not there"
        return client

    def after_1500_milliseconds(self):
        """Returns when the broker has found a client silent for 1.5 times its Keep Alive of 1 s: what is to expire
        after a second has done so, by the broker's own clock."""
        silent = self.publisher(keep_alive=1)
        if self.v5:
            silent.expect("DISCONNECT", reason=0x8D)
        silent.expect_closed()

    def close(self):
        for client in self._clients:
            client.close()


def equal(found, wanted):
    assert found == wanted, f"wanted {wanted!r}, found {found!r}"
