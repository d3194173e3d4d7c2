"""Limits and the queue: never more in flight than allowed, waiting in order, time limits, leaving, reload and drain."""

import os
import socket
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

from support.client import Client
from support.log_receiver import LogFile
from support.process import eventually, run_reseal
from support.queueing import Busy, Held, QueueCase
from support.server import reply, server_tls

EXAMPLE = os.path.join(os.path.dirname(__file__), "..", "..", "examples", "queue-and-retry")


class Queue(QueueCase):
    def many(self, process, clients, requests):
        """The statuses of `requests` requests from each of `clients` clients at the same time."""
        def one(_):
            with self.plain_client(process, deadline=30) as client:
                return [client.get(f"/{i}").status for i in range(requests)]
        with ThreadPoolExecutor(clients) as pool:
            return [status for statuses in pool.map(one, range(clients)) for status in statuses]

    def start(self, process, target, method="GET"):
        """A client that has sent a request and not read the answer."""
        client = self.plain_client(process, deadline=30)
        client.send(f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return client

    def test_a_server_never_has_more_requests_than_its_limit_with_two_workers(self):
        busy = Busy()
        server = self.plain_server(handler=busy)
        process = self.reseal(self.limited(server, limits="max_requests: 3", workers=2, backend="    queue: { timeout: 30s }\n"))
        statuses = self.many(process, 24, 10)
        self.assertEqual(set(statuses), {200})
        self.assertEqual(busy.most, 3)
        self.assertGreater(process.entity("backend", "web")["queued"], 0)
        self.assertEqual(process.entity("backend", "web")["in_queue"], 0)

    def test_a_backend_never_has_more_requests_than_its_limit_with_two_workers(self):
        busy = Busy()
        servers = [self.plain_server(name, handler=busy) for name in ("a", "b", "c")]
        process = self.reseal(self.plain_yaml(*servers, workers=2,
                                              backend="    max_requests: 4\n    queue: { timeout: 30s }\n"))
        self.assertEqual(set(self.many(process, 24, 10)), {200})
        self.assertEqual(busy.most, 4)

    def test_a_server_never_has_more_connections_than_its_limit_with_two_workers(self):
        lock = threading.Lock()
        accepted = []
        alive = []

        def script(connection):
            with lock:
                accepted.append(connection.sock)
                # One that Reseal has closed before it opened this one shows its end, whether its thread has seen it or not.
                alive.append(sum(not has_ended(sock) for sock in accepted))
            while connection.read_request() is not None:
                connection.send(reply("ok"))

        server = self.plain_server(script=script)
        process = self.reseal(self.limited(server, limits="max_connections: 2", workers=2, backend="    queue: { timeout: 30s }\n"))
        self.assertEqual(set(self.many(process, 16, 20)), {200})
        self.assertLessEqual(max(alive), 2)
        entity = process.entity("server", "server")
        self.assertLessEqual(entity["open_connections"], 2)
        self.assertEqual(entity["in_flight"], 0)

    def test_requests_of_two_workers_wait_in_the_order_in_which_they_came(self):
        held = Held()
        server = self.plain_server(handler=held)
        process = self.reseal(self.limited(server, workers=2, backend="    queue: { timeout: 30s }\n"))
        clients = [self.start(process, "/0")]
        eventually(lambda: held.order == ["/0"])
        for i in range(1, 12):
            clients.append(self.start(process, f"/{i}"))
            self.waiting(process, i)
        held.let_go(12)
        for i, client in enumerate(clients):
            self.assertEqual(client.response().body.decode(), f"/{i}")
        self.assertEqual(held.order, [f"/{i}" for i in range(12)])

    def test_a_server_that_comes_by_a_reload_serves_at_once_while_older_requests_wait_for_another(self):
        for workers in (1, 2):
            held = Held()
            old, new = self.plain_server("old", handler=held), self.plain_server("new")
            options = {"workers": workers, "backend": "    queue: { timeout: 30s }\n"}
            process = self.reseal(self.limited(old, **options))
            clients = [self.start(process, f"/{number}") for number in range(3)]
            self.waiting(process, 2)
            self.assertEqual(process.reload(self.limited(old, new, **options))[0], 0)
            self.assertEqual({self.plain_client(process).get().body for _ in range(10)}, {b"new"})
            self.assertEqual(process.entity("backend", "web")["in_queue"], 2)
            held.let_go(3)
            self.assertEqual([client.response().status for client in clients], [200] * 3)
            process.stop()

    def test_who_waits_too_long_gets_503_and_the_cause(self):
        held = Held()
        server = self.plain_server(handler=held)
        log = self.pki.path("late.log")
        process = self.reseal(self.limited(server, backend="    queue: { timeout: 100ms }\n", top=f"access_log: {log}\n"))
        first = self.start(process, "/first")
        eventually(lambda: held.order == ["/first"])
        response = self.plain_client(process).get("/late")
        self.assertEqual(response.status, 503)
        self.assertIn(b"queue_timeout", response.body)
        held.let_go()
        self.assertEqual(first.response().status, 200)
        self.assertEqual(process.entity("backend", "web")["failures"], {"queue_timeout": 1})
        self.assertEqual(held.order, ["/first"])
        late = LogFile(log).records(2)[0]
        self.assertEqual((late["target"], late["phase"]), ("/late", "queue"))
        self.assertGreaterEqual(late["queue_ms"], 100)
        self.assertAlmostEqual(late["queue_ms"], late["total_ms"], delta=1)

    def test_who_finds_the_queue_full_gets_503_at_once(self):
        held = Held()
        server = self.plain_server(handler=held)
        log = self.pki.path("full.log")
        process = self.reseal(self.limited(server, backend="    queue: { timeout: 30s, length: 2 }\n", top=f"access_log: {log}\n"))
        clients = [self.start(process, f"/{i}") for i in range(3)]
        self.waiting(process, 2)
        response = self.plain_client(process).get()
        self.assertEqual(response.status, 503)
        self.assertIn(b"queue_full", response.body)
        refused = LogFile(log).records(1)[0]
        self.assertEqual((refused["phase"], refused["cause"]), ("queue", "queue_full"))
        held.let_go(3)
        self.assertEqual([client.response().status for client in clients], [200] * 3)

    # What a client may have sent when it goes; with all but the first, reading from it pauses while it waits.
    SHAPES = {
        "a request": "GET /gone HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "the beginning of the next request": "GET /gone HTTP/1.1\r\nHost: localhost\r\n\r\nG",
        "two requests": "GET /gone HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2,
        "a body": "POST /gone HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc",
        "a part of a body": "POST /gone HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nab",
        "a head whose body is to come": "POST /gone HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n",
        "a large body": "POST /gone HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n" + "x" * 100000,
        "an upgrade": "GET /gone HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n",
        "an upgrade and a byte": "GET /gone HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\nx",
    }

    def check_leaving(self, process, held, connect):
        """However a client goes, and whatever it has sent: it leaves the queue, and no server sees its request."""
        for what, sent in self.SHAPES.items():
            for how in ("reset", "close", "half_close"):
                with self.subTest(f"{what}, {how}"):
                    gone_before = process.entity("backend", "web")["failures"].get("client_gone", 0)
                    held.order.clear()
                    first, gone, last = connect(), connect(), connect()
                    first.send("GET /first HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    eventually(lambda: held.order == ["/first"])
                    gone.send(sent)
                    self.waiting(process, 1)
                    last.send("GET /last HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    self.waiting(process, 2)
                    getattr(gone, how)()
                    try:
                        self.waiting(process, 1)
                    finally:
                        held.let_go(2)
                    self.assertEqual(first.response().status, 200)
                    self.assertEqual(last.response().status, 200)
                    self.assertEqual(held.order, ["/first", "/last"])
                    self.assertEqual(process.entity("backend", "web")["failures"], {"client_gone": gone_before + 1})

    def test_a_client_that_goes_leaves_the_queue_and_its_request_reaches_no_server(self):
        held = Held()
        process = self.reseal(self.limited(self.plain_server(handler=held), backend="    queue: { timeout: 30s }\n"))
        self.check_leaving(process, held, lambda: self.plain_client(process, deadline=30))

    def test_a_client_that_goes_leaves_the_queue_with_TLS_too(self):
        held = Held()
        server = self.plain_server(handler=held)
        yaml = self.yaml(server, tls="plaintext: refused", backend="    queue: { timeout: 30s }\n")
        process = self.reseal(yaml.replace(f'"{server.address}"', f'{{ address: "{server.address}", max_requests: 1 }}'))
        self.check_leaving(process, held, lambda: self.client(process, deadline=30))

    def test_a_client_that_resets_while_its_server_connection_is_opened_is_noticed(self):
        never = threading.Event()
        self.addCleanup(never.set)
        server = self.plain_server(script=lambda connection: never.wait(20))  # its TLS handshake does not end
        process = self.reseal(self.yaml(server, backend="    timeouts: { connect: 30s }\n"))
        for number, (what, sent) in enumerate(self.SHAPES.items()):
            with self.subTest(what):
                client = self.client(process)
                client.send(sent)
                eventually(lambda: process.entity("backend", "web")["in_flight"] == 1)
                client.reset()
                eventually(lambda: process.entity("backend", "web")["in_flight"] == 0, what="it is noticed")
                self.assertEqual(process.entity("backend", "web")["failures"], {"client_gone": number + 1})

    def test_in_mode_tcp_a_client_that_goes_leaves_the_queue_too(self):
        for how in ("reset", "close", "half_close"):
            for sent in ("", "some bytes"):
                with self.subTest(f"{sent}, {how}"):
                    seen = []

                    def script(connection):
                        seen.append(connection.more() and connection.buffer)
                        connection.more()

                    yaml = self.limited(self.plain_server(script=script), backend="    queue: { timeout: 30s }\n",
                                        frontend="    mode: tcp\n")
                    process = self.reseal(yaml)
                    first, gone = self.plain_client(process), self.plain_client(process)
                    first.send("first")
                    eventually(lambda: seen == [b"first"])
                    gone.send(sent)
                    self.waiting(process, 1)
                    getattr(gone, how)()
                    self.waiting(process, 0)
                    first.close()
                    last = self.plain_client(process)
                    last.send("last")
                    eventually(lambda: seen == [b"first", b"last"])
                    self.assertEqual(process.entity("backend", "web")["failures"], {"client_gone": 1})

    def test_a_request_that_waits_is_told_at_once_when_the_last_server_goes_down(self):
        held = Held()
        ill = threading.Event()
        server = self.plain_server(handler=held)
        server.health = lambda request: reply("", "503 x" if ill.is_set() else "200 OK") if request.target == "/healthz" else None
        process = self.reseal(self.limited(server, backend="    queue: { timeout: 30s }\n    retries: 0\n",
                                           check="{ http: /healthz, interval: 50ms, fall: 1 }"))
        first = self.start(process, "/first")
        eventually(lambda: held.order == ["/first"])
        second = self.start(process, "/second")
        self.waiting(process, 1)
        ill.set()
        response = second.response()
        self.assertEqual(response.status, 503)
        held.let_go()
        self.assertEqual(first.response().status, 200)
        self.assertIn(b"no_server_up", response.body)

    def test_a_server_that_comes_up_takes_what_waits(self):
        held = Held()
        well = threading.Event()
        one = self.plain_server("one", handler=held)
        two = self.plain_server("two")
        two.health = lambda request: reply("", "200 OK" if well.is_set() else "503 x") if request.target == "/healthz" else None
        process = self.reseal(self.limited(one, two, backend="    queue: { timeout: 30s }\n",
                                           check="{ http: /healthz, interval: 50ms, fast_interval: 20ms, initial: down }"))
        process.server_is("one", "up")
        first = self.start(process, "/first")
        eventually(lambda: held.order == ["/first"])
        second = self.start(process, "/second")
        self.waiting(process, 1)
        well.set()
        self.assertEqual(second.response().body, b"two")
        held.let_go()
        self.assertEqual(first.response().status, 200)

    def test_a_reload_that_raises_the_limit_lets_in_who_waits(self):
        held = Held()
        server = self.plain_server(handler=held)
        process = self.reseal(self.limited(server, workers=2, backend="    queue: { timeout: 30s }\n"))
        clients = [self.start(process, f"/{i}") for i in range(4)]
        self.waiting(process, 3)
        status, text = process.reload(self.limited(server, workers=2, limits="max_requests: 3", backend="    queue: { timeout: 30s }\n"))
        self.assertEqual(status, 0, text)
        self.assertIn("max_requests 1 -> 3", text)
        self.waiting(process, 1)
        status, text = process.reload(self.plain_yaml(server, workers=2))
        self.assertEqual(status, 0, text)
        self.waiting(process, 0)
        held.let_go(4)
        self.assertEqual([client.response().status for client in clients], [200] * 4)

    def test_a_drain_serves_who_waits(self):
        held = Held()
        server = self.plain_server(handler=held)
        process = self.reseal(self.limited(server, backend="    queue: { timeout: 30s }\n"))
        clients = [self.start(process, f"/{i}") for i in range(3)]
        self.waiting(process, 2)
        self.assertEqual(run_reseal("stop", "-s", process.socket)[0], 0)
        held.let_go(3)
        self.assertEqual([client.response().status for client in clients], [200] * 3)
        self.assertEqual(process.wait(), 0)

    def test_requests_of_an_idle_worker_get_the_connections_that_another_keeps(self):
        # One connection for two workers: each has to give it up for the other.
        server = self.plain_server()
        process = self.reseal(self.limited(server, limits="max_connections: 1", workers=2,
                                           backend="    queue: { timeout: 30s }\n    timeouts: { pool_idle: 20s }\n"))
        clients = [self.plain_client(process) for _ in range(8)]
        for _ in range(5):
            for client in clients:
                self.assertEqual(client.get().status, 200)
        self.assertLessEqual(process.entity("server", "server")["open_connections"], 1)

    def drip(self, process, size):
        """A client that sends a body of `size` bytes, one each 50 ms, until it is answered."""
        client = self.plain_client(process, deadline=30)
        client.send(f"POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n")

        def send():
            try:
                for _ in range(size):
                    client.send(b"x")
                    threading.Event().wait(0.05)
            except OSError:
                pass

        threading.Thread(target=send, daemon=True).start()
        return client

    def slow_bodies(self, rate, size):
        """A process whose only place one body in drops has taken, and the client of that."""
        began = threading.Event()

        def script(connection):
            while (head := connection.read_head()) is not None:
                began.set()
                if b"POST" in head:
                    connection.read_exactly(size)
                connection.send(reply(head.split()[1].decode()))

        process = self.reseal(self.limited(self.plain_server(script=script), frontend="    timeouts: { request_body: 300ms }\n",
                                           backend=f"    queue: {{ timeout: 30s, body_rate: {rate} }}\n"))
        slow = self.drip(process, size)
        self.assertTrue(began.wait(20))
        return process, slow

    def test_a_body_in_drops_gives_up_its_place_when_others_wait(self):
        process, slow = self.slow_bodies("1KiB", 10000)
        self.assertEqual(self.plain_client(process, deadline=30).get("/next").body, b"/next")
        self.assertEqual(slow.response().status, 408)
        self.assertEqual(process.entity("frontend", "web")["failures"], {"client_timeout": 1})
        self.assertEqual(process.entity("server", "server")["response_errors"], 0)

    def test_but_not_while_nobody_waits(self):
        _, slow = self.slow_bodies("1KiB", 50)
        self.assertEqual(slow.response().body, b"/slow")

    def test_nor_while_it_keeps_the_rate(self):
        process, slow = self.slow_bodies("2", 50)
        self.assertEqual(self.plain_client(process, deadline=30).get("/next").body, b"/next")
        self.assertEqual(slow.response().body, b"/slow")
        self.assertEqual(process.entity("frontend", "web")["failures"], {})

    def test_who_is_crowded_out_of_a_connection_has_made_no_attempt(self):
        # Three requests wait for one connection that might carry them all; its ALPN says that it carries one at a time.
        joined = threading.Event()

        def script(connection):
            joined.wait(20)
            tls = server_tls(self.pki)
            tls.set_alpn_protocols(["http/1.1"])
            connection.sock = tls.wrap_socket(connection.sock, server_side=True)
            while request := connection.read_request():
                connection.send(reply(request.target))

        server = self.plain_server(script=script)
        log = os.path.join(self.folder, "crowd.log")
        yaml = self.yaml(server, backend="    protocol: negotiated\n", frontend=f"    access_log: {{ to: {log}, format: '{{retries}} {{server}}' }}\n")
        yaml = yaml.replace(f'"{server.address}"', f'{{ address: "{server.address}", max_connections: 1 }}')
        process = self.reseal(yaml)
        clients = [self.client(process, deadline=30) for _ in range(3)]
        for i, client in enumerate(clients):
            client.send(f"GET /{i} HTTP/1.1\r\nHost: localhost\r\n\r\n")
        eventually(lambda: process.entity("server", "server")["in_flight"] == 3)
        joined.set()
        self.assertEqual([client.response().body for client in clients], [b"/0", b"/1", b"/2"])
        for kind, name in (("frontend", "web"), ("backend", "web"), ("server", "server")):
            self.assertEqual(process.entity(kind, name)["retries"], 0)
        process.stop()
        with open(log, encoding="utf-8") as file:
            self.assertEqual(sorted(file.read().split("\n")[:-1]), ["0 server"] * 3)

    def test_a_post_with_a_body_waits_and_arrives_whole(self):
        held = Held()
        bodies = []
        server = self.plain_server(handler=lambda request: bodies.append(request.body) or held(request))
        process = self.reseal(self.limited(server, backend="    queue: { timeout: 30s }\n"))
        first = self.start(process, "/first")
        eventually(lambda: held.order == ["/first"])
        second = self.plain_client(process, deadline=30)
        second.send("POST /second HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n")
        self.waiting(process, 1)
        threading.Thread(target=second.send, args=("x" * 200000,), daemon=True).start()
        held.let_go(2)
        self.assertEqual(first.response().status, 200)
        self.assertEqual(second.response().body, b"/second")
        self.assertEqual(bodies, [b"", b"x" * 200000])

    def test_the_example_serves_queues_retries_and_ejects(self):
        ill = threading.Event()
        busy = Busy(0.02)

        def handle(request):
            return reply("ill", "503 x") if ill.is_set() else busy(request)

        servers = [self.server("web1", handler=handle), self.server("web2", handler=busy), self.server("web3", handler=busy)]
        with open(os.path.join(EXAMPLE, "reseal.yaml")) as file:
            yaml = file.read()
        for old, new in (("*:8443", "127.0.0.1:0"), ("pki/localhost.pem", self.pki.path("front.pem")),
                         ("pki/internal-ca.pem", self.pki.path("ca.pem")), ("pki/reseal.pem", self.pki.path("lb.pem")),
                         ("admin: { socket: admin.sock }", ""), ("max_requests: 60", "max_requests: 4"), ("max_requests: 150", "max_requests: 6"),
                         *((f"127.0.0.1:{9441 + i}", server.address) for i, server in enumerate(servers))):
            self.assertIn(old, yaml)
            yaml = yaml.replace(old, new)
        process = self.reseal(yaml)
        for server in servers:
            process.server_is(server.name, "up")

        def requests(count):
            with self.client(process) as client:
                return [client.get().status for _ in range(count)]

        with ThreadPoolExecutor(16) as pool:
            self.assertEqual({status for statuses in pool.map(requests, [5] * 16) for status in statuses}, {200})
        self.assertEqual(busy.most, 6)
        self.assertGreater(process.entity("backend", "web")["queued"], 0)
        ill.set()
        self.assertEqual(set(requests(40)), {200})  # asked of another server each time
        self.assertGreater(process.entity("backend", "web")["retries"], 0)
        process.wait_for_line("web/web1 .* is EJECTED for 10 s")

    def test_the_metrics_tell_of_the_queue(self):
        held = Held()
        server = self.plain_server(handler=held)
        process = self.reseal(self.limited(server, backend="    queue: { timeout: 30s }\n"))
        clients = [self.start(process, f"/{i}") for i in range(3)]
        self.waiting(process, 2)
        with Client(process.admin_port) as admin:
            text = admin.get("/metrics").body.decode()
        self.assertIn('reseal_backend_queue{backend="web"} 2', text)
        self.assertIn('reseal_backend_queued_total{backend="web"} 2', text)
        held.let_go(3)
        self.assertEqual([client.response().status for client in clients], [200] * 3)


def has_ended(sock):
    try:
        return sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


if __name__ == "__main__":
    unittest.main()
