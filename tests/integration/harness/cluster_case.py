"""Tests of one cluster of three brokers, which each test finds whole."""

import unittest

from .clients import Paho
from .cluster import Cluster


class ClusterCase(unittest.TestCase):
    cluster_options = {}

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(**cls.cluster_options)
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()

    def setUp(self):
        self.cluster.wait_ready()
        self.brokers = self.one, self.two, self.three = self.cluster.brokers

    def client(self, broker, version="5", *arguments, **options):
        client = Paho(broker, version, *arguments, **options)
        self.addCleanup(client.close)
        return client
