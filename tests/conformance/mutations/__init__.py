"""Deliberate faults of the broker and of our own clients, each of which a named conformance test has to find."""
