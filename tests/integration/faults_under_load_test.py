"""One of three servers fails in the ways that servers fail, under load: what is lost is what the documentation says, is
counted as what it was, and nothing else is lost; no POST reaches the servers twice."""

import collections
import itertools
import os
import signal
import threading
import time
import unittest

from support import h2
from support.case import IntegrationCase
from support.faulty_server import DRIP_SECONDS, DRIPPED_BYTES, FaultyServer
from support.process import eventually

CLIENTS = 8


class Load:
    """Clients that each send GETs and POSTs in turn, every request with a number of its own."""

    def __init__(self, case, process):
        self.case, self.process = case, process
        self.lock, self.ended = threading.Lock(), threading.Event()
        self.numbers = itertools.count()
        self.answered, self.slowest = 0, 0.0
        self.failed = []  # (method, status, or None for a connection that ended)
        self.threads = [threading.Thread(target=self._work) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()
        case.addCleanup(self.stop)

    def _work(self):
        client = None
        for method in itertools.cycle(("GET", "POST")):
            if self.ended.is_set():
                return
            number = next(self.numbers)
            begin = time.monotonic()
            try:
                client = client or self.case.load_client(self.process)
                outcome, goes_on = self.case.ask(client, method, f"/{number}")
            except OSError:
                outcome, goes_on = None, False
            with self.lock:
                if outcome == 200:
                    self.answered += 1
                else:
                    self.failed.append((method, outcome))
                self.slowest = max(self.slowest, time.monotonic() - begin)
            if client and not goes_on:
                client.close()
                client = None

    def more(self, requests):
        goal = self.answered + requests
        eventually(lambda: self.answered >= goal, 60, f"{requests} more requests")

    def stop(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()


def outcome_of(response, target):
    """200 only for the whole and right answer."""
    return "the wrong answer" if response.status == 200 and response.body.strip() != target.encode() else response.status


class Http1Clients(IntegrationCase):
    def load_client(self, process):
        return self.client(process, deadline=30)

    def ask(self, client, method, target):
        """(the outcome, whether the connection goes on)"""
        response = client.get(target, method=method, body=target.encode() if method == "POST" else None)
        return outcome_of(response, target), response.get("connection") != "close"


class Http2Clients(IntegrationCase):
    def load_client(self, process):
        client = h2.H2Client(process.port(), ca=self.pki.path("ca.pem"), deadline=30)
        self.addCleanup(client.close)
        return client

    def ask(self, client, method, target):
        stream = client.get(target, method=method, body=target.encode() if method == "POST" else None)
        return outcome_of(stream, target) if stream.ended else None, True


class Faults:
    """The tests, whatever the clients speak."""

    CHECK = "{ http: /healthz, interval: 200ms, fast_interval: 100ms, down_interval: 200ms, timeout: 1s, rise: 1, fall: 2 }"

    def start(self, backend=""):
        self.servers = [FaultyServer(f"web{i}", self.pki, self.folder) for i in range(3)]
        for server in self.servers:
            self.addCleanup(server.stop)
        self.addCleanup(self.remove_records)
        process = self.reseal(self.yaml(*self.servers, workers=2, check=self.CHECK, backend=backend))
        load = Load(self, process)
        load.more(100)
        self.assertEqual(load.failed, [])
        return process, load

    def remove_records(self):
        for server in self.servers:
            os.remove(server.record)

    def end(self, process, load):
        """Every failure that clients saw is counted once, and no POST came twice."""
        load.more(100)
        load.stop()
        eventually(lambda: process.entity("frontend", "web")["in_flight"] == 0)
        failures = process.entity("frontend", "web")["failures"]
        self.assertEqual(sum(failures.values()), len(load.failed), (failures, load.failed))
        posts = collections.Counter(line for server in self.servers for line in server.requests() if line.startswith("POST"))
        self.assertEqual([line for line, count in posts.items() if count > 1], [])
        return failures

    def test_a_killed_server_costs_no_get_and_at_most_the_posts_it_had(self):
        process, load = self.start()
        self.servers[0].signal(signal.SIGKILL)
        process.server_is("web0", "down")
        failures = self.end(process, load)
        # A POST that the server may have seen is not sent again; a response that had begun cannot be taken back.
        self.assertLessEqual(len(load.failed), CLIENTS)
        self.assertNotIn(("GET", 502), load.failed)
        self.assertLessEqual(set(load.failed), {("POST", 502), ("POST", None), ("GET", None)})
        self.assertLessEqual(set(failures), {"server_reset", "server_closed", "server_truncated"})

    def test_a_hung_server_costs_each_client_one_request_at_most(self):
        process, load = self.start("    timeouts: { response: 3s, connect: 3s }\n")
        self.servers[0].signal(signal.SIGSTOP)
        process.server_is("web0", "down")
        load.more(100)
        # What hung on it is answered when its time is up, not before.
        eventually(lambda: process.entity("server", "web0")["in_flight"] == 0, 30, "nothing waits for web0")
        self.servers[0].signal(signal.SIGCONT)
        process.server_is("web0", "up")
        failures = self.end(process, load)
        self.assertLessEqual(len(load.failed), CLIENTS)
        # A response that had begun when the server was stopped cannot be taken back.
        self.assertLessEqual({outcome for _, outcome in load.failed}, {504, None})
        self.assertLessEqual(set(failures), {"server_timeout", "connect_timeout"})

    def test_a_server_that_resets_in_the_middle_of_responses_spoils_only_its_own(self):
        process, load = self.start()
        before = len(self.servers[0].requests())
        self.servers[0].order("reset")
        eventually(lambda: len(self.servers[0].requests()) >= before + 30, 30, "30 resets")
        self.servers[0].order("normal")
        failures = self.end(process, load)
        self.assertGreater(len(load.failed), 0)
        # Where the reset overtook the response, a POST is answered 502; a GET is asked of another server.
        self.assertLessEqual(set(load.failed), {("GET", None), ("POST", None), ("POST", 502)})
        self.assertLessEqual(set(failures), {"server_reset", "server_closed", "server_truncated"})
        spoiled = process.entity("server", "web0")["response_errors"]
        self.assertGreaterEqual(spoiled, len(load.failed))
        for name in ("web1", "web2"):
            self.assertEqual(process.entity("server", name)["response_errors"], 0)

    def test_a_server_that_drips_its_responses_holds_up_only_those_who_asked_it(self):
        process, load = self.start("    balance: least_connections\n")
        self.servers[0].order("drip")
        before = [len(server.requests()) for server in self.servers]
        eventually(lambda: len(self.servers[0].requests()) >= before[0] + CLIENTS // 2, 60, "some drips")
        load.more(300)
        self.servers[0].order("normal")
        failures = self.end(process, load)
        self.assertEqual((failures, load.failed), ({}, []))
        # With least_connections the two others did nearly all of the work.
        after = [len(server.requests()) for server in self.servers]
        self.assertGreater(after[1] - before[1] + after[2] - before[2], after[0] - before[0])
        self.assertGreaterEqual(load.slowest, DRIP_SECONDS * (DRIPPED_BYTES - 1))


class FaultsForHttp1(Faults, Http1Clients):
    pass


class FaultsForHttp2(Faults, Http2Clients):
    pass


if __name__ == "__main__":
    unittest.main()
