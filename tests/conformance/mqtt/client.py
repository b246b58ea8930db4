"""A client of the broker under test: helpers for the usual exchanges; whatever is unusual, a test sends itself."""

import socket

from . import packets
from .connection import DEADLINE_SECONDS, Connection
from .packets import V5

NO_MATCHING_SUBSCRIBERS = 0x10


class Client(Connection):
    def __init__(self, port, version, client_id):
        super().__init__(socket.create_connection(("127.0.0.1", port), 10), version)
        self.client_id = client_id
        self.packet_id = 0
        self.connack = None

    def new_packet_id(self):
        self.packet_id = self.packet_id % 65535 + 1
        return self.packet_id

    def send_connect(self, **arguments):
        arguments.setdefault("client_id", self.client_id)
        self.send(packets.connect(self.version, **arguments))

    def connect(self, **arguments):
        """CONNECT, and a CONNACK that accepts it."""
        self.send_connect(**arguments)
        self.connack = self.expect_next("CONNACK", reason=0)
        return self

    def send_publish(self, topic, payload=b"", qos=0, packet_id=None, properties=None, **arguments):
        """PUBLISH alone; returns its Packet Identifier."""
        if qos and packet_id is None:
            packet_id = self.new_packet_id()
        self.send(packets.publish(self.version, topic, payload, qos, packet_id, properties_=properties, **arguments))
        return packet_id

    def publish(self, topic, payload=b"", qos=0, **arguments):
        """PUBLISH and the exchange of its QoS; returns the first answer."""
        packet_id = self.send_publish(topic, payload, qos, **arguments)
        if qos == 0:
            return None
        answer = self.expect("PUBACK" if qos == 1 else "PUBREC", packet_id=packet_id)
        if answer.reason not in (0x00, NO_MATCHING_SUBSCRIBERS):
            raise AssertionError(f"not accepted: {answer}")
        if qos == 2:
            self.acknowledge("PUBREL", packet_id)
            self.expect("PUBCOMP", packet_id=packet_id, reason=0)
        return answer

    def acknowledge(self, name, packet_id, reason=0, properties=None):
        self.send(packets.acknowledge(name, self.version, packet_id, reason, properties))

    def subscribe(self, topic_filter, qos=0, properties=None, granted=None, **options):
        """SUBSCRIBE of one filter, and the SUBACK that grants it."""
        packet_id = self.new_packet_id()
        bits = packets.options(qos, **options)
        self.send(packets.subscribe(self.version, packet_id, [(topic_filter, bits)], properties))
        return self.expect("SUBACK", packet_id=packet_id, reasons=[qos if granted is None else granted])

    def unsubscribe(self, *filters, properties=None):
        packet_id = self.new_packet_id()
        self.send(packets.unsubscribe(self.version, packet_id, filters, properties))
        return self.expect("UNSUBACK", packet_id=packet_id)

    def receive(self, topic=None, payload=None, seconds=DEADLINE_SECONDS, **fields):
        """The next PUBLISH, acknowledged as its QoS says."""
        if topic is not None:
            fields["topic"] = topic
        if payload is not None:
            fields["payload"] = payload
        message = self.expect("PUBLISH", seconds, **fields)
        if message.qos == 1:
            self.acknowledge("PUBACK", message.packet_id)
        elif message.qos == 2:
            self.acknowledge("PUBREC", message.packet_id)
            self.expect("PUBREL", packet_id=message.packet_id, reason=0)
            self.acknowledge("PUBCOMP", message.packet_id)
        return message

    def ping(self):
        """The broker has handled all that was sent, and the connection lives."""
        self.send(packets.pingreq())
        return self.expect("PINGRESP")

    def expect_refused(self, *reasons):
        """The broker ends the connection for a fault: v5 says why, v3 just closes."""
        self.waiting.clear()
        if self.version == V5:
            farewell = self.expect_next("DISCONNECT")
            if farewell.reason not in reasons:
                raise AssertionError(f"wanted DISCONNECT with {[hex(r) for r in reasons]}, got {farewell}")
        self.expect_closed()

    def expect_connect_refused(self, v3=None, v5=()):
        """CONNACK with the return code (none in v3: the connection is just closed) or one of the Reason Codes, without
        a session, and the end of the connection."""
        if self.version == V5:
            answer = self.expect_next("CONNACK", session_present=False)
            if answer.reason not in v5:
                raise AssertionError(f"wanted CONNACK with {[hex(r) for r in v5]}, got {answer}")
        elif v3 is not None:
            self.expect_next("CONNACK", session_present=False, reason=v3)
        self.expect_closed()

    def disconnect(self, reason=0, properties=None):
        """DISCONNECT, and the broker's end of it."""
        self.waiting.clear()
        self.send(packets.disconnect(self.version, reason, properties))
        self.expect_closed()
        self.close()
