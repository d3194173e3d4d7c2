"""Clients that break HTTP/2, flood or stall: their connection ends with the right code, memory stays bounded, nothing of
what they smuggle reaches a server, and others notice nothing."""

import itertools
import struct
import threading
import unittest

from support import h2
from support.case import IntegrationCase
from support.process import eventually
from support.server import reply

# Requests that a server must never see: extra or changed fields over a good request. None: the field is left out.
SMUGGLED = {
    "CR LF in a value": [("x", b"a\r\nTransfer-Encoding: chunked")],
    "LF in a value": [("x", b"a\nb")],
    "CR in a value": [("x", b"a\rb")],
    "NUL in a value": [("x", b"a\0b")],
    "CR LF in a name": [(b"x\r\ny", b"z")],
    "a colon in a name": [(b"x:y", b"z")],
    "a blank in a name": [(b"x y", b"z")],
    "an empty name": [(b"", b"z")],
    "upper case in a name": [(b"X-Upper", b"z")],
    "bytes beyond ASCII in a name": [(b"x\xe9", b"z")],
    "CR LF in the path": [(":path", b"/a HTTP/1.1\r\nX: y")],
    "a blank in the path": [(":path", b"/a b")],
    "a NUL in the path": [(":path", b"/a\0b")],
    "a fragment in the path": [(":path", b"/a#b")],
    "an empty path": [(":path", b"")],
    "a relative path": [(":path", b"a")],
    "an asterisk for GET": [(":path", b"*")],
    "an absolute path": [(":path", b"http://other/")],
    "no path": [(":path", None)],
    "two paths": [(":path", b"/"), ("+:path", b"/b")],
    "CR LF in the method": [(":method", b"GET / HTTP/1.1\r\nX: y\r\n\r\nGET")],
    "a blank in the method": [(":method", b"GET /b")],
    "an empty method": [(":method", b"")],
    "no method": [(":method", None)],
    "CR LF in the authority": [(":authority", b"localhost\r\nX: y")],
    "userinfo in the authority": [(":authority", b"user@localhost")],
    "a path in the authority": [(":authority", b"localhost/x")],
    "a list in the authority": [(":authority", b"localhost, other")],
    "two authorities": [(":authority", b"localhost"), ("+:authority", b"other")],
    "an authority and another host": [("host", b"other")],
    "two hosts": [(":authority", None), ("host", b"a"), ("+host", b"b")],
    "no authority and no host": [(":authority", None)],
    "CR LF in the scheme": [(":scheme", b"https\r\nX: y")],
    "no scheme": [(":scheme", None)],
    "an unknown pseudo field": [(":other", b"x")],
    "a response's pseudo field": [(":status", b"200")],
    "a pseudo field behind an ordinary one": [(":path", None), ("x", b"y"), ("+:path", b"/")],
    "Connection": [("connection", b"close")],
    "Keep-Alive": [("keep-alive", b"timeout=5")],
    "Proxy-Connection": [("proxy-connection", b"close")],
    "Transfer-Encoding": [("transfer-encoding", b"chunked")],
    "Upgrade": [("upgrade", b"websocket")],
    "TE other than trailers": [("te", b"chunked")],
    "two lengths": [("content-length", b"0"), ("+content-length", b"3")],
    "a list of lengths": [("content-length", b"0, 0")],
    "a length that is no number": [("content-length", b"+0")],
    "a length without a body": [("content-length", b"3")],
    "CONNECT": [(":method", b"CONNECT"), (":scheme", None), (":path", None), (":authority", b"a:443")],
}
# Breaches of the protocol: what is sent after the preface, and the codes that may answer it.
BROKEN = {
    "DATA on stream 0": (h2.frame(h2.DATA, 0, 0, b"x"), [h2.PROTOCOL_ERROR]),
    "DATA on an idle stream": (h2.frame(h2.DATA, 0, 5, b"x"), [h2.PROTOCOL_ERROR, h2.STREAM_CLOSED]),
    "HEADERS on stream 0": (h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, 0, b"\x82"), [h2.PROTOCOL_ERROR]),
    "HEADERS on an even stream": (h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, 2, b"\x82\x87\x84"), [h2.PROTOCOL_ERROR]),
    "CONTINUATION out of the blue": (h2.frame(h2.CONTINUATION, h2.END_HEADERS, 1, b"\x82"), [h2.PROTOCOL_ERROR]),
    "a frame within a header block": (h2.frame(h2.HEADERS, 0, 1, b"\x82") + h2.frame(h2.PING, 0, 0, b"12345678"), [h2.PROTOCOL_ERROR]),
    "a header block that is no HPACK": (h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, 1, b"\xff\xff\xff\xff\xff\xff"), [h2.COMPRESSION_ERROR]),
    "an index beyond the table": (h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, 1, b"\xfe"), [h2.COMPRESSION_ERROR]),
    "padding longer than its frame": (h2.frame(h2.HEADERS, h2.END_HEADERS | h2.PADDED, 1, b"\xff\x82"), [h2.PROTOCOL_ERROR]),
    "a frame over the limit": (h2.frame(h2.DATA, 0, 1, b"", length=16385), [h2.FRAME_SIZE_ERROR]),
    "SETTINGS of an odd size": (h2.frame(h2.SETTINGS, 0, 0, b"12345"), [h2.FRAME_SIZE_ERROR]),
    "SETTINGS on a stream": (h2.frame(h2.SETTINGS, 0, 1, b""), [h2.PROTOCOL_ERROR]),
    "an acknowledgement with a payload": (h2.frame(h2.SETTINGS, h2.ACK, 0, b"123456"), [h2.FRAME_SIZE_ERROR]),
    "a window of 2 GiB by SETTINGS": (h2.settings({h2.INITIAL_WINDOW_SIZE: 1 << 31}), [h2.FLOW_CONTROL_ERROR]),
    "a frame size out of bounds": (h2.settings({h2.MAX_FRAME_SIZE: 1}), [h2.PROTOCOL_ERROR]),
    "PING of 7 bytes": (h2.frame(h2.PING, 0, 0, b"1234567"), [h2.FRAME_SIZE_ERROR]),
    "PING on a stream": (h2.frame(h2.PING, 0, 1, b"12345678"), [h2.PROTOCOL_ERROR]),
    "a window update of 0": (h2.window_update(0, 0), [h2.PROTOCOL_ERROR]),
    "a window over 2 GiB": (h2.window_update(0, 0x7fffffff), [h2.FLOW_CONTROL_ERROR]),
    "a window update of 3 bytes": (h2.frame(h2.WINDOW_UPDATE, 0, 0, b"123"), [h2.FRAME_SIZE_ERROR]),
    "RST_STREAM on an idle stream": (h2.reset(9), [h2.PROTOCOL_ERROR]),
    "RST_STREAM of 3 bytes": (h2.frame(h2.RST_STREAM, 0, 1, b"123"), [h2.FRAME_SIZE_ERROR]),
    "PUSH_PROMISE from a client": (h2.frame(h2.PUSH_PROMISE, h2.END_HEADERS, 1, b"\0\0\0\2\x82"), [h2.PROTOCOL_ERROR]),
}


class H2Case(IntegrationCase):
    def h2_client(self, process, **options):
        client = h2.H2Client(process.port(), ca=self.pki.path("ca.pem"), **options)
        self.addCleanup(client.close)
        return client

    def start(self, handler=None, server=None, **options):
        self.web = server or self.server(handler=handler)
        return self.reseal(self.yaml(self.web, **options))


class Smuggling(H2Case):
    def request_with(self, client, changes):
        changed = dict(changes)
        fields = []
        for name, value in client.request_fields():
            value = changed.pop(name, value)
            if value is not None:
                fields.append((name, value))
        # The rest, and what stands twice, goes behind.
        return fields + [(name.removeprefix("+") if isinstance(name, str) else name, value) for name, value in changed.items() if value is not None]

    def test_no_trick_with_fields_reaches_a_server(self):
        process = self.start()
        client = self.h2_client(process)
        for name, changes in SMUGGLED.items():
            with self.subTest(name):
                if client.goaway is not None:
                    client = self.h2_client(process)
                number = client.new_stream()
                client.send(client.headers(number, self.request_with(client, changes)))
                stream = client.finish(number)
                refused = stream.status in (400, 405) or stream.reset == h2.PROTOCOL_ERROR or (client.goaway is not None)
                self.assertTrue(refused, (stream.status, stream.reset))
        self.assertEqual(self.web.requests, 0)
        self.assertEqual(self.h2_client(process).get().status, 200)

    def test_a_body_is_as_long_as_its_length_says_or_the_server_never_sees_its_end(self):
        whole, ends = [], []

        def script(connection):
            try:
                while (request := connection.read_request()) is not None:
                    whole.append(request.body)
                    connection.send(reply())
            finally:
                ends.append(1)

        process = self.start(server=self.server(script=script))
        for body in (b"ab", b"abcd"):
            client = self.h2_client(process)
            stream = client.get(method="POST", extra=[("content-length", "3")], body=body)
            self.assertTrue(stream.status == 400 or stream.reset is not None, (stream.status, stream.reset))
        eventually(lambda: process.entity("frontend", "web")["in_flight"] == 0)
        self.assertEqual(whole, [])
        client = self.h2_client(process)
        self.assertEqual(client.get(method="POST", extra=[("content-length", "3")], body=b"abc").status, 200)
        self.assertEqual(whole, [b"abc"])

    def test_trailers_cannot_carry_pseudo_fields_or_framing(self):
        seen = []
        process = self.start(lambda request: seen.append(request) or reply())
        for trailer, may_pass in (((":path", "/b"), False), (("transfer-encoding", "chunked"), False), (("connection", "close"), False),
                                  (("x-good", "y"), True)):
            with self.subTest(trailer):
                client = self.h2_client(process)
                number = client.new_stream()
                client.send(client.headers(number, client.request_fields(method="POST"), end=False), client.data(number, b"abc"),
                            client.headers(number, [trailer], end=True))
                stream = client.finish(number)
                if may_pass:
                    self.assertEqual((stream.status, seen[-1].body, seen[-1].trailers.lower()), (200, b"abc", b"x-good: y\r\n"))
                else:
                    self.assertTrue(stream.status == 400 or stream.reset is not None or client.goaway, (stream.status, stream.reset))
        self.assertEqual(len(seen), 1)

    def test_cookie_crumbs_become_one_field(self):
        seen = []
        client = self.h2_client(self.start(lambda request: seen.append(request) or reply()))
        self.assertEqual(client.get(extra=[("cookie", "a=b"), ("x", "y"), ("cookie", "c=d")]).status, 200)
        self.assertEqual(seen[0].all("cookie"), ["a=b; c=d"])


class BrokenFrames(H2Case):
    def test_each_breach_ends_the_connection_with_its_code(self):
        process = self.start()
        for name, (bytes_sent, codes) in BROKEN.items():
            with self.subTest(name):
                client = self.h2_client(process)
                client.send(bytes_sent)
                self.assertIn(client.end_code(), codes)
        self.assertEqual(self.web.requests, 0)
        self.assertEqual(self.h2_client(process).get().status, 200)

    def test_another_preface_is_not_http2(self):
        process = self.start()
        client = self.h2_client(process, preface=h2.PREFACE[:-1] + b"X")
        self.assertIn(client.end_code(), (h2.PROTOCOL_ERROR, None))

    def streams_over_the_limit(self, **options):
        """(the client, its streams within the limit, those over it), with a server that answers once `go_on` is set."""
        self.go_on = threading.Event()
        self.addCleanup(self.go_on.set)
        process = self.start(lambda request: self.go_on.wait(30) and reply())
        client = self.h2_client(process, **options)
        client.wait(lambda: client.settings is not None)
        limit = client.settings[h2.MAX_CONCURRENT_STREAMS]
        numbers = [client.new_stream() for _ in range(limit + 5)]
        client.send(*[client.headers(number, client.request_fields()) for number in numbers])
        return client, numbers[:limit], numbers[limit:]

    def test_streams_over_a_limit_not_yet_known_are_refused_and_the_others_answered(self):
        client, within, over = self.streams_over_the_limit(acknowledge=False)
        self.assertEqual([client.finish(number).reset for number in over], [h2.REFUSED_STREAM] * 5)
        self.go_on.set()
        self.assertEqual({client.finish(number).status for number in within}, {200})

    def test_streams_over_an_acknowledged_limit_end_the_connection(self):
        client, _, _ = self.streams_over_the_limit()
        self.assertEqual(client.end_code(), h2.PROTOCOL_ERROR)
        self.go_on.set()
        self.assertLessEqual(self.web.requests, 100)

    def test_frames_behind_the_end_of_the_session_harm_nobody(self):
        process = self.start()
        for _ in range(20):
            client = self.h2_client(process)
            request = client.headers(1, client.request_fields())
            client.send(h2.frame(h2.DATA, 0, 0, b"x"), request, request, h2.settings(), h2.window_update(0, 0), h2.goaway())
            self.assertEqual(client.end_code(), h2.PROTOCOL_ERROR)
        self.assertEqual(self.h2_client(process).get().status, 200)


class Floods(H2Case):
    """Frames without end: the connection must end before they do. Without TLS, so that one thread may write to a socket
    from which another reads."""

    SECONDS = 60

    def start(self, handler=None):
        self.web = self.server(handler=handler, tls=None)
        return self.reseal(self.plain_yaml(self.web, frontend="    h2c: allowed\n"))

    def plain_h2_client(self, process, **options):
        client = h2.H2Client(process.port(), **options)
        self.addCleanup(client.close)
        return client

    def flood(self, process, frames, first=b"", codes=(h2.ENHANCE_YOUR_CALM,)):
        """Sends `frames(number)` again and again until the connection ends; another client is served all the while."""
        before = process.memory_kib()
        # An acknowledgement of the settings would come between the frames of a header block.
        client = self.plain_h2_client(process, acknowledge=False)
        client.send(first)
        ended = threading.Event()
        served = []

        def bystander():
            other = self.plain_h2_client(process)
            while not ended.is_set():
                served.append(other.get("/bystander").status)

        def send():
            numbers = itertools.count(0, 100)
            try:
                while not ended.is_set():
                    number = next(numbers)
                    client.send(b"".join(frames(number + at) for at in range(100)))
            except OSError:
                cut_off.append(True)

        cut_off = []
        threads = [threading.Thread(target=work) for work in (bystander, send)]
        for thread in threads:
            thread.start()
        try:
            code = client.end_code()
            eventually(lambda: cut_off, self.SECONDS, "the connection is cut")
        finally:
            ended.set()
            for thread in threads:
                thread.join()
        self.assertIn(code, codes)
        self.assertEqual(set(served), {200})
        self.assert_grew_less(process, before, mib=32)
        eventually(lambda: process.entity("frontend", "web")["in_flight"] == 0)
        return self.web.requests - len(served)

    def test_what_follows_the_end_is_hardly_read(self):
        client = self.plain_h2_client(self.start())
        ping = h2.frame(h2.PING, 0, 0, b"01234567") * 1000
        try:
            client.send(ping * 2)
        except OSError:
            pass
        self.assertEqual(client.end_code(), h2.ENHANCE_YOUR_CALM)
        sent = 0
        with self.assertRaises(OSError):
            while sent < 64 << 20:
                client.send(ping)
                sent += len(ping)
        self.assertLess(sent, 16 << 20)  # most of it in the kernel's buffers

    def test_rapid_reset(self):
        process = self.start()
        made = h2.Connection(None)
        request = h2.H2Client.request_fields(made)
        reached = self.flood(process, lambda number: made.headers(2 * number + 1, request) + h2.reset(2 * number + 1))
        self.assertLess(reached, 2000)  # however long the flood, the server is spared most of it

    def test_resets_that_the_proxy_is_made_to_send(self):
        process = self.start()
        made = h2.Connection(None)
        request = h2.H2Client.request_fields(made, method="POST")
        # A window that overflows is an error of the stream alone (RFC 9113 6.9.1). The limit of streams may end it first:
        # a stream counts until its reset is on the way.
        overflow = 0x7fffffff
        self.flood(process, lambda number: made.headers(2 * number + 1, request, end=False) + h2.window_update(2 * number + 1, overflow),
                   codes=(h2.ENHANCE_YOUR_CALM, h2.PROTOCOL_ERROR))

    def test_ping(self):
        self.flood(self.start(), lambda number: h2.frame(h2.PING, 0, 0, struct.pack(">Q", number)))

    def test_settings(self):
        self.flood(self.start(), lambda number: h2.settings({h2.HEADER_TABLE_SIZE: number % 4096}))

    def test_data_without_bytes(self):
        made = h2.Connection(None)
        self.flood(self.start(), lambda number: h2.frame(h2.DATA, 0, 1), first=made.headers(1, h2.H2Client.request_fields(made, method="POST"), end=False))

    def test_priority(self):
        self.flood(self.start(), lambda number: h2.frame(h2.PRIORITY, 0, 2 * number + 1, b"\0\0\0\0\x10"))

    def test_window_updates(self):
        self.flood(self.start(), lambda number: h2.window_update(0, 1))

    def test_unknown_frames(self):
        self.flood(self.start(), lambda number: h2.frame(0xbb, 0, 0, b"x"))

    def test_continuation(self):
        # RFC 9113 has no limit to a header block; ours is that of heads.
        self.flood(self.start(), lambda number: h2.frame(h2.CONTINUATION, 0, 1, h2.literal(b"x%d" % number, b"y" * 100)),
                   first=h2.frame(h2.HEADERS, 0, 1, b"\x82\x87\x84"), codes=(h2.ENHANCE_YOUR_CALM, h2.COMPRESSION_ERROR, h2.PROTOCOL_ERROR))

    def test_continuation_without_bytes(self):
        self.flood(self.start(), lambda number: h2.frame(h2.CONTINUATION, 0, 1), first=h2.frame(h2.HEADERS, 0, 1, b"\x82\x87\x84"))


class Bombs(H2Case):
    def test_a_head_over_the_limit_is_answered_431_and_the_connection_goes_on(self):
        process = self.start()
        client = self.h2_client(process)
        self.assertEqual(client.get(extra=[("x", "y" * 8000)]).status, 200)
        number = client.new_stream()
        block = client.block_of(client.request_fields(extra=[(f"x{i}", "y" * 3000) for i in range(14)]))
        pieces = [block[at:at + 16000] for at in range(0, len(block), 16000)]
        client.send(h2.frame(h2.HEADERS, h2.END_STREAM, number, pieces[0]), *[h2.frame(h2.CONTINUATION, 0, number, p) for p in pieces[1:-1]],
                    h2.frame(h2.CONTINUATION, h2.END_HEADERS, number, pieces[-1]))
        self.assertEqual(client.finish(number).status, 431)
        self.assertEqual(client.get().status, 200)
        self.assertEqual(self.web.requests, 2)

    def test_one_byte_references_to_a_large_field_cost_no_memory(self):
        process = self.start()
        before = process.memory_kib()
        # 4000 bytes into the table once, then 16,000 references of one byte each: 64 MB of fields a frame.
        large = b"\x40" + h2.literal(b"x", b"y" * 3900)[1:]
        for _ in range(5):
            client = self.h2_client(process)
            number = client.new_stream()
            start = client.block_of(client.request_fields()) + large
            frames = [h2.frame(h2.HEADERS, h2.END_STREAM, number, start)]
            frames += [h2.frame(h2.CONTINUATION, 0, number, b"\xbe" * 16000)] * 20
            try:
                client.send(*frames, h2.frame(h2.CONTINUATION, h2.END_HEADERS, number, b"\xbe"))
            except OSError:
                pass
            stream = client.stream(number)
            code = client.end_code() if stream.status is None else None
            self.assertTrue(code == h2.ENHANCE_YOUR_CALM or stream.status == 431, (code, stream.status))
        self.assertEqual(self.web.requests, 0)
        self.assert_grew_less(process, before, mib=16)
        self.assertEqual(self.h2_client(process).get().status, 200)

    def test_a_thousand_cookie_crumbs_are_too_many_fields(self):
        process = self.start()
        client = self.h2_client(process)
        self.assertIn(client.get(extra=[("cookie", f"a{i}=b") for i in range(1000)]).status, (431,))
        self.assertEqual(client.get().status, 200)
        self.assertEqual(self.web.requests, 1)


class Stalls(H2Case):
    def test_streams_whose_windows_stay_shut_cost_little_and_end(self):
        large = b"x" * (4 * 1024 * 1024)
        process = self.start(lambda request: reply(large), frontend="    timeouts: { response_write: 2s }\n")
        before = process.memory_kib()
        stalled = []
        for _ in range(5):
            client = self.h2_client(process, initial={h2.INITIAL_WINDOW_SIZE: 0}, give_windows=False)
            numbers = [client.new_stream() for _ in range(50)]
            client.send(*[client.headers(number, client.request_fields()) for number in numbers])
            stalled.append((client, numbers))
        eventually(lambda: process.entity("frontend", "web")["in_flight"] == 250, 30, "all streams are open")
        self.assertEqual(self.h2_client(process).get("/other").body, large)
        self.assert_grew_less(process, before, mib=64)
        for client, numbers in stalled:
            try:
                for number in numbers:
                    self.assertIsNotNone(client.finish(number).reset)
            except ConnectionError:
                pass  # all of them at once
        eventually(lambda: process.entity("frontend", "web")["in_flight"] == 0, 30, "nothing in flight")

    def test_a_window_of_one_byte_at_a_time_does_not_hold_the_others(self):
        process = self.start(lambda request: reply(b"x" * 100000))
        client = self.h2_client(process, initial={h2.INITIAL_WINDOW_SIZE: 1}, give_windows=False)
        slow, fast = client.new_stream(), client.new_stream()
        client.send(client.headers(slow, client.request_fields()), client.headers(fast, client.request_fields()))
        client.wait(lambda: client.stream(slow).body == b"x")
        client.send(h2.window_update(0, 1 << 20), h2.window_update(fast, 1 << 20))
        self.assertEqual(len(client.finish(fast).body), 100000)
        for _ in range(20):
            have = len(client.stream(slow).body)
            client.send(h2.window_update(slow, 1))
            client.wait(lambda: len(client.stream(slow).body) == have + 1)

    def test_a_body_that_does_not_come_ends_its_stream_only(self):
        process = self.start(frontend="    timeouts: { request_body: 1s }\n")
        client = self.h2_client(process)
        number = client.new_stream()
        client.send(client.headers(number, client.request_fields(method="POST"), end=False), client.data(number, b"begun"))
        self.assertEqual(client.get().status, 200)
        stream = client.finish(number)
        self.assertTrue(stream.status == 408 or stream.reset is not None, (stream.status, stream.reset))
        self.assertEqual(client.get().status, 200)

    def test_an_upload_to_a_server_that_does_not_read_is_held_back(self):
        go_on = threading.Event()
        self.addCleanup(go_on.set)

        def script(connection):
            connection.read_head()
            go_on.wait(60)
            connection.read_exactly(0)

        process = self.start(server=self.server(script=script))
        before = process.memory_kib()
        client = self.h2_client(process)
        number = client.new_stream()
        client.send(client.headers(number, client.request_fields(method="POST"), end=False))
        client.wait(lambda: client.settings is not None)
        window = client.settings.get(h2.INITIAL_WINDOW_SIZE, 65535)
        sent = given = 0
        client.sock.settimeout(1)
        try:
            while sent < 64 << 20:
                while sent < window + given and sent < 64 << 20:
                    size = min(16384, window + given - sent)
                    client.send(client.data(number, b"x" * size))
                    sent += size
                update = client.read_frame()
                if update.kind == h2.WINDOW_UPDATE and update.stream == number:
                    given += struct.unpack(">I", update.payload)[0]
        except TimeoutError:
            pass
        self.assertLess(sent, 32 << 20)
        self.assert_grew_less(process, before, mib=16)


class Slow(H2Case):
    def test_a_head_that_drips_is_cut_off_at_its_deadline(self):
        process = self.start(frontend="    timeouts: { request_head: 1s, keep_alive: 30s }\n")
        client = self.h2_client(process)
        client.send(h2.frame(h2.HEADERS, 0, 1, b"\x82"))
        self.assertIsNotNone([client.end_code()])
        eventually(lambda: process.entity("frontend", "web")["open_connections"] == 0)

    def test_a_client_that_says_nothing_is_cut_off(self):
        process = self.start(frontend="    timeouts: { request_head: 1s, keep_alive: 1s }\n")
        client = self.h2_client(process)
        self.assertIn(client.end_code(), (h2.NO_ERROR, None))
        eventually(lambda: process.entity("frontend", "web")["open_connections"] == 0)


if __name__ == "__main__":
    unittest.main()
