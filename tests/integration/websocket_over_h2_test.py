"""WebSocket over HTTP/2 (RFC 8441), in every pair with HTTP/1. Raw ends; only the server of HTTP/1 is a real one."""

import os
import unittest

from support import h2
from support.case import IntegrationCase
from support.process import eventually
from support.server import server_tls
from support.websocket_server import WebSocketServer

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def message(opcode, payload):
    """One masked frame, as a client sends it (RFC 6455 5.2)."""
    size = len(payload)
    if size < 126:
        head = bytes([0x80 | opcode, 0x80 | size])
    elif size < 1 << 16:
        head = bytes([0x80 | opcode, 0x80 | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([0x80 | opcode, 0x80 | 127]) + size.to_bytes(8, "big")
    mask = os.urandom(4)
    repeated = (mask * (size // 4 + 1))[:size]
    return head + mask + (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")


class Socket:
    """A WebSocket client in one stream of an HTTP/2 connection."""

    def __init__(self, client, path="/", extra=()):
        self.client, self.number, self.at = client, client.new_stream(), 0
        client.wait(lambda: client.settings is not None)
        fields = [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":path", path),
                  (":authority", "localhost"), ("sec-websocket-version", "13"), *extra]
        client.send(client.headers(self.number, fields, end=False))
        self.stream = client.stream(self.number)
        client.wait(lambda: self.stream.heads or self.stream.reset is not None)
        self.window = client.settings.get(h2.INITIAL_WINDOW_SIZE, 65535)

    def send(self, opcode, payload):
        data = message(opcode, payload)
        while data:
            part, data = data[:min(self.window, 16384)], data[min(self.window, 16384):]
            self.client.send(self.client.data(self.number, part))
            self.window -= len(part)
            while data and not self.window:
                self.take(self.client.read_frame())

    def take(self, frame):
        if frame.kind == h2.WINDOW_UPDATE and frame.stream == self.number:
            self.window += int.from_bytes(frame.payload, "big")

    def _bytes(self, count):
        while len(self.stream.body) < self.at + count:
            if self.stream.ended or self.stream.reset is not None:
                raise ConnectionError("the stream ended")
            self.take(self.client.read_frame())
        self.at += count
        return self.stream.body[self.at - count:self.at]

    def receive(self):
        """(opcode, payload) of one frame; the server's are not masked."""
        head = self._bytes(2)
        size = head[1]
        if size >= 126:
            size = int.from_bytes(self._bytes(2 if size == 126 else 8), "big")
        return head[0] & 0xf, self._bytes(size)


class WebSocketOverHttp2(IntegrationCase):
    def start(self, **options):
        self.server = WebSocketServer(server_tls(self.pki))
        self.addCleanup(self.server.stop)
        return self.reseal(self.yaml(self.server, **options))

    def h2_client(self, process):
        client = h2.H2Client(process.port(), ca=self.pki.path("ca.pem"))
        self.addCleanup(client.close)
        return client

    def test_the_settings_say_that_it_may_be_done(self):
        client = self.h2_client(self.start())
        client.wait(lambda: client.settings is not None)
        self.assertEqual(client.settings.get(h2.ENABLE_CONNECT_PROTOCOL), 1)

    def test_messages_pass_both_ways_and_close_codes_too(self):
        process = self.start()
        socket = Socket(self.h2_client(process), extra=[("sec-websocket-protocol", "unknown, chat")])
        self.assertEqual((socket.stream.status, socket.stream.get("sec-websocket-protocol")), (200, "chat"))
        self.assertEqual((socket.stream.get("upgrade"), socket.stream.get("connection"), socket.stream.get("sec-websocket-accept")), (None,) * 3)
        for payload in (b"hello", b"", b"x" * 300_000):
            socket.send(TEXT, payload)
            self.assertEqual(socket.receive(), (TEXT, payload))
        socket.send(PING, b"are you there")
        self.assertEqual(socket.receive(), (PONG, b"are you there"))
        socket.send(TEXT, b"close")
        self.assertEqual(socket.receive(), (CLOSE, (4321).to_bytes(2, "big") + b"as you wish"))
        socket.send(CLOSE, (4321).to_bytes(2, "big"))
        socket.client.wait(lambda: socket.stream.ended)
        socket.client.send(socket.client.data(socket.number, end=True))
        eventually(lambda: self.server.closed == [4321])
        eventually(lambda: process.entity("frontend", "web")["in_flight"] == 0)
        self.assertEqual(process.entity("frontend", "web")["failures"], {})

    def test_a_close_that_ends_the_stream_is_still_answered(self):
        # So does Chromium; a server that heard of the end at once could not answer.
        process = self.start()
        socket = Socket(self.h2_client(process))
        socket.client.send(socket.client.data(socket.number, message(CLOSE, (4444).to_bytes(2, "big")), end=True))
        self.assertEqual(socket.receive(), (CLOSE, (4444).to_bytes(2, "big")))
        socket.client.wait(lambda: socket.stream.ended)
        self.assertIsNone(socket.stream.reset)
        eventually(lambda: self.server.closed == [4444])
        eventually(lambda: process.entity("frontend", "web")["in_flight"] == 0)

    def test_an_end_without_a_close_reaches_the_server(self):
        process = self.start()
        socket = Socket(self.h2_client(process))
        socket.client.send(socket.client.data(socket.number, end=True))
        eventually(lambda: self.server.closed == [1006], what="the server sees the end")
        eventually(lambda: process.entity("frontend", "web")["in_flight"] == 0)

    def test_many_sockets_and_other_requests_share_the_connection(self):
        process = self.start()
        client = self.h2_client(process)
        sockets = [Socket(client) for _ in range(20)]
        self.assertEqual(client.get("/forbidden").status, 403)
        for number, socket in enumerate(sockets):
            socket.send(TEXT, b"%d" % number)
        self.assertEqual([socket.receive() for socket in sockets], [(TEXT, b"%d" % number) for number in range(20)])
        self.assertEqual(process.entity("frontend", "web")["connections"], 1)

    def test_a_handshake_that_the_server_refuses_is_an_ordinary_answer(self):
        client = self.h2_client(self.start())
        socket = Socket(client, "/forbidden")
        self.assertEqual(socket.stream.status, 403)
        client.wait(lambda: socket.stream.ended)
        self.assertEqual(socket.stream.body, b"no\n")

    def test_a_reset_stream_ends_the_servers_side(self):
        client = self.h2_client(self.start())
        socket = Socket(client)
        self.assertEqual(socket.stream.status, 200)
        client.send(h2.reset(socket.number))
        eventually(lambda: self.server.closed == [1006], what="the server sees the end")
        self.assertEqual(Socket(client).stream.status, 200)

    def test_a_server_that_aborts_resets_or_ends_the_stream_only(self):
        client = self.h2_client(self.start())
        socket, other = Socket(client), Socket(client)
        socket.send(TEXT, b"abort")
        client.wait(lambda: socket.stream.ended or socket.stream.reset is not None)
        other.send(TEXT, b"still here")
        self.assertEqual(other.receive(), (TEXT, b"still here"))


    def test_a_server_of_http1_that_does_not_answer_the_key_opens_no_tunnel(self):
        def script(accept):
            def run(connection):
                connection.read_request()
                connection.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                + accept + b"\r\nbytes that are nobody's")
                connection.more()
            return run

        for accept in (b"", b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", b"Sec-WebSocket-Accept:\r\n"):
            with self.subTest(accept):
                server = self.server(script=script(accept))
                process = self.reseal(self.yaml(server))
                client = self.h2_client(process)
                socket = Socket(client)
                self.assertEqual(socket.stream.status, 502)
                client.wait(lambda: socket.stream.ended)
                self.assertNotIn(b"nobody's", socket.stream.body)
                self.assertEqual(process.entity("frontend", "web")["failures"], {"bad_response": 1})


class Http2Server(IntegrationCase):
    """The server's side speaks RFC 8441: a raw peer that sends back what it gets."""

    def server_that_echoes(self, **initial):
        heads = []

        def script(connection):
            peer = h2.H2ServerConnection(connection, {h2.ENABLE_CONNECT_PROTOCOL: 1, **initial})
            opened, echoed = set(), {}
            while True:
                try:
                    peer.read_frame()
                except OSError:
                    return
                for number, stream in list(peer.streams.items()):
                    if not stream.heads:
                        continue
                    is_tunnel = stream.get(":protocol") is not None
                    if number not in opened:
                        opened.add(number)
                        heads.append(dict(stream.fields))
                        if is_tunnel:
                            peer.send(peer.headers(number, [(":status", "200")], end=False))
                        else:
                            peer.answer(number)
                    have = (len(stream.body), stream.ended)
                    if is_tunnel and echoed.get(number, (0, False)) != have:
                        peer.send(peer.data(number, stream.body[echoed.get(number, (0, False))[0]:], end=stream.ended))
                        echoed[number] = have

        tls = server_tls(self.pki)
        tls.set_alpn_protocols(["h2"])
        return self.server(script=script, tls=tls), heads

    def test_a_client_of_http1_meets_a_server_of_http2(self):
        server, heads = self.server_that_echoes()
        process = self.reseal(self.yaml(server, backend="    protocol: h2\n"))
        client = self.client(process)
        client.send(b"GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        response = client.response()
        # The accept value is that of RFC 6455 1.3: the proxy makes it, as the server of HTTP/2 has none.
        self.assertEqual((response.status, response.get("sec-websocket-accept")), (101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        client.send(b"any bytes")
        self.assertEqual(client._exactly(9), b"any bytes")
        self.assertEqual([heads[0].get(name) for name in (":method", ":protocol", ":path", ":scheme", "sec-websocket-key")],
                         ["CONNECT", "websocket", "/chat", "https", None])

    def test_a_server_of_http2_that_takes_no_tunnels_is_no_failure_to_connect(self):
        def script(connection):
            peer = h2.H2ServerConnection(connection)
            while (number := peer.next_request()) is not None:
                peer.answer(number)

        tls = server_tls(self.pki)
        tls.set_alpn_protocols(["h2"])
        process = self.reseal(self.yaml(self.server(script=script, tls=tls), backend="    protocol: h2\n    timeouts: { connect: 500ms }\n"))
        client = self.client(process)
        client.send(b"GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        self.assertEqual(client.response().status, 502)
        self.assertEqual(process.entity("frontend", "web")["failures"], {"server_cannot_upgrade": 1})
        for kind, name in (("frontend", "web"), ("backend", "web"), ("server", "server")):
            self.assertEqual(process.entity(kind, name)["connect_errors"], 0, kind)
        self.assertEqual(process.entity("server", "server")["in_flight"], 0)
        # The connection stays, and serves what it can.
        self.assertEqual(self.client(process).get().body, b"ok")

    def test_both_sides_speak_http2(self):
        server, heads = self.server_that_echoes()
        process = self.reseal(self.yaml(server, backend="    protocol: h2\n"))
        client = h2.H2Client(process.port(), ca=self.pki.path("ca.pem"))
        self.addCleanup(client.close)
        socket = Socket(client, "/chat")
        self.assertEqual(socket.stream.status, 200)
        client.send(client.data(socket.number, b"any bytes"))
        client.wait(lambda: socket.stream.body == b"any bytes")
        client.send(client.data(socket.number, b"", end=True))
        client.wait(lambda: socket.stream.ended)
        self.assertEqual(client.get().body, b"ok")
        self.assertEqual(server.connections, 1)


if __name__ == "__main__":
    unittest.main()
