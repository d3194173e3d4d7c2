"""TLS towards the servers: a server that is not the one we expect gets not one byte of a request, and the log says why."""

import ssl
import time
import unittest

from support.case import IntegrationCase
from support.process import eventually
from support.server import server_tls


class ServerIdentity(IntegrationCase):
    def assert_refused(self, server, words, code, tls=None):
        process = self.reseal(self.yaml(server, tls=tls, backend="    retries: 0\n    passive: off\n"))
        response = self.client(process).get("/secret")
        self.assertEqual(response.status, 502)
        self.assertIn(code.encode(), response.body)
        self.assertEqual((server.requests, server.bytes), (0, 0))
        line = process.wait_for_line(f"server web/{server.name} ")
        for word in (code, "no request was sent", *words):
            self.assertIn(word, line)

    def test_an_unknown_issuer(self):
        self.pki.ca("other")
        self.pki.leaf("stranger", san="DNS:web.internal", ca="other")
        self.assert_refused(self.server(tls=server_tls(self.pki, "stranger")), ["Test CA other", "ca.pem"], "server_certificate_untrusted")

    def test_an_expired_certificate(self):
        self.pki.leaf("old", san="DNS:web.internal", expired=True)
        self.assert_refused(self.server(tls=server_tls(self.pki, "old")), ["CN = old", "2020-02-01"], "server_certificate_expired")

    def test_a_wrong_name(self):
        self.pki.leaf("wrong", san="DNS:other.internal")
        self.assert_refused(self.server(tls=server_tls(self.pki, "wrong")), ["other.internal", "'web.internal'"], "server_certificate_name_mismatch")

    def test_a_name_in_the_common_name_only(self):
        self.pki.leaf("cn", san=None, common_name="web.internal")
        self.assert_refused(self.server(tls=server_tls(self.pki, "cn")), ["names none"], "server_certificate_name_mismatch")

    def test_a_name_with_a_partial_wildcard(self):
        self.pki.leaf("partial", san="DNS:w*.internal")
        self.assert_refused(self.server(tls=server_tls(self.pki, "partial")), ["w*.internal"], "server_certificate_name_mismatch")

    def test_a_plaintext_server(self):
        server = self.server(tls=None, script=lambda c: c.sock.recv(10) and c.send(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
        self.assert_refused(server, ["does not speak TLS"], "server_plaintext")

    def test_a_server_that_refuses_our_missing_certificate(self):
        for maximum in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(maximum):
                server = self.server(tls=server_tls(self.pki, maximum=maximum))
                process = self.reseal(self.yaml(server, tls=self.backend_tls(certificate=None), backend="    retries: 0\n    passive: off\n"))
                self.assertEqual(self.client(process).get().status, 502)
                self.assertEqual(server.requests, 0)
                process.wait_for_line("server_requires_certificate|server_tls_failed")

    def test_a_server_that_refuses_our_certificate(self):
        self.pki.ca("foreign")
        self.pki.leaf("foreigner", ca="foreign")
        server = self.server()
        process = self.reseal(self.yaml(server, tls=self.backend_tls(certificate="foreigner"), backend="    retries: 0\n    passive: off\n"))
        self.assertEqual(self.client(process).get().status, 502)
        self.assertEqual(server.requests, 0)
        process.wait_for_line("server_requires_certificate")

    def test_the_right_server_is_served_by_name_and_by_address(self):
        self.pki.leaf("byip", san="IP:127.0.0.1")
        named, numbered = self.server("named"), self.server("numbered", tls=server_tls(self.pki, "byip"))
        self.assertEqual(self.client(self.reseal(self.yaml(named))).get().body, b"named")
        tls = self.backend_tls().replace(", verify_host: web.internal", "")
        self.assertEqual(self.client(self.reseal(self.yaml(numbered, tls=tls))).get().body, b"numbered")

    def test_a_wildcard_name_is_accepted(self):
        self.pki.leaf("wild", san="DNS:*.web.internal")
        server = self.server(tls=server_tls(self.pki, "wild"))
        process = self.reseal(self.yaml(server, tls=self.backend_tls(verify_host="a.web.internal")))
        self.assertEqual(self.client(process).get().status, 200)

    def test_verify_none_has_to_be_spelled_out_and_warns(self):
        self.pki.leaf("any", san="DNS:whatever")
        server = self.server(tls=server_tls(self.pki, "any"))
        process = self.reseal(self.yaml(server, tls=self.backend_tls(extra=", verify: none")))
        self.assertEqual(self.client(process).get().status, 200)
        process.wait_for_line("verify: none")

    def test_sessions_with_servers_are_resumed(self):
        server = self.server(handler=lambda request: b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        process = self.reseal(self.yaml(server))
        client = self.client(process)
        for _ in range(5):
            self.assertEqual(client.get().status, 200)
        handshakes = process.entity("server", "server")["tls_handshakes"]
        self.assertEqual(handshakes["full"], 1)
        self.assertEqual(handshakes["resumed"], 4)

    def test_the_request_waits_for_the_handshake(self):
        # The server is slow to complete its handshake; until then it must see nothing but handshake.
        class Slow(ssl.SSLContext):
            def wrap_socket(self, sock, **options):
                time.sleep(0.2)
                return super().wrap_socket(sock, **options)

        context = Slow(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pki.path("server.pem"))
        server = self.server(tls=context)
        self.assertEqual(self.client(self.reseal(self.yaml(server))).get().status, 200)
        eventually(lambda: server.requests == 1)


if __name__ == "__main__":
    unittest.main()
