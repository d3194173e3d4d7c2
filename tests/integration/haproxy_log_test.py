"""The formats httplog and tcplog beside the real HAProxy: the same requests, the same lines, but for times and ports."""

import os
import re
import socket
import subprocess
import tempfile
import threading

import unittest

from support.case import IntegrationCase
from support.client import Client
from support.haproxy import HAProxy
from support.log_receiver import LogFile, SyslogServer
from support.process import eventually
from support.server import reply


def masked(line):
    """Ports, dates and times are nobody's to compare; that a time is -1 is."""
    line = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", line, count=1)
    line = re.sub(r"\[\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d\.\d{3}\]", "[DATE]", line, count=1)
    return re.sub(r"(?<= )(-?\d+/)+-?\d+(?= -?\d+ )", lambda times: re.sub(r"(?<![-\d])\d+", "T", times.group(0)), line, count=1)


def without_bytes(line):
    """The two write error pages of their own, of their own size."""
    return re.sub(r"(T|-1) (\d{3}) \d+ -", r"\1 \2 BYTES -", line)


def handler(request):
    if request.target.startswith("/chunked"):
        return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Field: value\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    if request.target.startswith("/none"):
        return b"HTTP/1.1 204 No Content\r\nETag: \"x\"\r\n\r\n"
    return reply("body of " + request.target[:20], fields=[("Content-Type", "text/plain")])


class HaproxyLog(IntegrationCase):
    def setUp(self):
        self.syslog = SyslogServer()
        self.addCleanup(self.syslog.close)
        self.folder_of_test = tempfile.mkdtemp(dir=self.folder)

    def haproxy(self, server, options, mode="http", bind=""):
        """Its port."""
        process = HAProxy(f"global\n  log 127.0.0.1:{self.syslog.port} len 8192 local0\n"
                          f"defaults\n  mode {mode}\n  log global\n  option {mode}log\n  option dontlognull\n  timeout client 10s\n"
                          f"  timeout server 10s\n  timeout connect 5s\n  retries 0\n{options}"
                          f"frontend web\n  bind @web@ {bind}\n  default_backend web\n"
                          f"backend web\n  server {server.name} {server.address}\n", folder=self.folder_of_test)
        self.addCleanup(process.close)
        return process.port()

    def haproxy_lines(self, count):
        """Of requests; not what it says of itself."""
        def enough():
            lines = [datagram.split("]: ", 1)[1].rstrip("\n") for datagram in self.syslog.received]
            lines = [line for line in lines if line.startswith("127.0.0.1:")]
            return lines if len(lines) >= count else None

        return eventually(enough, what=f"{count} lines of HAProxy")

    def compare(self, raw, server=None, options="", frontend="", backend="", same_bytes=True):
        """Sends each of `raw` on a connection of its own, to both; (our line, HAProxy's), masked."""
        server = server or self.server("web1", tls=None, handler=handler)
        port = self.haproxy(server, options)
        path = os.path.join(self.folder_of_test, "access.log")
        process = self.reseal(self.plain_yaml(server, top=f"access_log: {{ to: {path}, format: httplog }}\n", frontend=frontend,
                                              backend="    retries: 0\n" + backend))
        for index, request in enumerate(raw):
            for number in (port, process.port()):
                with Client(number) as client:
                    client.send(request)
                    try:
                        client.response(request.startswith(b"HEAD"))
                    except OSError:  # the server broke off
                        pass
            ours = LogFile(path).lines(index + 1)[index]
            theirs = self.haproxy_lines(index + 1)[index]
            ours, theirs = masked(ours), masked(theirs)
            if not same_bytes:
                ours, theirs = without_bytes(ours), without_bytes(theirs)
            with self.subTest(request=request[:60]):
                self.assertEqual(ours, theirs)

    def test_answers_of_a_server_have_the_same_lines(self):
        host = b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        self.compare([b"GET /" + host, b"GET /chunked" + host, b"GET /none?x=y" + host, b"HEAD /" + host, b"GET /%22" + host,
                      b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
                      b"GET /" + b"long" * 500 + host, b"PURGE /x" + host,
                      b"GET / HTTP/1.0\r\nHost: a\r\n\r\n"])

    def test_a_server_that_closes_without_an_answer(self):
        server = self.server("web1", tls=None, script=lambda connection: connection.read_head() and None)
        self.compare([b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"], server, same_bytes=False)

    def test_a_server_that_breaks_off(self):
        def script(connection):
            connection.read_head()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")

        self.compare([b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"], self.server("web1", tls=None, script=script))

    def test_a_server_that_answers_nonsense(self):
        def script(connection):
            connection.read_head()
            connection.send(b"HTTP/1.1 2x0 OK\r\n\r\n")

        self.compare([b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"], self.server("web1", tls=None, script=script),
                     same_bytes=False)

    def test_a_server_that_does_not_answer(self):
        done = threading.Event()
        self.addCleanup(done.set)

        def script(connection):
            connection.read_head()
            done.wait(20)

        self.compare([b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"], self.server("web1", tls=None, script=script),
                     options="  timeout server 300ms\n", backend="    timeouts: { response: 300ms }\n", same_bytes=False)

    def test_requests_over_http2_have_the_same_lines(self):
        server = self.server("web1", tls=None, handler=handler)
        path = os.path.join(self.folder_of_test, "access.log")
        port = self.haproxy(server, "", bind="proto h2")
        process = self.reseal(self.plain_yaml(server, top=f"access_log: {{ to: {path}, format: httplog }}\n",
                                              frontend="    h2c: allowed\n"))
        for number in (port, process.port()):
            subprocess.run(["curl", "-sS", "--http2-prior-knowledge", "-H", "Host: a.example", "-o", os.devnull,
                            f"http://127.0.0.1:{number}/path?x=y"], check=True, timeout=30)
        ours, theirs = LogFile(path).lines(1)[0], self.haproxy_lines(1)[0]
        self.assertEqual(masked(ours), masked(theirs))
        self.assertTrue(ours.endswith('"GET http://a.example/path?x=y HTTP/2.0"'), ours)

    def test_connections_in_mode_tcp_have_the_same_lines(self):
        def script(connection):
            sent = connection.sock.recv(4096)
            connection.send(b"answer to " + sent)
            connection.sock.shutdown(socket.SHUT_WR)
            connection.sock.recv(4096)

        server = self.server("web1", tls=None, script=script)
        path = os.path.join(self.folder_of_test, "access.log")
        port = self.haproxy(server, "", mode="tcp")
        # As with HAProxy, httplog falls back to tcplog there.
        process, other = (self.reseal(self.plain_yaml(server, top=f"access_log: {{ to: {path}, format: {form} }}\n",
                                                      frontend="    mode: tcp\n")) for form in ("tcplog", "httplog"))
        for number in (port, process.port(), other.port()):
            with Client(number) as client:
                client.send(b"ping")
                client.half_close()
                self.assertEqual(client.rest(), b"answer to ping")
        theirs = self.haproxy_lines(1)[0]
        for ours in LogFile(path).lines(2):
            self.assertEqual(masked(ours), masked(theirs))
            self.assertRegex(ours, r" 14 -- ")

    def test_a_request_that_is_none(self):
        self.compare([b"GARBAGE\r\n\r\n"], same_bytes=False)

    def test_a_head_that_does_not_come(self):
        self.compare([b"GET / HTTP/1.1\r\nHo"], options="  timeout http-request 300ms\n",
                     frontend="    timeouts: { request_head: 300ms }\n", same_bytes=False)


if __name__ == "__main__":
    unittest.main()
