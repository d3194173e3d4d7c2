"""What a haproxy.cfg says of connections, beside the real HAProxy: fields with addresses, who closes when, how many there may be,
and what is tried again."""

import socket
import subprocess
import threading
import time
import unittest

from support.beside import DEFAULTS, BesideCase, ask, request
from support.client import Client
from support.process import eventually
from support.server import Server, reply


def site(frontend="", backend="", *lines):
    return (f"{DEFAULTS}frontend web\n    bind @web@\n{frontend}    default_backend app\nbackend app\n{backend}"
            + "".join(f"    {line}\n" for line in lines))


class HaproxyConnections(BesideCase):
    def compare(self, frontend, backend, requests, names):
        """The fields `names` of what reaches the server, and of the answers, are the same in the same order."""
        seen = []
        server = self.server("s1", tls=None, handler=lambda each: seen.append(each) or reply("x"))
        outcomes = []
        for process in self.both(site(frontend, backend, f"server s1 {server.address}")):
            outcome = []
            for raw in requests:
                seen.clear()
                answer = ask(process.port(), raw)
                outcome.append(([(name.lower(), value) for name, value in seen[0].fields if name.lower() in names],
                                [(name.lower(), value) for name, value in answer.fields if name.lower() in names]))
            outcomes.append(outcome)
        with self.subTest(frontend=frontend, backend=backend):
            self.assertEqual(outcomes[1], outcomes[0])
        return outcomes[0]

    def test_the_clients_address_is_told(self):
        names = ("x-forwarded-for", "x-client", "x-original-to", "x-to", "x-forwarded-proto", "forwarded")
        requests = [request(), request(fields=[("X-Forwarded-For", "1.2.3.4")]), request(fields=[("X-Client", "a"), ("x-client", "b")]),
                    request(fields=[("x-forwarded-FOR", "1.2.3.4, 5.6.7.8"), ("X-Forwarded-Proto", "ftp"), ("Forwarded", "for=x")])]
        lines = ("option forwardfor", "option forwardfor if-none", "option forwardfor header X-Client",
                 "option forwardfor header X-Client if-none", "option forwardfor except 127.0.0.0/8",
                 "option forwardfor except 10.0.0.0/8 header X-Client", "option originalto", "option originalto header X-To",
                 "option originalto except 127.0.0.1")
        for line in lines:
            self.compare(f"    {line}\n", "", requests, names)
            self.compare("", f"    {line}\n", requests, names)
        self.compare("    option forwardfor header X-Client\n", "    option forwardfor if-none\n", requests, names)
        self.compare("    option forwardfor if-none\n", "    option forwardfor header X-Client if-none\n", requests, names)
        self.compare("    option forwardfor except 127.0.0.1\n", "    option forwardfor\n", requests, names)
        self.assertEqual(self.compare("", "", requests, names)[0], ([], []))

    def test_connections_are_closed_alike(self):
        head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        for line in ("option httpclose", "option http-server-close", "option http-keep-alive",
                     "option httpclose\n    no option httpclose", "option httpclose\n    option http-pretend-keepalive",
                     "option http-server-close\n    option http-pretend-keepalive"):
            self.compare(f"    {line}\n" if "pretend" not in line else "", "", [head], ("connection",))
            self.compare("", f"    {line}\n", [head], ("connection",))

    def test_a_server_sees_one_request_a_connection(self):
        for line, count in (("option http-server-close", 3), ("option httpclose", 3), ("option http-keep-alive", 1), ("http-reuse never", 3)):
            server = self.server("s1", tls=None)
            process = self.reseal(site("", f"    {line}\n", f"server s1 {server.address}").replace("@web@", "127.0.0.1:0"), haproxy=True)
            client = self.plain_client(process)
            for _ in range(3):
                self.assertEqual(client.get().status, 200)
            self.assertEqual(server.connections, count, line)

    def test_a_frontend_takes_so_many_clients_and_the_others_wait(self):
        server = self.server("s1", tls=None)
        for process in self.both(site("    maxconn 2\n", "", f"server s1 {server.address}")):
            clients = []
            for _ in range(2):
                clients.append(self.plain_client_of(process))
                self.assertEqual(clients[-1].get().status, 200)
            clients.append(self.plain_client_of(process))
            clients[2].send(request())
            clients[2].sock.settimeout(0.5)
            with self.assertRaises(TimeoutError):
                clients[2].response()
            clients[0].close()
            clients[2].sock.settimeout(10)
            self.assertEqual(clients[2].response().status, 200)

    def plain_client_of(self, process):
        client = Client(process.port())
        self.addCleanup(client.close)
        return client

    def test_so_many_clients_a_second_are_taken(self):
        server = self.server("s1", tls=None)
        for process in self.both(site("    rate-limit sessions 5\n", "", f"server s1 {server.address}")):
            began = time.monotonic()
            for _ in range(16):
                self.assertEqual(ask(process.port(), request()).status, 200)
            # Three seconds, the first of which may have been over soon.
            self.assertGreater(time.monotonic() - began, 1.5)

    def gone(self, name="gone"):
        server = Server(name, tls=None)
        server.stop()
        server.listener.close()
        return server

    def test_without_redispatch_the_same_server_is_tried_again(self):
        """After a pause, so that one that is being started is met."""
        for retries, status in ((0, 503), (1, 503), (2, 200)):
            codes = []
            for index in range(2):
                gone = self.gone()
                process = self.both(site("", f"    retries {retries}\n", f"server s1 {gone.address}"))[index]
                timer = threading.Timer(1.4, lambda port=gone.port: self.addCleanup(Server("s1", port=port).stop))
                timer.start()
                codes.append(ask(process.port(), request()).status)
                timer.join()
            self.assertEqual(codes, [status, status], retries)

    def test_with_redispatch_another_one_is(self):
        for backend, cookie in (("    option redispatch\n", ()), ("    option redispatch\n    retries 1\n    cookie S insert\n", ("S=gone",)),
                                ("    option redispatch 1\n    cookie S insert\n", ("S=gone",))):
            answers = []
            for process in self.both(site("", backend, f"server gone {self.gone().address} cookie gone",
                                          f"server s1 {self.server('s1', tls=None).address} cookie c1")):
                answers.append([ask(process.port(), request(fields=[("Cookie", value) for value in cookie])).body for _ in range(2)])
            self.assertEqual(answers, [[b"s1", b"s1"]] * 2, backend)

    def test_a_client_stays_with_its_server_unless_redispatched(self):
        answers = []
        for process in self.both(site("", "    retries 0\n    cookie S insert\n", f"server gone {self.gone().address} cookie gone",
                                      f"server s1 {self.server('s1', tls=None).address} cookie c1")):
            answers.append(ask(process.port(), request(fields=[("Cookie", "S=gone")])).status)
        self.assertEqual(answers, [503, 503])

    def test_what_is_tried_again(self):
        def close(connection):
            connection.read_head()

        def junk(connection):
            connection.read_head()
            connection.send(b"nonsense\r\n\r\n")

        def failing(connection):
            connection.read_head()
            connection.send(b"HTTP/1.1 503 Oh\r\nContent-Length: 0\r\n\r\n")

        for words, script, method in (("empty-response", close, "GET"), ("empty-response", close, "POST"), ("conn-failure", close, "GET"),
                                      ("junk-response", junk, "GET"), ("503 504", failing, "GET"), ("504", failing, "GET"),
                                      ("503", failing, "POST"), ("all-retryable-errors", close, "POST"), ("none", failing, "GET")):
            tried = []
            for index in range(2):
                server = self.server("s1", tls=None, script=script)
                process = self.both(site("", f"    retries 2\n    retry-on {words}\n", f"server s1 {server.address}"))[index]
                status = ask(process.port(), request(method=method, body="x" if method == "POST" else None)).status
                tried.append((status, server.requests))
            self.assertEqual(tried[1], tried[0], (words, method))

    def test_the_kernel_probes_silent_peers(self):
        server = self.server("s1", tls=None)
        for line, client_side, server_side in (("option clitcpka", True, False), ("option srvtcpka", False, True),
                                               ("option tcpka", True, True), ("option tcpka\n    no option clitcpka", False, True)):
            config = f"{DEFAULTS}listen web\n    bind 127.0.0.1:0\n    {line}\n    server s1 {server.address}\n"
            process = self.reseal(config, haproxy=True)
            client = self.plain_client(process)
            client.get()
            lines = subprocess.run(["ss", "-tno", "state", "established"], stdout=subprocess.PIPE, text=True, check=True).stdout.split("\n")
            ours = [each for each in lines if f"127.0.0.1:{process.port()} " in each and each.split()[2].endswith(f":{process.port()}")]
            theirs = [each for each in lines if each.split() and each.split()[3:] and each.split()[3].endswith(f":{server.port}")]
            self.assertEqual(any("keepalive" in each for each in ours), client_side, (line, ours))
            self.assertEqual(any("keepalive" in each for each in theirs), server_side, (line, theirs))


if __name__ == "__main__":
    unittest.main()
