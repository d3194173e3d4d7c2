"""One table of scenarios over {h1, h2} x {plain, TLS} on the client side and {plain, mTLS} x {h1, h2} on the other, where with
mTLS the server's protocol is either configured or negotiated.
"""

import itertools
import unittest

from support.case import IntegrationCase
from support.http import H1Requester, H2Requester, Message, h1_server, h2_server
from support.server import server_tls

BIG = bytes(range(256)) * 4000  # 1 MB: many windows
FIELDS = [("x-one", "1"), ("x-two", "a, b"), ("cookie", "a=b; c=d"), ("accept", "*/*")]

# name: request, reply
SCENARIOS = {
    "GET": (Message(path="/a?b=c&d", fields=FIELDS), Message(body=b"hello", fields=[("x-r", "1"), ("content-type", "text/plain")])),
    "an empty body": (Message(), Message(body=b"")),
    "HEAD": (Message(method="HEAD"), Message(body=b"hello")),
    "POST": (Message(method="POST", body=b"abc" * 100), Message(status=201, body=b"made")),
    "POST of nothing": (Message(method="POST", body=b""), Message(body=b"ok")),
    "DELETE": (Message(method="DELETE"), Message(status=204)),
    "304": (Message(fields=[("if-none-match", '"x"')]), Message(status=304, fields=[("etag", '"x"')])),
    "404": (Message(path="/none"), Message(status=404, body=b"no")),
    "a method of its own": (Message(method="PURGE"), Message(body=b"ok")),
    "a large request": (Message(method="PUT", body=BIG), Message(body=b"ok")),
    "a large response": (Message(), Message(body=BIG)),
    "large both ways": (Message(method="POST", body=BIG), Message(body=BIG)),
    "a request of unknown length": (Message(method="POST", body=BIG, unknown_length=True), Message(body=b"ok")),
    "a response of unknown length": (Message(), Message(body=BIG, unknown_length=True)),
    "trailers of the request": (Message(method="POST", body=b"abc", trailers=[("x-sum", "1")]), Message(body=b"ok")),
    "trailers of the response": (Message(fields=[("te", "trailers")]), Message(body=b"abc", trailers=[("x-sum", "2")])),
    "early hints": (Message(), Message(body=b"ok", informational=[(103, [("link", "</a.css>")]), (103, [("link", "</b.css>")])])),
    "many fields": (Message(fields=[(f"x-{i}", "v" * 50) for i in range(80)]),
                    Message(body=b"ok", fields=[(f"y-{i}", "v" * 50) for i in range(80)])),
    "several Set-Cookie": (Message(), Message(body=b"ok", fields=[("set-cookie", "a=1"), ("set-cookie", "b=2")])),
}


def without_ours(fields):
    """What peers and proxy add for themselves is not a scenario's. By name, since hyper-h2 moves cookies to the end."""
    own = ("content-length", "transfer-encoding", "connection", "x-forwarded-for", "x-forwarded-proto", "forwarded", "host", "te")
    return sorted(((k.lower(), v) for k, v in fields if k.lower() not in own), key=lambda field: field[0])


class EveryPair(IntegrationCase):
    def pair(self, client_http, client_tls, server_http, server_secured, negotiated):
        self.seen = []
        self.reply = None

        def handler(request):
            self.seen.append(request)
            return self.reply

        tls = server_tls(self.pki) if server_secured else None
        server = (h2_server if server_http == "h2" else h1_server)(handler, tls)
        self.addCleanup(server.stop)
        backend = f"    protocol: {'negotiated' if negotiated else 'h2' if server_http == 'h2' else 'http/1.1'}\n"
        frontend = "    h2c: allowed\n" if not client_tls else ""
        text = self.yaml(server, frontend=frontend, backend=backend, tls=None if server_secured else "plaintext: refused")
        if not client_tls:
            text = text.replace(f"    tls: {{ certificates: [{self.pki.path('front.pem')}] }}\n", "")
        process = self.reseal(text)
        client = (H2Requester if client_http == "h2" else H1Requester)(process.port(), self.pki.path("ca.pem") if client_tls else None)
        self.addCleanup(client.close)
        return client

    def check(self, client, request, reply):
        self.reply = Message(status=reply.status, fields=reply.fields, body=reply.body, trailers=reply.trailers,
                             unknown_length=reply.unknown_length, informational=reply.informational)
        response = client.ask(request)
        seen = self.seen.pop()
        self.assertEqual((seen.method, seen.path, seen.authority), (request.method, request.path, request.authority))
        self.assertEqual(seen.body, request.body or b"")
        self.assertEqual(without_ours(seen.fields), without_ours(request.fields))
        self.assertEqual(seen.trailers, request.trailers)
        self.assertEqual(response.status, reply.status)
        self.assertEqual(response.body, b"" if request.method == "HEAD" else reply.body or b"")
        self.assertEqual(without_ours(response.fields), without_ours(reply.fields))
        self.assertEqual(response.trailers, reply.trailers)
        self.assertEqual([(status, without_ours(fields)) for status, fields in response.informational],
                         [(status, without_ours(fields)) for status, fields in reply.informational])

    def test_every_scenario_in_every_pair(self):
        servers = [(False, False), (True, False), (True, True)]  # secured, negotiated
        for client_http, client_tls, server_http, server in itertools.product(("h1", "h2"), (False, True), ("h1", "h2"), servers):
            cell = (client_http, client_tls, server_http, *server)
            name = "{} {} -> {}{} {}".format(client_http, "TLS" if client_tls else "plain", "negotiated " if server[1] else "", server_http,
                                             "mTLS" if server[0] else "plain")
            client = self.pair(*cell)
            for scenario, (request, reply) in SCENARIOS.items():
                with self.subTest(f"{name}: {scenario}"):
                    self.check(client, request, reply)


if __name__ == "__main__":
    unittest.main()
