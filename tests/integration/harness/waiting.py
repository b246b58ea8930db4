"""Waiting for a condition, with a deadline that says what was waited for."""

import random
import socket
import time


def wait_until(condition, what, seconds=20.0, interval=0.02):
    """Calls `condition` until it returns something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        time.sleep(interval)


_given = set()


def free_port():
    """A TCP port that nobody listens on now and that was not given out before by this process. Below the range that the
    kernel takes ports of outgoing connections from: none of those is in the way when a broker starts, or starts again."""
    while True:
        port = random.randint(12_000, 32_000)
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
