"""Clients that try until somebody lets them in: a load balancer learns of a broker a moment after it is ready."""

from harness.clients import Paho
from harness.waiting import wait_until


def connect(test, broker, client_id, seconds=30):
    """A client that the test closes at its end."""
    def connected():
        try:
            return Paho(broker, client_id=client_id)
        except (OSError, TimeoutError):
            return None

    client = wait_until(connected, f"{client_id} to connect", seconds, 0.2)
    test.addCleanup(client.close)
    return client
