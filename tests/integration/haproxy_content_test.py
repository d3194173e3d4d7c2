"""mode tcp: what rules see of the first bytes of a client, and for what they wait, beside the real HAProxy."""

import re
import socket
import ssl
import time
import unittest

from support.beside import BesideCase
from support.client import Client

DEFAULTS = """defaults
    mode tcp
    timeout connect 5s
    timeout client 20s
    timeout server 20s
"""

REQUEST = b"GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n"
BINARY = b"\x00\x03abc\x02xyz" + bytes(range(40))
RDP = b"\x03\x00\x00\x2d\x28\xe0\x00\x00\x00\x00\x00Cookie: mstshash=Alice\r\n\x01\x00\x08\x00\x00\x00\x00\x00"


def hello(name="www.Example.com", alpn=("h2", "http/1.1"), **options):
    """The first bytes of a TLS client."""
    context = ssl.create_default_context()
    context.check_hostname = False
    if alpn:
        context.set_alpn_protocols(list(alpn))
    for key, value in options.items():
        setattr(context, key, value)
    outgoing = ssl.MemoryBIO()
    session = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    try:
        session.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


PAYLOADS = {"http": REQUEST, "binary": BINARY, "rdp": RDP, "tls": hello(), "tls12": hello(None, (), maximum_version=ssl.TLSVersion.TLSv1_2),
            "other_cookie": RDP.replace(b"mstshash", b"MSTS")}

# What is kept of each payload, once all of it is there.
EXPRESSIONS = """req.len
req_len
req.payload(0,3),hex
payload(1,4),hex
req.payload(5,0),sha1,hex
req.payload(0,20000),hex
req.payload(20000,1),hex
req.payload(16384,0),hex
req.payload_lv(0,2),sha1,hex
payload_lv(1,1),sha1,hex
req.payload_lv(0,2,3),sha1,hex
req.payload_lv(0,2,+3),sha1,hex
req.payload_lv(5,1,-2),sha1,hex
req.payload_lv(30,8),sha1,hex
req.rdp_cookie(mstshash)
req.rdp_cookie(MstsHash)
req.rdp_cookie
rdp_cookie(msts)
req.rdp_cookie_cnt
req.rdp_cookie_cnt(mstshash)
rdp_cookie_cnt(other)
req.ssl_ver
req_ssl_ver
req.ssl_hello_type
req.ssl_sni
req.ssl_sni,lower
req.ssl_alpn
req.ssl_st_ext
req.ssl_ec_ext
req.proto_http
req_proto_http
wait_end
""".split("\n")[:-1]

CONDITIONS = """{ req.len gt 10 }
{ req.len lt 10 }
{ req.payload(0,1) -m bin 16 }
{ payload(0,1) 16 }
{ req.payload(0,4),hex -m str 47455420 }
{ req.ssl_ver 3.3 }
{ req.ssl_ver 3 }
{ req_ssl_ver 3.1:3.2 }
{ req_ssl_ver 3.0-3.3 }
{ req.ssl_ver gt 3.1 }
{ req_ssl_ver 3.3: }
{ req_ssl_ver :3.2 }
{ req.ssl_hello_type 1 }
{ req.ssl_sni -i www.example.com }
{ req_ssl_sni -m end .com }
{ req.ssl_alpn h2 }
{ req.ssl_alpn http/1.1 }
{ req.ssl_alpn spdy }
{ req.ssl_st_ext 1 }
{ req.ssl_st_ext 0 }
{ req.ssl_ec_ext 1 }
{ req_rdp_cookie(mstshash) Alice }
{ req_rdp_cookie_cnt gt 0 }
HTTP
!HTTP
RDP_COOKIE
REQ_CONTENT
WAIT_END
!WAIT_END
""".split("\n")[:-1]


def swallow(connection):
    while connection.more():
        connection.buffer = b""


def echo(connection):
    while connection.more():
        data, connection.buffer = connection.buffer, b""
        connection.send(data)


def greet(connection):
    connection.send(b"hi\r\n")


def named(name):
    def script(connection):
        connection.send(name.encode() + b"\r\n")
        swallow(connection)
    return script


class Content(BesideCase):
    def test_values_of_the_first_bytes(self):
        for name, payload in PAYLOADS.items():
            rules = "".join(f"    tcp-request content set-var(txn.v{i}) {text} if WHOLE\n" for i, text in enumerate(EXPRESSIONS))
            rules += "".join(f"    tcp-request content set-var(txn.c{i}) str(yes) if WHOLE {text}\n" for i, text in enumerate(CONDITIONS))
            variables = [f"%[var(txn.v{i})]" for i in range(len(EXPRESSIONS))] + [f"%[var(txn.c{i})]" for i in range(len(CONDITIONS))]
            logs = [self.syslog(), self.syslog()]
            config = (f"{DEFAULTS}frontend web\n    bind @web@\n    log 127.0.0.1:@LOG@ local0\n    log-format \"%ci:%cp <{'|'.join(variables)}>\"\n"
                      f"    tcp-request inspect-delay 1s\n    acl WHOLE req.payload(0,{len(payload)}) -m found\n    tcp-request content reject if !WHOLE\n"
                      f"{rules}    default_backend app\nbackend app\n    server s1 {self.server('s1', tls=None, script=swallow).address}\n")
            values = []
            for log, make in zip(logs, (self.theirs, self.ours)):
                process = make(config.replace("@LOG@", str(log.port)))
                with Client(process.port("web")) as client:
                    for byte in payload[:-1]:
                        client.send(bytes((byte,)))
                    client.send(payload[-1:])
                    client.half_close()
                    client.rest()
                values.append(re.search("<(.*)>", self.lines(log, 1)[0]).group(1).split("|"))
            for text, their, our in zip(EXPRESSIONS + CONDITIONS, *values):
                with self.subTest(payload=name, of=text):
                    self.assertEqual(our, their)

    def tcp(self, rules, server="", *, delay="20s", backend="", bind="", script=echo):
        """Both, before a server that sends back what it gets."""
        address = self.server("s1", tls=None, script=script).address
        config = (f"{DEFAULTS}frontend web\n    bind @web@{bind}\n    tcp-request inspect-delay {delay}\n{rules}    default_backend app\n"
                  f"backend app\n{backend}    server s1 {address}\n")
        return self.both(config)

    def test_a_rule_waits_for_what_may_still_come(self):
        rejected = "    tcp-request content reject\n"
        for rule, pieces, passes in (
                ("accept if { req.len ge 5 }", (b"1234", b"5"), True),
                ("accept if { req.payload(3,2) -m str de }", (b"abc", b"d", b"e"), True),
                ("accept if { req.payload(3,2) -m str de }", (b"abc", b"d", b"f"), False),
                ("accept if HTTP", (REQUEST[:5], REQUEST[5:30], REQUEST[30:]), True),
                ("accept if HTTP", (b"SSH-2.0-x\r\n",), False),
                ("accept if !HTTP", (b"\x01\x02",), True),
                ("accept if { req.ssl_sni -m end .com } or { req.len ge 4 }", (b"\x16\x03\x01", b"\x01"), True),
                ("accept if { req.ssl_alpn h2 }", (PAYLOADS["tls"][:100], PAYLOADS["tls"][100:]), True),
                ("accept if { req.ssl_ver 3.3 } !{ req.ssl_st_ext 7 }", (PAYLOADS["tls"][:9], PAYLOADS["tls"][9:]), True),
                ("accept if { req.ssl_hello_type 1 } { req.len gt 5 }", (b"GET / HTTP/1.0\r\n",), False),
                ("accept if RDP_COOKIE", (RDP[:12], RDP[12:30], RDP[30:]), True),
                ("accept if RDP_COOKIE", (BINARY,), False),
                ("accept unless { req.payload(0,1) -m str a }", (b"b",), True),
                ("accept if { req.payload_lv(0,1) -m str abc }", (b"\x03", b"ab", b"c"), True),
                ("accept if { req.payload(20000,1) -m found } or { req.payload(0,1) -m str a }", (b"a",), True)):
            for process in self.tcp(f"    tcp-request content {rule}\n{rejected}"):
                with self.subTest(rule, pieces=pieces, of=type(process).__name__), Client(process.port("web")) as client:
                    for piece in pieces:
                        client.send(piece)
                    whole = b"".join(pieces)
                    if passes:
                        self.assertEqual(client._exactly(len(whole)), whole)
                        continue
                    try:
                        self.assertEqual(client.rest(), b"")
                    except ConnectionResetError:
                        pass

    def test_the_wait_ends_with_its_time_and_with_the_client(self):
        for process in self.tcp("    tcp-request content reject if { req.len gt 0 }\n    tcp-request content accept if WAIT_END\n", delay="300ms", script=greet):
            with self.subTest(of=type(process).__name__):
                begin = time.monotonic()
                with Client(process.port("web")) as client:
                    self.assertEqual(client._line(), b"hi")
                    self.assertGreater(time.monotonic() - begin, 0.29)
        for process in self.tcp("    tcp-request content reject if !{ req.payload(0,9) -m found }\n"):
            with self.subTest(of=type(process).__name__), Client(process.port("web")) as client:
                client.send(b"short")
                client.half_close()
                try:
                    self.assertEqual(client.rest(), b"")
                except ConnectionResetError:
                    pass

    def test_what_was_looked_at_arrives_whole(self):
        rules = "    tcp-request content accept if { req.len ge 5 }\n    tcp-request content reject\n"
        data = bytes(range(256)) * 4096
        front = f" ssl crt {self.pki.path('front.pem')}"
        for bind, context in (("", None), (front, ssl.create_default_context(cafile=self.pki.path("ca.pem")))):
            for process in self.tcp(rules, bind=bind):
                with self.subTest(of=type(process).__name__, tls=bool(bind)), Client(process.port("web"), context=context) as client:
                    client.send(b"1234")
                    client.send(data)
                    self.assertEqual(client._exactly(len(data) + 4), b"1234" + data)
                    if not bind:
                        client.half_close()
                        self.assertEqual(client.rest(), b"")
                # The client may have ended before there is a tunnel.
                if not bind:
                    with self.subTest(of=type(process).__name__, ends=True), Client(process.port("web")) as client:
                        client.send(b"12345")
                        client.half_close()
                        self.assertEqual(client.rest(), b"12345")

    def test_rules_of_a_backend_wait_too(self):
        backend = "    tcp-request inspect-delay 20s\n    tcp-request content reject if { req.payload(0,4) -m str evil }\n"
        for process in self.tcp("    tcp-request content accept if { req.len gt 0 }\n", backend=backend):
            for pieces, passes in (((b"g", b"ood!"), True), ((b"e", b"vil"), False)):
                with self.subTest(pieces, of=type(process).__name__), Client(process.port("web")) as client:
                    for piece in pieces:
                        client.send(piece)
                    try:
                        self.assertEqual(client._exactly(5) if passes else client.rest(), b"good!" if passes else b"")
                    except ConnectionResetError:
                        self.assertFalse(passes)

    def test_a_farm_of_rdp_servers(self):
        servers = [self.server(f"s{i}", tls=None, script=named(f"s{i}")) for i in range(3)]
        config = (f"{DEFAULTS}listen farm\n    bind @farm@\n    tcp-request inspect-delay 5s\n    tcp-request content accept if RDP_COOKIE\n"
                  "    persist rdp-cookie\n    balance rdp-cookie\n" + "".join(f"    server {s.name} {s.address}\n" for s in servers))

        def server_of(process, cookie):
            with Client(process.port("farm")) as client:
                packet = RDP.replace(b"mstshash=Alice", cookie)
                client.send(packet[:20])
                client.send(packet[20:])
                return client._line()

        theirs, ours = self.both(config, ("farm",))
        for user in ("Alice", "bob", "carol", "dave", "eve", "frank", "x" * 100):
            with self.subTest(user):
                cookie = f"mstshash={user}".encode()
                self.assertEqual(server_of(ours, cookie), server_of(theirs, cookie))
        address = int.from_bytes(socket.inet_aton("127.0.0.1"), "little")
        for server in servers:
            port = socket.htons(int(server.address.rpartition(":")[2]))
            for process in (theirs, ours):
                self.assertEqual(server_of(process, f"msts={address}.{port}.0000".encode()), server.name.encode())
        for cookie in (b"msts=1.2", b"msts=..", b"msts=99999999999999999999.1.0", b"msts=-1.5.0", b"msts=2.3.4", b"msts="):
            with self.subTest(cookie):
                self.assertIn(server_of(ours, cookie), (b"s0", b"s1", b"s2"))


if __name__ == "__main__":
    unittest.main()
