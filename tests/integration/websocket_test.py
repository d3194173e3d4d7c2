"""WebSocket applications (RFC 6455) through the tunnel, with a real client and a real server."""

import asyncio
import ssl
import time
import unittest

import websockets

from support.case import IntegrationCase
from support.process import eventually
from support.server import server_tls
from support.websocket_server import WebSocketServer


class WebSocket(IntegrationCase):
    def websocket_server(self, tls=True):
        server = WebSocketServer(server_tls(self.pki) if tls else None)
        self.addCleanup(server.stop)
        return server

    def connect(self, process, path="/", **options):
        context = ssl.create_default_context(cafile=self.pki.path("ca.pem"))
        options.setdefault("max_size", None)
        options.setdefault("ping_interval", None)
        return websockets.connect(f"wss://localhost:{process.port()}{path}", host="127.0.0.1", ssl=context, open_timeout=20,
                                  close_timeout=20, **options)

    def run_client(self, client):
        asyncio.run(asyncio.wait_for(client, 60))

    def test_messages_pass_both_ways_whatever_their_size_and_kind(self):
        process = self.reseal(self.yaml(self.websocket_server()))

        async def client():
            for compression in ("deflate", None):
                async with self.connect(process, compression=compression) as connection:
                    for message in ("text", "ü" * 70000, b"", b"\0\xff" * 10, bytes(range(256)) * 4096):
                        await connection.send(message)
                        self.assertEqual(await connection.recv(), message)

        self.run_client(client())

    def test_many_messages_in_flight_keep_their_order(self):
        process = self.reseal(self.yaml(self.websocket_server()))

        async def client():
            async with self.connect(process) as connection:
                for number in range(2000):
                    await connection.send(str(number))
                self.assertEqual([await connection.recv() for _ in range(2000)], [str(number) for number in range(2000)])

        self.run_client(client())

    def test_pings_are_answered_from_end_to_end(self):
        process = self.reseal(self.yaml(self.websocket_server()))

        async def client():
            async with self.connect(process) as connection:
                await (await connection.ping(b"hello"))
                await connection.send("ping")
                self.assertEqual(await connection.recv(), "pong received")

        self.run_client(client())

    def test_the_server_chooses_the_subprotocol(self):
        process = self.reseal(self.yaml(self.websocket_server()))

        async def client():
            async with self.connect(process, subprotocols=["unknown", "chat"]) as connection:
                self.assertEqual(connection.subprotocol, "chat")
            async with self.connect(process) as connection:
                self.assertIsNone(connection.subprotocol)

        self.run_client(client())

    def test_close_codes_reach_the_other_end(self):
        server = self.websocket_server()
        process = self.reseal(self.yaml(server))

        async def client():
            async with self.connect(process) as connection:
                await connection.send("close")
                with self.assertRaises(websockets.ConnectionClosed):
                    await connection.recv()
                self.assertEqual((connection.close_code, connection.close_reason), (4321, "as you wish"))
            connection = await self.connect(process)
            await connection.close(4444, "enough")

        self.run_client(client())
        eventually(lambda: server.closed == [4321, 4444], what="both close codes")
        eventually(lambda: process.entity("frontend", "web")["in_flight"] == 0)
        self.assertEqual(process.entity("frontend", "web")["failures"], {})

    def test_an_end_without_a_close_is_seen_as_one(self):
        server = self.websocket_server()
        process = self.reseal(self.yaml(server))

        async def client():
            async with self.connect(process) as connection:
                await connection.send("abort")
                with self.assertRaises(websockets.ConnectionClosedError):
                    await connection.recv()
                self.assertEqual(connection.close_code, 1006)
            connection = await self.connect(process)
            connection.transport.abort()
            await connection.wait_closed()

        self.run_client(client())
        eventually(lambda: server.closed == [1006, 1006], what="the server sees the client's end")

    def test_a_handshake_that_the_server_refuses_is_an_ordinary_answer(self):
        process = self.reseal(self.yaml(self.websocket_server()))

        async def client():
            with self.assertRaises(websockets.InvalidStatusCode) as refused:
                await self.connect(process, "/forbidden")
            self.assertEqual(refused.exception.status_code, 403)
            self.assertEqual(refused.exception.headers["X-Why"], "the server's word")

        self.run_client(client())

    def test_only_silence_on_both_sides_ends_an_idle_tunnel(self):
        process = self.reseal(self.yaml(self.websocket_server(), backend="    timeouts: { tunnel: 2s }\n"))

        async def client():
            async with self.connect(process) as connection:
                end = time.monotonic() + 4
                while time.monotonic() < end:
                    await connection.send("still here")
                    await connection.recv()
                with self.assertRaises(websockets.ConnectionClosedError):
                    await connection.recv()

        self.run_client(client())
        eventually(lambda: process.entity("frontend", "web")["failures"] == {"tunnel_timeout": 1})

    def test_many_sockets_at_once_outlive_a_reload(self):
        server = self.websocket_server()
        process = self.reseal(self.yaml(server, workers=2))

        async def client():
            connections = await asyncio.gather(*[self.connect(process) for _ in range(40)])
            for round_ in range(2):
                for number, connection in enumerate(connections):
                    await connection.send(f"{round_} {number}")
                for number, connection in enumerate(connections):
                    self.assertEqual(await connection.recv(), f"{round_} {number}")
                status, said = await asyncio.to_thread(process.reload, self.yaml(server, workers=2, backend="    retries: 1\n"))
                self.assertEqual(status, 0, said)
            for connection in connections:
                await connection.close()

        self.run_client(client())
        eventually(lambda: len(server.closed) == 40 and set(server.closed) == {1000}, what="40 ends in order")


if __name__ == "__main__":
    unittest.main()
