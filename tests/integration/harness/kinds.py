"""Paho Python, MQTT.js and mosquitto's tools behind one interface: listeners that gather messages, and publishers."""

import signal
import subprocess

from .clients import Lines, Mosquitto, Paho, session_expiry
from .messages import Message
from .mqttjs import MqttJsClient
from .processes import stop
from .waiting import wait_until

EXPIRY_SECONDS = 600


class Listener:
    """Gathers what it receives. `leave` sends DISCONNECT; `die` breaks the connection."""

    def received(self):
        raise NotImplementedError

    def wait(self, count, seconds=30):
        wait_until(lambda: len(self.received()) >= count, f"{count} messages, have {len(self.received())}", seconds)
        return self.received()


class ClientListener(Listener):
    """A Paho or an MqttJsClient."""

    def __init__(self, client):
        self.client = client
        self.leave, self.die, self.close = client.close, client.drop, client.close

    def received(self):
        return [Message(m.topic, m.payload, m.qos, bool(m.retain)).plain() for m in self.client.messages]


class ProcessListener(Listener):
    """mosquitto_sub, which prints a line for each message."""

    def __init__(self, command):
        self.lines = Lines(command).wait_subscribed()

    def received(self):
        def message(line):
            topic, qos, retain, payload = line.split("|")
            return Message(topic, bytes.fromhex(payload), int(qos), retain == "1").plain()

        return [message(line) for line in list(self.lines.lines)]

    def leave(self):
        stop(self.lines.process, signal.SIGTERM)

    def die(self):
        stop(self.lines.process, signal.SIGKILL)

    close = die


class PahoKind:
    def __init__(self, version):
        self.name, self.version = f"paho-{version}", version

    def listen(self, broker, client_id, topic_filter, qos=2, resume=None, will=None):
        """`resume`: None for a clean session, False for a new persistent one, True for one that must be there still."""
        properties = session_expiry(EXPIRY_SECONDS) if self.version == "5" and resume is not None else None
        client = Paho(broker, self.version, client_id, resume is None, will, properties)
        return subscribed(client, topic_filter, qos, resume)

    def publish(self, broker, messages):
        client = Paho(broker, self.version)
        for topic, payload, qos, retain in messages:
            client.publish(topic, payload, qos, retain)
        client.close()


class MqttJsKind:
    def __init__(self, version, host):
        self.name, self.version, self.host = f"mqttjs-{version}", version, host

    def listen(self, broker, client_id, topic_filter, qos=2, resume=None, will=None):
        properties = {"sessionExpiryInterval": EXPIRY_SECONDS} if resume is not None else None
        client = MqttJsClient(self.host, broker, self.version, client_id, resume is None, will, properties)
        return subscribed(client, topic_filter, qos, resume)

    def publish(self, broker, messages):
        client = MqttJsClient(self.host, broker, self.version, f"js-{id(messages):x}")
        for topic, payload, qos, retain in messages:
            client.publish(topic, payload, qos, retain)
        client.close()


def subscribed(client, topic_filter, qos, resume):
    if client.session_present() != bool(resume):
        raise AssertionError(f"Session Present is {client.session_present()}")
    if not resume:
        granted = client.subscribe(topic_filter, qos)[0]
        if getattr(granted, "value", granted) != qos:
            raise AssertionError(f"{topic_filter} was granted {granted}")
    return ClientListener(client)


class MosquittoKind:
    def __init__(self, version):
        self.name, self.version = f"mosquitto-{version}", version

    def _options(self, broker):
        return ["-V", Mosquitto(self.version).version, "-h", "127.0.0.1", "-p", str(broker.port)]

    def listen(self, broker, client_id, topic_filter, qos=2, resume=None, will=None):
        command = ["stdbuf", "-oL", "mosquitto_sub", *self._options(broker), "-t", topic_filter, "-q", str(qos), "-i", client_id,
                   "-d", "-F", "%t|%q|%r|%x"]
        if resume is not None:
            command += ["-c"] + (["-x", str(EXPIRY_SECONDS)] if self.version == "5" else [])
        if will:
            topic, payload, will_qos, retain = will
            command += ["--will-topic", topic, "--will-payload", payload, "--will-qos", str(will_qos)]
            command += ["--will-retain"] if retain else []
        return ProcessListener(command)

    def publish(self, broker, messages):
        for topic, payload, qos, retain in messages:
            subprocess.run(["mosquitto_pub", *self._options(broker), "-t", topic, "-q", str(qos), *(["-r"] if retain else []),
                            "-s" if payload else "-n"], input=payload, check=True, timeout=60)


def all_kinds(host):
    return [kind for version in ("3.1.1", "5")
            for kind in (PahoKind(version), MqttJsKind(version, host), MosquittoKind(version))]
