"""The data types and properties of MQTT (v5 1.5 and 2.2.2), written and read. Reading is strict: whatever the standard
forbids raises Violation, so each test checks the form of all packets that it gets."""

import struct

# name: (identifier, type, packets that may have it); v5 table 2-4. "will" stands for the properties of a Will.
PROPERTIES = {
    "payload_format_indicator": (0x01, "byte", "PUBLISH will"),
    "message_expiry_interval": (0x02, "four", "PUBLISH will"),
    "content_type": (0x03, "string", "PUBLISH will"),
    "response_topic": (0x08, "string", "PUBLISH will"),
    "correlation_data": (0x09, "binary", "PUBLISH will"),
    "subscription_identifier": (0x0B, "variable", "PUBLISH SUBSCRIBE"),
    "session_expiry_interval": (0x11, "four", "CONNECT CONNACK DISCONNECT"),
    "assigned_client_identifier": (0x12, "string", "CONNACK"),
    "server_keep_alive": (0x13, "two", "CONNACK"),
    "authentication_method": (0x15, "string", "CONNECT CONNACK AUTH"),
    "authentication_data": (0x16, "binary", "CONNECT CONNACK AUTH"),
    "request_problem_information": (0x17, "byte", "CONNECT"),
    "will_delay_interval": (0x18, "four", "will"),
    "request_response_information": (0x19, "byte", "CONNECT"),
    "response_information": (0x1A, "string", "CONNACK"),
    "server_reference": (0x1C, "string", "CONNACK DISCONNECT"),
    "reason_string": (0x1F, "string",
                      "CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH"),
    "receive_maximum": (0x21, "two", "CONNECT CONNACK"),
    "topic_alias_maximum": (0x22, "two", "CONNECT CONNACK"),
    "topic_alias": (0x23, "two", "PUBLISH"),
    "maximum_qos": (0x24, "byte", "CONNACK"),
    "retain_available": (0x25, "byte", "CONNACK"),
    "user_property": (0x26, "pair", "CONNECT CONNACK PUBLISH will PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK "
                                    "UNSUBSCRIBE UNSUBACK DISCONNECT AUTH"),
    "maximum_packet_size": (0x27, "four", "CONNECT CONNACK"),
    "wildcard_subscription_available": (0x28, "byte", "CONNACK"),
    "subscription_identifiers_available": (0x29, "byte", "CONNACK"),
    "shared_subscription_available": (0x2A, "byte", "CONNACK"),
}
_BY_IDENTIFIER = {identifier: (name, kind, places.split()) for name, (identifier, kind, places) in PROPERTIES.items()}


class Violation(AssertionError):
    """The other side sent what the standard forbids."""


def variable(number):
    """A Variable Byte Integer in its shortest form."""
    encoded = bytearray()
    while True:
        number, digit = divmod(number, 128)
        encoded.append(digit | (0x80 if number else 0))
        if not number:
            return bytes(encoded)


def binary(data):
    return struct.pack(">H", len(data)) + data


def string(text):
    """A UTF-8 Encoded String; bytes are taken as they are, so that a test can send what is not valid."""
    return binary(text if isinstance(text, bytes) else text.encode())


_WRITERS = {
    "byte": lambda value: bytes([value]),
    "two": lambda value: struct.pack(">H", value),
    "four": lambda value: struct.pack(">I", value),
    "variable": variable,
    "string": string,
    "binary": binary,
    "pair": lambda value: string(value[0]) + string(value[1]),
}


def property_bytes(properties):
    """The bytes of properties without their length: a dict, where a list stands for several of one kind, or pairs."""
    encoded = b""
    for name, value in properties.items() if isinstance(properties, dict) else properties:
        identifier, kind, _ = PROPERTIES[name]
        for one in value if isinstance(value, list) else [value]:
            encoded += bytes([identifier]) + _WRITERS[kind](one)
    return encoded


def properties(values):
    encoded = property_bytes(values or {})
    return variable(len(encoded)) + encoded


class Properties(list):
    """Pairs of name and value in the order of the packet."""

    def all(self, name):
        return [value for found, value in self if found == name]

    def get(self, name, default=None):
        return next(iter(self.all(name)), default)


class Reader:
    """Reads one packet's body."""

    def __init__(self, data):
        self.data = data
        self.position = 0

    def left(self):
        return len(self.data) - self.position

    def take(self, size):
        if self.left() < size:
            raise Violation(f"the packet ends in the middle of a field: {self.data.hex()}")
        taken = self.data[self.position:self.position + size]
        self.position += size
        return taken

    def byte(self):
        return self.take(1)[0]

    def two(self):
        return struct.unpack(">H", self.take(2))[0]

    def four(self):
        return struct.unpack(">I", self.take(4))[0]

    def variable(self):
        number, begin = 0, self.position
        for place in range(4):
            digit = self.byte()
            number |= (digit & 0x7F) << 7 * place
            if not digit & 0x80:
                if self.position - begin != len(variable(number)):
                    raise Violation("v5 [MQTT-1.5.5-1]: a Variable Byte Integer that is longer than it needs")
                return number
        raise Violation("a Variable Byte Integer of five bytes")

    def binary(self):
        return self.take(self.two())

    def string(self):
        try:
            text = self.binary().decode("utf-8", "strict")
        except UnicodeDecodeError as error:
            raise Violation(f"v5 [MQTT-1.5.4-1], v3.1.1 [MQTT-1.5.3-1]: {error}") from None
        if "\0" in text:
            raise Violation("v5 [MQTT-1.5.4-2], v3.1.1 [MQTT-1.5.3-2]: U+0000 in a string")
        return text

    def pair(self):
        return self.string(), self.string()

    def properties(self, place):
        end = self.variable() + self.position
        if end > len(self.data):
            raise Violation("properties that are longer than their packet")
        found = Properties()
        while self.position < end:
            identifier = self.variable()
            if identifier not in _BY_IDENTIFIER:
                raise Violation(f"unknown property {identifier:#x} in {place}")
            name, kind, places = _BY_IDENTIFIER[identifier]
            if place not in places:
                raise Violation(f"{name} may not stand in {place}")
            repeatable = name == "user_property" or (name == "subscription_identifier" and place == "PUBLISH")
            if not repeatable and found.all(name):
                raise Violation(f"{name} stands twice in {place}")
            found.append((name, getattr(self, kind)()))
        if self.position != end:
            raise Violation("Property Length does not end at the end of a property")
        return found
