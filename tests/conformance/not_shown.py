"""Statements without a test, each with the reason."""

_NO_WEBSOCKET = "there is no WebSocket listener"
_NEVER_AGAIN = "`mqtt_pub` and `mqtt_sub` keep no session, so they never send a packet again"
_NO_ENHANCED = "`mqtt_pub` and `mqtt_sub` offer no enhanced authentication"

REASONS = {
    ("v3.1.1", "2.3.1-3"): _NEVER_AGAIN,
    ("v3.1.1", "6.0.0-1"): _NO_WEBSOCKET,
    ("v3.1.1", "6.0.0-2"): _NO_WEBSOCKET,
    ("v3.1.1", "6.0.0-3"): _NO_WEBSOCKET,
    ("v3.1.1", "6.0.0-4"): _NO_WEBSOCKET,
    ("v3.1.1", "7.0.0-1"): "brokers talk to each other in a language of their own; there are no bridges",
    ("v5", "3.1.2-30"): _NO_ENHANCED,
    ("v5", "3.3.4-5"): "the broker sends one copy with all identifiers, [MQTT-3.3.4-4]",
    ("v5", "4.12.0-3"): _NO_ENHANCED,
    ("v5", "6.0.0-1"): _NO_WEBSOCKET,
    ("v5", "6.0.0-2"): _NO_WEBSOCKET,
    ("v5", "6.0.0-3"): _NO_WEBSOCKET,
    ("v5", "6.0.0-4"): _NO_WEBSOCKET,
}
