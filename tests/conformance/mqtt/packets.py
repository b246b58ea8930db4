"""The packets of MQTT: functions that write them, also wrong ones, and `parse` for all that can arrive."""

import struct

from .wire import Reader, Violation, binary, properties, string, variable

NAMES = [None, "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK",
         "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"]
TYPES = {name: number for number, name in enumerate(NAMES) if name}
FLAGS = {"PUBREL": 2, "SUBSCRIBE": 2, "UNSUBSCRIBE": 2}
V3, V5 = 4, 5

# The Reason Codes that a packet may have (v5 2.4 and the tables of chapter 3).
_PUBLISHED = {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99}
REASONS = {
    "CONNACK": {0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95, 0x97, 0x99,
                0x9A, 0x9B, 0x9C, 0x9D, 0x9F},
    "PUBACK": _PUBLISHED, "PUBREC": _PUBLISHED, "PUBREL": {0x00, 0x92}, "PUBCOMP": {0x00, 0x92},
    "SUBACK": {0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2},
    "UNSUBACK": {0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91},
    # 0x04 is the client's; a broker has no Will.
    "DISCONNECT": {0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96,
                   0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2},
    "AUTH": {0x00, 0x18, 0x19},
}
CLIENT_REASONS = {"DISCONNECT": {0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99}}


def frame(name, body=b"", flags=None):
    """A packet of any body, with the flags of its type or others."""
    first = TYPES[name] << 4 | (FLAGS.get(name, 0) if flags is None else flags)
    return bytes([first]) + variable(len(body)) + body


def connect(version=V5, client_id="", clean=True, keep_alive=60, will=None, user_name=None, password=None,
            properties_=None, name="MQTT", level=None, flags=None, payload=None):
    """`will` is a dict of topic, payload, qos, retain and properties. `flags` and `payload` replace what the other
    arguments say."""
    will_flags = 0 if will is None else 0x04 | will.get("qos", 0) << 3 | (0x20 if will.get("retain") else 0)
    bits = (0x02 if clean else 0) | will_flags
    bits |= (0x40 if password is not None else 0) | (0x80 if user_name is not None else 0)
    body = string(name) + bytes([version if level is None else level, bits if flags is None else flags])
    body += struct.pack(">H", keep_alive)
    if version == V5:
        body += properties(properties_)
    if payload is None:
        payload = string(client_id)
        if will is not None:
            payload += properties(will.get("properties")) if version == V5 else b""
            payload += string(will["topic"]) + binary(will.get("payload", b""))
        payload += (string(user_name) if user_name is not None else b"")
        payload += (binary(password) if password is not None else b"")
    return frame("CONNECT", body + payload)


def publish(version, topic, payload=b"", qos=0, packet_id=None, retain=False, dup=False, properties_=None, flags=None):
    body = string(topic) + (struct.pack(">H", packet_id) if packet_id is not None else b"")
    body += properties(properties_) if version == V5 else b""
    bits = (8 if dup else 0) | qos << 1 | (1 if retain else 0)
    return frame("PUBLISH", body + payload, bits if flags is None else flags)


def acknowledge(name, version, packet_id, reason=0, properties_=None, flags=None):
    """PUBACK, PUBREC, PUBREL or PUBCOMP; in the short form where it can be."""
    body = struct.pack(">H", packet_id)
    if version == V5 and (reason or properties_):
        body += bytes([reason]) + (properties(properties_) if properties_ else b"")
    return frame(name, body, flags)


def options(qos=0, no_local=False, retain_as_published=False, retain_handling=0):
    return qos | no_local << 2 | retain_as_published << 3 | retain_handling << 4


def subscribe(version, packet_id, filters, properties_=None, flags=None):
    """`filters` are pairs of Topic Filter and Subscription Options."""
    body = struct.pack(">H", packet_id) + (properties(properties_) if version == V5 else b"")
    return frame("SUBSCRIBE", body + b"".join(string(text) + bytes([bits]) for text, bits in filters), flags)


def unsubscribe(version, packet_id, filters, properties_=None, flags=None):
    body = struct.pack(">H", packet_id) + (properties(properties_) if version == V5 else b"")
    return frame("UNSUBSCRIBE", body + b"".join(string(text) for text in filters), flags)


def disconnect(version, reason=0, properties_=None, flags=None):
    body = b"" if version != V5 or not (reason or properties_) else bytes([reason]) + properties(properties_)
    return frame("DISCONNECT", body, flags)


def auth(reason=0x18, properties_=None, flags=None):
    return frame("AUTH", bytes([reason]) + properties(properties_), flags)


def pingreq():
    return frame("PINGREQ")


class Packet:
    """A packet that arrived: `name`, `flags`, `size` in bytes and the fields of its type."""

    def __init__(self, name, flags, size):
        self.name, self.flags, self.size = name, flags, size
        self.reason = 0
        self.properties = None

    def __repr__(self):
        return " ".join([self.name] + [f"{key}={value!r}" for key, value in vars(self).items() if key != "name"])


def _publish(packet, reader, version):
    packet.dup, packet.retain = bool(packet.flags & 8), bool(packet.flags & 1)
    packet.qos = packet.flags >> 1 & 3
    if packet.qos == 3:
        raise Violation("[MQTT-3.3.1-4]: PUBLISH with both QoS bits")
    if packet.qos == 0 and packet.dup:
        raise Violation("[MQTT-3.3.1-2]: DUP with QoS 0")
    packet.topic = reader.string()
    packet.packet_id = reader.two() if packet.qos else None
    if packet.packet_id == 0:
        raise Violation("v5 [MQTT-2.2.1-4], v3.1.1 [MQTT-2.3.1-4]: Packet Identifier 0")
    packet.properties = reader.properties("PUBLISH") if version == V5 else None
    packet.payload = reader.take(reader.left())


def _connack(packet, reader, version):
    flags = reader.byte()
    if flags & 0xFE:
        raise Violation("v5 [MQTT-3.2.2-1]: reserved Connect Acknowledge Flags")
    packet.session_present, packet.reason = bool(flags), reader.byte()
    if version == V5:
        packet.properties = reader.properties("CONNACK")


def _acknowledgement(packet, reader, version):
    packet.packet_id = reader.two()
    if version == V5 and reader.left():
        packet.reason = reader.byte()
        packet.properties = reader.properties(packet.name) if reader.left() else None


def _suback(packet, reader, version):
    packet.packet_id = reader.two()
    packet.properties = reader.properties(packet.name) if version == V5 else None
    packet.reasons = list(reader.take(reader.left()))
    allowed = REASONS[packet.name] if version == V5 else {0, 1, 2, 0x80}
    if not set(packet.reasons) <= allowed or (version != V5 and packet.name == "UNSUBACK" and packet.reasons):
        raise Violation(f"{packet.name} with {packet.reasons}")


def _disconnect(packet, reader, version):
    if reader.left():
        packet.reason = reader.byte()
        packet.properties = reader.properties(packet.name) if reader.left() else None


def _connect(packet, reader, version):
    packet.protocol, packet.level, packet.connect_flags = reader.string(), reader.byte(), reader.byte()
    packet.keep_alive = reader.two()
    packet.properties = reader.properties("CONNECT") if packet.level == V5 else None
    packet.client_id = reader.string()
    packet.will_topic = packet.user_name = packet.password = None
    if packet.connect_flags & 0x04:
        packet.will_properties = reader.properties("will") if packet.level == V5 else None
        packet.will_topic, packet.will_payload = reader.string(), reader.binary()
    if packet.connect_flags & 0x80:
        packet.user_name = reader.string()
    if packet.connect_flags & 0x40:
        packet.password = reader.binary()


def _subscribe(packet, reader, version):
    packet.packet_id = reader.two()
    packet.properties = reader.properties(packet.name) if version == V5 else None
    packet.filters = []
    while reader.left():
        text = reader.string()
        packet.filters.append((text, reader.byte()) if packet.name == "SUBSCRIBE" else text)


_PARSERS = {
    "CONNECT": _connect, "CONNACK": _connack, "PUBLISH": _publish, "PUBACK": _acknowledgement,
    "PUBREC": _acknowledgement, "PUBREL": _acknowledgement, "PUBCOMP": _acknowledgement, "SUBSCRIBE": _subscribe,
    "UNSUBSCRIBE": _subscribe, "SUBACK": _suback, "UNSUBACK": _suback, "PINGREQ": lambda *_: None,
    "PINGRESP": lambda *_: None, "DISCONNECT": _disconnect, "AUTH": _disconnect,
}


def parse(first_byte, body, version, size, from_server=True):
    """Reads a packet strictly: its flags, its Reason Code, its properties and its length must be what they may be."""
    name = NAMES[first_byte >> 4]
    if name is None or (name == "AUTH" and version != V5):
        raise Violation(f"packet type {first_byte >> 4}")
    packet = Packet(name, first_byte & 0x0F, size)
    if name != "PUBLISH" and packet.flags != FLAGS.get(name, 0):
        raise Violation(f"v5 [MQTT-2.1.3-1], v3.1.1 [MQTT-2.2.2-1]: {name} with flags {packet.flags}")
    reader = Reader(body)
    _PARSERS[name](packet, reader, version)
    if reader.left():
        raise Violation(f"{name} is longer than its fields: {body.hex()}")
    if version == V5:
        allowed = (REASONS if from_server else {**REASONS, **CLIENT_REASONS}).get(name)
        if allowed and packet.reason not in allowed:
            raise Violation(f"{name} may not have the Reason Code {packet.reason:#x}")
    elif name == "CONNACK" and packet.reason > 5:
        raise Violation(f"CONNACK with return code {packet.reason}")
    return packet
