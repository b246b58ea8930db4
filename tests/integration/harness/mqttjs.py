"""MQTT.js clients as objects: many of them in one Node.js process, which a test class starts once."""

import base64
import itertools
import json
import os
import pathlib
import subprocess
import threading

from .clients import NODE_MODULES
from .messages import Message
from .processes import spawn
from .waiting import wait_until

HOST = pathlib.Path(__file__).parent / "mqttjs_host.cjs"


class MqttJsHost:
    def __init__(self):
        env = dict(os.environ, NODE_PATH=str(NODE_MODULES))
        self.process = spawn(["node", str(HOST)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
        self.clients = {}
        self.numbers = itertools.count(1)
        self.writing = threading.Lock()
        self.reading = threading.Thread(target=self._read, daemon=True)
        self.reading.start()

    def _read(self):
        for line in self.process.stdout:
            event = json.loads(line)
            self.clients[event["client"]].happened(event)

    def send(self, command):
        with self.writing:
            self.process.stdin.write(json.dumps(command).encode() + b"\n")
            self.process.stdin.flush()

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.reading.join()
        self.process.stdin.close()
        self.process.stdout.close()


def _encoded(properties):
    properties = dict(properties or {})
    if "correlationData" in properties:
        properties["correlationData"] = base64.b64encode(properties["correlationData"]).decode()
    return properties


def _decoded(properties):
    if "correlationData" in properties:
        properties["correlationData"] = base64.b64decode(properties["correlationData"])
    return properties


class MqttJsClient:
    """`properties` are named as MQTT.js names them; bytes are bytes."""

    def __init__(self, host, broker, version="5", client_id="", clean=True, will=None, properties=None):
        self.host, self.version, self.number = host, version, next(host.numbers)
        self.messages, self.errors, self.answers = [], [], {}
        self.present = None
        self.disconnect_reason = None
        self.disconnected = threading.Event()
        self.requests = itertools.count(1)
        host.clients[self.number] = self
        options = {"port": broker.port, "protocolVersion": 5 if version == "5" else 4, "clientId": client_id, "clean": clean}
        if will:
            topic, payload, qos, retain, *more = will
            options["will"] = {"topic": topic, "payload": base64.b64encode(payload).decode(), "qos": qos, "retain": retain,
                               "properties": more[0] if more else {}}
        if version == "5":
            options["properties"] = properties or {}
        self._send("connect", options=options)
        wait_until(lambda: self.present is not None or self.errors, f"CONNACK from {broker.name}")
        if self.present is None:
            raise ConnectionError(self.errors)

    def _send(self, verb, **more):
        self.host.send({"client": self.number, "do": verb, **more})

    def _ask(self, verb, wait=True, **more):
        to = next(self.requests)
        self._send(verb, to=to, **more)
        return self._answer(to, verb) if wait else to

    def _answer(self, to, what):
        wait_until(lambda: to in self.answers or self.disconnected.is_set(), f"MQTT.js to {what}", 30)
        answer = self.answers.get(to, {"error": f"the connection has ended: {self.disconnect_reason}"})
        if answer.get("error"):
            raise ConnectionError(answer["error"])
        return answer

    def happened(self, event):
        kind = event["event"]
        if kind == "connack":
            self.present = event["sessionPresent"]
        elif kind == "message":
            self.messages.append(Message(event["topic"], base64.b64decode(event["payload"]), event["qos"], event["retain"],
                                         _decoded(event["properties"])))
        elif kind == "done":
            self.answers[event["to"]] = event
        elif kind == "error":
            self.errors.append(event["text"])
        elif kind == "disconnect":
            self.disconnect_reason = event["reason"]
        elif kind == "close":
            self.disconnected.set()

    def session_present(self):
        return self.present

    def subscribe(self, topic_filter, qos=0, identifier=None, **options):
        if identifier is not None:
            options["properties"] = {"subscriptionIdentifier": identifier}
        return self._ask("subscribe", filter=topic_filter, options={"qos": qos, **options})["granted"]

    def publish(self, topic, payload, qos=0, retain=False, properties=None, wait=True):
        options = {"qos": qos, "retain": retain}
        if properties:
            options["properties"] = _encoded(properties)
        return self._ask("publish", wait, topic=topic, payload=base64.b64encode(payload).decode(), options=options)

    def wait_published(self, tickets):
        for ticket in tickets:
            self._answer(ticket, "publish")

    def wait_messages(self, count, seconds=30):
        wait_until(lambda: len(self.messages) >= count, f"{count} messages, have {len(self.messages)}", seconds)
        return self.messages

    def drop(self):
        """Ends the connection without DISCONNECT."""
        self._end("drop")

    def close(self):
        self._end("leave")

    def _end(self, verb):
        if not self.disconnected.is_set():
            self._send(verb)
            wait_until(self.disconnected.is_set, "the end of the connection")
