"""The embedded default: a broker with nothing beside it; its HTTP side, its logs, its end."""

import json
import pathlib
import subprocess
import tempfile
import unittest

from harness.broker import BINARY, Broker
from harness.clients import Paho, session_expiry
from harness.processes import spawn, stop
from harness.waiting import wait_until

SERVER_SHUTTING_DOWN = 0x8B


class LoneBroker(unittest.TestCase):
    def broker(self, *settings):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        broker = Broker("lone", directory.name, settings=settings).start()
        self.addCleanup(broker.kill)
        return broker.wait_ready()

    def test_http(self):
        broker = self.broker()
        self.assertEqual(broker.get("/healthz")[0], 200)
        self.assertEqual(broker.get("/nothing")[0], 404)
        self.assertEqual(pathlib.Path(f"/proc/{broker.process.pid}/comm").read_text(), "mqttzoo\n", "for ps and pkill")
        client = Paho(broker)
        self.addCleanup(client.close)
        client.publish("a", "x", 1)
        wait_until(lambda: broker.metric("mqttzoo_messages_received_total") >= 1, "the counter")

    def test_asked_from_the_first_moment(self):
        # Probes do not wait until all of the broker stands.
        for _ in range(20):
            directory = tempfile.TemporaryDirectory()
            self.addCleanup(directory.cleanup)
            broker = Broker("early", directory.name, threads=4).start()
            self.addCleanup(broker.kill)
            wait_until(lambda: broker.process.poll() is not None or broker.ready(), "readiness", interval=0)
            self.assertIsNone(broker.process.poll(), "the broker ended")
            self.assertEqual(broker.stop(), 0)

    def test_sys_topics(self):
        broker = self.broker("sys_interval 1")
        client = Paho(broker)
        self.addCleanup(client.close)
        client.subscribe("$SYS/#", 0)
        away = Paho(broker, client_id="away", connect_properties=session_expiry(60))
        away.subscribe("a", 1)
        away.close()
        client.publish("a", "four", 1, retain=True)

        def told():
            return {m.topic.removeprefix("$SYS/broker/"): m.payload.decode() for m in client.messages}

        expected = {"clients/connected": "1", "clients/disconnected": "1", "clients/total": "2",
                    "publish/messages/received": "1", "subscriptions/count": "2", "cluster/members": "lone",
                    "cluster/partitions/primary": "64", "cluster/ready": "1"}
        wait_until(lambda: expected.items() <= told().items(), "what $SYS says of clients and cluster")
        wait_until(lambda: float(told()["load/connections/1min"]) > 0, "a load")
        wait_until(lambda: int(told()["store/messages/count"]) - int(told()["retained messages/count"]) == 1,
                   "the message for the client that is away")

    def test_clean_stop(self):
        broker = self.broker()
        five, three = Paho(broker, "5"), Paho(broker, "3.1.1")
        self.addCleanup(five.close)
        self.addCleanup(three.close)
        self.assertEqual(broker.stop(), 0)
        self.assertTrue(five.disconnected.wait(10))
        self.assertEqual(five.disconnect_reason.value, SERVER_SHUTTING_DOWN)
        self.assertTrue(three.disconnected.wait(10))

    def test_stop_while_nobody_reads_the_log(self):
        with tempfile.TemporaryDirectory() as directory:
            broker = Broker("deaf", directory)
            config = pathlib.Path(directory) / "deaf.conf"
            config.write_text(f"listener {broker.port} 127.0.0.1\nallow_anonymous true\n")
            process = spawn([str(BINARY), "-c", str(config)], stderr=subprocess.PIPE)
            self.addCleanup(process.kill)
            self.addCleanup(process.stderr.close)
            wait_until(lambda: b"clients=" in process.stderr.readline(), "the last line of the start")
            for _ in range(800):  # lines that a pipe does not hold
                Paho(broker).close()
            self.assertEqual(stop(process), 0)

    def test_json_log(self):
        broker = self.broker("log_format json")
        client = Paho(broker, "5", 'quo"ted')
        client.close()
        wait_until(lambda: 'quo' in broker.log(), "the line of the ending")
        for line in broker.log().splitlines():
            json.loads(line)


if __name__ == "__main__":
    unittest.main(verbosity=2)
