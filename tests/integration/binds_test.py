"""What each bind of a frontend asks of its own connections: TLS or none, its own certificate, the PROXY header."""

import ssl
import unittest

from support.case import IntegrationCase
from support.client import Client
from support.process import run_reseal
from support.server import reply

DEFAULTS = """defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
"""


class Binds(IntegrationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pki.leaf("other", san="DNS:localhost")

    def plain_server(self):
        return self.server(tls=None, handler=lambda request: reply(f"served {request.target}"))

    def connect(self, process, index, tls=False, **options):
        context = ssl.create_default_context(cafile=self.pki.path("ca.pem")) if tls else None
        if context and "maximum" in options:
            context.maximum_version = options.pop("maximum")
        client = Client(process.port("web", index), context=context, **options)
        self.addCleanup(client.close)
        return client

    def certificate_of(self, client):
        return dict(entry[0] for entry in client.sock.getpeercert()["subject"])["commonName"]

    def test_http_and_https_in_one_frontend_and_only_what_came_by_http_is_redirected(self):
        server = self.plain_server()
        for condition in ("if !{ ssl_fc }", "unless { ssl_fc }"):
            process = self.reseal(f"{DEFAULTS}frontend web\n    bind 127.0.0.1:0\n    bind 127.0.0.1:0 ssl crt {self.pki.path('front.pem')}\n"
                                  f"    redirect scheme https {condition}\n    default_backend app\n"
                                  f"backend app\n    server a {server.address}\n", haproxy=True)
            redirected = self.connect(process, 0).get("/x")
            self.assertEqual(redirected.get("location"), "https://localhost/x")
            self.assertIn(redirected.status, (302, 308))
            self.assertEqual(self.connect(process, 1, tls=True).get("/x").body, b"served /x")

    def test_without_a_redirect_both_are_served_and_a_reload_gives_each_bind_its_new_settings(self):
        server = self.plain_server()

        def yaml(first, second):
            return (f"frontends:\n  web:\n    bind:\n      - {{ address: \"127.0.0.1:0\", tls: {first} }}\n"
                    f"      - {{ address: \"127.0.0.1:0\", tls: {second} }}\n    tls: {{ certificates: {self.pki.path('front.pem')} }}\n"
                    f"    default: app\nbackends:\n  app:\n    servers: {{ a: \"{server.address}\" }}\n")

        other = f"{{ certificates: {self.pki.path('other.pem')}, max_version: \"1.2\" }}"
        process = self.reseal(yaml("off", other))
        plain, own = self.connect(process, 0), self.connect(process, 1, tls=True)
        self.assertEqual(plain.get("/1").body, b"served /1")
        self.assertEqual(own.get("/2").body, b"served /2")
        self.assertEqual((self.certificate_of(own), own.sock.version()), ("other", "TLSv1.2"))
        status, text = process.reload(yaml(other, "off"))
        self.assertEqual(status, 0, text)
        self.assertIn("settings of binds", text)
        self.assertEqual(plain.get("/3").body, b"served /3")  # connections keep what they began with
        self.assertEqual(own.get("/4").body, b"served /4")
        self.assertEqual(self.certificate_of(self.connect(process, 0, tls=True)), "other")
        self.assertEqual(self.connect(process, 1).get("/5").body, b"served /5")

    def test_a_bind_without_settings_of_its_own_has_those_of_the_frontend(self):
        server = self.plain_server()
        process = self.reseal(f"frontends:\n  web:\n    bind: [\"127.0.0.1:0\", {{ address: \"127.0.0.1:0\", tls: off }}]\n"
                              f"    tls: {{ certificates: {self.pki.path('front.pem')} }}\n    redirect: https\n    default: app\n"
                              f"backends:\n  app:\n    servers: {{ a: \"{server.address}\" }}\n")
        self.assertEqual(self.connect(process, 0, tls=True).get("/x").body, b"served /x")
        redirected = self.connect(process, 1).get("/x")
        self.assertEqual((redirected.status, redirected.get("location")), (308, "https://localhost/x"))

    def test_binds_with_and_without_the_proxy_header_and_with_different_certificates(self):
        server = self.plain_server()
        process = self.reseal(f"{DEFAULTS}listen web\n    bind 127.0.0.1:0 accept-proxy\n    bind 127.0.0.1:0\n"
                              f"    bind 127.0.0.1:0 ssl crt {self.pki.path('front.pem')}\n"
                              f"    bind 127.0.0.1:0 ssl crt {self.pki.path('other.pem')} ssl-max-ver TLSv1.2\n"
                              f"    option forwardfor\n    server a {server.address}\n", haproxy=True)
        told = self.connect(process, 0)
        told.send("PROXY TCP4 192.0.2.1 192.0.2.2 1000 80\r\n")
        self.assertEqual(told.get("/told").body, b"served /told")
        self.assertTrue(self.connect_and_ask(process, 0))
        self.assertEqual(self.connect(process, 1).get("/untold").body, b"served /untold")
        first, second = self.connect(process, 2, tls=True), self.connect(process, 3, tls=True)
        self.assertEqual((self.certificate_of(first), first.sock.version()), ("front", "TLSv1.3"))
        self.assertEqual((self.certificate_of(second), second.sock.version()), ("other", "TLSv1.2"))
        self.assertEqual(second.get("/x").body, b"served /x")

    def connect_and_ask(self, process, index):
        """True if a request without a PROXY header ends the connection."""
        client = self.connect(process, index)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return client.is_closed()

    def test_in_tcp_mode_too(self):
        server = self.plain_server()
        process = self.reseal(f"{DEFAULTS}    mode tcp\nlisten web\n    bind 127.0.0.1:0\n"
                              f"    bind 127.0.0.1:0 ssl crt {self.pki.path('front.pem')}\n    server a {server.address}\n", haproxy=True)
        self.assertEqual(self.connect(process, 0).get("/1").body, b"served /1")
        self.assertEqual(self.connect(process, 1, tls=True).get("/2").body, b"served /2")

    def test_what_makes_no_sense_is_told_with_its_place(self):
        folder = self.pki.folder
        for bind, words in (("{ tls: off }", "a bind without an address"), ("{ address: \"*:80\", tls: on }", "accepted: off"),
                            ("{ address: \"*:80\", tsl: off }", "did you mean 'tls'?"),
                            ("{ address: \"127.0.0.1:80\", tls: {} }", "tls needs certificates"),
                            ("{ address: \"127.0.0.1:80\", accept_proxy: [10.0.0.0/99] }", "10.0.0.0/99")):
            path = f"{folder}/bad.yaml"
            with open(path, "w") as file:
                file.write(f"frontends:\n  web:\n    bind: [{bind}]\n    default: app\nbackends:\n  app:\n    servers: {{ a: \"127.0.0.1:9\" }}\n")
            status, out, error = run_reseal("check", "-c", path)
            self.assertEqual(status, 1)
            self.assertRegex(out + error, rf"{path}:3:\d+")
            self.assertIn(words, out + error)


if __name__ == "__main__":
    unittest.main()
