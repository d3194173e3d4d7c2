"""Who waits for a server while the configuration is read again: what its connection begins with, and by what name the server is
asked, goes by the configuration that the request came under."""

import os
import signal
import socket
import tempfile
import threading
import unittest

from support.beside import DEFAULTS, BesideCase
from support.client import Client
from support.process import eventually
from support.server import reply, server_tls


class ReloadWhileWaiting(BesideCase):
    def setUp(self):
        super().setUp()
        self.stats = os.path.join(tempfile.mkdtemp(dir=self.folder), "stats.sock")
        self.top = f"global\n    stats socket {self.stats} level admin\n{DEFAULTS}    timeout queue 30s\n    retries 0\n"

    def waiting(self):
        """In the queue of the backend."""
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(self.stats)
            asking.sendall(b"show stat\n")
            text = b"".join(iter(lambda: asking.recv(65536), b"")).decode()
        names = text.splitlines()[0].lstrip("# ").split(",")
        for line in text.splitlines()[1:]:
            row = dict(zip(names, line.split(",")))
            if (row.get("pxname"), row.get("svname")) == ("app", "BACKEND"):
                return int(row["qcur"])
        raise AssertionError(text)

    def reload(self, process, text):
        process.write(text)
        process.signal(signal.SIGHUP)
        process.wait_for_line("reloaded: ")

    def test_the_proxy_header_is_the_one_that_the_server_gets(self):
        heads = []

        def serve(connection):
            heads.append(connection.sock.recv(4096))
            while connection.sock.recv(4096):
                pass

        server, other = self.server("s1", tls=None, script=serve), self.server("s2", tls=None, script=serve)
        one = f"    server s1 {server.address} send-proxy maxconn 1\n"
        two = f"    server s2 {other.address} send-proxy-v2 weight 0\n"
        for before, after in ((one, two + one), (one + two, two + one)):
            with self.subTest(after=after):
                heads.clear()
                text = (f"{self.top}frontend web\n    mode tcp\n    bind 127.0.0.1:0\n    default_backend app\n"
                        "backend app\n    mode tcp\n")
                process = self.reseal(text + before, haproxy=True)
                with Client(process.port("web")) as first:
                    first.send(b"first")
                    eventually(lambda: heads, what="the first client's bytes")
                    with Client(process.port("web")) as second:
                        second.send(b"PROXY TCP4 6.6.6.6 7.7.7.7 1 2\r\n")
                        eventually(lambda: self.waiting() == 1, what="the second client in the queue")
                        self.reload(process, text + after)
                        first.close()
                        eventually(lambda: len(heads) == 2, what="the second client's bytes")
                for head in heads:
                    self.assertRegex(head, rb"^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 ")

    def test_a_limit_that_follows_the_load_from_a_reload_on_counts_who_waits_already(self):
        now, gate = [], threading.Event()
        self.addCleanup(gate.set)

        def hold(_):
            now.append(1)
            gate.wait(20)
            return reply("held")

        server = self.server("held", tls=None, handler=hold)
        text = (f"{self.top}frontend web\n    bind 127.0.0.1:0\n    default_backend app\n"
                f"backend app\n    fullconn 4\n    server held {server.address} ")
        process = self.reseal(text + "maxconn 1\n", haproxy=True)
        clients = [Client(process.port("web")) for _ in range(6)]
        for client in clients:
            self.addCleanup(client.close)
            client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        eventually(lambda: (len(now), self.waiting()) == (1, 5), what="one served and five in the queue")
        self.reload(process, text + "minconn 1 maxconn 6\n")
        eventually(lambda: len(now) == 6, what="all served at once")

    def test_the_name_is_that_of_the_expression_that_the_server_has(self):
        asked, go = [], threading.Event()

        def serve(connection):
            while (request := connection.read_request()) is not None:
                if request.get("x-holds"):
                    go.wait(20)
                connection.send(reply("ok"))

        context = server_tls(self.pki, require=False)
        context.sni_callback = lambda sock, name, _: asked.append(name)
        servers = [self.server(name, tls=context, script=serve).address for name in ("s1", "s2")]
        one = f"    server s1 {servers[0]} ssl verify none sni req.hdr(x-one) maxconn 1\n"
        two = f"    server s2 {servers[1]} ssl verify none sni req.hdr(x-two) weight 0\n"
        changed = one.replace("x-one", "x-new")
        for after in (two + one, two + changed):
            with self.subTest(after=after):
                asked.clear()
                go.clear()
                text = f"{self.top}    http-reuse never\nfrontend web\n    bind 127.0.0.1:0\n    default_backend app\nbackend app\n"
                process = self.reseal(text + one + two, haproxy=True)
                with Client(process.port("web")) as first, Client(process.port("web")) as second:
                    first.send(b"GET / HTTP/1.1\r\nHost: a\r\nX-One: first.example\r\nX-Holds: 1\r\n\r\n")
                    eventually(lambda: asked == ["first.example"], what="the first request")
                    second.send(b"GET / HTTP/1.1\r\nHost: a\r\nX-One: one.example\r\nX-Two: two.example\r\nX-New: new.example\r\n\r\n")
                    eventually(lambda: self.waiting() == 1, what="the second request in the queue")
                    self.reload(process, text + after)
                    go.set()
                    self.assertEqual([first.response().status, second.response().status], [200, 200])
                self.assertEqual(asked, ["first.example", "one.example"])


if __name__ == "__main__":
    unittest.main()
