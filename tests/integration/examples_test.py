"""The examples, served with the test's certificates, do what their comments say (path-rules: rules_test.py; three-servers: its own run.sh)."""

import asyncio
import ssl
import unittest

import grpc
import websockets

from support.case import IntegrationCase
from support.client import Client
from support.grpc_server import SERVICE, GrpcServer, read
from support.http import H2Requester, Message
from support.process import eventually
from support.proxy_header import proxy_v2
from support.server import reply, server_tls
from support.websocket_server import WebSocketServer


def echo(connection):
    while connection.more():
        data, connection.buffer = connection.buffer, b""
        connection.send(data)


class Examples(IntegrationCase):
    def handled(self, name):
        return self.server(name, tls=server_tls(self.pki), handler=lambda request: reply(name))

    def test_minimal(self):
        process = self.example("minimal", self.handled("web1"))
        self.assertEqual(self.client(process).get("/").body, b"web1")

    def test_http_redirect(self):
        servers = [self.handled(name) for name in ("web1", "web2", "api1", "spare")]
        process = self.example("http-redirect", *servers)
        moved = self.plain_client(process, "redirect").get("/a?b", host="www.example.org")
        self.assertEqual((moved.status, moved.get("location")), (308, "https://www.example.org:8443/a?b"))
        client = self.client(process)
        self.assertEqual({client.get("/").body for _ in range(20)}, {b"web1", b"web2"})
        self.assertEqual(client.get("/api/x", host="www.example.org").body, b"api1")
        servers[2].stop()
        eventually(lambda: client.get("/api/x", host="www.example.org").body == b"spare", what="the backup serves")

    def test_grpc(self):
        calls, live = GrpcServer(self.pki), WebSocketServer(server_tls(self.pki))
        self.addCleanup(calls.stop)
        self.addCleanup(live.stop)
        process = self.example("grpc", calls, live, self.handled("web1"))
        port = process.port()

        channel = grpc.secure_channel(f"127.0.0.1:{port}", grpc.ssl_channel_credentials(read(self.folder, "ca.pem")))
        self.addCleanup(channel.close)
        self.assertEqual(channel.unary_unary(SERVICE + "Unary")(b"hello", timeout=20), b"hello")

        async def chat():
            trust = ssl.create_default_context(cafile=self.pki.path("ca.pem"))
            async with websockets.connect(f"wss://localhost:{port}/live", host="127.0.0.1", ssl=trust, open_timeout=20) as connection:
                await connection.send("hello")
                return await connection.recv()

        self.assertEqual(asyncio.run(asyncio.wait_for(chat(), 60)), "hello")
        self.assertEqual(self.client(process).get("/").body, b"web1")
        requester = H2Requester(port, self.pki.path("ca.pem"))
        self.addCleanup(requester.close)
        self.assertEqual(requester.finish([requester.begin(Message())])[0].body, b"web1")

    def test_tcp(self):
        database, spare = (self.server(name, script=echo, tls=None) for name in ("db1", "db2"))
        process = self.example("tcp", database, spare, self.server("mail1", script=echo, tls=server_tls(self.pki)),
                               replace=(("127.0.0.1:8432", "127.0.0.1:0"),))

        def asks_the_database():
            client = self.plain_client(process, "database")
            header = proxy_v2("127.0.0.1", "127.0.0.1", (client.sock.getsockname()[1], process.port("database")))
            client.send(b"select 1")
            self.assertEqual(client._exactly(len(header) + 8), header + b"select 1")

        process.server_is("db1", "up")
        asks_the_database()
        client = self.client(process, "mail")
        client.send(b"a1 LOGOUT")
        self.assertEqual(client._exactly(9), b"a1 LOGOUT")
        database.stop()
        process.server_is("db1", "down")
        asks_the_database()

    def test_tcp_passthrough(self):
        names = ("example.org", "api.example.org", "mail.example.org", "imap.mail.example.org", "db.internal.example.org")
        self.pki.leaf("all", san=",".join("DNS:" + name for name in names))
        tls = server_tls(self.pki, "all", require=False)

        def named(name):
            def script(connection):
                connection.send(name.encode() + b"\n")
                connection.more()

            return self.server(name, tls=tls, script=script)

        process = self.example("tcp-passthrough", *map(named, ("web1", "web2", "grpc1", "mail1", "issuer")))

        def served(name, *protocols):
            context = ssl.create_default_context(cafile=self.pki.path("ca.pem"))
            if protocols:
                context.set_alpn_protocols(protocols)
            with Client(process.port("tls"), context=context, server_name=name) as client:
                return client.sock.recv(100).decode().strip()

        self.assertIn(served("example.org"), ("web1", "web2"))
        self.assertEqual(served("example.org"), served("example.org"))
        self.assertEqual(served("example.org", "acme-tls/1"), "issuer")
        self.assertEqual(served("api.example.org", "h2", "http/1.1"), "grpc1")
        self.assertIn(served("api.example.org", "http/1.1"), ("web1", "web2"))
        self.assertEqual([served(name) for name in ("mail.example.org", "imap.mail.example.org")], ["mail1"] * 2)
        self.assertIn(served("db.internal.example.org"), ("web1", "web2"))  # from 127.0.0.1


if __name__ == "__main__":
    unittest.main()
