"""TLS options of `bind` in a haproxy.cfg: client certificates, crt-list, names; by reseal and by Debian's HAProxy beside it."""

import os
import shutil
import socket
import ssl
import subprocess
import unittest

from support.case import IntegrationCase
from support.haproxy import HAProxy
from support.process import run_reseal
from support.server import reply

DEFAULTS = """defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
"""
NOTHING = None  # the handshake fails, or what comes after it with TLS 1.3


class BindTls(IntegrationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pki.ca("clients")
        cls.pki.ca("strangers")
        for name, ca in (("alice", "clients"), ("mallory", "clients"), ("stranger", "strangers")):
            cls.pki.leaf(name, san=f"DNS:{name}", ca=ca)
        for name, san in (("a", "DNS:a.example"), ("wild", "DNS:*.example"), ("other", "DNS:other.org")):
            cls.pki.leaf(name, san=san)
        cls.pki.leaf("rsa", san="DNS:both.example", kind="rsa")
        cls.pki.leaf("ec", san="DNS:both.example")
        cls.pki.revoke("mallory", ca="clients")

    def write(self, name, text):
        with open(self.pki.path(name), "w") as file:
            file.write(text)
        return self.pki.path(name)

    def both(self, *options, mode=""):
        """The same `bind` lines, in one frontend: for each server their ports."""
        server = self.server(tls=None, handler=lambda request: reply("served"))
        global_lines = f"global\n    crt-base {self.pki.folder}\n    ca-base {self.pki.folder}\n"
        rest = f"    server s {server.address}\n"

        def text(address):
            binds = "".join(f"    bind {address(i)} ssl {option}\n" for i, option in enumerate(options))
            return f"{global_lines}{DEFAULTS}{mode}listen web\n{binds}{rest}"

        names = [f"b{i}" for i in range(len(options))]
        haproxy = HAProxy(text(lambda i: f"@b{i}@"), names, folder=self.folder)
        self.addCleanup(haproxy.close)
        process = self.reseal(text(lambda i: "127.0.0.1:0"), haproxy=True)
        return (("haproxy", [haproxy.port(name) for name in names]), ("reseal", [process.port("web", i) for i in range(len(options))]))

    def ask(self, port, name="localhost", certificate=None, maximum=None, minimum=None, ciphers=None, session=None, context=None):
        """(name in the server's certificate, version, whether it answered), or NOTHING."""
        if context is None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.load_verify_locations(self.pki.path("ca.pem"))
        if certificate:
            context.load_cert_chain(self.pki.path(f"{certificate}.pem"))
        if maximum:
            context.maximum_version = maximum
        if minimum:
            context.minimum_version = minimum
        if ciphers:
            context.set_ciphers(ciphers)
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
                with context.wrap_socket(plain, server_hostname=name, session=session) as sock:
                    sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    if not sock.recv(100).startswith(b"HTTP/1.1 200"):
                        return NOTHING
                    self.last_session, self.last_reused = sock.session, sock.session_reused
                    return dict(entry[0] for entry in sock.getpeercert()["subject"])["commonName"], sock.version()
        except (ssl.SSLError, ConnectionError):
            return NOTHING

    def test_client_certificates_are_asked_for_and_verified(self):
        trusted = "crt front.pem ca-file clients.pem verify"
        served = ("front", "TLSv1.3")
        for who, ports in self.both(f"{trusted} required", f"{trusted} optional", f"{trusted} required crl-file revoked.pem",
                                    f"{trusted} optional crt-ignore-err all ca-ignore-err all", f"{trusted} none",
                                    "crt front.pem ca-file strangers.pem ca-verify-file clients.pem verify required"):
            required, optional, revoked, ignoring, none, silent = ports
            for port, certificate, expected in (
                    (required, None, NOTHING), (required, "alice", served), (required, "stranger", NOTHING), (required, "mallory", served),
                    (optional, None, served), (optional, "alice", served), (optional, "stranger", NOTHING),
                    (revoked, "alice", served), (revoked, "mallory", NOTHING), (revoked, None, NOTHING),
                    (ignoring, "stranger", served), (ignoring, None, served), (none, None, served), (none, "stranger", served),
                    (silent, "alice", served)):
                for maximum in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                    wanted = expected and (expected[0], "TLSv1.3" if maximum == ssl.TLSVersion.TLSv1_3 else "TLSv1.2")
                    with self.subTest(who=who, bind=ports.index(port), certificate=certificate, maximum=maximum):
                        self.assertEqual(self.ask(port, certificate=certificate, maximum=maximum), wanted)

    def test_a_session_begun_where_no_certificate_is_asked_for_is_not_resumed_where_one_is(self):
        process = dict(self.both("crt front.pem", "crt front.pem ca-file clients.pem verify required"))["reseal"]
        for maximum in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.load_verify_locations(self.pki.path("ca.pem"))
            context.maximum_version = maximum
            self.assertIsNotNone(self.ask(process[0], context=context))
            session = self.last_session
            self.assertIsNotNone(self.ask(process[0], context=context, session=session))
            self.assertTrue(self.last_reused)
            self.assertIs(self.ask(process[1], context=context, session=session), NOTHING)

    def test_a_crt_list_gives_names_and_settings_to_its_certificates(self):
        self.write("list.txt", "# the first is for everybody else\nfront.pem\n\n"
                               "a.pem [verify required ca-file clients.pem] secure.example\n"
                               "wild.pem [ssl-max-ver TLSv1.2 alpn http/1.1] *.wild.example !no.wild.example\n"
                               "other.pem [] Named.Example # a comment\n")
        new, old = "TLSv1.3", "TLSv1.2"
        for who, (port,) in self.both(f"crt-list {self.pki.path('list.txt')}"):
            for name, certificate, expected in (
                    ("unknown.org", None, ("front", new)), ("secure.example", None, NOTHING), ("secure.example", "alice", ("a", new)),
                    ("secure.example", "stranger", NOTHING), ("x.wild.example", None, ("wild", old)),
                    ("no.wild.example", None, ("front", new)), ("named.example", None, ("other", new)),
                    ("a.example", None, ("front", new)), ("other.org", None, ("front", new)), (None, None, ("front", new))):
                with self.subTest(who=who, name=name, certificate=certificate):
                    self.assertEqual(self.ask(port, name, certificate), expected)

    def test_a_session_of_one_name_is_not_resumed_for_another_that_asks_for_a_certificate(self):
        path = self.write("two.txt", "front.pem\na.pem [verify required ca-file clients.pem] secure.example\n")
        port = dict(self.both(f"crt-list {path}"))["reseal"][0]
        for maximum in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.load_verify_locations(self.pki.path("ca.pem"))
            context.maximum_version = maximum
            self.assertIsNotNone(self.ask(port, "open.example", context=context))
            self.assertIs(self.ask(port, "secure.example", context=context, session=self.last_session), NOTHING)

    def test_strict_sni_refuses_other_names(self):
        for who, (port,) in self.both("strict-sni crt a.pem crt other.pem"):
            for name, expected in (("a.example", "a"), ("other.org", "other"), ("unknown.org", None), (None, None)):
                with self.subTest(who=who, name=name):
                    answer = self.ask(port, name)
                    self.assertEqual(answer and answer[0], expected)

    def test_folders_are_taken_whole_and_bundles_by_their_kinds(self):
        folder = os.path.join(self.pki.folder, "certs.d")
        os.mkdir(folder)
        shutil.copy(self.pki.path("a.pem"), os.path.join(folder, "10-a"))
        shutil.copy(self.pki.path("other.pem"), os.path.join(folder, "20-other.crt"))
        self.write("certs.d/20-other.ocsp", "nothing to read")
        shutil.copy(self.pki.path("rsa.pem"), self.pki.path("bundle.rsa"))
        shutil.copy(self.pki.path("ec.pem"), self.pki.path("bundle.ecdsa"))
        old = ssl.TLSVersion.TLSv1_2
        for who, (files, bundle) in self.both("crt certs.d", "crt bundle"):
            with self.subTest(who=who):
                self.assertEqual(self.ask(files, "other.org")[0], "other")
                self.assertEqual(self.ask(files, "a.example")[0], "a")
                for cipher, name in (("ECDHE-ECDSA-AES128-GCM-SHA256", "ec"), ("ECDHE-RSA-AES128-GCM-SHA256", "rsa")):
                    self.assertEqual(self.ask(bundle, "both.example", maximum=old, ciphers=cipher)[0], name)

    def test_curves_and_whose_order_of_ciphers_counts(self):
        ours, theirs = "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"
        for who, ports in self.both("crt front.pem curves P-384", "crt front.pem ecdhe secp384r1",
                                    f"crt front.pem ciphers {ours}:{theirs} prefer-client-ciphers", f"crt front.pem ciphers {ours}:{theirs}"):
            for port, arguments, expected in (
                    (ports[0], ["-groups", "P-384"], "secp384r1"), (ports[0], ["-groups", "P-256"], None), (ports[1], ["-groups", "P-384"], "secp384r1"),
                    (ports[1], ["-groups", "X25519"], None), (ports[2], ["-tls1_2", "-cipher", f"{theirs}:{ours}"], theirs),
                    (ports[3], ["-tls1_2", "-cipher", f"{theirs}:{ours}"], ours)):
                with self.subTest(who=who, bind=ports.index(port), arguments=arguments):
                    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *arguments], input="", text=True,
                                          capture_output=True)
                    if expected is None:
                        self.assertNotEqual(done.returncode, 0, done.stdout)
                    else:
                        self.assertEqual(done.returncode, 0, done.stderr)
                        self.assertIn(expected.replace("secp384r1", "P-384") if "P-384" in done.stdout else expected, done.stdout)

    def test_what_is_wrong_is_told_with_file_and_line(self):
        listed = self.write("wrong.txt", f"{self.pki.path('front.pem')}\n{self.pki.path('a.pem')} [veryfi none] x\n]\n")
        gone = self.write("gone.txt", f"{self.pki.path('nowhere.pem')}\n")
        front = self.pki.path("front.pem")
        for options, words in (
                (f"crt-list {listed}", ("wrong.txt, line 2: 'crt-list' knows no 'veryfi'; did you mean 'verify'?", "wrong.txt, line 3: ']' is not expected")),
                (f"crt-list {gone}", ("nowhere.pem",)), (f"crt-list {self.pki.folder}/none.txt", ("none.txt",)),
                (f"crt {front} verify required", ("'verify' without 'ca-file'",)), (f"crt {front} verify maybe", ("verify 'maybe'",)),
                (f"crt {front} verify required ca-file {front} crl-file {front}", ("no revocation list",)),
                (f"crt {front} verify required ca-file {self.pki.path('nowhere.pem')}", ("nowhere.pem",)),
                (f"crt {front} curves P-1", ("curves: 'P-1'",)), (f"crt {front} generate-certificates", ("'generate-certificates' is not there",)),
                (f"crt {front} crt-ignore-err some", ("'some' is no number",))):
            path = self.write("wrong.cfg", f"{DEFAULTS}listen web\n    bind 127.0.0.1:8 ssl {options}\n    server s 127.0.0.1:9\n")
            status, _, error = run_reseal("haproxy", "-c", "-f", path)
            with self.subTest(options=options):
                self.assertEqual(status, 1)
                for word in words:
                    self.assertIn(word, error)
                self.assertIn(f"[{path}:7]", error)


if __name__ == "__main__":
    unittest.main()
