"""Clients that nobody here wrote, behind one interface: subscribe in the background, publish in the foreground."""

import os
import pathlib
import shutil
import subprocess
import threading

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from .broker import BUILD
from .processes import spawn
from .waiting import wait_until

NODE_MODULES = pathlib.Path(os.environ.get("MQTTZOO_NODE_MODULES", BUILD / "npm" / "node_modules"))
MQTTJS = pathlib.Path(__file__).parent / "mqttjs_client.cjs"


class Lines:
    """Collects the lines that a subscriber prints."""

    def __init__(self, command, env=None):
        self.process = spawn(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
        self.lines = []
        self.errors = []
        self.ready = threading.Event()
        threading.Thread(target=self._read_output, daemon=True).start()
        threading.Thread(target=self._read_errors, daemon=True).start()

    def _read_output(self):
        with self.process.stdout as output:
            for line in output:
                text = line.decode(errors="replace").rstrip("\n")
                # mosquitto_sub -d and the MQTT.js script say on standard output when they are subscribed.
                if text.startswith("Subscribed"):
                    self.ready.set()
                elif not text.startswith("Client "):
                    self.lines.append(text)

    def _read_errors(self):
        with self.process.stderr as errors:
            for line in errors:
                self.errors.append(line.decode(errors="replace").rstrip("\n"))

    def wait_subscribed(self):
        if not self.ready.wait(20):
            raise TimeoutError(f"no SUBACK: {self.process.args}: {self.errors}")
        return self

    def wait_lines(self, count, seconds=30):
        wait_until(lambda: len(self.lines) >= count, f"{count} lines (have {len(self.lines)})", seconds)
        return self.lines

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Mosquitto:
    """mosquitto_sub and mosquitto_pub."""

    def __init__(self, version):
        self.version = {"3.1": "mqttv31", "3.1.1": "mqttv311", "5": "mqttv5"}[version]

    def subscribe(self, broker, topic, qos=0, *options):
        return Lines(["stdbuf", "-oL", "mosquitto_sub", "-V", self.version, "-h", "127.0.0.1", "-p", str(broker.port),
                      "-t", topic, "-q", str(qos), "-d", "-F", "%t %p", *options]).wait_subscribed()

    def publish(self, broker, topic, payload, qos=0, *options):
        subprocess.run(["mosquitto_pub", "-V", self.version, "-h", "127.0.0.1", "-p", str(broker.port), "-t", topic,
                        "-m", payload, "-q", str(qos), *options], check=True, timeout=30)


class MqttJs:
    """MQTT.js, through a script that takes the same words."""

    def __init__(self, version):
        self.version = {"3.1.1": "4", "5": "5"}[version]
        self.env = dict(os.environ, NODE_PATH=str(NODE_MODULES))

    @staticmethod
    def available():
        return shutil.which("node") is not None and (NODE_MODULES / "mqtt").exists()

    def _command(self, verb, broker, topic, qos):
        return ["node", str(MQTTJS), verb, self.version, str(broker.port), topic, str(qos)]

    def subscribe(self, broker, topic, qos=0):
        return Lines(self._command("sub", broker, topic, qos), self.env).wait_subscribed()

    def publish(self, broker, topic, payload, qos=0):
        subprocess.run(self._command("pub", broker, topic, qos) + [payload], check=True, timeout=30, env=self.env)


def session_expiry(seconds):
    """CONNECT properties of a v5 client."""
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = seconds
    return properties


class Paho:
    """Paho Python, in this process: every detail of the protocol can be set and seen."""

    VERSIONS = {"3.1": paho.MQTTv31, "3.1.1": paho.MQTTv311, "5": paho.MQTTv5}

    def __init__(self, broker, version="5", client_id="", clean=True, will=None, connect_properties=None, keepalive=60,
                 user=None, password=None, wait_seconds=20):
        options = {} if version == "5" else {"clean_session": clean}
        self.client = paho.Client(client_id, protocol=self.VERSIONS[version], **options)
        self.version = version
        self.messages = []
        self.connected = threading.Event()
        self.disconnected = threading.Event()
        self.connect_answer = None
        self.disconnect_reason = None
        self.disconnect_properties = None
        self.subscribed = {}
        self.published = {}
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = self._on_disconnect
        self.client.on_subscribe = lambda c, u, mid, granted, *rest: self.subscribed.__setitem__(mid, granted)
        self.client.on_unsubscribe = lambda c, u, mid, *rest: self.subscribed.__setitem__(mid, [])
        self.client.on_publish = lambda c, u, mid: self.published.__setitem__(mid, True)
        self.client.on_message = lambda c, u, message: self.messages.append(message)
        self.client.max_inflight_messages_set(200)
        self.client.max_queued_messages_set(0)
        if will:
            self.client.will_set(*will)
        if user is not None:
            self.client.username_pw_set(user, password)
        self.client.reconnect_delay_set(3600, 3600)
        more = {"properties": connect_properties, "clean_start": clean} if version == "5" else {}
        self.client.connect(getattr(broker, "host", "127.0.0.1"), broker.port, keepalive, **more)
        self.client.loop_start()
        if not self.connected.wait(wait_seconds):
            raise TimeoutError(f"no CONNACK from {broker.name}")

    def _on_connect(self, client, userdata, flags, reason, properties=None):
        self.connect_answer = (flags, reason, properties)
        self.connected.set()

    def _on_disconnect(self, client, userdata, reason, properties=None):
        self.disconnect_reason = reason
        self.disconnect_properties = properties
        self.disconnected.set()

    def subscribe(self, topic, qos=0, **options):
        result, mid = self.client.subscribe(topic, qos, **options) if options else self.client.subscribe(topic, qos)
        wait_until(lambda: mid in self.subscribed, f"SUBACK for {topic}")
        return self.subscribed[mid]

    def unsubscribe(self, topic):
        result, mid = self.client.unsubscribe(topic)
        wait_until(lambda: mid in self.subscribed, f"UNSUBACK for {topic}")

    def publish(self, topic, payload, qos=0, retain=False, properties=None, wait=True):
        info = self.client.publish(topic, payload, qos, retain, properties)
        if wait:
            info.wait_for_publish(30)
            if not info.is_published():
                raise TimeoutError(f"publish to {topic} was not acknowledged")
        return info

    def wait_messages(self, count, seconds=30):
        wait_until(lambda: len(self.messages) >= count, f"{count} messages, have {len(self.messages)}", seconds)
        return self.messages

    def payloads(self):
        return [message.payload.decode(errors="replace") for message in self.messages]

    def session_present(self):
        flags = self.connect_answer[0]
        return bool(flags["session present"])

    def wait_acknowledged(self):
        """What was received has been acknowledged, up to the last step of QoS 2, when these have been."""
        for _ in range(2):
            self.publish("acknowledged", "", 2)

    def drop(self):
        """Ends the connection without DISCONNECT, as a device that loses its network."""
        self.client.loop_stop()
        self.client._sock_close()

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()
