"""Sessions that outlive their connections, reached from whichever broker a client comes to."""

import unittest

from harness.clients import Lines, Mosquitto, session_expiry
from harness.cluster_case import ClusterCase
from harness.waiting import wait_until

SESSION_TAKEN_OVER = 0x8E


class PersistentSessions(ClusterCase):
    cluster_options = dict(threads=2)

    def resume(self, broker, version, client_id):
        properties = session_expiry(600) if version == "5" else None
        return self.client(broker, version, client_id, clean=False, connect_properties=properties)

    def test_resumed_at_each_broker(self):
        """Several ids, so that homes on every broker and every thread are met."""
        publisher = self.client(self.brokers[0])
        for version in ("3.1.1", "5"):
            for number in range(8):
                client_id, topic = f"roams-{version}-{number}", f"roams/{version}/{number}"
                with self.subTest(client_id=client_id):
                    client = self.resume(self.brokers[0], version, client_id)
                    self.assertFalse(client.session_present())
                    client.subscribe(topic, 2)
                    client.drop()
                    for turn, broker in enumerate(self.brokers):
                        publisher.publish(topic, f"{turn} at 1", 1)
                        publisher.publish(topic, f"{turn} at 2", 2)
                        client = self.resume(broker, version, client_id)
                        self.assertTrue(client.session_present(), f"lost at {broker.name}")
                        client.wait_messages(2)
                        self.assertEqual(client.payloads(), [f"{turn} at 1", f"{turn} at 2"])
                        publisher.publish(topic, "live", 1)
                        client.wait_messages(3)
                        client.wait_acknowledged()
                        client.drop()

    def test_a_thousand_queued_messages_in_order(self):
        client = self.resume(self.brokers[0], "5", "queue")
        client.subscribe("queue", 1)
        client.close()
        publisher = self.client(self.brokers[1])
        sent = [str(number) for number in range(1000)]
        infos = [publisher.publish("queue", number, 1, wait=False) for number in sent]
        for info in infos:
            info.wait_for_publish(30)
        client = self.resume(self.brokers[2], "5", "queue")
        client.wait_messages(1000)
        self.assertEqual(client.payloads(), sent)

    def test_large_messages_through_a_channel(self):
        """More than the window of a channel, one after the other."""
        publisher = self.client(self.brokers[0])
        for number in range(4):
            client = self.resume(self.brokers[1], "5", f"large-{number}")
            client.subscribe(f"large/{number}", 1)
            for size in (1 << 20, 300_000, 1 << 20):
                publisher.publish(f"large/{number}", b"x" * size, 1)
            client.wait_messages(3)
            self.assertEqual([len(message.payload) for message in client.messages], [1 << 20, 300_000, 1 << 20])

    def test_takeover_keeps_the_session(self):
        for number in range(6):
            first = self.resume(self.brokers[0], "5", f"moves-{number}")
            first.subscribe(f"moves/{number}", 1)
            second = self.resume(self.brokers[1], "5", f"moves-{number}")
            self.assertTrue(first.disconnected.wait(10), "the old connection lives on")
            self.assertEqual(first.disconnect_reason.value, SESSION_TAKEN_OVER)
            self.assertTrue(second.session_present())
            self.client(self.brokers[2]).publish(f"moves/{number}", "here", 1)
            second.wait_messages(1)

    def test_publishes_of_a_persistent_client_at_each_qos(self):
        watcher = self.client(self.brokers[2])
        watcher.subscribe("from/#", 2)
        for version in ("3.1.1", "5"):
            for number in range(6):
                client = self.resume(self.brokers[number % 3], version, f"from-{version}-{number}")
                for qos in (0, 1, 2):
                    client.publish(f"from/{version}/{number}/{qos}", "x", qos)
        watcher.wait_messages(36)
        self.assertEqual(len({message.topic for message in watcher.messages}), 36)

    def test_no_local_across_brokers(self):
        from paho.mqtt.subscribeoptions import SubscribeOptions
        for number in range(4):
            client = self.resume(self.brokers[0], "5", f"deaf-{number}")
            client.subscribe(f"deaf/{number}", options=SubscribeOptions(qos=1, noLocal=True))
            client.publish(f"deaf/{number}", "own", 1)
            client.publish(f"deaf/{number}", "own", 2)
            self.client(self.brokers[1]).publish(f"deaf/{number}", "other", 1)
            client.wait_messages(1)
            self.assertEqual(client.payloads(), ["other"])

    def test_clean_start_and_expiry_end_a_session(self):
        topic = "ends"
        client = self.resume(self.brokers[0], "5", "ends")
        client.subscribe(topic, 1)
        client.drop()
        again = self.client(self.brokers[1], "5", "ends", clean=True, connect_properties=session_expiry(1))
        self.assertFalse(again.session_present())
        again.subscribe(topic, 1)
        again.drop()
        expired = sum(broker.metric("mqttzoo_sessions_ended_total") for broker in self.brokers)
        wait_until(lambda: sum(broker.metric("mqttzoo_sessions_ended_total") for broker in self.brokers) > expired,
                   "the session to expire")
        self.assertFalse(self.resume(self.brokers[2], "5", "ends").session_present())

    def test_mosquitto_sub_with_its_session_disabled_cleaning(self):
        one, two, three = self.brokers
        command = ["stdbuf", "-oL", "mosquitto_sub", "-h", "127.0.0.1", "-t", "away", "-q", "1", "-c", "-i", "mosq", "-d",
                   "-F", "%p"]
        first = Lines([*command, "-p", str(one.port)]).wait_subscribed()
        first.close()
        Mosquitto("3.1.1").publish(two, "away", "kept", 1)
        second = Lines([*command, "-p", str(three.port)])
        self.addCleanup(second.close)
        self.assertEqual(second.wait_lines(1), ["kept"])

    def test_the_death_of_the_frontend_loses_nothing(self):
        """The broker of the connection is killed; the home is another one."""
        one, two, three = self.brokers
        sessions = lambda: [broker.metric("mqttzoo_persistent_sessions") for broker in self.brokers]
        elsewhere = []
        for number in range(12):
            before = sessions()
            client = self.resume(three, "5", f"frontend-{number}")
            client.subscribe(f"frontend/{number}", 1)
            wait_until(lambda: sum(sessions()) == sum(before) + 1, "the session in a metric")
            if sessions()[2] == before[2]:
                elsewhere.append(number)
        self.assertGreater(len(elsewhere), 0, "no home elsewhere")
        three.kill()
        publisher = self.client(one)
        for number in elsewhere:
            publisher.publish(f"frontend/{number}", "while dead", 1)
        for number in elsewhere:
            client = self.resume(two, "5", f"frontend-{number}")
            self.assertTrue(client.session_present())
            client.wait_messages(1)
            self.assertEqual(client.payloads(), ["while dead"])
        three.start()


if __name__ == "__main__":
    unittest.main()
