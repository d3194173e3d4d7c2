"""mode: tcp without TLS: bulk goes from socket to socket through pipes, and nobody can tell but the counters."""

import hashlib
import json
import os
import random
import socket
import threading
import time
import unittest

from support.case import IntegrationCase
from support.process import eventually

MODE = "    mode: tcp\n"
BULK = random.Random(1).randbytes(4 << 20) * 4  # 16 MiB; no two places within 4 MiB look the same


def send_bulk(connection):
    """What is asked for in one byte: bulk with its end behind it."""
    connection.more()
    connection.send(BULK)


def receive_bulk(connection):
    """Answers what came, once its end is here."""
    digest = hashlib.sha256()
    while data := connection.sock.recv(1 << 20):
        digest.update(data)
    connection.send(digest.digest())


def echo(connection):
    while connection.more():
        data, connection.buffer = connection.buffer, b""
        connection.send(data)


class Splice(IntegrationCase):
    def plain(self, *servers, **options):
        options["frontend"] = MODE + options.get("frontend", "")
        return self.reseal(self.plain_yaml(*servers, **options))

    def frontend(self, process):
        return process.entity("frontend", "web")

    def receives_bulk(self, client, size=len(BULK)):
        received = bytearray()
        while len(received) < size and (data := client.sock.recv(1 << 20)):
            received += data
        self.assertEqual(len(received), size)
        self.assertTrue(received == BULK[:size])

    def test_bulk_is_spliced_both_ways_and_every_byte_is_counted_once(self):
        log = os.path.join(self.folder, "splice.log")
        down = self.plain(self.server(script=send_bulk, tls=None), top=f"access_log: {log}\n")
        client = self.plain_client(down)
        client.send(b"!")
        self.receives_bulk(client)
        self.assertEqual(client.rest(), b"")
        client.close()
        eventually(lambda: self.frontend(down)["bytes_out"] == len(BULK))
        facts = self.frontend(down)
        self.assertEqual((facts["bytes_in"], facts["failures"]), (1, {}))
        self.assertTrue(len(BULK) // 2 < facts["bytes_spliced"] < len(BULK), facts["bytes_spliced"])
        eventually(lambda: os.path.exists(log) and open(log).read().endswith("\n"))
        with open(log) as file:
            record = json.loads(file.readline())
        self.assertEqual((record["request_bytes"], record["response_bytes"], record["cause"]), (1, len(BULK), "ok"))

        up = self.plain(self.server(script=receive_bulk, tls=None))
        client = self.plain_client(up)
        client.send(BULK)
        client.half_close()
        self.assertEqual(client.rest(), hashlib.sha256(BULK).digest())
        client.close()
        eventually(lambda: self.frontend(up)["bytes_in"] == len(BULK))
        self.assertEqual(self.frontend(up)["bytes_out"], 32)
        self.assertGreater(self.frontend(up)["bytes_spliced"], len(BULK) // 2)

    def test_both_directions_at_once_keep_their_bytes_apart(self):
        client = self.plain_client(self.plain(self.server(script=echo, tls=None)))
        sender = threading.Thread(target=lambda: (client.send(BULK), client.half_close()))
        sender.start()
        self.receives_bulk(client)
        self.assertEqual(client.rest(), b"")
        sender.join()

    def test_little_is_copied(self):
        process = self.plain(self.server(script=echo, tls=None))
        client = self.plain_client(process)
        for _ in range(50):
            client.send(b"x" * 1000)
            client._exactly(1000)
        client.close()
        eventually(lambda: self.frontend(process)["bytes_out"] == 50_000)
        self.assertEqual(self.frontend(process)["bytes_spliced"], 0)

    def test_nothing_is_spliced_past_tls_of_ours(self):
        def send_and_stay(connection):
            send_bulk(connection)
            connection.more()

        opened = self.reseal(self.yaml(self.server(script=send_and_stay, tls=None), tls="plaintext: refused", frontend=MODE))
        closed = self.reseal(self.yaml(self.server(script=send_and_stay), frontend=MODE).replace(
            f"    tls: {{ certificates: [{self.pki.path('front.pem')}] }}\n", ""))
        for process, client in ((opened, self.client(opened)), (closed, self.plain_client(closed))):
            client.send(b"!")
            self.receives_bulk(client)
            client.close()
            eventually(lambda process=process: self.frontend(process)["bytes_out"] == len(BULK))
            self.assertEqual(self.frontend(process)["bytes_spliced"], 0)

    def test_readers_that_stop_hold_their_servers_and_no_memory_and_get_all_of_it_later(self):
        process = self.plain(self.server(script=send_bulk, tls=None), frontend="    timeouts: { response_write: 60s }\n")
        before = process.memory_kib()
        clients = [self.plain_client(process, deadline=30) for _ in range(40)]
        for client in clients:
            client.send(b"!")
            client.sock.recv(1)

        def settled():
            moved = self.frontend(process)["bytes_spliced"]
            time.sleep(0.2)
            return moved == self.frontend(process)["bytes_spliced"]

        eventually(settled)
        self.assert_grew_less(process, before, mib=16)
        for client in clients:
            received = 1
            digest = hashlib.sha256(BULK[:1])
            while data := client.sock.recv(1 << 20):
                received += len(data)
                digest.update(data)
            self.assertEqual((received, digest.digest()), (len(BULK), hashlib.sha256(BULK).digest()))
        self.assertGreater(self.frontend(process)["bytes_spliced"], 20 * len(BULK))

    def test_clients_that_go_away_in_the_midst_leave_no_descriptor_and_no_byte_to_others(self):
        process = self.plain(self.server(script=send_bulk, tls=None))
        first = self.plain_client(process)
        first.send(b"!")
        self.receives_bulk(first)
        first.close()
        eventually(lambda: self.frontend(process)["open_connections"] == 0)
        descriptors = process.descriptors()
        for leave in ("close", "reset", "reset"):
            clients = [self.plain_client(process) for _ in range(40)]
            for client in clients:
                client.send(b"!")
                client.sock.recv(1)
            for client in clients:
                getattr(client, leave)()
            eventually(lambda: self.frontend(process)["open_connections"] == 0)
        eventually(lambda: process.descriptors() <= descriptors, what="every descriptor is closed again")
        client = self.plain_client(process)
        client.send(b"!")
        self.receives_bulk(client)

    def test_a_server_that_resets_in_the_midst_is_no_end_in_order(self):
        def cut(connection):
            connection.more()
            connection.send(BULK)
            connection.reset()

        process = self.plain(self.server(script=cut, tls=None))
        client = self.plain_client(process)
        client.send(b"!")
        with self.assertRaises(ConnectionResetError):
            while client.sock.recv(1 << 20):
                pass
        eventually(lambda: self.frontend(process)["failures"] == {"server_truncated": 1})

    def test_a_reader_that_stops_for_too_long_is_cut_off(self):
        process = self.plain(self.server(script=send_bulk, tls=None), frontend="    timeouts: { response_write: 600ms }\n")
        client = self.plain_client(process)
        client.send(b"!")
        eventually(lambda: self.frontend(process)["failures"] == {"client_timeout": 1})
        self.assertLess(len(client.rest()), len(BULK))

    def test_a_slow_stream_that_moves_is_not_idle(self):
        def trickle(connection):
            for _ in range(8):
                connection.send(BULK[:1 << 20])
                time.sleep(0.1)

        process = self.plain(self.server(script=trickle, tls=None), backend="    timeouts: { tunnel: 400ms }\n")
        client = self.plain_client(process)
        self.assertEqual(len(client.rest()), 8 << 20)
        client.close()
        eventually(lambda: self.frontend(process)["responses"]["none"] == 1)
        self.assertEqual(self.frontend(process)["failures"], {})
        self.assertGreater(self.frontend(process)["bytes_spliced"], 0)

    def test_bulk_under_way_outlives_reloads_and_the_drain(self):
        server = self.server(script=send_bulk, tls=None)
        process = self.plain(server, top="drain: 20s\n")
        client = self.plain_client(process)
        client.send(b"!")
        received = bytearray(client.sock.recv(1000))
        for retries in (1, 2, 1):
            status, text = process.reload(self.plain_yaml(server, frontend=MODE, backend=f"    retries: {retries}\n", top="drain: 20s\n"))
            self.assertEqual(status, 0, text)
        process.signal(15)
        while data := client.sock.recv(1 << 20):
            received += data
        self.assertTrue(received == BULK)
        client.close()
        self.assertEqual(process.wait(), 0)


if __name__ == "__main__":
    unittest.main()
