"""Servers killed and frozen, reload storms, half-read uploads, crashes before: requests are kept, memory is bounded."""

import os
import signal
import socket
import threading
import time
import unittest

from support.case import IntegrationCase
from support.client import Client
from support.process import eventually, run_reseal
from support.server import reply

PIECE = 65536


class Load:
    """Clients that send GETs until told to stop, some on new connections; what went wrong is in `wrong`."""

    def __init__(self, case, process, clients=8):
        self.case, self.process = case, process
        self.ended, self.wrong, self.count = threading.Event(), [], 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._work, args=(i % 4 == 0,)) for i in range(clients)]
        for thread in self.threads:
            thread.start()
        case.addCleanup(self.stop)

    def _work(self, new_connections):
        client = None
        while not self.ended.is_set():
            try:
                if client is None or new_connections:
                    if client:
                        client.close()
                    client = self.case.client(self.process)
                status = client.get().status
                with self.lock:
                    self.count += 1
                    if status != 200:
                        self.wrong.append(status)
            except OSError as error:
                with self.lock:
                    self.wrong.append(repr(error))
                client = None

    def more(self, requests):
        """Waits until that many further requests are done."""
        goal = self.count + requests
        eventually(lambda: self.count >= goal, 30, f"{requests} more requests")

    def stop(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()


class Servers(IntegrationCase):
    def test_one_of_three_servers_killed_and_started_again_under_load_fails_no_get(self):
        servers = [self.server(f"web{i}") for i in range(3)]
        check = "{ http: /healthz, interval: 100ms, fast_interval: 50ms, down_interval: 50ms }"
        process = self.reseal(self.yaml(*servers, workers=2, check=check))
        load = Load(self, process)
        load.more(100)
        servers[0].stop()
        process.server_is("web0", "down")
        load.more(100)
        again = self.server("web0", port=servers[0].port)
        process.server_is("web0", "up")
        load.more(100)
        load.stop()
        self.assertEqual(load.wrong, [])
        self.assertGreater(again.requests, 3)

    def test_a_frozen_server_costs_a_client_one_request_at_most(self):
        frozen = threading.Event()
        thaw = threading.Event()
        self.addCleanup(thaw.set)

        def script(connection):
            while (request := connection.read_request()) is not None:
                if frozen.is_set():
                    thaw.wait(20)
                    return
                connection.send(reply("ok" if request.target == "/healthz" else "ice"))

        servers = [self.server("ice", script=script), self.server("web1"), self.server("web2")]
        check = "{ http: /healthz, interval: 100ms, fast_interval: 50ms, timeout: 200ms, fall: 2 }"
        process = self.reseal(self.yaml(*servers, check=check, backend="    timeouts: { response: 2s }\n"))
        client = self.client(process)
        self.assertEqual({client.get().body for _ in range(3)}, {b"ice", b"web1", b"web2"})
        frozen.set()
        answers = []
        eventually(lambda: answers.append(client.get().status) or process.entity("server", "ice")["state"] == "down")
        self.assertLessEqual(len(answers) - answers.count(200), 1, answers)
        self.assertIn("no complete answer within 200 ms", process.wait_for_line("web/ice .* is DOWN"))
        self.assertEqual([client.get().status for _ in range(9)], [200] * 9)

    def test_a_server_that_reads_slowly_holds_its_client_back(self):
        go_on = threading.Event()
        self.addCleanup(go_on.set)
        size = 96 * 1024 * 1024

        def script(connection):
            connection.read_head()
            go_on.wait(30)
            connection.drop_exactly(size)
            connection.send(reply("all of it"))

        process = self.reseal(self.yaml(self.server(script=script)))
        client = self.client(process, deadline=60)
        before = process.memory_kib()
        client.send(f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n")
        sent = [0]

        def send():
            while sent[0] < size:
                client.send(b"x" * PIECE)
                sent[0] += PIECE

        sender = threading.Thread(target=send)
        sender.start()
        last = [-1]

        def held():
            same = sent[0] == last[0] and sent[0] > 0
            last[0] = sent[0]
            if not same:
                time.sleep(0.3)  # long enough for a piece to move if anything could take it
            return same

        eventually(held, 20, "the client is held back")
        self.assertLess(sent[0], 64 * 1024 * 1024)
        self.assert_grew_less(process, before, mib=16)
        go_on.set()
        sender.join()
        self.assertEqual(client.response().body, b"all of it")

    def test_a_client_that_leaves_midway_through_a_download_frees_everything(self):
        server = self.server(script=lambda c: c.read_head() and c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n")
                             or [c.send(b"x" * PIECE) for _ in range(3000)])
        process = self.reseal(self.yaml(server))
        for leave in ("close", "reset"):
            client = self.client(process)
            client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            client.head()
            getattr(client, leave)()
        eventually(lambda: len(server.open) == 0 and server.connections == 2, what="the server connections are gone")
        frontend, entry = process.entity("frontend", "web"), process.entity("server", "server")
        self.assertEqual((frontend["in_flight"], frontend["open_connections"], entry["in_flight"]), (0, 0, 0))
        # Nobody is to blame on the server's side.
        self.assertEqual((entry["state"], entry["response_errors"]), ("up", 0))

    def test_abusive_clients_leave_bystanders_served_and_nothing_behind(self):
        process = self.reseal(self.yaml(self.server(), workers=2))
        bystanders = Load(self, process, clients=4)
        bystanders.more(20)
        before, descriptors = process.memory_kib(), process.descriptors()
        for i in range(200):
            client = self.client(process) if i % 2 else self.plain_client(process)
            try:
                client.send((b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 3000, os.urandom(4000), b"\r\n" * 4000, b"\x16\x03\x01" * 500)[i % 4])
                client.reset()
            except OSError:
                pass
        bystanders.more(50)
        bystanders.stop()
        self.assertEqual(bystanders.wrong, [])
        self.assert_grew_less(process, before, mib=64)
        eventually(lambda: process.entity("frontend", "web")["in_flight"] == 0)
        eventually(lambda: process.descriptors() <= descriptors, what="every descriptor is closed again")


class Process(IntegrationCase):
    def test_a_storm_of_reloads_at_once_is_answered_one_by_one_and_fails_no_request(self):
        servers = [self.server(f"web{i}") for i in range(3)]
        process = self.reseal(self.yaml(*servers, workers=2))
        load = Load(self, process)
        load.more(20)
        outcomes = []

        def storm():
            for _ in range(5):
                outcomes.append(run_reseal("reload", "-s", process.socket))

        threads = [threading.Thread(target=storm) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            process.signal(signal.SIGHUP)
        for thread in threads:
            thread.join()
        load.more(20)
        load.stop()
        self.assertEqual([status for status, _, _ in outcomes], [0] * 20, outcomes)
        self.assertEqual(load.wrong, [])
        self.assertEqual(process.stats()["reloads"]["refused"], 0)

    def test_broken_and_good_files_in_turn_under_load_fail_no_request(self):
        servers = [self.server(f"web{i}") for i in range(2)]
        good = self.yaml(*servers)
        process = self.reseal(good)
        load = Load(self, process, clients=4)
        for _ in range(5):
            self.assertEqual(process.reload(good.replace("default: web", "default: wbe"))[0], 1)
            self.assertEqual(process.reload(good)[0], 0)
            load.more(5)
        load.stop()
        self.assertEqual(load.wrong, [])
        self.assertEqual(process.stats()["reloads"], {"ok": 5, "refused": 5})

    def test_the_socket_of_a_process_that_was_killed_is_no_obstacle_but_one_in_use_is(self):
        yaml = self.yaml(self.server())
        first = self.reseal(yaml)
        path = first.config
        with open(path) as file:
            text = file.read()
        status, out, error = run_reseal("run", "-c", path)
        self.assertEqual(status, 1)
        self.assertIn("admin.sock", out + error)
        self.assertEqual(self.client(first).get().status, 200)
        self.assertIn("frontend web", run_reseal("stats", "-s", first.socket)[1])  # still the first one's

        first.child.kill()
        first.child.wait()
        first.child.returncode = 0  # meant so
        self.assertTrue(os.path.exists(first.socket))
        second = self.reseal(text)
        self.assertEqual(self.client(second).get().status, 200)
        self.assertEqual(run_reseal("stats", "--json", "-s", first.socket)[0], 0)

    def test_while_it_stops_nobody_new_is_accepted_and_health_says_so(self):
        release = threading.Event()
        self.addCleanup(release.set)
        server = self.server(handler=lambda request: (release.wait(15), reply("done"))[1])
        process = self.reseal(self.yaml(server, top="drain: 15s\n"))
        client = self.client(process)
        client.send("GET /1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        eventually(lambda: server.requests == 1)
        port, admin = process.port(), process.admin_port
        process.signal(signal.SIGTERM)
        process.wait_for_line("stopping")
        eventually(lambda: self.refuses(port), what="the port is closed")
        probe = self.admin_client(admin)
        self.assertEqual(probe.get("/health").status, 503)
        # A request that comes behind the one in flight is not answered: the client sees "close" and sends it elsewhere.
        client.send("GET /2 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        release.set()
        self.assertEqual(client.response().get("connection"), "close")
        self.assertTrue(client.is_closed())
        self.assertEqual(process.wait(), 0)
        self.assertEqual(server.requests, 1)

    @staticmethod
    def refuses(port):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            return True
        return False

    def admin_client(self, port):
        client = Client(port)
        self.addCleanup(client.close)
        return client

    def test_counters_agree_with_what_happened(self):
        def handler(request):
            return reply("x" * 1000, request.target[1:] + " X" if request.target[1:].isdigit() else "200 OK")

        server = self.server("web0", handler=handler)
        process = self.reseal(self.yaml(server, workers=2))
        for _ in range(3):
            client = self.client(process)
            for target in ("/", "/", "/301", "/404", "/404", "/500"):
                client.get(target, method="POST", body=b"b" * 100)
            client.send("GET / HTTP/9.9\r\n\r\n")
            client.response()
            client.close()
        for kind, name, extra in (("server", "web0", 0), ("backend", "web", 0), ("frontend", "web", 3)):
            entity = eventually(lambda: self.when_counted(process, kind, name, 18), what=f"the counters of {kind}")
            self.assertEqual(entity["responses"], {"none": 0, "1xx": 0, "2xx": 6, "3xx": 3, "4xx": 6, "5xx": 3 + extra}, kind)
            self.assertEqual(entity["in_flight"], 0)
            own = extra * 1000  # the bodies of the balancer's own answers are short
            self.assertEqual(entity["bytes_in"], 18 * 100)
            self.assertTrue(18 * 1000 <= entity["bytes_out"] <= 18 * 1000 + own, (kind, entity["bytes_out"]))
            self.assertGreater(entity["latency_ms"]["p99"], 0)
            self.assertGreaterEqual(entity["latency_ms"]["p99"], entity["latency_ms"]["p50"])
        eventually(lambda: process.entity("server", "web0")["qps"]["60s"] > 0, what="the rate")
        self.assertEqual(process.entity("frontend", "web")["failures"], {"version_refused": 3})

    def when_counted(self, process, kind, name, requests):
        entity = process.entity(kind, name)
        return entity if entity["requests"] >= requests else None


if __name__ == "__main__":
    unittest.main()
