"""`balance` and `hash-type` of a haproxy.cfg beside the real HAProxy: hundreds of requests, each to the same server."""

import random
import subprocess
import unittest

from support.beside import DEFAULTS, BesideCase
from support.client import Client
from support.server import reply

WORDS = ("index", "a", "images", "x.png", "api", "v1", "users", "long-" * 20, "%20", "caf%C3%A9")


def targets(count, seed=1):
    chooser = random.Random(seed)
    made = []
    for number in range(count):
        path = "/" + "/".join(chooser.choice(WORDS) for _ in range(chooser.randrange(1, 6))) + str(chooser.randrange(50))
        query = chooser.choice(("", "?", "?id=" + str(number), f"?a=b&id={number}&c=d", f"?xid={number}&id=", f"?idx={number}", "?id"))
        made.append(path + query)
    return made


class HaproxyBalance(BesideCase):
    def compare(self, backend, requests, count=3, extra=("", "weight 3", "weight 2"), skipped=()):
        """`requests`: (target, fields). Which server got each, which is the same with both; `skipped`: those whose choice is
        nobody's (they take turns)."""
        servers = [self.server(f"s{i}", tls=None) for i in range(count)]
        lines = "".join(f"    server {server.name} {server.address} {extra[i % len(extra)]}\n" for i, server in enumerate(servers))
        chosen = []
        for process in self.both(f"{DEFAULTS}frontend web\n    bind @web@\n    default_backend app\nbackend app\n{backend}{lines}"):
            with Client(process.port()) as client:
                chosen.append([client.get(target, fields).body for target, fields in requests])
        theirs, ours = ([None if i in skipped else body for i, body in enumerate(bodies)] for bodies in chosen)
        different = [(request, their, our) for request, their, our in zip(requests, theirs, ours) if their != our]
        self.assertEqual(different[:5], [], f"{backend}: {len(different)} of {len(requests)} differ")
        return theirs

    def test_the_uri(self):
        requests = [(target, ()) for target in targets(300)]
        for words in ("uri", "uri whole", "uri len 9", "uri depth 2", "uri depth 1 len 30 whole", "uri path-only"):
            with self.subTest(words=words):
                self.assertGreater(len(set(self.compare(f"    balance {words}\n", requests))), 2)

    def test_every_hash_type(self):
        requests = [(target, ()) for target in targets(120)]
        for kind in ("map-based", "consistent"):
            for function in ("", "sdbm", "djb2", "wt6", "crc32", "sdbm avalanche", "djb2 avalanche", "wt6 avalanche", "crc32 avalanche"):
                with self.subTest(kind=kind, function=function):
                    self.compare(f"    balance uri\n    hash-type {kind} {function}\n", requests)

    def test_weights_ids_and_numbers_of_servers(self):
        requests = [(target, ()) for target in targets(150)]
        for kind in ("map-based", "consistent"):
            for count, extra in ((1, ("",)), (2, ("",)), (7, ("",)), (5, ("weight 100", "weight 40", "weight 60")),
                                 (4, ("weight 0", "weight 256", "weight 17")), (4, ("id 70", "", "id 1", "")), (5, ("", "id 2", "id 1", "id 9", "")), (3, ("backup", "", ""))):
                with self.subTest(kind=kind, count=count, extra=extra):
                    self.compare(f"    balance uri\n    hash-type {kind}\n", requests, count, extra)

    def test_a_parameter_of_the_query(self):
        requests = [(target, ()) for target in targets(300)]
        without = {i for i, (target, _) in enumerate(requests)
                   if not any(pair.startswith("id=") for pair in target.partition("?")[2].split("&"))}
        self.assertGreater(len(requests) - len(without), 100)
        self.compare("    balance url_param id\n", requests, skipped=without)

    def test_a_field(self):
        values = [f"user{i}" for i in range(100)] + ["www.example.org", "example.org", "a.b.example.co.uk", "nodot", "10.0.0.1", ".x",
                                                     "caf\xe9", "one, two", "three,four"]
        requests = [("/", [("X-User", value)]) for value in values]
        self.compare("    balance hdr(x-USER)\n", requests)
        self.compare("    balance hdr(X-User) use_domain_only\n",
                     [("/", [("X-User", f"www{i}.name{i % 30}.org")]) for i in range(100)])
        seen = self.compare("    balance hdr(X-User)\n", [("/", ())] * 30, extra=("",), skipped=range(30))
        self.assertEqual(len(seen), 30)

    def test_expressions(self):
        requests = [(target, [("X-User", f"user{i}"), ("Cookie", f"id={i * 7}")]) for i, target in enumerate(targets(80))]
        for expression in ("path", "req.hdr(x-user)", "req.cook(id)", "req.cook(id),lower", "src", "req.hdr(x-user),length",
                           "url_param(id),djb2"):
            without = {i for i, (target, _) in enumerate(requests)
                       if "url_param" in expression and not any(pair.startswith("id=") for pair in target.partition("?")[2].split("&"))}
            with self.subTest(expression=expression):
                self.compare(f"    balance hash {expression}\n", requests, skipped=without)

    def test_the_host(self):
        servers = [self.server(f"s{i}", tls=None) for i in range(3)]
        lines = "".join(f"    server {server.name} {server.address}\n" for server in servers)
        answers = []
        for process in self.both(f"{DEFAULTS}frontend web\n    bind @web@\n    default_backend app\nbackend app\n"
                                 f"    balance hdr(host)\n{lines}"):
            with Client(process.port()) as client:
                answers.append([client.get("/", host=f"host{i}.example").body for i in range(100)])
        self.assertEqual(answers[0], answers[1])

    def test_the_clients_address(self):
        self.compare("    balance source\n", [("/", ())] * 5, 5)
        self.compare("    balance source\n    hash-type consistent\n", [("/", ())] * 5, 5)

    def test_addresses_of_a_balancer_in_front(self):
        servers = [self.server(f"s{i}", tls=None) for i in range(5)]
        lines = "".join(f"    server {server.name} {server.address}\n" for server in servers)
        chooser = random.Random(2)
        clients = [f"TCP4 10.{chooser.randrange(256)}.{chooser.randrange(256)}.7 10.0.0.1 5 6" for _ in range(60)]
        clients += [f"TCP6 2001:db8:{i:x}::{i * 77:x} ::1 5 6" for i in range(60)]
        answers = []
        for process in self.both(f"{DEFAULTS}frontend web\n    bind @web@ accept-proxy\n    default_backend app\nbackend app\n"
                                 f"    balance source\n{lines}"):
            answers.append([])
            for each in clients:
                with Client(process.port()) as client:
                    client.send(f"PROXY {each}\r\n".encode())
                    answers[-1].append(client.get().body)
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(len(set(answers[0])), 5)

    def test_http2_is_hashed_with_its_scheme_and_host_unless_by_path_only(self):
        for words in ("uri", "uri path-only"):
            servers = [self.server(f"s{i}", tls=None) for i in range(5)]
            lines = "".join(f"    server {server.name} {server.address}\n" for server in servers)
            answers = []
            for process in self.both(f"{DEFAULTS}frontend web\n    bind @web@ ssl crt {self.pki.path('front.pem')} alpn h2\n"
                                     f"    default_backend app\nbackend app\n    balance {words}\n{lines}"):
                urls = [f"https://localhost:{process.port()}/{i}" for i in range(40)]
                # The host is hashed, and holds the port.
                done = subprocess.run(["curl", "-ksS", "--http2", "-H", "Host: a.example", "-w", " "] + urls, stdout=subprocess.PIPE,
                                      check=True, timeout=60)
                answers.append(done.stdout)
            self.assertEqual(answers[0], answers[1])

    def test_the_first_that_has_room(self):
        self.assertEqual(set(self.compare("    balance first\n", [("/", ())] * 20, 3, ("id 9", "id 4", ""))), {b"s2"})

    def test_turns_are_taken_by_weight(self):
        for words in ("roundrobin", "static-rr", "random", "random(3)", "leastconn"):
            self.compare(f"    balance {words}\n", [("/", ())] * 6, skipped=range(6))

    def test_no_server_takes_much_more_than_its_share(self):
        # A single client has one request under way: what is hashed to one server alone does not leave it.
        requests = [(target, ()) for target in targets(100)]
        self.compare("    balance uri\n    hash-type consistent\n    hash-balance-factor 150\n", requests)


if __name__ == "__main__":
    unittest.main()
