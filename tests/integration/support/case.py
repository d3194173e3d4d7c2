"""The base of every integration test: a folder, a PKI, servers and processes that are cleaned up."""

import os
import re
import shutil
import tempfile
import unittest

from .client import Client
from .pki import Pki
from .process import Reseal
from .server import Server, server_tls


EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "examples")

# Shadow memory and freed blocks that are held back belong to the sanitizer, not to the program under test.
MEMORY_FACTOR = int(os.environ.get("RESEAL_MEMORY_FACTOR", "1"))


class IntegrationCase(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="reseal-test-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.pki = Pki(cls.folder)
        cls.pki.leaf("front")
        cls.pki.leaf("server", san="DNS:web.internal")
        cls.pki.leaf("lb", san="DNS:lb.internal")

    def server(self, name="server", **options):
        """A server that demands a client certificate, unless `tls` says otherwise."""
        options.setdefault("tls", server_tls(self.pki))
        server = Server(name, **options)
        self.addCleanup(server.stop)
        return server

    def reseal(self, yaml, **options):
        process = Reseal(yaml, self.folder, **options)
        self.addCleanup(process.stop)
        return process

    def client(self, process, frontend="web", **options):
        client = Client(process.port(frontend), ca=self.pki.path("ca.pem"), **options)
        self.addCleanup(client.close)
        return client

    def plain_client(self, process, frontend="web", **options):
        client = Client(process.port(frontend), **options)
        self.addCleanup(client.close)
        return client

    def backend_tls(self, verify_host="web.internal", ca="ca", certificate="lb", extra=""):
        sent = f", certificate: {self.pki.path(certificate + '.pem')}" if certificate else ""
        return f"tls: {{ ca: {self.pki.path(ca + '.pem')}{sent}, verify_host: {verify_host}{extra} }}"

    def yaml(self, *servers, workers=1, frontend="", backend="", tls=None, check=None, top=""):
        """One HTTPS frontend `web`, one mTLS backend `web` with these servers (named by the server)."""
        lines = "".join(f"      {s.name}: \"{s.address}\"\n" for s in servers)
        check_line = f"    check: {check}\n" if check else ""
        return (f"workers: {workers}\n{top}"
                f"frontends:\n  web:\n    bind: \"127.0.0.1:0\"\n    tls: {{ certificates: [{self.pki.path('front.pem')}] }}\n"
                f"    default: web\n{frontend}"
                f"backends:\n  web:\n    {tls or self.backend_tls()}\n{check_line}{backend}    servers:\n{lines}")

    def plain_yaml(self, *servers, **options):
        """The same without TLS on either side."""
        text = self.yaml(*servers, tls="plaintext: refused", **options)
        return text.replace(f"    tls: {{ certificates: [{self.pki.path('front.pem')}] }}\n", "")

    def example(self, name, *servers, replace=()):
        """examples/NAME, served: its certificates are the test's, its frontends listen on ports from the OS, and in place of
        the servers of the file, in the order of their ports, stand `servers`. `replace`: pairs of texts more."""
        folder = os.path.join(EXAMPLES, name)
        with open(os.path.join(folder, "reseal.yaml")) as file:
            yaml = file.read()
        yaml = re.sub(r"admin: \{ socket: admin.sock \}.*\n", "", yaml)
        yaml = re.sub(r'bind: "\*:\d+"', 'bind: "127.0.0.1:0"', yaml)
        for old, new in (("pki/localhost.pem", self.pki.path("front.pem")), ("pki/internal-ca.pem", self.pki.path("ca.pem")),
                         ("pki/reseal.pem", self.pki.path("lb.pem")), ("pages/", os.path.join(folder, "pages") + "/")):
            yaml = yaml.replace(old, new)
        written = sorted(set(re.findall(r"127\.0\.0\.1:9\d{3}", yaml)))
        self.assertEqual(len(written), len(servers), f"the servers of examples/{name}")
        for old, new in (*zip(written, (server.address for server in servers)), *replace):
            self.assertIn(old, yaml)
            yaml = yaml.replace(old, new)
        return self.reseal(yaml)

    def assert_grew_less(self, process, before, mib):
        """The process's memory is less than `mib` over `before` (what memory_kib() said)."""
        self.assertLess(process.memory_kib() - before, mib * 1024 * MEMORY_FACTOR)
