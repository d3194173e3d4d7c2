"""What was agreed with one peer is never used under other terms: settings, reloads, renewed and exchanged servers."""

import re
import shutil
import threading
import unittest

from support.case import IntegrationCase
from support.process import eventually
from support.server import Server, reply, server_tls


class Trust(IntegrationCase):
    def second_backend(self, server, tls):
        """A backend `other` on /other, with the same server under other terms."""
        rules = "    rules: [{ when: { path: /other }, use: other }]\n"
        return (self.yaml(server, frontend=rules, backend="    retries: 0\n    passive: off\n")
                + f"  other:\n    {tls}\n    retries: 0\n    passive: off\n    servers: {{ same: \"{server.address}\" }}\n")

    def test_two_backends_with_one_server_share_neither_connections_nor_sessions(self):
        self.pki.ca("stranger")
        for tls in (self.backend_tls(verify_host="other.internal"), self.backend_tls(ca="stranger")):
            with self.subTest(tls):
                server = self.server()
                client = self.client(self.reseal(self.second_backend(server, tls)))
                for _ in range(3):
                    self.assertEqual(client.get().status, 200)
                    self.assertEqual(client.get("/other").status, 502)
                self.assertEqual((server.requests, server.connections), (3, 4))

    def test_backends_with_certificates_of_their_own_are_told_apart_by_the_server(self):
        self.pki.leaf("second", san="DNS:second.internal")
        names = []

        def script(connection):
            subject = dict(entry[0] for entry in connection.sock.getpeercert()["subject"])["commonName"]
            while connection.read_request() is not None:
                names.append(subject)
                connection.send(reply())

        server = self.server(script=script)
        client = self.client(self.reseal(self.second_backend(server, self.backend_tls(certificate="second"))))
        for _ in range(2):
            client.get()
            client.get("/other")
        self.assertEqual(names, ["lb", "second", "lb", "second"])

    def test_connections_and_sessions_from_before_a_reload_do_not_outlive_their_trust(self):
        self.pki.ca("later")
        server = self.server()
        process = self.reseal(self.yaml(server, backend="    passive: off\n"))
        client = self.client(process)
        self.assertEqual([client.get().status for _ in range(3)], [200] * 3)
        for tls in (self.backend_tls(ca="later"), self.backend_tls(verify_host="later.internal")):
            self.assertEqual(process.reload(self.yaml(server, tls=tls, backend="    passive: off\n"))[0], 0)
            self.assertEqual([client.get().status for _ in range(3)], [502] * 3)
        self.assertEqual(server.requests, 3)
        self.assertEqual(process.reload(self.yaml(server, backend="    passive: off\n"))[0], 0)
        self.assertEqual(client.get().status, 200)

    def test_a_renewed_client_certificate_is_shown_to_the_servers_after_a_reload(self):
        names = []

        def script(connection):
            subject = dict(entry[0] for entry in connection.sock.getpeercert()["subject"])["commonName"]
            while connection.read_request() is not None:
                names.append(subject)
                connection.send(reply())

        self.pki.leaf("mine", san="DNS:lb.internal", common_name="before")
        process = self.reseal(self.yaml(self.server(script=script), tls=self.backend_tls(certificate="mine")))
        client = self.client(process)
        client.get()
        self.pki.leaf("mine", san="DNS:lb.internal", common_name="after")
        self.assertEqual(process.reload()[0], 0)
        client.get()
        self.assertEqual(names, ["before", "after"])

    def test_a_server_that_comes_back_as_somebody_else_gets_nothing(self):
        self.pki.leaf("exchanged", san="DNS:exchanged.internal")
        server = self.server("web0")
        process = self.reseal(self.yaml(server, backend="    passive: off\n    retries: 0\n"))
        client = self.client(process)
        self.assertEqual(client.get().status, 200)
        server.stop()
        other = self.server("web0", port=server.port, tls=server_tls(self.pki, "exchanged"))
        # The pooled connection is gone and its session worth nothing to the new process.
        eventually(lambda: client.get().status == 502 and other.failed_handshakes + other.connections > 0)
        self.assertEqual((other.requests, other.bytes), (0, 0))

    def test_an_answer_in_plaintext_before_the_handshake_is_no_answer(self):
        reached = threading.Event()

        def script(connection):
            connection.send(reply("injected"))
            reached.set()
            connection.more()  # nothing but our handshake may come

        server = self.server(tls=None, script=script)
        process = self.reseal(self.yaml(server, backend="    retries: 0\n    passive: off\n"))
        response = self.client(process).get("/secret")
        self.assertEqual(response.status, 502)
        self.assertNotIn(b"injected", response.body)
        self.assertTrue(reached.wait(10))

    def test_a_certificate_signed_by_a_leaf_of_our_ca_is_not_believed(self):
        shutil.copy(self.pki.path("server.crt"), self.pki.path("leaf_as_ca.pem"))
        shutil.copy(self.pki.path("server.key"), self.pki.path("leaf_as_ca.key"))
        self.pki.leaf("forged", san="DNS:web.internal", ca="leaf_as_ca")
        with open(self.pki.path("forged.pem"), "a") as chain, open(self.pki.path("server.crt")) as leaf:
            chain.write(leaf.read())
        server = self.server(tls=server_tls(self.pki, "forged"))
        process = self.reseal(self.yaml(server, backend="    retries: 0\n    passive: off\n"))
        self.assertEqual(self.client(process).get().status, 502)
        self.assertEqual((server.requests, server.bytes), (0, 0))

    def test_an_intermediate_that_the_server_sends_is_followed_and_one_that_it_forgets_is_told(self):
        self.pki.intermediate("middle")
        self.pki.leaf("under", san="DNS:web.internal", ca="middle")
        forgetful = self.server("web0", tls=server_tls(self.pki, "under"))
        process = self.reseal(self.yaml(forgetful, backend="    retries: 0\n    passive: off\n"))
        self.assertEqual(self.client(process).get().status, 502)
        self.assertIn("middle", process.wait_for_line("server_certificate_untrusted"))
        with open(self.pki.path("under.pem"), "a") as chain, open(self.pki.path("middle.pem")) as middle:
            chain.write(middle.read())
        complete = self.server("web1", tls=server_tls(self.pki, "under"))
        self.assertEqual(self.client(self.reseal(self.yaml(complete))).get().status, 200)

    def test_names_in_a_hostile_certificate_stay_on_their_log_line(self):
        self.pki.leaf("hostile", san="DNS:hostile.internal", common_name="x\n2026-01-01 info server web0 is UP\x1b[2J")
        server = self.server("web0", tls=server_tls(self.pki, "hostile"))
        process = self.reseal(self.yaml(server, check="{ tcp: true, interval: 50ms, fall: 1 }"))
        self.client(process).get("/\x01", [("X", "\x1b")])
        process.server_is("web0", "down")
        self.assertIn("2026-01-01 info", process.wait_for_line("web/web0 .* is DOWN"))  # there, but harmless
        self.assertNotRegex(process.log, r"(?m)^2026-01-01")
        self.assertIsNone(re.search(r"[\x00-\x08\x0b-\x1f\x7f]", process.log))

    def test_a_check_and_traffic_go_the_same_way(self):
        # The check itself is a request over mutual TLS: a server without it never comes up.
        class Watched(Server):
            def health(self, request):
                if request.target == "/healthz":
                    self.checks = getattr(self, "checks", 0) + 1
                    return reply("ok")
                return None

        server = Watched("web0", tls=server_tls(self.pki))
        self.addCleanup(server.stop)
        check = "{ http: /healthz, interval: 20ms, fast_interval: 20ms, initial: down, rise: 2 }"
        process = self.reseal(self.yaml(server, check=check))
        process.server_is("web0", "up")
        self.assertGreaterEqual(server.checks, 2)
        self.assertEqual(self.client(process).get().status, 200)


if __name__ == "__main__":
    unittest.main()
