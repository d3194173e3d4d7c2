"""Servers whose checks pass and whose answers fail are left out for a while; servers that come up begin gently."""

import itertools
import threading
import unittest

from support.case import IntegrationCase
from support.process import eventually
from support.server import reply


class Ill:
    """A server that answers its checks always, and requests only while it is not ill."""

    def __init__(self, case, name):
        self.ill = threading.Event()
        self.refused = 0
        self.server = case.server(name, tls=None, script=self.script)
        self.name, self.address = name, self.server.address

    def script(self, connection):
        while (request := connection.read_request()) is not None:
            if request.target != "/healthz" and self.ill.is_set():
                self.refused += 1
                connection.reset()
                return
            connection.send(reply(self.name))


class Outlier(IntegrationCase):
    CHECK = "{ http: /healthz, interval: 100ms }"

    def get_all(self, client, count):
        return [client.get().body.decode() for _ in range(count)]

    def test_a_server_whose_answers_fail_is_left_out_although_its_checks_pass_and_returns(self):
        bad, good = Ill(self, "bad"), self.server("good", tls=None)
        process = self.reseal(self.plain_yaml(bad, good, check=self.CHECK, backend="    outlier: { eject_for: 2s }\n"))
        client = self.plain_client(process)
        self.assertEqual(set(self.get_all(client, 4)), {"bad", "good"})
        bad.ill.set()
        self.assertEqual(set(self.get_all(client, 20)), {"good"})
        line = process.wait_for_line(r"server web/bad \S+ is EJECTED for 2 s: ")
        self.assertIn("5 errors in a row, last: server_reset", line)
        entity = process.entity("server", "bad")
        self.assertEqual(entity["ejections"], 1)
        self.assertGreaterEqual(bad.refused, 5)
        before = bad.refused  # some may have come while the word of it was on its way
        self.assertEqual(set(self.get_all(client, 10)), {"good"})
        self.assertEqual(bad.refused, before)
        bad.ill.clear()
        process.wait_for_line("server web/bad .* is not ejected any more")
        self.assertEqual(set(self.get_all(client, 4)), {"bad", "good"})
        process.server_is("bad", "up")

    def test_an_ejected_server_is_shown_as_such(self):
        bad, good = Ill(self, "bad"), self.server("good", tls=None)
        process = self.reseal(self.plain_yaml(bad, good, check=self.CHECK, backend="    outlier: { eject_for: 1h }\n"))
        bad.ill.set()
        client = self.plain_client(process)
        self.get_all(client, 20)
        process.server_is("bad", "ejected")
        self.assertIn("errors in a row", process.entity("server", "bad")["state_reason"])
        # A reload that switches it off ends the ejection.
        self.assertEqual(process.reload(self.plain_yaml(bad, good, check=self.CHECK, backend="    outlier: off\n"))[0], 0)
        process.server_is("bad", "up")

    def test_no_more_servers_are_left_out_than_may_be(self):
        servers = [Ill(self, name) for name in ("a", "b", "c", "d")]
        process = self.reseal(self.plain_yaml(*servers, check=self.CHECK, workers=2,
                                              backend="    outlier: { eject_for: 1h, max_ejected: 50% }\n    retries: 0\n"))
        for server in servers:
            server.ill.set()
        client = self.plain_client(process)
        for _ in range(60):
            self.assertEqual(client.get().status, 502)
        process.wait_for_line("stays although its answers fail")
        states = [process.entity("server", server.name)["state"] for server in servers]
        self.assertEqual(sorted(states), ["ejected", "ejected", "up", "up"])

    def test_a_share_of_errors_is_a_reason_too(self):
        turn = itertools.count()
        bad = self.server("bad", tls=None, handler=lambda request: reply("", "500 x" if next(turn) % 2 else "200 OK"))
        process = self.reseal(self.plain_yaml(bad, self.server("good", tls=None), backend=(
            "    outlier: { consecutive_errors: 0, error_rate: 40%, least_requests: 10, server_errors: true, eject_for: 1h }\n")))
        client = self.plain_client(process)
        for _ in range(40):
            client.get()
        self.assertIn("of 10 responses within 10 s were errors", process.wait_for_line("server web/bad .* is EJECTED"))
        before = bad.requests
        self.assertEqual(set(self.get_all(client, 10)), {"good"})
        self.assertEqual(bad.requests, before)

    def test_when_only_ejected_servers_are_left_they_are_asked(self):
        bad = Ill(self, "bad")
        good = self.server("good", tls=None)
        process = self.reseal(self.plain_yaml(bad, good, backend="    outlier: { eject_for: 1h }\n    passive: { hold: 1h }\n"))
        bad.ill.set()
        client = self.plain_client(process)
        self.get_all(client, 20)
        process.server_is("bad", "ejected")
        bad.ill.clear()
        good.stop()
        self.assertEqual(set(self.get_all(client, 20)), {"bad"})
        process.server_is("good", "down")


class SlowStart(IntegrationCase):
    def test_a_server_that_comes_up_begins_with_a_small_share(self):
        ill = threading.Event()
        for balance in ("round_robin", "least_connections", "random_of_two", "{ hash: { header: X-Key } }"):
            with self.subTest(balance):
                ill.set()
                old, new = self.server("old", tls=None), self.server("new", tls=None)
                new.health = lambda request: reply("", "503 x" if ill.is_set() else "200 OK") if request.target == "/healthz" else None
                process = self.reseal(self.plain_yaml(
                    old, new, backend=f"    balance: {balance}\n    slow_start: 1h\n",
                    check="{ http: /healthz, interval: 50ms, fast_interval: 20ms, fall: 1, rise: 1 }"))
                process.server_is("new", "down")
                ill.clear()
                process.server_is("new", "up")
                client = self.plain_client(process)
                bodies = [client.get(fields=[("X-Key", str(i))]).body for i in range(300)]
                # A tenth of the weight: one in eleven.
                self.assertGreater(bodies.count(b"new"), 5)
                self.assertLess(bodies.count(b"new"), 75)

    def test_it_has_its_whole_share_when_the_time_is_over(self):
        ill = threading.Event()
        ill.set()
        old, new = self.server("old", tls=None), self.server("new", tls=None)
        new.health = lambda request: reply("", "503 x" if ill.is_set() else "200 OK") if request.target == "/healthz" else None
        process = self.reseal(self.plain_yaml(
            old, new, backend="    slow_start: 300ms\n",
            check="{ http: /healthz, interval: 50ms, fast_interval: 20ms, fall: 1, rise: 1 }"))
        process.server_is("new", "down")
        ill.clear()
        process.server_is("new", "up")
        client = self.plain_client(process)
        eventually(lambda: [client.get().body for _ in range(20)].count(b"new") == 10, what="half of the requests")


if __name__ == "__main__":
    unittest.main()
