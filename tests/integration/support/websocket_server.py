"""A WebSocket server (python3-websockets), with its loop in a thread of its own."""

import asyncio
import http
import socket
import threading

import websockets


class WebSocketServer:
    """Echoes; some messages are orders: close, ping, abort. /forbidden is refused with 403."""

    name = "websocket"

    def __init__(self, tls):
        self.loop = asyncio.new_event_loop()
        self.tls = tls
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.closed = []  # the close codes that clients sent, 1006 for none
        self.pings = 0
        started = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self.thread.start()
        started.wait(10)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def _run(self, started):
        asyncio.set_event_loop(self.loop)

        async def start():
            self.server = await websockets.serve(self._serve, sock=self.listener, ssl=self.tls, max_size=None, ping_interval=None,
                                                 subprotocols=["soap", "chat"], process_request=self._head)
            started.set()

        self.loop.run_until_complete(start())
        self.loop.run_forever()

    async def _head(self, path, _):
        if path == "/forbidden":
            return http.HTTPStatus.FORBIDDEN, [("X-Why", "the server's word")], b"no\n"
        return None

    async def _serve(self, socket_, _=None):
        try:
            async for message in socket_:
                if message == "close":
                    await socket_.close(4321, "as you wish")
                elif message == "ping":
                    await (await socket_.ping(b"are you there"))
                    await socket_.send("pong received")
                elif message == "abort":
                    socket_.transport.abort()
                else:
                    await socket_.send(message)
        except websockets.ConnectionClosed:
            pass
        finally:
            self.closed.append(socket_.close_code)

    def stop(self):
        async def end():
            self.server.close()
            await self.server.wait_closed()
            self.loop.stop()

        if self.thread.is_alive():
            asyncio.run_coroutine_threadsafe(end(), self.loop)
            self.thread.join(20)
        self.loop.close()
