"""Slow clients, many clients, few descriptors: bounded, answered, and nobody else notices."""

import ssl
import time
import unittest

from support.case import IntegrationCase
from support.client import Client
from support.process import eventually


class Limits(IntegrationCase):
    def test_a_slow_head_is_408(self):
        process = self.reseal(self.yaml(self.server(), frontend="    timeouts: { request_head: 300ms }\n"))
        client = self.client(process)
        begun = time.monotonic()
        client.send("GET / HTTP/1.1\r\nHo")
        # More bytes do not buy more time.
        for byte in "st: localho":
            client.send(byte)
            time.sleep(0.02)
        self.assertEqual(client.response().status, 408)
        self.assertTrue(client.is_closed())
        self.assertLess(time.monotonic() - begun, 5)

    def test_a_slow_body_is_408(self):
        server = self.server()
        process = self.reseal(self.yaml(server, frontend="    timeouts: { request_body: 200ms }\n"))
        client = self.client(process)
        client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc")
        self.assertEqual(client.response().status, 408)
        self.assertTrue(client.is_closed())

    def test_an_idle_connection_is_closed_without_a_word(self):
        process = self.reseal(self.yaml(self.server(), frontend="    timeouts: { keep_alive: 200ms }\n"))
        client = self.client(process)
        client.get()
        self.assertTrue(client.is_closed())

    def test_a_client_that_never_shakes_hands_is_closed(self):
        process = self.reseal(self.yaml(self.server(), frontend="    timeouts: { handshake: 200ms }\n"))
        self.assertTrue(self.plain_client(process).is_closed())
        self.assertEqual(process.entity("frontend", "web")["tls_handshakes"]["failed"], 1)

    def test_a_client_that_takes_no_bytes_is_cut_off(self):
        body = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n"

        def script(connection):
            connection.read_head()
            connection.send(body)
            for _ in range(1600):
                connection.send(b"x" * 65536)

        process = self.reseal(self.yaml(self.server(script=script), frontend="    timeouts: { response_write: 300ms }\n"))
        client = self.client(process)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        eventually(lambda: process.entity("frontend", "web")["open_connections"] == 0, what="the connection is gone")
        self.assertEqual(process.entity("frontend", "web")["in_flight"], 0)

    def test_slow_clients_do_not_hold_up_the_others(self):
        process = self.reseal(self.yaml(self.server(), frontend="    timeouts: { request_head: 30s }\n"))
        slow = [self.client(process) for _ in range(100)]
        for client in slow:
            client.send("GET / HT")
        client = self.client(process)
        begun = time.monotonic()
        for _ in range(50):
            self.assertEqual(client.get().status, 200)
        self.assertLess(time.monotonic() - begun, 5)

    def test_without_descriptors_accepting_pauses_and_resumes_and_nothing_else_breaks(self):
        server = self.server()
        process = self.reseal(self.yaml(server), descriptors=100)
        working = self.client(process)
        self.assertEqual(working.get().status, 200)
        # The admin address takes more connections than that, so its clients use the descriptors up.
        crowd = [Client(process.admin_port) for _ in range(110)]
        process.wait_for_line("admin address: out of file descriptors")
        # More than one, since a descriptor may come free meanwhile (an idle server connection ages out).
        waiting = [self.plain_client(process) for _ in range(5)]
        process.wait_for_line("frontend web: accepting pauses: Too many open files")
        for _ in range(5):
            self.assertEqual(working.get().status, 200)
        for client in crowd + waiting:
            client.close()
        self.assertEqual(self.client(process).get().status, 200)

    def test_max_connections_leaves_descriptors_for_the_servers(self):
        process = self.reseal(self.yaml(self.server(), top="max_connections: 100000\n"), descriptors=160)
        process.wait_for_line("max_connections is 100000, but the limit on open files .160. has room for 26 only")
        working = self.client(process)
        self.assertEqual(working.get().status, 200)
        crowd = [self.plain_client(process) for _ in range(100)]
        process.wait_for_line("accepting pauses: 26 client connections")
        for _ in range(5):
            self.assertEqual(working.get().status, 200)
        for client in crowd:
            client.close()
        self.assertEqual(self.client(process).get().status, 200)

    def test_max_connections_counts_all_workers_together(self):
        process = self.reseal(self.yaml(self.server(), workers=4, top="max_connections: 8\n"))
        clients = [self.client(process) for _ in range(8)]
        self.assertEqual([client.get().status for client in clients], [200] * 8)
        process.wait_for_line("accepting pauses: 8 client connections")
        # Room made on any worker lets a client in on any other.
        for client in clients[:4]:
            client.close()
        self.assertEqual([self.client(process).get().status for _ in range(4)], [200] * 4)

    def test_connections_that_never_shake_hands_give_their_places_back(self):
        process = self.reseal(self.yaml(self.server(), top="max_connections: 4\n", frontend="    timeouts: { handshake: 300ms }\n"))
        silent = [self.plain_client(process) for _ in range(12)]  # four of them at a time
        self.assertEqual(self.client(process).get().status, 200)
        self.assertTrue(all(client.is_closed() for client in silent))
        self.assertEqual(process.entity("frontend", "web")["tls_handshakes"]["failed"], 12)

    def test_at_max_connections_the_next_one_waits_and_is_served_later(self):
        process = self.reseal(self.yaml(self.server(), top="max_connections: 2\n"))
        first, second = self.client(process), self.client(process)
        self.assertEqual((first.get().status, second.get().status), (200, 200))
        process.wait_for_line("accepting pauses: 2 client connections")
        waiting = self.plain_client(process)  # in the kernel's queue: connected, and nobody has accepted it
        self.assertEqual(process.entity("frontend", "web")["open_connections"], 2)
        first.close()
        waiting.sock = ssl.create_default_context(cafile=self.pki.path("ca.pem")).wrap_socket(
            waiting.sock, server_hostname="localhost")
        self.assertEqual((waiting.get().status, second.get().status), (200, 200))


if __name__ == "__main__":
    unittest.main()
