"""Servers come and go: checks over the servers' own TLS, what traffic sees, backups, all down and back at once."""

import re
import unittest

from support.case import IntegrationCase
from support.process import eventually
from support.server import Server, reply, server_tls

CHECK = "{ http: /healthz, interval: 50ms, fast_interval: 20ms, down_interval: 30ms, timeout: 2s, rise: 2, fall: 3, jitter: 10% }"


class Health(IntegrationCase):
    def test_a_server_goes_down_after_fall_checks_and_up_after_rise_with_the_reason_in_the_log(self):
        healthy = {"web0": True}

        class Moody(Server):
            def health(self, request):
                if request.target != "/healthz":
                    return None
                return reply("ok") if healthy.get(self.name, True) else reply("no", "503 Service Unavailable")

        servers = [Moody(f"web{i}", tls=server_tls(self.pki)) for i in range(2)]
        for server in servers:
            self.addCleanup(server.stop)
        process = self.reseal(self.yaml(*servers, check=CHECK))
        healthy["web0"] = False
        process.server_is("web0", "down")
        line = process.wait_for_line("web/web0 .* is DOWN")
        self.assertRegex(line, r"HTTP 503, expected 200-399 \(3 failed checks in a row\); 1 of 2 servers of backend 'web' are up")
        client = self.client(process)
        self.assertEqual({client.get().body for _ in range(10)}, {b"web1"})
        healthy["web0"] = True
        process.server_is("web0", "up")
        self.assertRegex(process.wait_for_line("web/web0 .* is UP"), r"HTTP 200 \(2 passed checks in a row\); 2 of 2 servers")
        self.assertEqual({client.get().body for _ in range(10)}, {b"web0", b"web1"})

    def test_all_down_is_503_at_once_and_recovery_is_at_once(self):
        server = self.server("only")
        process = self.reseal(self.yaml(server, check=CHECK))
        client = self.client(process)
        self.assertEqual(client.get().status, 200)
        port = server.port
        server.stop()
        process.server_is("only", "down")
        response = client.get()
        self.assertEqual(response.status, 503)
        self.assertIn(b"no_server_up", response.body)
        process.wait_for_line("error backend 'web' has no server up")
        again = self.server("only", port=port)
        process.server_is("only", "up")
        self.assertEqual(client.get().status, 200)
        self.assertGreater(again.requests, 0)

    def test_a_check_verifies_the_server_as_traffic_does(self):
        self.pki.leaf("impostor", san="DNS:impostor.internal")
        for check in (CHECK, CHECK.replace("http: /healthz", "tcp: true")):
            with self.subTest(check):
                server = self.server("web0", tls=server_tls(self.pki, "impostor"))
                process = self.reseal(self.yaml(server, check=check))
                process.server_is("web0", "down")
                self.assertIn("impostor.internal", process.wait_for_line("web/web0 .* is DOWN"))
                self.assertEqual(server.requests, 0)

    def test_a_tcp_check_brings_a_server_up_from_initial_down(self):
        server = self.server("web0")
        process = self.reseal(self.yaml(server, check=CHECK.replace("http: /healthz", "tcp: true, initial: down")))
        process.server_is("web0", "up")
        self.assertEqual(self.client(process).get().status, 200)

    def test_traffic_that_cannot_connect_takes_a_server_out_before_its_check(self):
        dead, good = self.server("dead"), self.server("good")
        process = self.reseal(self.yaml(dead, good, check="{ http: /healthz, interval: 1h, fast_interval: 1h, down_interval: 1h }"))
        dead.stop()
        client = self.client(process)
        self.assertEqual({client.get().status for _ in range(20)}, {200})
        process.server_is("dead", "down")
        self.assertIn("3 failed connections in a row, last: connect_failed: connection refused", process.wait_for_line("web/dead .* is DOWN"))

    def test_a_run_of_5xx_takes_a_server_out_when_asked_and_it_is_tried_again(self):
        bad = self.server("bad", handler=lambda request: reply("no", "500 Internal Server Error"))
        good = self.server("good")
        process = self.reseal(self.yaml(bad, good, backend="    passive: { server_errors: 3, hold: 100ms }\n"))
        client = self.client(process)
        for _ in range(6):
            client.get()
        self.assertIn("3 responses in a row were 5xx, last: 500", process.wait_for_line("web/bad .* is DOWN"))
        self.assertIn("trying again after 100 ms", process.wait_for_line("web/bad .* is UP"))

    def test_a_backup_serves_only_while_the_others_are_down(self):
        main, spare = self.server("main"), self.server("spare")
        yaml = self.yaml(main, check=CHECK) + f"      spare: {{ address: \"{spare.address}\", backup: true }}\n"
        process = self.reseal(yaml)
        client = self.client(process)
        self.assertEqual({client.get().body for _ in range(6)}, {b"main"})
        port = main.port
        main.stop()
        process.server_is("main", "down")
        self.assertEqual({client.get().body for _ in range(6)}, {b"spare"})
        self.server("main", port=port)
        process.server_is("main", "up")
        self.assertEqual({client.get().body for _ in range(6)}, {b"main"})


class Balancing(IntegrationCase):
    def test_least_connections_avoids_the_busy_server(self):
        import threading

        release = threading.Event()
        self.addCleanup(release.set)
        servers = [self.server(f"web{i}", handler=lambda r, i=i: (release.wait(10) if r.target == "/hold" else None, reply(f"web{i}"))[1])
                   for i in range(2)]
        process = self.reseal(self.yaml(*servers, backend="    balance: least_connections\n"))
        holding = self.client(process)
        holding.send("GET /hold HTTP/1.1\r\nHost: localhost\r\n\r\n")
        eventually(lambda: sum(server.requests for server in servers) == 1)
        busy = 0 if servers[0].requests else 1
        client = self.client(process)
        self.assertEqual({client.get().body for _ in range(10)}, {f"web{1 - busy}".encode()})
        release.set()
        self.assertEqual(holding.response().status, 200)

    def test_a_header_hash_sends_the_same_key_to_the_same_server(self):
        servers = [self.server(f"web{i}") for i in range(3)]
        process = self.reseal(self.yaml(*servers, backend="    balance: { hash: { header: X-User } }\n"))
        client = self.client(process)
        where = {user: {client.get("/", [("x-user", user)]).body for _ in range(3)} for user in map(str, range(30))}
        self.assertTrue(all(len(bodies) == 1 for bodies in where.values()))
        self.assertEqual(len(set.union(*where.values())), 3)

    def test_a_source_hash_keeps_one_address_at_one_server_until_that_is_down(self):
        servers = [self.server(f"web{i}") for i in range(3)]
        process = self.reseal(self.yaml(*servers, check=CHECK, backend="    balance: { hash: source }\n"))
        bodies = {self.client(process).get().body for _ in range(10)}
        self.assertEqual(len(bodies), 1)
        first = next(server for server in servers if server.name.encode() in bodies)
        first.stop()
        process.server_is(first.name, "down")
        others = {self.client(process).get().body for _ in range(10)}
        self.assertEqual(len(others), 1)
        self.assertNotEqual(others, bodies)

    def test_random_of_two_uses_every_server(self):
        servers = [self.server(f"web{i}") for i in range(3)]
        client = self.client(self.reseal(self.yaml(*servers, backend="    balance: random_of_two\n")))
        self.assertEqual(len({client.get().body for _ in range(100)}), 3)

    def test_weights_decide_the_shares(self):
        heavy, light, none = self.server("heavy"), self.server("light"), self.server("none")
        yaml = self.yaml(heavy)
        yaml = re.sub(r'heavy: "(\S+)"', r'heavy: { address: "\1", weight: 300 }', yaml)
        yaml += f"      light: {{ address: \"{light.address}\", weight: 100 }}\n      none: {{ address: \"{none.address}\", weight: 0 }}\n"
        client = self.client(self.reseal(yaml))
        bodies = [client.get().body for _ in range(40)]
        self.assertEqual((bodies.count(b"heavy"), bodies.count(b"light")), (30, 10))


if __name__ == "__main__":
    unittest.main()
