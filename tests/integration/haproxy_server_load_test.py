"""minconn, maxconn and fullconn of servers, `redir` and `http-send-name-header`, beside HAProxy."""

import threading
import unittest

from support.beside import DEFAULTS, BesideCase, ask, request
from support.client import Client
from support.process import eventually
from support.server import reply


class Held:
    """A server that holds every request until it is let go."""

    def __init__(self, case):
        self.gate = threading.Event()
        self.now = self.most = 0
        self.lock = threading.Lock()
        self.server = case.server("held", tls=None, handler=self.handle)
        case.addCleanup(self.gate.set)

    def handle(self, _):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.gate.wait(20)
        with self.lock:
            self.now -= 1
        return reply("held")


class Load(BesideCase):
    def site(self, *servers, backend="", frontend=""):
        lines = "".join(f"    server s{i} {server}\n" for i, server in enumerate(servers))
        return (f"{DEFAULTS}    timeout queue 10s\nfrontend web\n    bind @web@\n{frontend}    default_backend app\n"
                f"backend app\n{backend}{lines}")

    def check_at_once(self, expected, which, count, options, backend="", frontend=""):
        """Of so many requests at a time the server gets as many as expected before it has answered one, and no more. With roundrobin HAProxy looks at its limit
        again only when a request is over."""
        held = Held(self)
        site = self.site(f"{held.server.address} {options}", backend="    balance leastconn\n" + backend, frontend=frontend)
        # Of HAProxy's threads the last to set the limit may be one that has counted before another.
        process = which(site if which.__name__ == "ours" else "global\n    nbthread 1\n" + site)
        clients = []
        for i in range(count):
            client = Client(process.port("web"))
            self.addCleanup(client.close)
            client.send(f"GET /{i} HTTP/1.1\r\nHost: a\r\n\r\n")
            clients.append(client)
        seen = []

        def steady():
            seen.append(held.now)
            return len(seen) > 12 and len(set(seen[-12:])) == 1 and seen[-1] >= expected

        eventually(steady, what=f"{expected} at once of {which.__name__}")
        self.assertEqual(held.now, expected)
        held.gate.set()
        for client in clients:
            self.assertEqual(client.response().status, 200)

    def test_the_limit_rises_with_the_load(self):
        for count, full, expected in ((8, 20, 4), (16, 20, 8), (25, 20, 10), (4, 20, 2), (3, 100, 2)):
            for which in (self.theirs, self.ours):
                with self.subTest(count=count, full=full, which=which.__name__):
                    self.check_at_once(expected, which, count, "minconn 2 maxconn 10", f"    fullconn {full}\n")

    def test_full_load_is_a_tenth_of_the_clients_unless_it_is_said(self):
        for which in (self.theirs, self.ours):
            self.check_at_once(4, which, 10, "minconn 1 maxconn 8", frontend="    maxconn 200\n")

    def test_minconn_alone_is_the_limit(self):
        for which in (self.theirs, self.ours):
            self.check_at_once(3, which, 6, "minconn 3")

    def test_get_and_head_are_sent_elsewhere(self):
        server = self.server("here", tls=None)
        for process in self.both(self.site(f"{server.address} redir http://img.example/x")):
            for method in ("GET", "HEAD"):
                answer = ask(process.port("web"), request("/a?b=c", method=method))
                self.assertEqual((answer.status, answer.get("location")), (302, "http://img.example/x/a?b=c"))
            self.assertEqual(ask(process.port("web"), request("/a", method="POST", body="x")).body, b"here")

    def test_servers_are_told_their_names(self):
        servers = [self.server(f"n{i}", tls=None, handler=lambda asked: reply(",".join(asked.all("x-name")))) for i in range(2)]
        for process in self.both(self.site(*(server.address for server in servers), backend="    http-send-name-header X-Name\n")):
            names = {ask(process.port("web"), request(fields=[("X-Name", "forged")])).body for _ in range(4)}
            self.assertEqual(names, {b"s0", b"s1"})


if __name__ == "__main__":
    unittest.main()
