"""TLS from the clients: versions, certificates by name and key type, ALPN, resumption."""

import ssl
import subprocess
import unittest

from support.case import IntegrationCase
from support.client import Client


class FrontendTls(IntegrationCase):
    def context(self, minimum=None, maximum=None, ciphers=None, alpn=None):
        context = ssl.create_default_context(cafile=self.pki.path("ca.pem"))
        context.check_hostname = False
        if minimum:
            context.minimum_version = minimum
        if maximum:
            context.maximum_version = maximum
        if ciphers:
            context.set_ciphers(ciphers)
        if alpn:
            context.set_alpn_protocols(alpn)
        return context

    def tls_client(self, process, server_name="localhost", session=None, **options):
        context = options.pop("context", None) or self.context(**options)
        client = Client(process.port(), context=context, server_name=server_name, session=session)
        self.addCleanup(client.close)
        return client

    def test_both_versions_are_served_and_older_ones_refused(self):
        process = self.reseal(self.yaml(self.server()))
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            client = self.tls_client(process, minimum=version, maximum=version)
            self.assertEqual(client.sock.version(), {771: "TLSv1.2", 772: "TLSv1.3"}[version])
            self.assertEqual(client.get().status, 200)
        with self.assertRaises((ssl.SSLError, OSError)):
            self.tls_client(process, minimum=ssl.TLSVersion.TLSv1_1, maximum=ssl.TLSVersion.TLSv1_1,
                            ciphers="DEFAULT:@SECLEVEL=0")
        self.assertEqual(self.tls_client(process).get().status, 200)

    def test_minimum_version_1_3_refuses_1_2(self):
        yaml = self.yaml(self.server()).replace("front.pem')}] }", "")
        yaml = yaml.replace("certificates: [" + self.pki.path("front.pem") + "]",
                            "certificates: [" + self.pki.path("front.pem") + "], min_version: \"1.3\"")
        process = self.reseal(yaml)
        with self.assertRaises((ssl.SSLError, OSError)):
            self.tls_client(process, maximum=ssl.TLSVersion.TLSv1_2)
        self.assertEqual(self.tls_client(process).get().status, 200)

    def test_ecdsa_and_rsa_for_one_name_serve_the_clients_that_want_either(self):
        self.pki.leaf("both_ec", san="DNS:both.example")
        self.pki.leaf("both_rsa", san="DNS:both.example", kind="rsa")
        yaml = self.yaml(self.server()).replace(self.pki.path("front.pem"),
                                                f"{self.pki.path('both_ec.pem')}, {self.pki.path('both_rsa.pem')}")
        process = self.reseal(yaml)
        for cipher, name in (("ECDHE-ECDSA-AES128-GCM-SHA256", "both_ec"), ("ECDHE-RSA-AES128-GCM-SHA256", "both_rsa")):
            client = self.tls_client(process, "both.example", maximum=ssl.TLSVersion.TLSv1_2, ciphers=cipher)
            self.assertEqual(dict(entry[0] for entry in client.sock.getpeercert()["subject"])["commonName"], name)

    def test_the_name_picks_the_certificate(self):
        names = {"a": "DNS:a.example", "wild": "DNS:*.example", "b": "DNS:b.other,DNS:c.other"}
        for name, san in names.items():
            self.pki.leaf(f"sni_{name}", san=san)
        files = ", ".join([self.pki.path("front.pem")] + [self.pki.path(f"sni_{name}.pem") for name in names])
        process = self.reseal(self.yaml(self.server()).replace(self.pki.path("front.pem"), files))
        for asked, expected in (("a.example", "sni_a"), ("A.Example", "sni_a"), ("x.example", "sni_wild"),
                                ("c.other", "sni_b"), ("x.y.example", "front"), ("unknown", "front")):
            client = self.tls_client(process, asked)
            self.assertEqual(dict(entry[0] for entry in client.sock.getpeercert()["subject"])["commonName"], expected, asked)

    def test_a_folder_of_certificates_is_taken_whole(self):
        import os
        import shutil

        folder = self.pki.path("folder")
        os.mkdir(folder)
        self.pki.leaf("f1", san="DNS:f1.example")
        self.pki.leaf("f2", san="DNS:f2.example")
        for name in ("f1", "f2"):
            shutil.copy(self.pki.path(f"{name}.pem"), folder)
        process = self.reseal(self.yaml(self.server()).replace(self.pki.path("front.pem"), folder))
        client = self.tls_client(process, "f2.example")
        self.assertEqual(dict(entry[0] for entry in client.sock.getpeercert()["subject"])["commonName"], "f2")

    def test_alpn_agrees_on_what_we_prefer_and_refuses_a_client_that_speaks_nothing_of_ours(self):
        process = self.reseal(self.yaml(self.server()))
        client = self.tls_client(process, alpn=["h2", "http/1.1"])
        self.assertEqual(client.sock.selected_alpn_protocol(), "h2")
        client = self.tls_client(process, alpn=["http/1.1"])
        self.assertEqual(client.sock.selected_alpn_protocol(), "http/1.1")
        with self.assertRaises((ssl.SSLError, OSError)):
            self.tls_client(process, alpn=["ftp"]).get()

    def test_sessions_resume_in_both_versions_and_after_a_reload(self):
        process = self.reseal(self.yaml(self.server(), workers=2))
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.context(minimum=version, maximum=version)
            first = self.tls_client(process, context=context)
            first.get()
            session = first.sock.session
            self.assertTrue(self.tls_client(process, context=context, session=session).sock.session_reused)
            process.reload()
            again = self.tls_client(process, context=context, session=session)
            self.assertTrue(again.sock.session_reused)
            self.assertEqual(again.get().status, 200)
        handshakes = process.entity("frontend", "web")["tls_handshakes"]
        self.assertEqual((handshakes["full"], handshakes["resumed"]), (2, 4))

    def test_a_session_does_not_resume_on_another_frontend(self):
        yaml = self.yaml(self.server(), frontend=f"  other:\n    bind: \"127.0.0.1:0\"\n    tls: {{ certificates: "
                                                f"[{self.pki.path('front.pem')}] }}\n    default: web\n")
        process = self.reseal(yaml)
        context = self.context(maximum=ssl.TLSVersion.TLSv1_2)
        first = self.tls_client(process, context=context)
        first.get()
        other = Client(process.port("other"), context=context, session=first.sock.session)
        self.addCleanup(other.close)
        self.assertFalse(other.sock.session_reused)

    def s_client(self, process, *options, request=b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"):
        """What openssl's client says of a connection with one request."""
        out = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{process.port()}", "-servername", "localhost", "-CAfile",
                              self.pki.path("ca.pem"), "-ign_eof", *options], input=request, capture_output=True, timeout=20)
        return (out.stdout + out.stderr).decode("latin-1")

    def test_the_certificate_follows_the_name_asked_for_and_the_rules_the_host(self):
        self.pki.leaf("other", san="DNS:other.example")
        process = self.reseal(self.yaml(self.server(), frontend="""    rules:
      - { when: { host: other.example }, deny: 403 }
""").replace(self.pki.path("front.pem"), f"{self.pki.path('front.pem')}, {self.pki.path('other.pem')}"))
        for name, shown, host, status in (("localhost", "front", "other.example", 403), ("other.example", "other", "localhost", 200),
                                          ("other.example", "other", "other.example", 403)):
            with self.subTest(name=name, host=host):
                client = self.tls_client(process, name)
                self.assertEqual(dict(entry[0] for entry in client.sock.getpeercert()["subject"])["commonName"], shown)
                client.send(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")
                self.assertEqual(client.response().status, status)

    def test_no_certificate_is_asked_of_clients(self):
        process = self.reseal(self.yaml(self.server()))
        for version in ("-tls1_2", "-tls1_3"):
            said = self.s_client(process, "-msg", version)
            self.assertIn("Handshake [length", said)
            self.assertIn(", Certificate\n", said)
            self.assertNotIn("CertificateRequest", said)

    def test_early_data_is_not_taken(self):
        server = self.server()
        process = self.reseal(self.yaml(server))
        session, early = self.pki.path("session.pem"), self.pki.path("early")
        with open(early, "w") as file:
            file.write("GET /early HTTP/1.1\r\nHost: localhost\r\n\r\n")
        said = self.s_client(process, "-tls1_3", "-sess_out", session)
        self.assertIn("Max Early Data: 0", said)
        said = self.s_client(process, "-tls1_3", "-sess_in", session, "-early_data", early)
        self.assertIn("Early data was not sent", said)
        self.assertIn("HTTP/1.1 200", said)
        self.assertEqual(server.requests, 2)

    def test_a_client_may_not_renegotiate(self):
        process = self.reseal(self.yaml(self.server()))
        client = subprocess.Popen(["openssl", "s_client", "-tls1_2", "-connect", f"127.0.0.1:{process.port()}"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(client.kill)
        while b"Extended master secret" not in client.stdout.readline():  # the last it says of the handshake
            self.assertIsNone(client.poll())
        client.stdin.write(b"R\n")
        client.stdin.flush()
        client.wait(20)  # the refusal ends it
        error = client.stderr.read()
        self.assertIn(b"RENEGOTIATING", error)
        self.assertIn(b"no renegotiation", error)
        self.assertEqual(self.client(process).get().status, 200)

    def test_plain_http_on_the_tls_port_harms_nobody(self):
        process = self.reseal(self.yaml(self.server()))
        client = self.plain_client(process)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            client.rest()
        except OSError:
            pass
        self.assertEqual(self.client(process).get().status, 200)
        self.assertEqual(process.entity("frontend", "web")["tls_handshakes"]["failed"], 1)


if __name__ == "__main__":
    unittest.main()
