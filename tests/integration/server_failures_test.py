"""Servers that refuse, close, reset, stall or talk nonsense: the right status, a retry where it is safe, no harm."""

import threading
import unittest

from support.case import IntegrationCase
from support.server import reply

MALFORMED = {
    "not HTTP": b"hello\r\n\r\n",
    "both lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
    "an odd length": b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\nabc",
    "an unknown coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a status of two digits": b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
    "a status too large": b"HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n",
    "bare LF": b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    "a NUL in a field": b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
    "a folded field": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    "101 unasked": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "endless 1xx": b"HTTP/1.1 102 Processing\r\n\r\n" * 40,
    "a huge head": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200000 + b"\r\n\r\n",
}


class ServerFailures(IntegrationCase):
    def test_a_malformed_response_is_502_and_the_connection_is_dropped(self):
        for name, data in MALFORMED.items():
            with self.subTest(name):
                server = self.server(script=lambda c, data=data: c.read_head() and c.send(data))
                client = self.client(self.reseal(self.yaml(server, backend="    retries: 0\n")))
                response = client.get()
                while response.status < 200:
                    response = client.response()
                self.assertEqual(response.status, 502)
                self.assertIn(b"bad_response", response.body)

    def test_a_get_is_tried_on_another_server_when_one_closes_without_answer(self):
        bad = self.server("bad", script=lambda c: c.read_head())
        good = self.server("good")
        process = self.reseal(self.yaml(bad, good))
        client = self.client(process)
        self.assertEqual([client.get().body for _ in range(10)], [b"good"] * 10)
        web, frontend = process.entity("backend", "web"), process.entity("frontend", "web")
        self.assertGreater(web["retries"], 0)
        self.assertEqual(process.entity("server", "good")["retries"], web["retries"])
        self.assertEqual(frontend["response_errors"], web["response_errors"])
        self.assertEqual(web["response_errors"], process.entity("server", "bad")["response_errors"])
        servers = [process.entity("server", name) for name in ("bad", "good")]
        for kind in ("full", "resumed"):
            self.assertEqual(web["tls_handshakes"][kind], sum(s["tls_handshakes"][kind] for s in servers))
        self.assertEqual(web["connections"], sum(s["connections"] for s in servers))

    def test_a_post_that_may_have_arrived_is_never_sent_twice(self):
        bad = self.server("bad", script=lambda c: c.read_head())
        good = self.server("good")
        client = self.client(self.reseal(self.yaml(bad, good)))
        answers = [client.get(method="POST", body=b"x").status for _ in range(10)]
        self.assertEqual(set(answers), {200, 502})
        self.assertEqual(answers.count(502), bad.requests)

    def test_a_post_goes_elsewhere_when_the_server_cannot_be_reached(self):
        gone, good = self.server("gone"), self.server("good")
        process = self.reseal(self.yaml(gone, good))
        gone.stop()
        client = self.client(process)
        self.assertEqual([client.get(method="POST", body=b"x").body for _ in range(6)], [b"good"] * 6)

    def test_a_put_with_a_body_is_repeated_whole(self):
        bodies = []
        bad = self.server("bad", script=lambda c: c.read_request())
        good = self.server("good", handler=lambda request: bodies.append(request.body) or reply("good"))
        client = self.client(self.reseal(self.yaml(bad, good)))
        for _ in range(4):
            self.assertEqual(client.get(method="PUT", body=b"payload").body, b"good")
        self.assertEqual(bodies, [b"payload"] * 4)

    def test_a_stale_pooled_connection_costs_no_request(self):
        # Each connection serves one request and then closes without saying so beforehand.
        server = self.server(script=lambda c: c.read_request() and c.send(reply("fresh")))
        client = self.client(self.reseal(self.yaml(server)))
        self.assertEqual([client.get().body for _ in range(10)], [b"fresh"] * 10)

    def test_a_response_cut_midway_ends_the_client_connection(self):
        server = self.server(script=lambda c: c.read_head() and c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"))
        process = self.reseal(self.yaml(server))
        with self.assertRaises(OSError):
            self.client(process).get()
        self.assertEqual(process.entity("frontend", "web")["failures"], {"server_truncated": 1})

    def test_a_response_cut_midway_is_not_taken_for_complete_by_an_http10_client(self):
        server = self.server(script=lambda c: c.read_head() and c.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"))
        client = self.client(self.reseal(self.yaml(server)))
        client.send("GET / HTTP/1.0\r\n\r\n")
        with self.assertRaises(OSError):
            client.rest()

    def test_a_server_that_does_not_answer_is_504(self):
        hang = threading.Event()
        self.addCleanup(hang.set)
        server = self.server(script=lambda c: c.read_head() and hang.wait(20))
        client = self.client(self.reseal(self.yaml(server, backend="    timeouts: { response: 200ms }\n")))
        response = client.get()
        self.assertEqual(response.status, 504)
        self.assertIn(b"server_timeout", response.body)

    def test_a_server_that_never_completes_the_handshake_is_504(self):
        import socket

        silent = socket.socket()
        self.addCleanup(silent.close)
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        server = self.server()
        yaml = self.yaml(server, backend="    timeouts: { connect: 200ms }\n    retries: 0\n").replace(
            server.address, f"127.0.0.1:{silent.getsockname()[1]}")
        self.assertEqual(self.client(self.reseal(yaml)).get().status, 504)

    def test_everything_refused_is_502(self):
        server = self.server()
        process = self.reseal(self.yaml(server, backend="    passive: off\n"))
        server.stop()
        self.assertEqual(self.client(process).get().status, 502)

    def test_bytes_beyond_a_response_spoil_the_connection_and_nobody_gets_them(self):
        def script(connection):
            while connection.read_head():
                connection.send(reply("right") + reply("poison"))

        server = self.server(script=script)
        client = self.client(self.reseal(self.yaml(server)))
        self.assertEqual([client.get().body for _ in range(5)], [b"right"] * 5)
        self.assertEqual(server.connections, 5)

    def test_an_early_answer_to_an_unfinished_request_is_passed_on_and_the_connection_ends(self):
        server = self.server(script=lambda c: c.read_head() and c.send(reply("too large", "413 Content Too Large")))
        client = self.client(self.reseal(self.yaml(server)))
        client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\nabc")
        self.assertEqual(client.response().status, 413)
        self.assertTrue(client.is_closed())


if __name__ == "__main__":
    unittest.main()
