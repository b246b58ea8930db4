"""MQTT as the conformance tests speak it: a codec and a client of their own, written from the standard and not from the
broker, so that a mistake in the broker's codec is not made here again."""
