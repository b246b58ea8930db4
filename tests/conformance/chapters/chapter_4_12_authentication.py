"""Chapter 4.12 (MQTT 5): enhanced authentication, with SCRAM-SHA-256 (RFC 7677); and AUTH, chapter 3.15."""

import base64
import hashlib
import hmac

from framework.scenario import equal
from framework.statements import statement
from framework.topologies import SCRAM_PASSWORD, SCRAM_USER
from mqtt import packets

METHOD = "SCRAM-SHA-256"
CONTINUE, RE_AUTHENTICATE = 0x18, 0x19


def _hmac(key, text):
    return hmac.new(key, text, hashlib.sha256).digest()


class Scram:
    """The client's side: `first` and, after the server's challenge, `final`; `verifies` its last message."""

    def __init__(self, password=SCRAM_PASSWORD):
        self.password = password
        self.bare = f"n={SCRAM_USER},r=conformance-nonce"
        self.first = b"n,," + self.bare.encode()

    def final(self, challenge):
        fields = dict(part.split("=", 1) for part in challenge.decode().split(","))
        assert fields["r"].startswith("conformance-nonce") and fields["r"] != "conformance-nonce", challenge
        salted = hashlib.pbkdf2_hmac("sha256", self.password.encode(), base64.b64decode(fields["s"]), int(fields["i"]))
        without_proof = f"c=biws,r={fields['r']}"
        self.signed = ",".join([self.bare, challenge.decode(), without_proof]).encode()
        self.salted = salted
        key = _hmac(salted, b"Client Key")
        signature = _hmac(hashlib.sha256(key).digest(), self.signed)
        proof = bytes(one ^ other for one, other in zip(key, signature))
        return f"{without_proof},p={base64.b64encode(proof).decode()}".encode()

    def verifies(self, last):
        signature = _hmac(_hmac(self.salted, b"Server Key"), self.signed)
        equal(last, b"v=" + base64.b64encode(signature))


def properties(data):
    return {"authentication_method": METHOD, "authentication_data": data}


def challenged(t, scram, **more):
    """CONNECT that begins SCRAM, and the broker's challenge."""
    client = t.open(t.authenticating_port)
    client.send_connect(properties_={**properties(scram.first), **more})
    challenge = client.expect_next("AUTH", reason=CONTINUE)
    equal(challenge.properties.get("authentication_method"), METHOD)
    return client, challenge.properties.get("authentication_data")


def authenticated(t):
    scram = Scram()
    client, challenge = challenged(t, scram)
    client.send(packets.auth(CONTINUE, properties(scram.final(challenge))))
    connack = client.expect_next("CONNACK", reason=0)
    equal(connack.properties.get("authentication_method"), METHOD)
    scram.verifies(connack.properties.get("authentication_data"))
    return client


@statement(v5="4.12.0-1")
def unsupported_method(t):
    client = t.open()
    client.send_connect(properties_={"authentication_method": "PAPER-SLIP", "authentication_data": b"x"})
    client.expect_connect_refused(v5=(0x8C, 0x87))


@statement(v5="4.12.0-2 4.12.0-5 3.15.2-1")
def authentication_succeeds(t):
    authenticated(t).ping()


@statement(v5="4.12.0-4")
def authentication_fails(t):
    scram = Scram("wrong")
    client, challenge = challenged(t, scram)
    client.send(packets.auth(CONTINUE, properties(scram.final(challenge))))
    client.expect_connect_refused(v5=(0x86, 0x87))


@statement(v5="4.12.0-4")
def authentication_is_left(t):
    client, _ = challenged(t, Scram())
    client.send(packets.publish(t.version, t.topic(), b"x"))
    assert client.next_packet().name in ("CONNACK", "DISCONNECT")
    client.expect_closed()


@statement(v5="4.12.0-5")
def another_method_on_the_way(t):
    scram = Scram()
    client, challenge = challenged(t, scram)
    client.send(packets.auth(CONTINUE, {"authentication_method": "OTHER",
                                        "authentication_data": scram.final(challenge)}))
    client.expect_connect_refused(v5=(0x82, 0x8C, 0x87))


@statement(v5="3.15.2-1")
def reason_codes_of_auth(t):
    client, _ = challenged(t, Scram())
    client.send(packets.auth(0x01, properties(b"x")))
    client.expect_connect_refused(v5=(0x81, 0x82))


@statement(v5="3.15.2-2 3.15.2-3")
def auth_fits_the_client(t):
    """The challenge alone needs about a hundred bytes; nothing is added that would not fit."""
    client, _ = challenged(t, Scram(), maximum_packet_size=400)
    assert client.seen[0].size <= 400
    equal(client.seen[0].properties.all("reason_string") + client.seen[0].properties.all("user_property"), [])


@statement(v5="4.12.0-6")
def no_auth_without_a_method(t):
    for arguments in ({}, {"user_name": "name", "password": b"password"}):
        client = t.open()
        client.send_connect(**arguments)
        connack = client.expect_next("CONNACK")
        equal(connack.properties.all("authentication_method") + connack.properties.all("authentication_data"), [])


@statement(v5="4.12.0-7")
def auth_of_a_client_without_a_method(t):
    client = t.publisher()
    client.send(packets.auth(RE_AUTHENTICATE, properties(b"x")))
    client.expect_refused(0x82)


@statement(v5="4.12.0-7", where="tools")
def clients_do_not_begin_authentication(t):
    server = t.start("mqtt_pub", "-m", "x", "-u", "name", "-P", "secret")
    equal(server.accept().properties.all("authentication_method"), [])
    server.expect_next("PUBLISH")
    server.expect_next("DISCONNECT")


@statement(v5="4.12.1-1")
def re_authentication(t):
    client, scram = authenticated(t), Scram()
    client.send(packets.auth(RE_AUTHENTICATE, properties(scram.first)))
    challenge = client.expect_next("AUTH", reason=CONTINUE).properties.get("authentication_data")
    client.ping()  # the connection goes on meanwhile
    client.send(packets.auth(CONTINUE, properties(scram.final(challenge))))
    done = client.expect_next("AUTH", reason=0)
    equal(done.properties.get("authentication_method"), METHOD)
    scram.verifies(done.properties.get("authentication_data"))
    client.ping()


@statement(v5="4.12.1-1")
def re_authentication_by_another_method(t):
    client = authenticated(t)
    client.send(packets.auth(RE_AUTHENTICATE, {"authentication_method": "OTHER", "authentication_data": b"x"}))
    client.expect_refused(0x82, 0x8C, 0x87)


@statement(v5="4.12.1-2")
def re_authentication_fails(t):
    client, scram = authenticated(t), Scram("wrong")
    client.send(packets.auth(RE_AUTHENTICATE, properties(scram.first)))
    challenge = client.expect_next("AUTH", reason=CONTINUE).properties.get("authentication_data")
    client.send(packets.auth(CONTINUE, properties(scram.final(challenge))))
    client.expect_refused(0x86, 0x87)
