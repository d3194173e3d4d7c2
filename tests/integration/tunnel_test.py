"""Upgrades and CONNECT: a tunnel once the server agrees, and not a byte of one before."""

import socket
import threading
import unittest

from support.case import IntegrationCase
from support.process import eventually
from support.server import reply

UPGRADE = [("Connection", "Upgrade"), ("Upgrade", "echo")]
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"


def echo(connection):
    """Agrees to a tunnel and sends everything back; after the peer's end it says goodbye."""
    connection.read_head()
    connection.send(SWITCHED)
    while True:
        data, connection.buffer = connection.buffer, b""
        if data:
            connection.send(data)
        elif not connection.more():
            break
    connection.send(b"goodbye")


def request(fields=UPGRADE, target="/chat"):
    return (f"GET {target} HTTP/1.1\r\nHost: localhost\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields) + "\r\n").encode()


class Tunnel(IntegrationCase):
    def open(self, client):
        client.send(request())
        response = client.response()
        self.assertEqual((response.status, response.get("upgrade"), response.get("connection")),
                         (101, "echo", "Upgrade"))

    def echoes(self, client, data):
        client.send(data)
        self.assertEqual(client._exactly(len(data)), data)

    def test_bytes_pass_both_ways_over_tls(self):
        client = self.client(self.reseal(self.yaml(self.server(script=echo))))
        self.open(client)
        for size in (1, 100, 300_000):
            self.echoes(client, b"x" * size)

    def test_half_close_is_kept(self):
        client = self.plain_client(self.reseal(self.plain_yaml(self.server(script=echo, tls=None))))
        self.open(client)
        client.send(b"last")
        client.half_close()
        self.assertEqual(client.rest(), b"lastgoodbye")

    def test_the_server_may_end_first(self):
        def brief(connection):
            connection.read_head()
            connection.send(SWITCHED + b"bye")

        client = self.plain_client(self.reseal(self.plain_yaml(self.server(script=brief, tls=None))))
        self.open(client)
        self.assertEqual(client.rest(), b"bye")

    def test_nothing_of_a_tunnel_reaches_a_server_that_refuses_it(self):
        heads = []

        def refuse(connection):
            while (head := connection.read_head()) is not None:
                heads.append(head)
                connection.send(reply("no"))

        client = self.plain_client(self.reseal(self.plain_yaml(self.server(script=refuse, tls=None))))
        client.send(request() + request([], "/next"))
        self.assertEqual([client.response().body for _ in range(2)], [b"no", b"no"])
        self.assertEqual([h.split(b" ")[1] for h in heads], [b"/chat", b"/next"])

    def test_a_refused_upgrade_leaves_both_connections_in_use(self):
        server = self.server(handler=lambda _: reply("no"), tls=None)
        client = self.plain_client(self.reseal(self.plain_yaml(server)))
        for _ in range(3):
            self.assertEqual(client.get(fields=UPGRADE).body, b"no")
        self.assertEqual(server.connections, 1)

    def test_http_is_no_protocol_to_upgrade_to(self):
        seen = []
        server = self.server(handler=lambda r: seen.append(r.get("upgrade")) or reply("plain"), tls=None)
        client = self.plain_client(self.reseal(self.plain_yaml(server)))
        for protocol in ("h2c", "HTTP/2.0", "TLS/1.2"):
            self.assertEqual(client.get(fields=[("Connection", "Upgrade"), ("Upgrade", protocol)]).body, b"plain")
        self.assertEqual(seen, [None] * 3)

    def test_a_server_that_dies_cuts_the_client_off(self):
        server = self.server(script=echo)
        client = self.client(self.reseal(self.yaml(server)))
        self.open(client)
        self.echoes(client, b"hello")
        server.stop()
        self.assertTrue(client.is_closed())

    def test_an_idle_tunnel_is_ended(self):
        process = self.reseal(self.plain_yaml(self.server(script=echo, tls=None), backend="    timeouts: { tunnel: 300ms }\n"))
        client = self.plain_client(process)
        self.open(client)
        self.echoes(client, b"hello")
        self.assertTrue(client.is_closed())
        self.assertEqual(process.entity("frontend", "web")["failures"], {"tunnel_timeout": 1})
        # Nobody is at fault who could be warned of.
        self.assertEqual([line for line in process.lines if "tunnel_timeout" in line], [])
        self.assertEqual(process.entity("server", "server")["response_errors"], 0)

    HALF_CLOSED = "    timeouts: { tunnel: 1h, tunnel_half_closed: 500ms }\n"

    def assert_ended_by_silence(self, process):
        eventually(lambda: process.entity("frontend", "web")["failures"] == {"tunnel_timeout": 1})
        eventually(lambda: process.entity("server", "server")["in_flight"] == 0)

    def test_a_server_that_says_nothing_after_its_clients_end_does_not_hold_the_tunnel(self):
        over = threading.Event()
        self.addCleanup(over.set)

        def silent(connection):
            connection.read_head()
            connection.send(SWITCHED)
            over.wait(20)

        process = self.reseal(self.plain_yaml(self.server(script=silent, tls=None), backend=self.HALF_CLOSED))
        client = self.plain_client(process)
        self.open(client)
        client.half_close()
        self.assertTrue(client.is_closed())
        self.assert_ended_by_silence(process)

    def test_nor_does_a_client_after_its_servers_end(self):
        ended = threading.Event()

        def brief(connection):
            connection.read_head()
            connection.send(SWITCHED)
            connection.sock.shutdown(socket.SHUT_WR)
            while connection.more():
                pass
            ended.set()

        process = self.reseal(self.plain_yaml(self.server(script=brief, tls=None), backend=self.HALF_CLOSED))
        client = self.plain_client(process)
        self.open(client)
        self.assertTrue(ended.wait(20))
        self.assert_ended_by_silence(process)

    def test_but_whole_tunnels_and_half_ones_in_use_live_on(self):
        def slow(connection):
            connection.read_head()
            connection.send(SWITCHED)
            while connection.more():
                pass
            for _ in range(20):
                threading.Event().wait(0.1)
                connection.send(b"x")

        process = self.reseal(self.plain_yaml(self.server(script=slow, tls=None), backend=self.HALF_CLOSED))
        client = self.plain_client(process)
        self.open(client)
        threading.Event().wait(1)
        client.send(b"last")
        client.half_close()
        self.assertEqual(client.rest(), b"x" * 20)
        self.assertEqual(process.entity("frontend", "web")["failures"], {})

    def test_nor_is_silence_what_a_slow_reader_still_takes_from_the_kernel(self):
        size = 2 << 20
        stay = threading.Event()
        self.addCleanup(stay.set)

        def brief(connection):
            connection.read_head()
            connection.send(SWITCHED + b"x" * size)
            connection.sock.shutdown(socket.SHUT_WR)
            stay.wait(30)

        process = self.reseal(self.plain_yaml(self.server(script=brief, tls=None), backend=self.HALF_CLOSED))
        client = self.plain_client(process, receive_buffer=65536)
        self.open(client)
        read = len(client.buffer)
        while read < size:  # 20 looks' time and more
            threading.Event().wait(0.2)
            got = len(client.sock.recv(100_000))
            self.assertNotEqual(got, 0, f"cut off after {read} bytes")
            read += got

    def test_a_tunnel_outlives_a_reload(self):
        server = self.server(script=echo)
        process = self.reseal(self.yaml(server))
        client = self.client(process)
        self.open(client)
        process.reload(self.yaml(server, backend="    retries: 1\n"))
        self.echoes(client, b"still here")

    def test_a_reader_that_stops_holds_the_writer_and_memory(self):
        server = self.server(script=echo, tls=None)
        process = self.reseal(self.plain_yaml(server))
        client = self.plain_client(process)
        self.open(client)
        before = process.memory_kib()
        client.sock.settimeout(0.5)
        with self.assertRaises(TimeoutError):
            for _ in range(1000):
                client.send(b"x" * 65536)
        self.assert_grew_less(process, before, mib=8)

    def test_connect_is_refused_unless_allowed(self):
        server = self.server(tls=None, script=lambda c: (c.read_head(), c.send(b"HTTP/1.1 200 OK\r\n\r\n"), c.more(),
                                                         c.send(c.buffer)))
        ask = b"CONNECT db.internal:5432 HTTP/1.1\r\nHost: db.internal:5432\r\n\r\n"
        refused = self.plain_client(self.reseal(self.plain_yaml(server)))
        refused.send(ask)
        self.assertEqual(refused.response().status, 405)
        allowed = self.plain_client(self.reseal(self.plain_yaml(server, frontend="    connect: allowed\n")))
        allowed.send(ask)
        self.assertEqual(allowed.head().status, 200)
        self.echoes(allowed, b"raw bytes")


if __name__ == "__main__":
    unittest.main()
