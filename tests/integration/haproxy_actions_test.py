"""Every action of rules beside Debian's HAProxy: the same lines, the same requests; then the same request at the server, the
same response, and the same line in the log."""

import unittest

from support.case import IntegrationCase
from support.client import Client
from support.haproxy import HAProxy
from support.log_receiver import SyslogServer
from support.process import eventually
from support.server import reply

DEFAULTS = """global
    log 127.0.0.1:{log} len 8192 local0
defaults
    mode http
    log global
    log-format "line %ST %ts %hr|%hs %HM %[var(txn.told)]"
    timeout connect 5s
    timeout client 10s
    timeout server 10s
    timeout tarpit 100ms
"""
# What each program writes in its own way: framing, connection, and the texts of its own error pages.
OWN = {"connection", "content-length", "transfer-encoding", "keep-alive", "date", "cache-control"}


def get(target="/", *fields, method="GET", body=None):
    if body is not None:
        fields = (*fields, f"Content-Length: {len(body)}")
    return (f"{method} {target} HTTP/1.1\r\nHost: www.example.com\r\n" + "".join(f"{field}\r\n" for field in fields)
            + "\r\n").encode() + (body or b"")


# name: (lines of the frontend, lines of the backend `app`, requests)
CASES = {
    "capture": ("""
        capture request header Host len 30
        declare capture request len 5
        declare capture response len 4
        http-request capture path len 6
        http-request capture req.hdr(x-a) id 1
        tcp-request content capture method len 3
        http-response capture res.hdr(x-target) id 0
        http-request set-header X-Captured "%[capture.req.hdr(0)] %[capture.req.hdr(1)] %[capture.req.hdr(2)] %[capture.req.hdr(3)]"
        http-response set-header X-Captured %[capture.res.hdr(0)]
        """, "http-request capture hdr(x-b) id 1 if { hdr(x-b) -m found }",
                [get("/longer-than-that", "X-A: abcdefgh", method="DELETE"), get("/s", "X-A: a", "X-B: b"), get("/none")]),
}


class HaproxyActions(IntegrationCase):
    def setUp(self):
        self.seen = []
        self.backend = self.server("s1", tls=None, handler=self.answer)

    def answer(self, request):
        self.seen.append(request)
        status = {"/404": 404}.get(request.target, 200)
        return reply("body", status=status, fields=[("X-Target", request.target), ("X-Server", "here")])

    def config(self, bind, log, frontend, backend):
        return (DEFAULTS.format(log=log) + f"frontend web\n    bind {bind}\n{frontend}\n    default_backend app\n"
                f"backend app\n    {backend}\n    server {self.backend.name} {self.backend.address}\n")

    def exchange(self, port, request, log):
        """What the server saw, what came back and what was logged, without what is each program's own."""
        self.seen.clear()
        before = len(log.received)
        with Client(port) as client:
            client.send(request)
            interim = []
            try:
                response = client.response()
                while response.status < 200:
                    interim.append((response.status, sorted((k.lower(), v) for k, v in response.fields)))
                    response = client.response()
                answered = (response.status, sorted((k.lower(), v) for k, v in response.fields if k.lower() not in OWN), response.body)
            except (OSError, EOFError) as error:
                answered = (type(error).__name__,)
        served = [(r.method, r.target, sorted((k.lower(), v) for k, v in r.fields if k.lower() not in OWN), r.body) for r in self.seen]
        if len(answered) == 3 and answered[0] >= 300 and answered[2] not in (b"body", b"own"):
            answered = (answered[0], [(k, v) for k, v in answered[1] if k != "content-type"], None)

        def logged():
            lines = [line.split("line ", 1)[1] for line in log.received[before:] if "line " in line]
            return lines or None

        return served, interim, answered, eventually(logged, what="a line in the log")

    def compare(self, name, frontend, backend, requests):
        logs = [SyslogServer(), SyslogServer()]
        for log in logs:
            self.addCleanup(log.close)
        haproxy = HAProxy(self.config("@web@", logs[0].port, frontend, backend), folder=self.folder)
        self.addCleanup(haproxy.close)
        process = self.reseal(self.config("127.0.0.1:0", logs[1].port, frontend, backend), haproxy=True)
        for request in requests:
            with self.subTest(name=name, request=request[:80]):
                theirs = self.exchange(haproxy.port(), request, logs[0])
                self.assertEqual(self.exchange(process.port(), request, logs[1]), theirs)
        process.stop()
        haproxy.close()

    def test_actions_do_what_they_do_in_haproxy(self):
        for name, (frontend, backend, requests) in CASES.items():
            self.compare(name, frontend, backend, requests)


if __name__ == "__main__":
    unittest.main()
