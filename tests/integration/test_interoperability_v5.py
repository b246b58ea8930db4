"""What is new in MQTT 5.0, with Paho Python and MQTT.js at different brokers of a cluster."""

import itertools
import unittest

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from harness.clients import Paho
from harness.cluster import Cluster
from harness.mqttjs import MqttJsClient, MqttJsHost

SESSION_SECONDS = 600


def pascal(name):
    return name[0].upper() + name[1:]


def paho_properties(kind, values):
    """MQTT.js' names and values as Paho's object."""
    properties = Properties(kind)
    for name, value in (values or {}).items():
        if name == "userProperties":
            properties.UserProperty = [(key, one) for key, many in value.items() for one in many]
        else:
            setattr(properties, pascal(name), value)
    return properties


class PahoClient:
    """Paho as an MqttJsClient is: properties by the names of MQTT.js, in and out."""

    def __init__(self, broker, client_id, clean=True, will=None, properties=None):
        more = {}
        if will:
            topic, payload, qos, retain, will_properties = will
            more["will"] = (topic, payload, qos, retain, paho_properties(PacketTypes.WILLMESSAGE, will_properties))
        self.paho = Paho(broker, "5", client_id, clean, connect_properties=paho_properties(PacketTypes.CONNECT, properties),
                         **more)
        self.session_present, self.wait_messages = self.paho.session_present, self.paho.wait_messages
        self.messages, self.drop, self.close = self.paho.messages, self.paho.drop, self.paho.close

    def subscribe(self, topic_filter, qos=0, identifier=None):
        properties = paho_properties(PacketTypes.SUBSCRIBE, {"subscriptionIdentifier": identifier} if identifier else {})
        return self.paho.subscribe(topic_filter, qos, properties=properties)

    def publish(self, topic, payload, qos=0, properties=None, wait=True):
        return self.paho.publish(topic, payload, qos, properties=paho_properties(PacketTypes.PUBLISH, properties), wait=wait)

    def wait_published(self, tickets):
        for ticket in tickets:
            ticket.wait_for_publish(30)


def property_of(message, name):
    """A property of a message that either client received."""
    if isinstance(message.properties, dict):
        value = message.properties.get(name)
        if name == "userProperties":
            return {key: [many] if isinstance(many, str) else list(many) for key, many in value.items()}
        return value
    if name == "userProperties":
        pairs = getattr(message.properties, "UserProperty", [])
        return {key: [value for other, value in pairs if other == key] for key, _ in pairs}
    return getattr(message.properties, pascal(name), None)


class Version5(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(zookeepers=1, threads=2)
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()
        cls.host = MqttJsHost()
        cls.addClassCleanup(cls.host.stop)
        cls.names = (f"v5-{number}" for number in itertools.count(1))

    def setUp(self):
        self.one, self.two, self.three = self.cluster.brokers

    def client(self, kind, broker, client_id=None, **options):
        client_id = client_id or next(self.names)
        client = PahoClient(broker, client_id, **options) if kind == "paho" else \
            MqttJsClient(self.host, broker, "5", client_id, **options)
        self.addCleanup(client.close)
        return client

    def pairs(self, name):
        """(publisher at one broker, subscriber at another, a topic that names them) of each combination."""
        for sender, receiver in itertools.product(("paho", "mqttjs"), repeat=2):
            yield self.client(sender, self.one), self.client(receiver, self.two), f"{name}/{sender}/{receiver}"

    def test_user_properties_and_content(self):
        sent = {"userProperties": {"a": ["1", "3"], "ключ": ["значение"]}, "contentType": "text/plain",
                "payloadFormatIndicator": True}
        for publisher, subscriber, topic in self.pairs("user"):
            subscriber.subscribe(topic, 1)
            publisher.publish(topic, b"x", 1, properties=sent)
            message = subscriber.wait_messages(1)[0]
            self.assertEqual({name: property_of(message, name) for name in sent}, sent, topic)

    def test_request_and_response(self):
        for requester, responder, topic in self.pairs("request"):
            responder.subscribe(topic, 2)
            requester.subscribe(f"{topic}/answers", 2)
            data = bytes(range(256))
            requester.publish(topic, b"question", 2,
                              properties={"responseTopic": f"{topic}/answers", "correlationData": data})
            request = responder.wait_messages(1)[0]
            correlation = property_of(request, "correlationData")
            responder.publish(property_of(request, "responseTopic"), b"answer", 2, properties={"correlationData": correlation})
            response = requester.wait_messages(1)[0]
            self.assertEqual((response.payload, property_of(response, "correlationData")), (b"answer", data))

    def test_topic_aliases_of_publishers(self):
        for publisher, subscriber, topic in self.pairs("alias-in"):
            subscriber.subscribe(topic, 1)
            publisher.publish(topic, b"first", 1, properties={"topicAlias": 3})
            publisher.publish("", b"second", 1, properties={"topicAlias": 3})
            self.assertEqual([(m.topic, m.payload) for m in subscriber.wait_messages(2)],
                             [(topic, b"first"), (topic, b"second")])

    def test_topic_aliases_of_the_broker(self):
        subscriber = self.client("mqttjs", self.two, properties={"topicAliasMaximum": 2})
        subscriber.subscribe("alias-out/#", 1)
        publisher = self.client("paho", self.one)
        topics = [f"alias-out/{number % 4}" for number in range(20)]
        for topic in topics:
            publisher.publish(topic, b"x", 1)
        messages = subscriber.wait_messages(20)
        self.assertEqual([message.topic for message in messages], topics)
        self.assertEqual({property_of(message, "topicAlias") for message in messages}, {1, 2, None})

    def test_receive_maximum_of_a_subscriber(self):
        """Small windows, a queue of both qualities of service: all of it comes, in the order of each."""
        for kind in ("paho", "mqttjs"):
            with self.subTest(kind):
                properties = {"sessionExpiryInterval": SESSION_SECONDS, "receiveMaximum": 2}
                away = self.client(kind, self.one, f"window-{kind}", clean=False, properties=properties)
                away.subscribe(f"window/{kind}", 2)
                away.close()
                publisher = self.client("paho", self.two)
                publisher.wait_published([publisher.publish(f"window/{kind}", b"%d" % number, 1 + number % 2, wait=False)
                                          for number in range(100)])
                back = self.client(kind, self.three, f"window-{kind}", clean=False, properties=properties)
                messages = back.wait_messages(100)
                for qos in (1, 2):
                    self.assertEqual([int(m.payload) for m in messages if m.qos == qos], list(range(qos - 1, 100, 2)))

    def test_message_expiry(self):
        """The time passes by a will that is delayed as long: when it comes, the message has expired."""
        properties = {"sessionExpiryInterval": SESSION_SECONDS}
        watcher = self.client("paho", self.three)
        watcher.subscribe("expiry/passed", 1)
        for kind in ("paho", "mqttjs"):
            away = self.client(kind, self.one, f"expiry-{kind}", clean=False, properties=properties)
            away.subscribe("expiry/message", 1)
            away.close()
        for kind in ("paho", "mqttjs"):
            publisher = self.client(kind, self.two)
            for payload, seconds in ((b"short", 1), (b"long", 100)):
                publisher.publish("expiry/message", payload, 1, properties={"messageExpiryInterval": seconds})
        self.client("mqttjs", self.one, properties=properties,
                    will=("expiry/passed", b"", 1, False, {"willDelayInterval": 2})).drop()
        watcher.wait_messages(1)
        for kind in ("paho", "mqttjs"):
            back = self.client(kind, self.two, f"expiry-{kind}", clean=False, properties=properties)
            messages = back.wait_messages(2)
            self.assertEqual([message.payload for message in messages], [b"long", b"long"])
            for message in messages:
                self.assertTrue(70 <= property_of(message, "messageExpiryInterval") <= 99)

    def test_subscription_identifiers(self):
        """One copy of a message with the identifiers of all subscriptions that match, also of a session resumed elsewhere."""
        for kind in ("paho", "mqttjs"):
            with self.subTest(kind):
                properties = {"sessionExpiryInterval": SESSION_SECONDS}
                subscriber = self.client(kind, self.one, f"identifiers-{kind}", clean=False, properties=properties)
                subscriber.subscribe("identifiers/+", 1, 7)
                subscriber.subscribe("identifiers/#", 2, 268_435_455)
                subscriber.subscribe("identifiers/b", 1)
                publisher = self.client("mqttjs", self.two)
                publisher.publish("identifiers/a", b"live", 2)
                live = subscriber.wait_messages(1)[0]
                subscriber.close()
                publisher.publish("identifiers/b/c", b"queued", 2)
                subscriber = self.client(kind, self.three, f"identifiers-{kind}", clean=False, properties=properties)
                queued = subscriber.wait_messages(1)[0]
                self.assertEqual((self.identifiers(live), live.qos), ([7, 268_435_455], 2))
                self.assertEqual((self.identifiers(queued), queued.payload), ([268_435_455], b"queued"))

    @staticmethod
    def identifiers(message):
        found = property_of(message, "subscriptionIdentifier")
        return sorted(found if isinstance(found, list) else [found])

    def test_as_much_as_the_broker_allows_is_under_way(self):
        """A client that sends without waiting, up to the Receive Maximum that it was told."""
        for kind in ("paho", "mqttjs"):
            with self.subTest(kind):
                subscriber, publisher = self.client("paho", self.two), self.client(kind, self.one)
                subscriber.subscribe(f"much/{kind}", 2)
                publisher.wait_published([publisher.publish(f"much/{kind}", b"%d" % number, 1 + number % 2, wait=False)
                                          for number in range(1000)])
                self.assertEqual(sorted(int(m.payload) for m in subscriber.wait_messages(1000)), list(range(1000)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
