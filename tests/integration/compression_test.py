"""Responses are compressed for clients that take it, and for nobody else is a byte different."""

import hashlib
import socket
import subprocess
import threading
import unittest
import zlib

from support.case import IntegrationCase
from support.process import eventually
from support.server import reply

KIB = 1024


def text_of(size, seed=1):
    """Compressible, but not by much: lines of hexadecimal digits."""
    lines, length, i = [], 0, 0
    while length < size:
        lines.append(f"<li>{hashlib.sha256(f'{seed} {i}'.encode()).hexdigest()}</li>\n")
        length += len(lines[-1])
        i += 1
    return "".join(lines).encode()[:size]


def chunked(pieces, content_type="text/html", fields=()):
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n"
    head += "".join(f"{k}: {v}\r\n" for k, v in fields)
    return head.encode() + b"\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces if p) + b"0\r\n\r\n"


def html(body, fields=(), content_type="text/html; charset=utf-8", status="200 OK"):
    return reply(body, status=status, fields=[("Content-Type", content_type), *fields])


def gunzip(data):
    decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)
    text = decoder.decompress(data)
    if not decoder.eof or decoder.unused_data:
        raise AssertionError("not exactly one gzip stream")
    return text


GZIP = [("Accept-Encoding", "gzip")]


class Compression(IntegrationCase):
    def start(self, handler=None, compression="on", **options):
        self.backend = self.server(handler=handler, **options)
        return self.reseal(self.yaml(self.backend, backend=f"    compression: {compression}\n"))

    def curl(self, process, path, *arguments):
        done = subprocess.run(["curl", "--silent", "--show-error", "--fail", "--max-time", "60", "--cacert", self.pki.path("ca.pem"), *arguments,
                               f"https://localhost:{process.port()}{path}"], capture_output=True, timeout=90)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_every_size_arrives_byte_for_byte_in_gzip_and_br(self):
        sizes = [0, 1, 1023, 1024, 1025, 16383, 16384, 16385, 65536, 200_000, 3_000_000]

        def handler(request):
            kind, size = request.target.strip("/").split("/")
            body = text_of(int(size))
            return html(body) if kind == "length" else chunked([body[i:i + 10_000] for i in range(0, len(body), 10_000)])

        process = self.start(handler)
        for coding in ("gzip", "br"):
            for kind in ("length", "chunked"):
                for size in sizes:
                    with self.subTest(coding=coding, kind=kind, size=size):
                        output = self.curl(process, f"/{kind}/{size}", "--compressed", "--include", "--header", f"Accept-Encoding: {coding}")
                        head, body = output.split(b"\r\n\r\n", 1)
                        self.assertEqual(body, text_of(size))
                        encoded = f"content-encoding: {coding}".encode() in head.lower()
                        self.assertEqual(encoded, kind == "chunked" or size >= 1024)

    def test_http_2_clients_get_the_same(self):
        process = self.start(lambda request: html(text_of(300_000), [("ETag", '"abc"')]))
        for coding in ("gzip", "br"):
            output = self.curl(process, "/", "--http2", "--compressed", "--include", "--header", f"Accept-Encoding: {coding}")
            head, body = output.split(b"\r\n\r\n", 1)
            self.assertTrue(head.startswith(b"HTTP/2 200"), head)
            self.assertIn(f"content-encoding: {coding}".encode(), head)
            self.assertIn(b'etag: W/"abc"', head)
            self.assertNotIn(b"content-length", head)
            self.assertEqual(body, text_of(300_000))

    def test_a_body_that_goes_until_the_servers_end_is_compressed_too(self):
        def script(connection):
            connection.read_head()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + text_of(50_000))
            connection.sock.unwrap()

        client = self.client(self.start(script=script))
        response = client.get("/", GZIP)
        self.assertEqual(gunzip(response.body), text_of(50_000))

    def test_the_head_says_what_was_done(self):
        process = self.start(lambda request: html(text_of(5000), [("ETag", '"abc"'), ("Accept-Ranges", "bytes"), ("Vary", "Cookie")]))
        client = self.client(process)
        response = client.get("/", [("Accept-Encoding", "gzip;q=0.5, br;q=0.4")])
        self.assertEqual(response.get("Content-Encoding"), "gzip")
        self.assertEqual(response.get("ETag"), 'W/"abc"')
        self.assertEqual(response.all("Vary"), ["Cookie", "Accept-Encoding"])
        self.assertIsNone(response.get("Content-Length"))
        self.assertIsNone(response.get("Accept-Ranges"))
        plain = client.get("/")
        self.assertEqual(plain.body, text_of(5000))
        self.assertEqual(plain.get("ETag"), '"abc"')
        self.assertEqual(plain.get("Accept-Ranges"), "bytes")
        self.assertEqual(plain.all("Vary"), ["Cookie", "Accept-Encoding"])
        self.assertIsNone(plain.get("Content-Encoding"))

    def test_the_preferred_coding_is_that_of_the_client_then_that_of_the_configuration(self):
        process = self.start(lambda request: html(text_of(5000)), "{ algorithms: [gzip, br] }")
        client = self.client(process)
        for accepted, coding in (("gzip, br", "gzip"), ("gzip;q=0.9, br", "br"), ("br", "br"), ("gzip;q=0, br;q=0", None), ("deflate", None)):
            self.assertEqual(client.get("/", [("Accept-Encoding", accepted)]).get("Content-Encoding"), coding, accepted)

    def test_head_is_answered_with_the_fields_of_get(self):
        def handler(request):
            body = text_of(int(request.target.strip("/")))
            head = html(body, [("ETag", '"abc"')])
            return head[:-len(body)] if request.method == "HEAD" else head

        client = self.client(self.start(handler))
        for size in (100, 5000):
            for fields in (GZIP, []):
                get, head = (client.get(f"/{size}", fields, method=method) for method in ("GET", "HEAD"))
                framing = ("content-length", "transfer-encoding")
                self.assertEqual([f for f in get.fields if f[0].lower() not in framing], [f for f in head.fields if f[0].lower() not in framing])
                self.assertEqual(head.get("Content-Length"), get.get("Content-Length"))

    def test_what_is_not_to_be_compressed_arrives_as_it_was_sent(self):
        body = text_of(5000)
        cases = {
            "tiny": html(body[:1023]),
            "image": html(body, content_type="image/png"),
            "no-type": reply(body),
            "coded": html(body, [("Content-Encoding", "gzip")]),
            "no-transform": html(body, [("Cache-Control", "public, no-transform")]),
            "digest": html(body, [("Content-Digest", "sha-256=:x:")]),
            "part": html(body, [("Content-Range", "bytes 0-4999/9000"), ("ETag", '"abc"')], status="206 Partial Content"),
        }
        client = self.client(self.start(lambda request: cases[request.target[1:]]))
        for name, sent in cases.items():
            with self.subTest(name):
                response = client.get(f"/{name}", GZIP)
                self.assertEqual(response.body, sent.split(b"\r\n\r\n", 1)[1])
                self.assertEqual(response.get("Content-Length"), str(len(response.body)))
                self.assertEqual(response.get("Content-Encoding"), "gzip" if name == "coded" else None)
                if name == "part":
                    self.assertEqual(response.get("ETag"), '"abc"')

    def test_a_304_has_the_tag_that_the_client_knows(self):
        client = self.client(self.start(lambda request: b"HTTP/1.1 304 Not Modified\r\nETag: \"abc\"\r\n\r\n"))
        response = client.get("/", [*GZIP, ("If-None-Match", 'W/"abc"')])
        self.assertEqual((response.status, response.get("ETag")), (304, 'W/"abc"'))
        self.assertEqual(client.get("/", [*GZIP, ("If-None-Match", '"abc"')]).get("ETag"), '"abc"')

    def test_clients_of_http_1_0_get_no_coding(self):
        client = self.client(self.start(lambda request: html(text_of(5000))))
        client.send("GET / HTTP/1.0\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n")
        response = client.response()
        self.assertEqual(response.body, text_of(5000))
        self.assertIsNone(response.get("Content-Encoding"))

    def test_trailers_pass_behind_a_compressed_body(self):
        def handler(request):
            return chunked([text_of(5000)])[:-2] + b"X-Checksum: 5\r\n\r\n"

        response = self.client(self.start(handler)).get("/", GZIP)
        self.assertEqual(gunzip(response.body), text_of(5000))
        self.assertEqual(response.trailers, b"X-Checksum: 5\r\n")

    def streaming(self, content_type):
        """A server that sends its next event only when the last one has arrived."""
        arrived = threading.Semaphore(0)

        def script(connection):
            connection.read_head()
            connection.send(f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
            for i in range(5):
                event = f"data: {i} {'x' * i * 1000}\n\n".encode()
                connection.send(b"%x\r\n%s\r\n" % (len(event), event))
                if not arrived.acquire(timeout=15):
                    return  # cut: the client sees no end
            connection.send(b"0\r\n\r\n")
            connection.read_head()

        return self.start(script=script), arrived

    def test_events_are_not_held_back_in_gzip(self):
        for content_type in ("text/event-stream", "application/json"):
            process, arrived = self.streaming(content_type)
            client = self.client(process)
            client.send("GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n")
            self.assertEqual(client.head().get("Content-Encoding"), "gzip")
            decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)
            text = b""
            for i in range(5):
                while not text.endswith(f"{i} {'x' * i * 1000}\n\n".encode()):
                    size = int(client._line(), 16)
                    text += decoder.decompress(client._exactly(size))
                    client._line()
                arrived.release()
            while (size := int(client._line(), 16)) != 0:
                text += decoder.decompress(client._exactly(size))
                client._line()
            self.assertTrue(decoder.eof)

    def test_events_are_not_held_back_in_br(self):
        process, arrived = self.streaming("text/event-stream")
        with subprocess.Popen(["curl", "--silent", "--no-buffer", "--compressed", "--max-time", "60", "--cacert", self.pki.path("ca.pem"), "--header",
                               "Accept-Encoding: br", f"https://localhost:{process.port()}/"], stdout=subprocess.PIPE) as curl:
            for i in range(5):
                self.assertEqual(curl.stdout.readline(), f"data: {i} {'x' * i * 1000}\n".encode())
                self.assertEqual(curl.stdout.readline(), b"\n")
                arrived.release()
            self.assertEqual(curl.stdout.read(), b"")
            self.assertEqual(curl.wait(20), 0)

    def test_a_response_that_the_server_breaks_off_does_not_look_complete(self):
        def script(connection):
            connection.read_head()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 90000\r\n\r\n" + text_of(50_000))
            connection.sock.close()

        process = self.start(script=script)
        client = self.client(process)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n")
        with self.assertRaises(OSError):
            client.response()
        eventually(lambda: process.entity("backend", "web")["failures"].get("server_truncated") == 1)

    def test_connections_are_kept_and_each_response_begins_a_new_stream(self):
        client = self.client(self.start(lambda request: html(text_of(3000, request.target))))
        for i in range(50):
            response = client.get(f"/{i}", GZIP)
            self.assertEqual(gunzip(response.body), text_of(3000, f"/{i}"))
        self.assertEqual(self.backend.connections, 1)

    def test_what_is_saved_is_counted(self):
        process = self.start(lambda request: html(b"a" * 100_000))
        client = self.client(process)
        compressed = client.get("/", GZIP)
        client.get("/")
        client.get("/", GZIP, method="HEAD")
        entity = process.entity("backend", "web")
        self.assertEqual(entity["compression"], {"responses": 1, "bytes_in": 100_000, "bytes_out": len(compressed.body)})
        self.assertLess(len(compressed.body), 1000)
        self.assertEqual(entity["bytes_out"], 100_000 + len(compressed.body))

    def test_slow_readers_cannot_claim_more_memory_than_there_is_for_it(self):
        """One worker has room for 32 br encoders; the responses beyond them go out as they are."""
        stop = threading.Event()
        self.addCleanup(stop.set)
        piece = text_of(60_000)

        def script(connection):
            connection.read_head()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
            connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
            stop.wait(60)

        process = self.start(script=script)
        before = process.memory_kib()

        def ask():
            client = self.client(process)
            client.send("GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: br\r\n\r\n")
            return client, client.head().get("Content-Encoding")

        clients, codings = zip(*(ask() for _ in range(50)))
        self.assertEqual(list(codings), ["br"] * 32 + [None] * 18)
        self.assert_grew_less(process, before, 64)
        for client in clients:
            client.close()
        eventually(lambda: process.entity("frontend", "web")["in_flight"] == 0)
        self.assertEqual(ask()[1], "br")  # their encoders are free again

    def test_a_client_that_does_not_read_holds_the_server_back(self):
        sent = [0]

        def script(connection):
            connection.read_head()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000000000\r\n\r\n")
            piece = text_of(64_000)
            while True:
                connection.send(piece)
                sent[0] += len(piece)

        process = self.start(script=script)
        before = process.memory_kib()
        client = self.client(process)
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * KIB)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n")
        client.head()
        seen = []

        def stands_still():
            seen.append(sent[0])
            return len(seen) > 100 and seen[-1] == seen[-100]

        eventually(stands_still, seconds=60)
        self.assertLess(sent[0], 200_000_000)
        self.assert_grew_less(process, before, 8)

    def test_a_reload_switches_it_off_for_the_next_request(self):
        process = self.start(lambda request: html(text_of(5000)))
        client = self.client(process)
        self.assertEqual(client.get("/", GZIP).get("Content-Encoding"), "gzip")
        status, text = process.reload(self.yaml(self.backend))
        self.assertEqual((status, text.strip()), (0, "reloaded: backend 'web': compression changed"))
        response = client.get("/", GZIP)
        self.assertEqual((response.get("Content-Encoding"), response.get("Vary")), (None, None))


if __name__ == "__main__":
    unittest.main()
