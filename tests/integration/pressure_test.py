"""Clients that push without reading, read late or slowly, and reloads that catch requests half-way."""

import socket
import threading
import time
import unittest

from support.case import IntegrationCase
from support.process import eventually
from support.server import reply


def sends(size):
    """A script that answers one request with a body of `size` bytes, as fast as they are taken."""
    def script(connection):
        connection.read_head()
        connection.send(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
        for _ in range(size // 100_000):
            connection.send(b"x" * 100_000)
    return script


class Pressure(IntegrationCase):
    def test_pipelining_without_reading_is_held_back(self):
        process = self.reseal(self.yaml(self.server(), frontend="  http: { bind: \"127.0.0.1:0\", redirect: https }\n"))
        for frontend, connect in (("http", self.plain_client), ("web", self.client)):
            with self.subTest(frontend):
                client = connect(process, frontend)
                client.sock.settimeout(0.5)
                before = process.memory_kib()
                requests = b"GET /somewhere HTTP/1.1\r\nHost: a\r\n\r\n" * 1000
                with self.assertRaises(TimeoutError):
                    for _ in range(4000):  # 140 MB, if nobody held it back
                        client.send(requests)
                self.assert_grew_less(process, before, mib=32)
                client.close()
        eventually(lambda: process.entity("frontend", "web")["open_connections"] == 0)
        self.assertEqual(self.client(process).get().status, 200)

    def test_a_held_back_client_gets_every_answer_once_it_reads(self):
        server = self.server(handler=lambda request: reply(b"x" * 2000, fields=[("X-Target", request.target)]))
        # Plain, since a thread sends while another reads.
        client = self.plain_client(self.reseal(self.yaml(
            server, frontend="  http: { bind: \"127.0.0.1:0\", default: web }\n")), "http")

        def push():
            for i in range(2000):
                client.send(f"GET /{i} HTTP/1.1\r\nHost: localhost\r\n\r\n")

        pushing = threading.Thread(target=push)
        pushing.start()
        targets = [client.response().get("x-target") for _ in range(2000)]
        pushing.join()
        self.assertEqual(targets, [f"/{i}" for i in range(2000)])

    def test_a_late_reader_gets_the_end_of_a_close_delimited_response(self):
        body = b"x" * 4_000_000
        server = self.server(script=lambda c: c.read_head() and c.send(b"HTTP/1.1 200 OK\r\n\r\n" + body) or c.sock.unwrap())
        process = self.reseal(self.yaml(server))
        clients = []
        for size in (16384, 65536, 262144):
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
            sock.connect(("127.0.0.1", process.port()))
            client = self.client(process)
            client.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n")
            clients.append(client)
            sock.close()
        time.sleep(3)  # longer than a connection lingers after its end: what is waited for is that nothing is lost
        for client in clients:
            self.assertEqual(len(client.rest().split(b"\r\n\r\n", 1)[1]), len(body))

    def test_a_slow_reader_is_not_a_stalled_one(self):
        process = self.reseal(self.yaml(self.server(script=sends(12_000_000)), frontend="    timeouts: { response_write: 2s }\n"))
        client = self.client(process)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertEqual(client.head().status, 200)
        left = 12_000_000 - len(client.buffer)
        while left > 0:  # about 2 MB a second: slower than the server, and longer in all than response_write
            data = client.sock.recv(min(left, 65536))
            self.assertTrue(data)
            left -= len(data)
            time.sleep(0.03)
        self.assertEqual(process.entity("frontend", "web")["failures"], {})

    def test_a_stalled_reader_is_a_client_that_was_too_slow(self):
        process = self.reseal(self.yaml(self.server(script=sends(100_000_000)), frontend="    timeouts: { response_write: 300ms }\n"))
        client = self.client(process)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        eventually(lambda: process.entity("frontend", "web")["failures"] == {"client_timeout": 1})

    def test_a_response_that_stops_after_a_held_back_upload_still_times_out(self):
        size = 40_000_000

        def script(connection):
            connection.read_head()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
            time.sleep(0.5)  # the upload backs up
            connection.drop_exactly(size)
            connection.sock.recv(1)  # and nothing more is said

        process = self.reseal(self.yaml(self.server(script=script), backend="    timeouts: { idle: 1s, response: 1s }\n"))
        client = self.client(process)
        try:
            client.send(f"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n")
            for _ in range(size // 1_000_000):
                client.send(b"z" * 1_000_000)
        except OSError:
            pass
        eventually(lambda: process.entity("frontend", "web")["failures"] == {"server_timeout": 1})
        self.assertEqual(process.entity("frontend", "web")["in_flight"], 0)

    def test_more_connection_options_than_anybody_needs_are_refused(self):
        process = self.reseal(self.yaml(self.server()))
        client = self.client(process)
        client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: " + "b," * 10000 + "\r\n\r\n")
        self.assertEqual(client.response().status, 431)


class CaughtByReload(IntegrationCase):
    def test_a_request_half_read_when_its_frontend_goes_is_refused_and_never_misrouted(self):
        public, secret = self.server("public"), self.server("secret")

        def yaml(with_public):
            text = self.yaml(secret).replace("frontends:\n  web:", "frontends:\n  keep:").replace("default: web", "default: secret")
            text = text.replace("backends:\n  web:", "backends:\n  secret:")
            if with_public:
                text = text.replace("backends:\n", "  gone:\n    bind: \"127.0.0.1:0\"\n    tls: { certificates: ["
                                    + self.pki.path("front.pem") + "] }\n    default: public\nbackends:\n  public:\n    "
                                    + self.backend_tls() + f"\n    servers: {{ p: \"{public.address}\" }}\n")
            return text

        process = self.reseal(yaml(True))
        client = self.client(process, "gone")
        client.send("GET / HTTP/1.1\r\nHost: x\r\n")
        self.assertEqual(self.client(process, "gone").get().body, b"public")
        self.assertEqual(process.reload(yaml(False))[0], 0)
        client.send("\r\n")
        self.assertEqual(client.response().status, 404)
        self.assertTrue(client.is_closed())
        self.assertEqual(secret.requests, 0)

    def test_the_connection_limit_flips_while_listeners_are_closed(self):
        server = self.server()
        tls = f"tls: {{ certificates: [{self.pki.path('front.pem')}] }}"

        def yaml(ports, with_g):
            frontends = "".join(f"  f{i}: {{ bind: \"127.0.0.1:{port}\", default: web }}\n" for i, port in enumerate(ports))
            if with_g:
                frontends += f"  g: {{ bind: \"127.0.0.1:0\", {tls}, default: web }}\n"
            return f"workers: 1\nmax_connections: 4\nfrontends:\n{frontends}" + self.yaml(server).split("    default: web\n", 1)[1]

        ports = []
        for _ in range(4):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                ports.append(probe.getsockname()[1])
        process = self.reseal(yaml(ports[:2], True))
        for _ in range(4):
            self.plain_client(process, "g")
        process.wait_for_line("accepting pauses")
        for _ in range(5):
            self.plain_client(process, "f1")  # wait in the kernel's queue
        self.assertEqual(process.reload(yaml(ports[2:], False))[0], 0)
        self.assertEqual(process.stats()["reloads"], {"ok": 1, "refused": 0})


if __name__ == "__main__":
    unittest.main()
