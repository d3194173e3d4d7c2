"""Servers that speak HTTP/2 badly: a 502 or a cut response, their connection dropped, and the next request as if nothing
had been."""

import unittest

from support import h2
from support.case import IntegrationCase
from support.process import eventually
from support.server import server_tls

OK = [(":status", "200")]
# What a server does with stream `n` in place of an answer; each must end in 502.
BAD_RESPONSES = {
    "no :status": lambda peer, n: [peer.headers(n, [("x", "y")])],
    "an empty :status": lambda peer, n: [peer.headers(n, [(":status", "")])],
    "a :status of two digits": lambda peer, n: [peer.headers(n, [(":status", "20")])],
    "a :status of four digits": lambda peer, n: [peer.headers(n, [(":status", "2000")])],
    "a :status of letters": lambda peer, n: [peer.headers(n, [(":status", "2xx")])],
    "two of :status": lambda peer, n: [peer.headers(n, [(":status", "200"), (":status", "404")])],
    ":status behind a field": lambda peer, n: [peer.headers(n, [("x", "y"), (":status", "200")])],
    "a request's pseudo field": lambda peer, n: [peer.headers(n, [(":status", "200"), (":path", "/")])],
    "101": lambda peer, n: [peer.headers(n, [(":status", "101")], end=False)],
    "1xx that ends the stream": lambda peer, n: [peer.headers(n, [(":status", "103")])],
    "CR LF in a value": lambda peer, n: [peer.headers(n, [*OK, ("x", b"a\r\nSet-Cookie: b=c")])],
    "LF in a value": lambda peer, n: [peer.headers(n, [*OK, ("x", b"a\nb")])],
    "a NUL in a value": lambda peer, n: [peer.headers(n, [*OK, ("x", b"a\0b")])],
    "CR LF in a name": lambda peer, n: [peer.headers(n, [*OK, (b"x\r\ny", b"z")])],
    "a colon in a name": lambda peer, n: [peer.headers(n, [*OK, (b"x:y", b"z")])],
    "upper case in a name": lambda peer, n: [peer.headers(n, [*OK, (b"X-Y", b"z")])],
    "an empty name": lambda peer, n: [peer.headers(n, [*OK, (b"", b"z")])],
    "Transfer-Encoding": lambda peer, n: [peer.headers(n, [*OK, ("transfer-encoding", "chunked")])],
    "Connection": lambda peer, n: [peer.headers(n, [*OK, ("connection", "close")])],
    "two lengths": lambda peer, n: [peer.headers(n, [*OK, ("content-length", "1"), ("content-length", "2")], end=False), peer.data(n, b"a", end=True)],
    "a length that is no number": lambda peer, n: [peer.headers(n, [*OK, ("content-length", "x")], end=False), peer.data(n, b"a", end=True)],
    "a length and no body": lambda peer, n: [peer.headers(n, [*OK, ("content-length", "3")])],
    "data before the head": lambda peer, n: [peer.data(n, b"abc", end=True)],
    "a reset": lambda peer, n: [h2.reset(n, h2.INTERNAL_ERROR)],
    "a head of 200 KB": lambda peer, n: [h2.frame(h2.HEADERS, 0, n, peer.block_of(OK)),
                                        *[h2.frame(h2.CONTINUATION, 0, n, h2.literal(b"x%d" % i, b"y" * 10000)) for i in range(20)],
                                        h2.frame(h2.CONTINUATION, h2.END_HEADERS, n)],
    # Breaches of the connection.
    "a push": lambda peer, n: [h2.frame(h2.PUSH_PROMISE, h2.END_HEADERS, n, b"\0\0\0\2" + peer.block_of([(":method", "GET"), (":path", "/")]))],
    "a stream of its own": lambda peer, n: [peer.headers(2, OK)],
    "DATA on stream 0": lambda peer, n: [h2.frame(h2.DATA, 0, 0, b"x")],
    "a frame over the limit": lambda peer, n: [h2.frame(h2.DATA, 0, n, b"", length=20000)],
    "a block that is no HPACK": lambda peer, n: [h2.frame(h2.HEADERS, h2.END_HEADERS, n, b"\xff\xff\xff\xff\xff\xff")],
    "a window over 2 GiB": lambda peer, n: [h2.window_update(0, 0x7fffffff)],
    "HTTP/1": lambda peer, n: [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"],
    "GOAWAY with an error": lambda peer, n: [h2.goaway(n, h2.INTERNAL_ERROR)],
}
# Responses that had begun: the client must not take them for whole ones.
CUT_RESPONSES = {
    "a body shorter than its length": lambda peer, n: [peer.headers(n, [*OK, ("content-length", "10")], end=False), peer.data(n, b"abc", end=True)],
    "a body longer than its length": lambda peer, n: [peer.headers(n, [*OK, ("content-length", "3")], end=False), peer.data(n, b"abcdef", end=True)],
    "a reset midway": lambda peer, n: [peer.headers(n, OK, end=False), peer.data(n, b"abc"), h2.reset(n, h2.INTERNAL_ERROR)],
    "an end of the connection midway": lambda peer, n: [peer.headers(n, OK, end=False), peer.data(n, b"abc"), None],
    "a pseudo field in the trailers": lambda peer, n: [peer.headers(n, OK, end=False), peer.data(n, b"abc"), peer.headers(n, [(":status", "200")])],
    "a second head": lambda peer, n: [peer.headers(n, OK, end=False), peer.data(n, b"abc"), peer.headers(n, OK, end=False)],
    "framing in the trailers": lambda peer, n: [peer.headers(n, OK, end=False), peer.data(n, b"abc"), peer.headers(n, [("transfer-encoding", "chunked")])],
}
FLOODS = {
    "PING": lambda n: h2.frame(h2.PING, 0, 0, n.to_bytes(8, "big")),
    "SETTINGS": lambda n: h2.settings({h2.HEADER_TABLE_SIZE: n % 4096}),
    "DATA without bytes": lambda n: h2.frame(h2.DATA, 0, 1),
    "1xx": lambda n: h2.frame(h2.HEADERS, h2.END_HEADERS, 1, h2.literal(b":status", b"103")),
    "unknown frames": lambda n: h2.frame(0xbb, 0, 0, b"x"),
    "WINDOW_UPDATE": lambda n: h2.window_update(0, 1),
    "CONTINUATION": lambda n: h2.frame(h2.CONTINUATION, 0, 1, h2.literal(b"x%d" % n, b"y" * 100)),
}


class HostileServers(IntegrationCase):
    def h2_server(self, script, name="server"):
        """`script(peer, number)` is called for every stream whose request is whole."""
        def run(connection):
            peer = h2.H2ServerConnection(connection)
            while (number := peer.next_request()) is not None:
                if script(peer, number) == "end":
                    return

        tls = server_tls(self.pki)
        tls.set_alpn_protocols(["h2"])
        return self.server(name, script=run, tls=tls)

    def h2_yaml(self, *servers, backend=""):
        return self.yaml(*servers, backend="    protocol: h2\n    passive: off\n" + backend)

    def misbehaving(self):
        """A server that does what `self.now` says, once, and is good otherwise."""
        self.now = None

        def script(peer, number):
            action, self.now = self.now, None
            if action is None:
                peer.answer(number)
                return None
            frames = action(peer, number)
            peer.send(*[frame for frame in frames if frame is not None])
            if None in frames:
                peer.sock.shutdown(2)
                return "end"
            return None

        return self.h2_server(script)

    def test_a_bad_response_is_answered_502_and_the_next_request_as_ever(self):
        process = self.reseal(self.h2_yaml(self.misbehaving(), backend="    retries: 0\n"))
        client = self.client(process, deadline=30)
        for name, action in BAD_RESPONSES.items():
            with self.subTest(name):
                self.now = action
                self.assertEqual(client.get().status, 502)
                response = client.get()
                self.assertEqual((response.status, response.body), (200, b"ok"))
        eventually(lambda: process.entity("server", "server")["in_flight"] == 0)

    def test_a_cut_response_is_never_taken_for_a_whole_one(self):
        process = self.reseal(self.h2_yaml(self.misbehaving(), backend="    retries: 0\n"))
        for name, action in CUT_RESPONSES.items():
            with self.subTest(name):
                self.now = action
                try:
                    # Either nothing of it had passed yet, or the connection ends without the last chunk.
                    self.assertEqual(self.client(process, deadline=30).get().status, 502)
                except OSError:
                    pass
                self.now = action
                over_h2 = h2.H2Client(process.port(), ca=self.pki.path("ca.pem"), deadline=30)
                self.addCleanup(over_h2.close)
                stream = over_h2.get()
                self.assertTrue(stream.status == 502 or stream.reset is not None, (stream.status, stream.body))
                self.assertEqual(over_h2.get().body, b"ok")

    def test_floods_end_the_servers_connection_and_no_memory_is_lost(self):
        for name, frame in FLOODS.items():
            with self.subTest(name):
                cut = []

                def script(peer, number, name=name, frame=frame):
                    if len(peer.answered) > 1 or cut:
                        peer.answer(number)
                        return None
                    if name == "CONTINUATION":
                        peer.send(h2.frame(h2.HEADERS, 0, 1, peer.block_of(OK)))
                    elif name == "DATA without bytes":
                        peer.send(peer.headers(1, OK, end=False))
                    try:
                        count = 0
                        while True:
                            peer.send(b"".join(frame(count + at) for at in range(100)))
                            count += 100
                    except OSError:
                        cut.append(True)
                    return "end"

                process = self.reseal(self.h2_yaml(self.h2_server(script), backend="    retries: 0\n"))
                before = process.memory_kib()
                try:
                    self.client(process, deadline=60).get()
                except OSError:
                    pass
                eventually(lambda: cut, 30, "the server is cut off")
                self.assert_grew_less(process, before, mib=32)
                self.assertEqual(self.client(process).get().body, b"ok")

    def test_a_refused_stream_is_asked_of_another_server_even_if_it_is_a_post(self):
        refusing = self.h2_server(lambda peer, number: peer.send(h2.reset(number, h2.REFUSED_STREAM)), "refusing")
        good = self.h2_server(lambda peer, number: peer.answer(number), "good")
        process = self.reseal(self.h2_yaml(refusing, good))
        client = self.client(process)
        for _ in range(4):
            self.assertEqual(client.get(method="POST", body=b"").status, 200)

    def post_through(self, frame, size):
        """What a POST comes to whose first server sends this frame when it has the whole body, and the bodies that the second one got."""
        first = self.h2_server(lambda peer, number: peer.send(frame(number)), "first")
        bodies = []
        second = self.h2_server(lambda peer, number: bodies.append(bytes(peer.streams[number].body)) or peer.answer(number), "second")
        process = self.reseal(self.h2_yaml(first, second).replace(f'"{second.address}"', f'{{ address: "{second.address}", backup: true }}'))
        body = bytes(range(250)) * (size // 250)
        response = self.client(process).get(method="POST", body=body)
        self.assertEqual(first.connections, 1)
        return response.status, [len(received) for received in bodies if received == body]

    def test_a_post_with_a_body_is_sent_again_if_the_server_says_that_it_was_not_processed(self):
        for name, frame in (("REFUSED_STREAM", lambda n: h2.reset(n, h2.REFUSED_STREAM)), ("GOAWAY", lambda n: h2.goaway(0, h2.NO_ERROR))):
            with self.subTest(name):
                self.assertEqual(self.post_through(frame, 50000), (200, [50000]))

    def test_but_not_for_any_other_reason_and_not_without_bound(self):
        for name, frame, size in (("a reset", lambda n: h2.reset(n, h2.INTERNAL_ERROR), 50000), ("a cancel", lambda n: h2.reset(n, h2.CANCEL), 50000),
                                  ("a body over 64 KiB", lambda n: h2.reset(n, h2.REFUSED_STREAM), 70000)):
            with self.subTest(name):
                self.assertEqual(self.post_through(frame, size), (502, []))

    def test_a_goaway_loses_no_request(self):
        def script(peer, number):
            peer.answer(number)
            if len(peer.answered) == 3:
                peer.send(h2.goaway(number, h2.NO_ERROR))

        server = self.h2_server(script)
        process = self.reseal(self.h2_yaml(server))
        client = self.client(process)
        self.assertEqual([client.get(method="POST", body=b"x").status for _ in range(20)], [200] * 20)
        self.assertGreaterEqual(server.connections, 6)

    def test_a_server_that_gives_no_window_holds_only_its_own_uploads(self):
        def script(connection):
            peer = h2.H2ServerConnection(connection, give_windows=False)
            while (number := peer.next_request()) is not None:
                peer.answer(number)

        tls = server_tls(self.pki)
        tls.set_alpn_protocols(["h2"])
        process = self.reseal(self.h2_yaml(self.server(script=script, tls=tls)))
        before = process.memory_kib()
        uploader = self.client(process)
        uploader.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 67108864\r\n\r\n")
        uploader.sock.settimeout(1)
        sent = 0
        try:
            while sent < 64 << 20:
                uploader.send(b"x" * 65536)
                sent += 65536
        except OSError:
            pass
        self.assertLess(sent, 32 << 20)
        self.assertEqual(self.client(process).get().status, 200)
        self.assert_grew_less(process, before, mib=16)


if __name__ == "__main__":
    unittest.main()
