"""A message as a test compares it, whichever client received it."""

import typing


class Message(typing.NamedTuple):
    topic: str
    payload: bytes
    qos: int
    retain: bool
    properties: typing.Any = None

    def plain(self):
        """Without its properties."""
        return self[:4]
