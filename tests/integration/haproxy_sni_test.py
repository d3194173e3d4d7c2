"""`sni` of servers by what the request or its connection says, beside HAProxy: the name that is sent, the one that is verified, and
that a connection to one name serves no request for another."""

import os
import socket
import ssl
import struct
import tempfile
import threading
import unittest

from support.beside import DEFAULTS, BesideCase
from support.client import Client
from support.process import eventually, run_reseal
from support.server import reply, server_tls


class NamedServer:
    """One TLS server that has a certificate for each of `names` and another for everything else, and notes what it is asked for."""

    def __init__(self, case, names, maximum=None):
        self.lock = threading.Lock()
        self.asked = []     # a name (or None) for each handshake
        self.resumed = []   # the same for those that were resumed
        contexts = {}
        for name in names:
            case.pki.leaf(name, san=f"DNS:{name}")
            contexts[name] = server_tls(case.pki, name, require=False, maximum=maximum)
        case.pki.leaf("other", san="DNS:other.example")
        first = server_tls(case.pki, "other", require=False, maximum=maximum)

        def choose(sock, name, _):
            with self.lock:
                self.asked.append(name)
            if name in contexts:
                sock.context = contexts[name]

        first.sni_callback = choose
        first.set_alpn_protocols(["http/1.1"])
        self.server = case.server("named", tls=first, script=self.serve)

    @property
    def address(self):
        return self.server.address

    def serve(self, connection):
        """Tells which connection serves which Host."""
        mine = len(self.asked)
        with self.lock:
            name = connection.sock.server_side and self.asked[-1]
            if connection.sock.session_reused:
                self.resumed.append(name)
        while (asked := connection.read_request()) is not None:
            connection.send(reply(f"{mine}:{name}:{asked.get('host')}"))


class Sni(BesideCase):
    def named(self, *names, **options):
        return NamedServer(self, names or ("one.example", "two.example"), **options)

    def config(self, server, sni="req.hdr(host)", options="", frontend="", backend="", bind="bind @web@", mode="http"):
        return (f"{DEFAULTS}    retries 0\nfrontend web\n    mode {mode}\n    {bind}\n{frontend}    default_backend app\n"
                f"backend app\n    mode {mode}\n{backend}"
                f"    server s {server.address} ssl verify required ca-file {self.pki.path('ca.pem')} sni {sni} {options}\n")

    def get(self, client, host, **options):
        client.send(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        return client.response(False, **options)

    def test_each_request_goes_to_its_name_and_shares_no_connection_with_another(self):
        for which in (self.theirs, self.ours):
            with self.subTest(which=which.__name__):
                server = self.named()
                process = which(self.config(server, backend="    http-reuse always\n"))
                with Client(process.port("web")) as client:
                    bodies = [self.get(client, f"{name}.example").body.decode() for name in ("one", "two", "one", "two", "two", "one")]
                for body in bodies:
                    _, sent, host = body.split(":")
                    self.assertEqual(sent, host)
                # One connection a name, used again for it alone.
                connections = {body.split(":")[1]: set() for body in bodies}
                for body in bodies:
                    connections[body.split(":")[1]].add(body.split(":")[0])
                if which == self.ours:
                    self.assertEqual({name: len(used) for name, used in connections.items()}, {"one.example": 1, "two.example": 1})
                self.assertEqual(set(server.asked), {"one.example", "two.example"})

    def test_the_name_that_is_sent_is_the_one_that_is_verified(self):
        for which in (self.theirs, self.ours):
            with self.subTest(which=which.__name__):
                server = self.named()
                process = which(self.config(server))
                with Client(process.port("web")) as client:
                    self.assertEqual([self.get(client, host).status for host in ("one.example", "three.example", "two.example")],
                                     [200, 503, 200])

    def test_verifyhost_is_for_requests_that_say_no_name(self):
        for sni in ("req.hdr(x-name)", "str(two.example)"):
            for which in (self.theirs, self.ours):
                with self.subTest(sni=sni, which=which.__name__):
                    server = self.named()
                    process = which(self.config(server, sni=sni, options="verifyhost other.example"))
                    for fields, name in (("X-Name: two.example\r\n", "two.example"), ("", None if "x-name" in sni else "two.example")):
                        with Client(process.port("web")) as client:
                            client.send(f"GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n")
                            self.assertEqual(client.response(False).status, 200)
                        if which == self.theirs or name:
                            self.assertEqual(server.asked[-1], name)

    def test_a_variable_and_a_changed_field(self):
        for sni, rule in (("var(txn.name)", "http-request set-var(txn.name) path,field(2,/),lower"),
                          ("req.hdr(x-name),lower", "http-request set-header X-Name two.EXAMPLE")):
            for which in (self.theirs, self.ours):
                with self.subTest(sni=sni, which=which.__name__):
                    server = self.named()
                    process = which(self.config(server, sni=sni, backend=f"    {rule}\n"))
                    with Client(process.port("web")) as client:
                        client.send(b"GET /Two.example HTTP/1.1\r\nHost: x\r\n\r\n")
                        self.assertEqual(client.response(False).status, 200)
                    self.assertEqual(server.asked, ["two.example"])

    def test_the_name_that_the_client_connected_to(self):
        pem = self.pki.path("front.pem")
        for mode in ("http", "tcp"):
            for which in (self.theirs, self.ours):
                with self.subTest(mode=mode, which=which.__name__):
                    server = self.named()
                    process = which(self.config(server, sni="ssl_fc_sni", bind=f"bind @web@ ssl crt {pem}", mode=mode))
                    for name in ("one.example", "two.example"):
                        context = ssl.create_default_context(cafile=self.pki.path("ca.pem"))
                        context.check_hostname = False
                        with Client(process.port("web"), context=context, server_name=name) as client:
                            self.assertEqual(self.get(client, "a").body.split(b":")[1], name.encode())
                    self.assertEqual(server.asked, ["one.example", "two.example"])

    def test_a_wrong_name_that_a_client_chooses_is_not_tried_again_and_does_not_take_the_server_down(self):
        server = self.named()
        process = self.ours(self.config(server, options="check inter 100s observe layer4 error-limit 1 on-error mark-down")
                            .replace("retries 0", "retries 3"))
        with Client(process.port("web")) as client:
            for _ in range(3):
                self.assertEqual(self.get(client, "three.example").status, 503)
            self.assertEqual(self.get(client, "one.example").status, 200)
        self.assertEqual(server.asked.count("three.example"), 3)

    def test_a_server_that_refuses_a_name_in_the_handshake_is_not_asked_again_and_stays_up(self):
        def alert(number):
            return lambda sock, name, _: number

        def close(sock, name, _):
            sock.shutdown(socket.SHUT_RDWR)

        def reset(sock, name, _):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # In its place something else: the number of a closed one could be another connection's while TLS still uses it.
            with open(os.devnull, "r+b") as nothing:
                os.dup2(nothing.fileno(), sock.fileno())

        refusals = {**{f"alert {number}": alert(number) for number in (40, 49, 80, 112)}, "close": close, "reset": reset}
        for what, refuse in refusals.items():
            with self.subTest(what=what):
                asked = []

                def choose(sock, name, context, refuse=refuse, asked=asked):
                    asked.append(name)
                    return refuse(sock, name, context) if name == "bad.example" else None

                self.pki.leaf("one", san="DNS:one.example")
                context = server_tls(self.pki, "one", require=False)
                context.sni_callback = choose
                server = self.server("refusing", tls=context)
                process = self.ours(self.config(server, options="check inter 100s observe layer4 error-limit 1 on-error mark-down")
                                    .replace("retries 0", "retries 3"))
                with Client(process.port("web")) as client:
                    for _ in range(3):
                        self.assertEqual(self.get(client, "bad.example").status, 503)
                    self.assertEqual(self.get(client, "one.example").status, 200)
                self.assertEqual(asked.count("bad.example"), 3)

    def test_what_is_no_name_is_refused_before_the_server_is_asked(self):
        server = self.named()
        process = self.ours(self.config(server, sni="path,field(2,/),url_dec"))
        for name in ("a" * 254, "one.example%00", "one.example%0a", "one%20example", ".example", "%c3%a9.example"):
            with self.subTest(name), Client(process.port("web")) as client:
                client.send(f"GET /{name} HTTP/1.1\r\nHost: a\r\n\r\n")
                self.assertEqual(client.response(False).status, 400)
        self.assertEqual(server.server.connections, 0)
        with Client(process.port("web")) as client:
            client.send("GET /one.example HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertEqual(client.response(False).status, 200)

    def test_an_address_is_not_sent_but_verified(self):
        self.pki.leaf("addressed", san="IP:192.0.2.7")
        asked = []
        context = server_tls(self.pki, "addressed", require=False)
        context.sni_callback = lambda sock, name, _: asked.append(name)
        server = self.server("addressed", tls=context)
        process = self.ours(self.config(server))
        with Client(process.port("web")) as client:
            self.assertEqual([self.get(client, host).status for host in ("192.0.2.7", "192.0.2.8")], [200, 503])
        self.assertEqual(asked, [None, None])

    def test_a_check_knows_no_request_and_asks_for_no_name(self):
        server = self.named()
        process = self.ours(self.config(server, options="check inter 50ms fall 1 rise 1"))
        eventually(lambda: server.asked.count(None) >= 3, what="checks")
        with Client(process.port("web")) as client:
            self.assertEqual(self.get(client, "one.example").status, 200)

    def test_sessions_are_resumed_by_name(self):
        server = self.named(maximum=ssl.TLSVersion.TLSv1_2)
        process = self.ours(self.config(server, backend="    http-reuse never\n"))
        with Client(process.port("web")) as client:
            for name in ("one", "two", "one", "two"):
                self.assertEqual(self.get(client, f"{name}.example").status, 200)
        self.assertEqual(server.asked, ["one.example", "two.example", "one.example", "two.example"])
        self.assertEqual(server.resumed, ["one.example", "two.example"])

    def test_what_depends_on_the_response_is_refused(self):
        path = os.path.join(tempfile.mkdtemp(dir=self.folder), "haproxy.cfg")
        for sni, says in (("res.hdr(x)", "sni"), ("req.hdr(", "sni"), ("nothing_like_it", "sni")):
            with open(path, "w") as file:
                file.write(self.config(self.server("s"), sni=sni).replace("@web@", "127.0.0.1:0"))
            status, output, errors = run_reseal("haproxy", "-c", "-f", path)
            self.assertEqual(status, 1)
            self.assertRegex(output + errors, r"haproxy\.cfg:\d+.*" + says)


if __name__ == "__main__":
    unittest.main()
