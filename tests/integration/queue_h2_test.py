"""Limits and the queue with HTTP/2 clients: one connection's streams wait one by one, and leave one by one."""

import unittest

from support.h2 import H2Client, goaway, reset
from support.http import H2Requester, Message, h1_server, h2_server
from support.process import eventually
from support.queueing import Busy, Held, QueueCase
from support.server import server_tls


class QueueH2(QueueCase):
    QUEUE = "    queue: { timeout: 30s }\n"

    def process(self, handler, limits="max_requests: 1", backend="", **options):
        yaml = self.limited(self.plain_server(handler=handler), limits=limits, frontend="    h2c: allowed\n",
                            backend=backend + ("" if "queue:" in backend else self.QUEUE), **options)
        return self.reseal(yaml)

    def h2_client(self, process):
        client = H2Client(process.port())
        self.addCleanup(client.close)
        return client

    def ask(self, client, path, method="GET", end=True):
        stream = client.new_stream()
        client.send(client.headers(stream, client.request_fields(path, method=method, scheme="http"), end=end))
        return stream

    def status(self, client, stream):
        client.wait(lambda: client.stream(stream).ended or client.stream(stream).reset is not None)
        return client.stream(stream).status

    def test_the_streams_of_two_clients_never_exceed_any_limit_with_two_workers(self):
        for limits, backend, most in (("max_requests: 3", "", 3), ("weight: 100", "    max_requests: 3\n", 3),
                                      ("max_connections: 2", "", 2), ("weight: 100", "    max_connections: 2\n", 2)):
            with self.subTest(f"{limits} {backend}"):
                busy = Busy()
                process = self.process(busy, limits, backend, workers=2)
                clients = [H2Requester(process.port()) for _ in range(2)]
                for client in clients:
                    self.addCleanup(client.close)
                streams = [[client.begin(Message(path=f"/{i}")) for i in range(40)] for client in clients]
                for client, of_client in zip(clients, streams):
                    self.assertEqual({response.status for response in client.finish(of_client)}, {200})
                self.assertEqual(busy.most, most)
                self.assertEqual(busy.done, 80)
                self.assertGreater(process.entity("backend", "web")["queued"], 0)

    def test_streams_wait_in_the_order_in_which_they_came(self):
        held = Held()
        process = self.process(held)
        client = self.h2_client(process)
        streams = []
        for i in range(6):
            streams.append(self.ask(client, f"/{i}"))
            self.waiting(process, i)
        held.let_go(6)
        self.assertEqual([self.status(client, stream) for stream in streams], [200] * 6)
        self.assertEqual(held.order, [f"/{i}" for i in range(6)])

    def test_a_stream_that_is_reset_leaves_the_queue_and_the_others_stay(self):
        for end in (True, False):
            with self.subTest("a request" if end else "a request whose body is to come"):
                held = Held()
                process = self.process(held)
                client = self.h2_client(process)
                first = self.ask(client, "/first")
                eventually(lambda: held.order == ["/first"])
                gone = self.ask(client, "/gone", method="GET" if end else "POST", end=end)
                self.waiting(process, 1)
                last = self.ask(client, "/last")
                self.waiting(process, 2)
                client.send(reset(gone))
                self.waiting(process, 1)
                held.let_go(2)
                self.assertEqual([self.status(client, stream) for stream in (first, last)], [200, 200])
                self.assertEqual(held.order, ["/first", "/last"])
                self.assertEqual(process.entity("backend", "web")["failures"], {"client_gone": 1})

    def test_a_client_that_goes_takes_all_its_streams_out_of_the_queue(self):
        for how in ("close", "reset", "half-close", "GOAWAY and close"):
            for method, end in (("GET", True), ("POST", False)):
                with self.subTest(f"{method}, {how}"):
                    held = Held()
                    process = self.process(held)
                    stays = self.plain_client(process, deadline=30)
                    stays.send("GET /first HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    eventually(lambda: held.order == ["/first"])
                    client = self.plain_client(process)
                    gone = H2Client(process.port())
                    self.addCleanup(gone.close)
                    for i in range(3):
                        self.ask(gone, f"/gone/{i}", method=method, end=end)
                    self.waiting(process, 3)
                    if how == "half-close":
                        gone.sock.shutdown(1)
                    elif how == "reset":
                        gone.sock.setsockopt(1, 13, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                        gone.sock.close()
                    else:
                        if how != "close":
                            gone.send(goaway())
                        gone.sock.close()
                    self.waiting(process, 0)
                    client.send("GET /last HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    self.waiting(process, 1)
                    held.let_go(2)
                    self.assertEqual([stays.response().status, client.response().status], [200, 200])
                    self.assertEqual(held.order, ["/first", "/last"])
                    self.assertEqual(process.entity("backend", "web")["failures"], {"client_gone": 3})

    def test_who_waits_too_long_or_finds_the_queue_full_gets_503_and_the_others_are_served(self):
        held = Held()
        process = self.process(held, backend="    queue: { timeout: 1s, length: 2 }\n")
        client = self.h2_client(process)
        first = self.ask(client, "/first")
        eventually(lambda: held.order == ["/first"])
        late = [self.ask(client, f"/late/{i}") for i in range(2)]
        self.waiting(process, 2)
        full = self.ask(client, "/full")
        self.assertEqual(self.status(client, full), 503)
        self.assertIn(b"queue_full", client.stream(full).body)
        for stream in late:
            self.assertEqual(self.status(client, stream), 503)
            self.assertIn(b"queue_timeout", client.stream(stream).body)
        held.let_go()
        self.assertEqual(self.status(client, first), 200)
        self.assertEqual(held.order, ["/first"])

    def test_requests_that_come_together_to_a_server_with_one_connection_are_all_served_whatever_it_negotiates(self):
        for protocol in ("http/1.1", "h2"):
            for workers in (1, 2):
                with self.subTest(f"{protocol}, {workers} workers"):
                    tls = server_tls(self.pki)
                    tls.set_alpn_protocols([protocol])
                    server = (h2_server if protocol == "h2" else h1_server)(lambda request: Message(body=request.path.encode()), tls)
                    self.addCleanup(server.stop)
                    yaml = self.yaml(server, backend="    protocol: negotiated\n", workers=workers)
                    process = self.reseal(yaml.replace(f'"{server.address}"', f'{{ address: "{server.address}", max_connections: 1 }}'))
                    client = H2Requester(process.port(), self.pki.path("ca.pem"))
                    self.addCleanup(client.close)
                    others = [self.client(process) for _ in range(6)]
                    for i, other in enumerate(others):
                        other.send(f"GET /{i} HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    responses = client.finish([client.begin(Message(path=f"/{i}")) for i in range(6)])
                    self.assertEqual([(r.status, r.body) for r in responses], [(200, f"/{i}".encode()) for i in range(6)])
                    self.assertEqual([other.response().body for other in others], [f"/{i}".encode() for i in range(6)])
                    entity = process.entity("server", "server")
                    self.assertEqual((entity["connect_errors"], entity["in_flight"]), (0, 0))
                    self.assertEqual(process.entity("frontend", "web")["connect_errors"], 0)
                    self.assertLessEqual(entity["open_connections"], 1)


if __name__ == "__main__":
    unittest.main()
