"""Trying again: which failures and statuses, frozen servers, the budget that keeps an outage from becoming a storm."""

import os
import signal
import socket
import subprocess
import sys
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

from support.case import IntegrationCase
from support.process import eventually
from support.server import reply

# A server in a process of its own, so that it can be stopped (SIGSTOP) with its sockets open.
FREEZABLE = """
import sys, threading
sys.path.insert(0, sys.argv[1])
from support.server import Server
server = Server("freezable")
print(server.port, flush=True)
threading.Event().wait()
"""


class Freezable:
    """A plain server that freeze() stops dead: its kernel goes on accepting, nobody answers."""

    name = "freezable"

    def __init__(self):
        self.child = subprocess.Popen([sys.executable, "-c", FREEZABLE, os.path.dirname(os.path.abspath(__file__))],
                                      stdout=subprocess.PIPE, text=True)
        self.address = f"127.0.0.1:{int(self.child.stdout.readline())}"

    def freeze(self):
        os.kill(self.child.pid, signal.SIGSTOP)
        eventually(lambda: self.state() == "T", what="the server stands still")

    def state(self):
        with open(f"/proc/{self.child.pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0]

    def stop(self):
        self.child.kill()
        self.child.wait()
        self.child.stdout.close()


class CountingListener:
    """A port that counts attempts to connect and resets each."""

    def __init__(self, name):
        self.name = name
        self.attempts = 0
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(512)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.attempts += 1
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            sock.close()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Retry(IntegrationCase):
    def plain_server(self, name="server", **options):
        return self.server(name, tls=None, **options)

    def freezable(self):
        server = Freezable()
        self.addCleanup(server.stop)
        return server

    def load(self, process, clients=16, requests=30, method="GET", body=None):
        """The statuses of `requests` requests from each of `clients` at the same time; 0 for a connection that was cut."""
        def one(_):
            statuses = []
            client = self.plain_client(process, deadline=60)
            for _ in range(requests):
                try:
                    statuses.append(client.get(method=method, body=body).status)
                except OSError:
                    statuses.append(0)
                    client = self.plain_client(process, deadline=60)
            client.close()
            return statuses
        with ThreadPoolExecutor(clients) as pool:
            return [status for statuses in pool.map(one, range(clients)) for status in statuses]

    # ---- one bad server of three costs no GET

    def test_a_server_that_is_gone_costs_no_get(self):
        servers = [self.plain_server(name) for name in ("a", "b", "c")]
        process = self.reseal(self.plain_yaml(*servers, workers=2))
        servers[0].stop()
        self.assertEqual(set(self.load(process)), {200})

    def test_a_server_that_goes_under_load_costs_no_get(self):
        servers = [self.plain_server(name) for name in ("a", "b", "c")]
        process = self.reseal(self.plain_yaml(*servers, workers=2))
        with ThreadPoolExecutor(1) as pool:
            statuses = pool.submit(self.load, process, 16, 60)
            eventually(lambda: servers[0].requests > 50)
            servers[0].stop()
            self.assertEqual(set(statuses.result()), {200})

    def test_a_server_that_resets_costs_no_get(self):
        bad = self.plain_server("bad", script=lambda c: c.read_head() and c.reset())
        process = self.reseal(self.plain_yaml(bad, self.plain_server("b"), self.plain_server("c"), workers=2))
        self.assertEqual(set(self.load(process)), {200})

    def test_a_frozen_server_costs_no_get(self):
        frozen = self.freezable()
        process = self.reseal(self.plain_yaml(frozen, self.plain_server("b"), self.plain_server("c"), workers=2,
                                              backend="    retry: { try_timeout: 500ms }\n"))
        self.assertEqual(set(self.load(process, 8, 6)), {200})  # some connections to it are open
        frozen.freeze()
        self.assertEqual(set(self.load(process, 16, 10)), {200})
        self.assertEqual(process.entity("frontend", "web")["failures"], {})

    def test_a_server_that_freezes_within_a_post_gets_it_and_nobody_else_does(self):
        frozen = self.freezable()
        posts = []
        good = self.plain_server("good", handler=lambda request: posts.append(request.body) or reply("good"))
        process = self.reseal(self.plain_yaml(frozen, good, backend="    timeouts: { response: 1s }\n    retry: { try_timeout: 200ms }\n"))
        frozen.freeze()
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda i: self.plain_client(process, deadline=30).get(method="POST", body=b"%d" % i), range(4)))
        statuses = sorted(answer.status for answer in answers)
        self.assertEqual(statuses, [200, 200, 504, 504])
        self.assertEqual(len(posts), 2)

    # ---- conditions

    def test_a_status_that_is_listed_is_asked_of_another_server(self):
        busy = self.plain_server("busy", handler=lambda request: reply("x" * 100000, "503 Busy"))
        good = self.plain_server("good")
        process = self.reseal(self.plain_yaml(busy, good, backend="    retry: { on: [503] }\n"))
        client = self.plain_client(process)
        self.assertEqual([client.get().body for _ in range(10)], [b"good"] * 10)
        self.assertGreaterEqual(busy.requests, 5)

    def test_a_status_that_is_not_listed_is_passed_on(self):
        busy = self.plain_server("busy", handler=lambda request: reply("", "503 Busy"))
        process = self.reseal(self.plain_yaml(busy, self.plain_server("good"), backend="    retry: { on: [502] }\n"))
        client = self.plain_client(process)
        self.assertEqual(sorted(client.get().status for _ in range(4)), [200, 200, 503, 503])

    def test_a_status_that_every_server_gives_is_passed_on_with_its_body(self):
        servers = [self.plain_server(name, handler=lambda request: reply("busy", "503 Busy")) for name in ("a", "b")]
        process = self.reseal(self.plain_yaml(*servers, backend="    retry: { on: [503], attempts: 5 }\n"))
        response = self.plain_client(process).get()
        self.assertEqual((response.status, response.body), (503, b"busy"))
        self.assertEqual([server.requests for server in servers], [1, 1])

    def test_a_post_is_not_repeated_for_a_status_unless_the_configuration_says_so(self):
        for setting, statuses in (("", {503, 200}), (", non_idempotent: true", {200})):
            with self.subTest(setting):
                bodies = []
                busy = self.plain_server("busy", handler=lambda request: reply("", "503 Busy"))
                good = self.plain_server("good", handler=lambda request: bodies.append(request.body) or reply("good"))
                process = self.reseal(self.plain_yaml(busy, good, backend=f"    retry: {{ on: [503]{setting} }}\n"))
                client = self.plain_client(process)
                self.assertEqual({client.get(method="POST", body=b"body").status for _ in range(6)}, statuses)
                self.assertEqual(set(bodies), {b"body"})

    def test_a_slow_answer_is_waited_for_when_there_is_no_other_server(self):
        never = threading.Event()
        server = self.plain_server(handler=lambda request: never.wait(0.6) or reply("slow"))
        process = self.reseal(self.plain_yaml(server, backend="    retry: { try_timeout: 100ms }\n"))
        self.assertEqual(self.plain_client(process).get().body, b"slow")
        self.assertEqual(server.requests, 1)

    def test_nothing_is_repeated_that_is_not_listed(self):
        bad = self.plain_server("bad", script=lambda c: c.read_head())
        process = self.reseal(self.plain_yaml(bad, self.plain_server("good"), backend="    retry: { on: [connect_failure] }\n"))
        client = self.plain_client(process)
        self.assertEqual(sorted(client.get().status for _ in range(4)), [200, 200, 502, 502])

    # ---- the budget

    def test_an_outage_does_not_multiply_the_load(self):
        servers = [CountingListener(name) for name in ("a", "b", "c")]
        for server in servers:
            self.addCleanup(server.stop)
        process = self.reseal(self.plain_yaml(*servers, workers=2,
                                              backend="    passive: off\n    outlier: off\n    retries: 3\n"))
        statuses = self.load(process, 8, 100)
        self.assertEqual(set(statuses), {502})
        backend = process.entity("backend", "web")
        # A fifth more, and the floor of ten in ten seconds for each of the two workers.
        self.assertLessEqual(backend["retries"], 0.2 * 800 + 20 * 2)
        self.assertLessEqual(sum(server.attempts for server in servers), 800 + backend["retries"])
        self.assertLessEqual(sum(server.attempts for server in servers), 1.3 * 800)
        self.assertGreater(backend["retries_denied"], 0)
        # The client is told why its request failed, not that there was no budget.
        self.assertLessEqual(set(backend["failures"]), {"connect_failed", "server_reset"})

    def test_without_a_budget_nothing_is_repeated(self):
        bad = self.plain_server("bad", script=lambda c: c.read_head())
        process = self.reseal(self.plain_yaml(bad, self.plain_server("good"), backend="    retry: { budget: 0% }\n"))
        client = self.plain_client(process)
        self.assertEqual(sorted(client.get().status for _ in range(4)), [200, 200, 502, 502])


class HealthOfThree(IntegrationCase):
    def test_all_checks_failing_with_a_panic_threshold_serves_on(self):
        ill = threading.Event()
        servers = [self.server(name, tls=None) for name in ("a", "b", "c")]
        for server in servers:
            server.health = lambda request: reply("", "503 x" if ill.is_set() else "200 OK") if request.target == "/healthz" else None
        yaml = self.plain_yaml(*servers, workers=2, backend="    panic_threshold: 50%\n",
                               check="{ http: /healthz, interval: 50ms, fast_interval: 20ms, fall: 2 }")
        process = self.reseal(yaml)
        client = self.plain_client(process)
        self.assertEqual(client.get().status, 200)
        ill.set()
        for server in servers:
            process.server_is(server.name, "down")
        process.wait_for_line(r"backend 'web' panics: \d of 3 servers are up, below panic_threshold \(50%\)")
        self.assertTrue(process.entity("backend", "web")["panics"])
        self.assertEqual({client.get().body for _ in range(12)}, {b"a", b"b", b"c"})
        ill.clear()
        process.wait_for_line("backend 'web' does not panic any more")
        for server in servers:
            process.server_is(server.name, "up")
        self.assertFalse(process.entity("backend", "web")["panics"])
        self.assertEqual(process.log.count("panics:"), 1)

    def test_without_a_panic_threshold_all_checks_failing_is_503(self):
        servers = [self.server(name, tls=None) for name in ("a", "b")]
        for server in servers:
            server.health = lambda request: reply("", "503 x") if request.target == "/healthz" else None
        process = self.reseal(self.plain_yaml(*servers, check="{ http: /healthz, interval: 50ms, fast_interval: 20ms, fall: 1 }"))
        for server in servers:
            process.server_is(server.name, "down")
        self.assertEqual(self.plain_client(process).get().status, 503)


class FullOthers(IntegrationCase):
    """A server that has just failed is no way around the queue: the ones that are merely full are waited for."""

    BACKEND = "    retry: {{ on: [{on}], try_timeout: 300ms }}\n    queue: {{ timeout: 10s }}\n    passive: off\n    outlier: off\n"

    def setUp(self):
        self.held, self.go_on = threading.Event(), threading.Event()
        self.addCleanup(self.go_on.set)
        self.holder = None
        self.victims = []

    def handler(self, name, other):
        """The server that is sent /hold is busy until go_on; the other one answers /victim with other()."""
        def handle(request):
            if request.target == "/hold":
                self.holder = name
                self.held.set()
                self.go_on.wait(20)
                return reply("held")
            self.victims.append(name)
            return reply("good") if name == self.holder else other()
        return handle

    def run_victim(self, on, other=None, servers=None):
        servers = servers or [self.server(name, tls=None, handler=self.handler(name, other)) for name in ("a", "b")]
        yaml = self.plain_yaml(*servers, backend=self.BACKEND.format(on=on))
        for server in servers:
            yaml = yaml.replace(f'{server.name}: "{server.address}"', f'{server.name}: {{ address: "{server.address}", max_requests: 1 }}')
        process = self.reseal(yaml)
        hold, victim = self.plain_client(process), self.plain_client(process, deadline=20)
        hold.send("POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")  # not tried again
        self.assertTrue(self.held.wait(10))
        victim.send("GET /victim HTTP/1.1\r\nHost: h\r\n\r\n")
        eventually(lambda: process.entity("backend", "web")["in_queue"] == 1 and (self.victims or not other), what="the victim waits")
        self.go_on.set()
        self.assertEqual(victim.response().body, b"good")
        self.assertEqual(hold.response().body, b"held")
        return process

    def test_after_a_listed_status(self):
        self.run_victim("503", lambda: reply("bad", status="503 Busy"))
        self.assertEqual(len(self.victims), 2)

    def test_after_a_response_timeout(self):
        def slow():
            self.go_on.wait(20)
            return reply("late")

        self.run_victim("response_timeout", slow)
        self.assertEqual(len(self.victims), 2)

    def test_after_a_refused_connection(self):
        gone = CountingListener("gone")
        gone.stop()
        process = self.run_victim("connect_failure", servers=[self.server("a", tls=None, handler=self.handler("a", None)), gone])
        self.assertLessEqual(process.entity("server", "gone")["connect_errors"], 2)


if __name__ == "__main__":
    unittest.main()
