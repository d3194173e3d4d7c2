"""What two parsers could read differently is refused, never passed on: the classes that broke other proxies."""

import unittest

from support.case import IntegrationCase

HOST = b"Host: localhost\r\n"
CASES = {
    # name: (status, the bytes)
    "bare LF line ends": (400, b"GET / HTTP/1.1\nHost: localhost\n\n"),
    "a bare CR in a field": (400, b"GET / HTTP/1.1\r\n" + HOST + b"X: a\rb\r\n\r\n"),
    "a NUL in a field": (400, b"GET / HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n"),
    "a NUL in the target": (400, b"GET /a\0b HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a fragment in the target": (400, b"GET /a#b HTTP/1.1\r\n" + HOST + b"\r\n"),
    "obs-fold": (400, b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n"),
    "a blank before the colon": (400, b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n"),
    "an empty field name": (400, b"GET / HTTP/1.1\r\n" + HOST + b": x\r\n\r\n"),
    "a field without colon": (400, b"GET / HTTP/1.1\r\n" + HOST + b"nonsense\r\n\r\n"),
    "no Host": (400, b"GET / HTTP/1.1\r\n\r\n"),
    "two Hosts": (400, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    "an invalid Host": (400, b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    "userinfo in Host": (400, b"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
    "target and Host disagree": (400, b"GET http://other/ HTTP/1.1\r\n" + HOST + b"\r\n"),
    "both lengths": (400, b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "two Content-Lengths": (400, b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc"),
    "a list of lengths": (400, b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3, 3\r\n\r\nabc"),
    "a signed length": (400, b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: +3\r\n\r\nabc"),
    "an empty length": (400, b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length:\r\n\r\nabc"),
    "a hexadecimal length": (400, b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 0x3\r\n\r\nabc"),
    "a length beyond 64 bits": (400, b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999999999999\r\n\r\nabc"),
    "chunked in HTTP/1.0": (400, b"POST / HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "chunked not last": (501, b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
    "chunked twice": (400, b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "a coding with a vertical tab": (400, b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"),
    "a quoted coding": (501, b"POST / HTTP/1.1\r\n" + HOST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n'),
    "an unknown coding": (501, b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip\r\n\r\nxx"),
    "CONNECT": (405, b"CONNECT a:443 HTTP/1.1\r\n" + HOST + b"\r\n"),
    "the HTTP/2 preface": (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "HTTP/1.2": (505, b"GET / HTTP/1.2\r\n" + HOST + b"\r\n"),
    "HTTP/0.9": (505, b"GET /\r\n\r\n"),
    "an unknown expectation": (417, b"POST / HTTP/1.1\r\n" + HOST + b"Expect: tea\r\nContent-Length: 3\r\n\r\nabc"),
    "a head too large": (431, b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 40000 + b"\r\n\r\n"),
    "too many fields": (431, b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 150 + b"\r\n"),
    "a target too long": (414, b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    "not HTTP at all": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01"),
}
BODIES = {
    # chunked bodies that are refused once they are read
    "0x": b"0x3\r\nabc\r\n0\r\n\r\n", "a sign": b"+3\r\nabc\r\n0\r\n\r\n", "an underscore": b"1_0\r\nabc\r\n0\r\n\r\n",
    "blanks": b" 3\r\nabc\r\n0\r\n\r\n", "blanks behind": b"3 \r\nabc\r\n0\r\n\r\n", "overflow": b"fffffffffffffffff\r\nabc\r\n0\r\n\r\n",
    "a bare LF": b"3\nabc\r\n0\r\n\r\n", "a bare CR": b"3\rabc\r\n0\r\n\r\n", "an extension that ends in LF": b"3;a\nabc\r\n0\r\n\r\n",
    "data longer than its size": b"3\r\nabcd\r\n0\r\n\r\n", "an empty size": b"\r\nabc\r\n0\r\n\r\n",
    "a trailer without colon": b"0\r\nnonsense\r\n\r\n", "a folded trailer": b"0\r\nA: b\r\n c\r\n\r\n",
}


class RefusedRequests(IntegrationCase):
    def test_each_is_answered_and_closed_and_reaches_no_server(self):
        server = self.server()
        process = self.reseal(self.yaml(server))
        for name, (status, data) in CASES.items():
            with self.subTest(name):
                client = self.client(process)
                # Whatever follows must not be taken for a request.
                client.send(data + b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n")
                self.assertEqual(client.response().status, status)
                self.assertTrue(client.is_closed())
        self.assertEqual(server.requests, 0)
        self.assertEqual(self.client(process).get().status, 200)

    def test_each_malformed_chunked_body_is_answered_400_and_never_completed_towards_the_server(self):
        completed = []
        server = self.server(handler=lambda request: completed.append(request) or b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        process = self.reseal(self.yaml(server))
        for name, body in BODIES.items():
            with self.subTest(name):
                client = self.client(process)
                client.send(b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + body)
                self.assertEqual(client.response().status, 400)
                self.assertTrue(client.is_closed())
        self.assertEqual(completed, [])

    def test_a_client_that_resets_midway_leaves_nothing_behind(self):
        server = self.server()
        process = self.reseal(self.yaml(server))
        for cut in (b"GET / HT", b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc",
                    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"):
            client = self.client(process)
            client.send(cut)
            client.reset()
        from support.process import eventually

        eventually(lambda: process.entity("frontend", "web")["in_flight"] == 0
                   and process.entity("frontend", "web")["open_connections"] == 0, what="nothing in flight")
        self.assertEqual(self.client(process).get().status, 200)


if __name__ == "__main__":
    unittest.main()
