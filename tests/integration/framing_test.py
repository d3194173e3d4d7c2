"""How messages are cut: every accepted form arrives as one clear message, and no byte of one reaches another."""

import socket
import threading
import unittest

from support.case import IntegrationCase
from support.process import eventually
from support.server import reply

# name: (what the client sends before its fields, the request line the server sees, the Host it sees)
FORMS = {
    "origin form": ("GET /a?b=c HTTP/1.1", "GET /a?b=c HTTP/1.1", "localhost"),
    "an empty query": ("GET /a? HTTP/1.1", "GET /a? HTTP/1.1", "localhost"),
    "absolute form": ("GET http://localhost/a?b HTTP/1.1", "GET /a?b HTTP/1.1", "localhost"),
    "absolute form without a path": ("GET http://localhost HTTP/1.1", "GET / HTTP/1.1", "localhost"),
    "asterisk form": ("OPTIONS * HTTP/1.1", "OPTIONS * HTTP/1.1", "localhost"),
    "an unknown method": ("BREW /pot HTTP/1.1", "BREW /pot HTTP/1.1", "localhost"),
    "a method in lower case is another method": ("get / HTTP/1.1", "get / HTTP/1.1", "localhost"),
    "an empty line in front": ("\r\nGET / HTTP/1.1", "GET / HTTP/1.1", "localhost"),
    "a path is brought into normal form": ("GET /a%20b//%7e/./x?%7e HTTP/1.1", "GET /a%20b/~/x?%7e HTTP/1.1", "localhost"),
}
# Chunked bodies of a response that break the rules once the head has passed.
BROKEN_CHUNKS = {
    "a hexadecimal prefix": b"0x3\r\nabc\r\n0\r\n\r\n",
    "a sign": b"-3\r\nabc\r\n0\r\n\r\n",
    "an overflow": b"fffffffffffffffff\r\nabc",
    "a bare LF": b"3\nabc\r\n0\r\n\r\n",
    "data longer than its size": b"3\r\nabcd\r\n0\r\n\r\n",
    "an extension that ends in LF": b"3;a\nabc\r\n0\r\n\r\n",
    "an end within a chunk": b"5\r\nab",
    "no last chunk": b"3\r\nabc\r\n",
    "no end of the trailers": b"3\r\nabc\r\n0\r\nA: b\r\n",
}
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Forms(IntegrationCase):
    def test_every_accepted_form_of_a_request_reaches_the_server_as_one_clear_message(self):
        seen = []
        process = self.reseal(self.yaml(self.server(handler=lambda request: seen.append(request) or reply())))
        client = self.client(process)
        for name, (line, expected, host) in FORMS.items():
            with self.subTest(name):
                client.send(f"{line}\r\nHost: localhost\r\n\r\n")
                self.assertEqual(client.response().status, 200)
                self.assertEqual(seen[-1].head.split(b"\r\n")[0].decode(), expected)
                self.assertEqual(seen[-1].all("host"), [host])

    def test_values_keep_their_bytes_and_order_and_lose_only_the_blanks_around_them(self):
        seen = []
        client = self.client(self.reseal(self.yaml(self.server(handler=lambda request: seen.append(request) or reply()))))
        client.send(b"GET / HTTP/1.1\r\nHost:\t localhost \t\r\nX:\r\nY: \xe9\xff\r\nX: second \t two\r\nX:third\r\n\r\n")
        self.assertEqual(client.response().status, 200)
        self.assertEqual(seen[0].all("x"), ["", "second \t two", "third"])
        self.assertEqual(seen[0].all("y"), ["\xe9\xff"])
        self.assertEqual(seen[0].all("host"), ["localhost"])

    def test_the_same_messages_pass_with_and_without_tls_on_either_side(self):
        def handler(request):
            body = request.body or b"empty"
            return reply(body, fields=[("X-Method", request.method), ("X-Chunked", str(bool(request.get("transfer-encoding"))))])

        secure, plain = self.server("secure", handler=handler), self.server("plain", handler=handler, tls=None)
        cells = {
            "TLS to mTLS": (self.yaml(secure), self.client),
            "plain to mTLS": (self.yaml(secure).replace(self.frontend_tls(), ""), self.plain_client),
            "TLS to plain": (self.yaml(plain, tls="plaintext: refused"), self.client),
            "plain to plain": (self.plain_yaml(plain), self.plain_client),
        }
        for cell, (yaml, connect) in cells.items():
            with self.subTest(cell):
                client = connect(self.reseal(yaml))
                self.assertEqual(client.get().body, b"empty")
                self.assertEqual(client.get(method="POST", body=b"x" * 100000).body, b"x" * 100000)
                client.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
                response = client.response()
                self.assertEqual((response.body, response.get("x-chunked")), (b"abc", "True"))
                self.assertEqual(client.get(method="HEAD").get("content-length"), "5")
                self.assertEqual(client.get().get("x-method"), "GET")

    def frontend_tls(self):
        return f"    tls: {{ certificates: [{self.pki.path('front.pem')}] }}\n"

    def test_a_request_in_single_bytes_is_one_request(self):
        server = self.server(handler=lambda request: reply(request.body + request.trailers))
        request = (b"POST /bytes HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                   b"3;x=\"y\"\r\nabc\r\n2\r\nde\r\n0\r\nX-End: 1\r\n\r\n")
        for connect, yaml in ((self.client, self.yaml(server)),
                              (self.plain_client, self.yaml(server).replace(self.frontend_tls(), ""))):
            client = connect(self.reseal(yaml))
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in request:
                client.send(bytes([byte]))
            self.assertEqual(client.response().body, b"abcdeX-End: 1\r\n")
        self.assertEqual(server.requests, 2)

    def test_a_response_in_single_bytes_is_one_response(self):
        def script(connection):
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while connection.read_head():
                for byte in b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-End: 1\r\n\r\n":
                    connection.send(bytes([byte]))

        client = self.client(self.reseal(self.yaml(self.server(script=script))))
        for _ in range(2):
            response = client.get()
            self.assertEqual((response.body, response.trailers), (b"abc", b"X-End: 1\r\n"))

    def test_http10_keeps_the_connection_only_when_asked(self):
        client = self.client(self.reseal(self.yaml(self.server())))
        for _ in range(2):
            client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            response = client.response()
            self.assertEqual((response.body, response.get("connection")), (b"server", "keep-alive"))
        client.send("GET / HTTP/1.0\r\n\r\n")
        self.assertEqual(client.response().body, b"server")
        self.assertTrue(client.is_closed())

    def test_close_in_a_request_ends_the_connection_after_its_answer(self):
        client = self.client(self.reseal(self.yaml(self.server())))
        client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" + GET)
        response = client.response()
        self.assertEqual((response.body, response.get("connection")), (b"server", "close"))
        self.assertTrue(client.is_closed())

    def test_a_client_that_has_said_all_is_still_answered(self):
        server = self.server()
        client = self.plain_client(self.reseal(self.yaml(server).replace(self.frontend_tls(), "")))
        client.send(GET + GET)
        client.half_close()
        self.assertEqual([client.response().body for _ in range(2)], [b"server"] * 2)
        self.assertTrue(client.is_closed())

    def test_a_body_cut_short_by_its_client_is_never_a_whole_request_to_the_server(self):
        whole, cut = [], threading.Event()

        def script(connection):
            try:
                if connection.read_request() is not None:
                    whole.append(1)
            finally:
                cut.set()

        process = self.reseal(self.yaml(self.server(script=script)).replace(self.frontend_tls(), ""))
        for body in ("Content-Length: 10\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"):
            cut.clear()
            client = self.plain_client(process)
            client.send("POST / HTTP/1.1\r\nHost: localhost\r\n" + body)
            client.half_close()
            self.assertTrue(cut.wait(10))
        self.assertEqual(whole, [])


class Responses(IntegrationCase):
    def test_a_broken_chunked_response_is_never_taken_for_a_whole_one(self):
        body = {}

        def script(connection):
            connection.read_head()
            connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body["now"])
            connection.sock.unwrap()

        process = self.reseal(self.yaml(self.server(script=script), backend="    passive: off\n    retries: 0\n"))
        for name, broken in BROKEN_CHUNKS.items():
            with self.subTest(name):
                body["now"] = broken
                try:
                    # Either nothing of it had passed yet, or the connection ends without the last chunk.
                    self.assertEqual(self.client(process).get().status, 502)
                except OSError:
                    pass
        eventually(lambda: process.entity("frontend", "web")["in_flight"] == 0)

    def test_a_response_that_ends_with_its_connection_needs_the_end_that_tls_vouches_for(self):
        # Without close_notify somebody in between may have cut it (RFC 8446 6.1): that must not look complete.
        server = self.server(script=lambda c: c.read_head() and c.send(b"HTTP/1.1 200 OK\r\n\r\nhalf of it"))
        process = self.reseal(self.yaml(server, backend="    retries: 0\n"))
        with self.assertRaises(OSError):
            self.client(process).get()
        eventually(lambda: process.entity("frontend", "web")["failures"] == {"server_truncated": 1})

    def test_a_server_that_resets_midway_ends_the_client_connection_too(self):
        def script(connection):
            connection.read_head()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc")
            connection.reset()

        process = self.reseal(self.yaml(self.server(script=script), backend="    retries: 0\n"))
        try:
            self.assertEqual(self.client(process).get().status, 502)  # the reset may overtake what was sent before it
        except OSError:
            pass
        eventually(lambda: process.entity("frontend", "web")["in_flight"] == 0)

    def test_a_body_where_none_may_be_reaches_nobody(self):
        for method, head in (("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n"), ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
                             ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 30\r\n\r\n")):
            with self.subTest(head):
                def script(connection, head=head):
                    while connection.read_head():
                        connection.send(head + b"HTTP/1.1 200 OK\r\nX: poison\r\n\r\n")

                server = self.server(script=script)
                client = self.client(self.reseal(self.yaml(server)))
                for _ in range(3):
                    response = client.get(method=method)
                    self.assertEqual((response.get("x"), client.buffer), (None, b""))
                self.assertEqual(server.connections, 3)  # none was used again

    def test_what_an_idle_server_says_unasked_is_given_to_nobody(self):
        speak, spoken = threading.Event(), threading.Event()
        self.addCleanup(speak.set)

        def script(connection):
            connection.read_request()
            connection.send(reply("first"))
            if not spoken.is_set() and speak.wait(10):
                connection.send(reply("poison"))
                spoken.set()
            while connection.read_request() is not None:
                connection.send(reply("right"))

        server = self.server(script=script)
        process = self.reseal(self.yaml(server))
        client = self.client(process)
        self.assertEqual(client.get().body, b"first")
        speak.set()
        self.assertTrue(spoken.wait(10))
        # The connection that spoke is closed; the next request has its own.
        eventually(lambda: len(server.open) == 0, what="the connection that spoke is closed")
        self.assertEqual([client.get().body for _ in range(2)], [b"first", b"right"])

    def test_a_switch_of_protocols_that_did_not_happen_leaves_a_request_a_request(self):
        server = self.server()
        client = self.client(self.reseal(self.yaml(server)))
        client.send(b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                    b"GET /next HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n")
        self.assertEqual([client.response().status for _ in range(2)], [200, 200])
        self.assertEqual(server.requests, 2)


if __name__ == "__main__":
    unittest.main()
