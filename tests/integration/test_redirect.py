"""v5 clients that are sent to the broker where their session lives."""

import unittest

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from harness.clients import Paho
from harness.cluster import Cluster

USE_ANOTHER_SERVER = 0x9C
CLIENTS = 12


class Redirect(unittest.TestCase):
    def cluster(self, *settings):
        cluster = Cluster(zookeepers=1, settings=settings)
        self.addCleanup(cluster.stop)
        for broker in cluster.brokers:
            broker.settings.append(f"listener_advertise 127.0.0.1:{broker.port}")
        cluster.start()
        return cluster

    def connect(self, broker, client_id, version="5", asks=False, expiry=600):
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = expiry
        if asks:
            properties.UserProperty = ("redirect", "persistent")
        client = Paho(broker, version, client_id, clean=False, connect_properties=properties if version == "5" else None)
        self.addCleanup(client.close)
        return client

    def follow(self, cluster, broker, client_id, **options):
        """(the client where it is served at last, by whom, how often it was sent on)"""
        for times in range(len(cluster.brokers)):
            client = self.connect(broker, client_id, **options)
            reason, properties = client.connect_answer[1:]
            if reason.value != USE_ANOTHER_SERVER:
                self.assertEqual(reason.value, 0)
                return client, broker, times
            broker = next(b for b in cluster.brokers if properties.ServerReference == f"127.0.0.1:{b.port}")
        raise AssertionError(f"{client_id} is sent round in circles")

    def test_who_asks_for_it(self):
        cluster = self.cluster()
        one, two, three = cluster.brokers
        homes = {}
        for number in range(CLIENTS):
            client_id = f"asks-{number}"
            client, homes[client_id], times = self.follow(cluster, one, client_id, asks=True)
            self.assertEqual(times, 0 if homes[client_id] is one else 1)
            client.subscribe(f"redirected/{number}", 1)
            client.close()
        self.assertEqual({home.name for home in homes.values()}, {"b1", "b2", "b3"}, "each is home of some")
        for client_id, home in homes.items():
            self.assertIs(self.follow(cluster, two, client_id, asks=True)[1], home, "whoever is asked says the same")
        self.assertEqual(sum(b.metric("mqttzoo_redirected_total") for b in cluster.brokers),
                         sum(home is not one for home in homes.values()) + sum(home is not two for home in homes.values()))
        for client_id in homes:
            client = self.connect(three, client_id)
            self.assertEqual(client.connect_answer[1].value, 0, "it does not ask")
            client.close()
        publisher = self.connect(three, "", asks=True)
        self.assertEqual(publisher.connect_answer[1].value, 0, "it has no identifier of its own")
        publisher.publish("redirected/0", "x", 1)
        served = self.follow(cluster, three, "asks-0", asks=True)[0]
        self.assertTrue(served.session_present())
        served.wait_messages(1)

    def test_all_with_persistent_sessions(self):
        cluster = self.cluster("redirect persistent")
        one = cluster.brokers[0]
        sent_on = sum(self.follow(cluster, one, f"all-{number}")[2] for number in range(CLIENTS))
        self.assertGreater(sent_on, 0)
        for number in range(CLIENTS):
            self.assertEqual(self.connect(one, f"all-{number}", "3.1.1").connect_answer[1], 0, "v3 has no such answer")
            clean = Paho(one, "5", f"clean-{number}")
            self.addCleanup(clean.close)
            self.assertEqual(clean.connect_answer[1].value, 0)

    def test_nobody(self):
        cluster = self.cluster("redirect never")
        for number in range(CLIENTS):
            client = self.connect(cluster.brokers[0], f"never-{number}", asks=True)
            self.assertEqual(client.connect_answer[1].value, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
