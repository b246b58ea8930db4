"""Real ZooKeeper servers, real brokers and real clients on loopback, for the integration tests.

Everything is waited for by its condition with a deadline; nothing sleeps for a fixed time and hopes.
"""
