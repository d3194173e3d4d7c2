"""HTTP/1.1 and HTTP/2 behind one form, on both sides of the proxy, so that one table of scenarios serves every pair.

The HTTP/2 peers are python3-h2 (hyper-h2), an implementation that has nothing in common with the one under test.
"""

import socket
import ssl
import threading

import h2.config
import h2.connection
import h2.events
import h2.settings

from .client import Client
from .server import Server


class Message:
    """A request or a response. `body` None: none; `unknown_length`: its length is not told beforehand."""

    def __init__(self, status=200, method="GET", path="/", fields=(), body=None, trailers=(), unknown_length=False,
                 informational=(), authority="localhost"):
        self.status, self.method, self.path = status, method, path
        self.fields = [(k.lower(), v) for k, v in fields]
        self.body, self.trailers = body, [(k.lower(), v) for k, v in trailers]
        self.unknown_length = unknown_length or bool(self.trailers)
        self.informational = list(informational)
        self.authority = authority

    def get(self, name):
        return next((v for k, v in self.fields if k == name.lower()), None)

    def pieces(self, size=16000):
        return [self.body[i:i + size] for i in range(0, len(self.body), size)]


def text_of(pairs):
    return "".join(f"{k}: {v}\r\n" for k, v in pairs).encode()


def h1_body(message):
    """The framing field and the body that goes with it."""
    if message.body is None:
        return b"", b""
    if not message.unknown_length:
        return f"Content-Length: {len(message.body)}\r\n".encode(), message.body
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in message.pieces())
    return b"Transfer-Encoding: chunked\r\n", chunks + b"0\r\n" + text_of(message.trailers) + b"\r\n"


# ---- servers


def h1_server(handler, tls=None):
    def handle(request):
        message = Message(method=request.method, path=request.target, fields=request.fields, body=request.body,
                          trailers=[tuple(part.strip() for part in line.split(":", 1))
                                    for line in request.trailers.decode().split("\r\n") if line],
                          authority=request.get("host"))
        reply = handler(message)
        framing, body = h1_body(reply)
        early = b"".join(f"HTTP/1.1 {status} X\r\n".encode() + text_of(fields) + b"\r\n"
                         for status, fields in reply.informational)
        return early + f"HTTP/1.1 {reply.status} X\r\n".encode() + text_of(reply.fields) + framing + b"\r\n" + \
            (b"" if message.method == "HEAD" else body)

    return Server("server", handler=handle, tls=tls)


class H2Connection(h2.connection.H2Connection):
    """hyper-h2 takes GOAWAY for the end of everything; RFC 9113 6.8 lets streams under way finish."""

    def _receive_goaway_frame(self, frame):
        event = h2.events.ConnectionTerminated()
        event.error_code, event.last_stream_id = frame.error_code, frame.last_stream_id
        return [], [event]


class H2Peer:
    """What client and server share: bytes between a socket and hyper-h2, bodies within the windows."""

    def __init__(self, sock, client_side):
        self.sock = sock
        # Frames go out in pieces: without this each may wait for the peer's acknowledgement of the last.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # What is sent is as strict or as loose as a test wants; what arrives is checked.
        config = h2.config.H2Configuration(client_side=client_side, header_encoding="utf-8",
                                           validate_outbound_headers=False, normalize_outbound_headers=False)
        self.h2 = H2Connection(config=config)
        self.h2.initiate_connection()
        if not client_side:
            self.h2.update_settings({h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 100})
        self.waiting = {}  # stream: [bytes left, trailers]
        self.flush()

    def flush(self):
        data = self.h2.data_to_send()
        if data:
            self.sock.sendall(data)

    def events(self):
        """Those of the next bytes, None at the connection's end."""
        data = self.sock.recv(65536)
        if not data:
            return None
        events = self.h2.receive_data(data)
        for event in events:
            if isinstance(event, h2.events.DataReceived) and event.flow_controlled_length:
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        self.send_waiting()
        self.flush()
        return events

    def send_message(self, stream, head, message):
        has_body = message.body is not None
        if has_body and not message.unknown_length:
            head.append(("content-length", str(len(message.body))))
        self.h2.send_headers(stream, head + message.fields, end_stream=not has_body)
        if has_body:
            self.waiting[stream] = [message.body, message.trailers]
            self.send_waiting()
        self.flush()

    def send_waiting(self):
        for stream, (left, trailers) in list(self.waiting.items()):
            while left:
                room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
                if room <= 0:
                    break
                self.h2.send_data(stream, left[:room])
                left = left[room:]
            self.waiting[stream][0] = left
            if not left:
                del self.waiting[stream]
                if trailers:
                    self.h2.send_headers(stream, trailers, end_stream=True)
                else:
                    self.h2.end_stream(stream)


def split_head(headers):
    pseudo = {k: v for k, v in headers if k.startswith(":")}
    return pseudo, [(k, v) for k, v in headers if not k.startswith(":")]


def h2_server(handler, tls=None):
    def script(connection):
        peer = H2Peer(connection.sock, client_side=False)
        requests = {}
        while (events := peer.events()) is not None:
            for event in events:
                if isinstance(event, h2.events.RequestReceived):
                    pseudo, fields = split_head(event.headers)
                    requests[event.stream_id] = Message(method=pseudo[":method"], path=pseudo[":path"], fields=fields,
                                                        body=b"", authority=pseudo.get(":authority"))
                    with connection.server.lock:
                        connection.server.requests += 1
                elif isinstance(event, h2.events.DataReceived):
                    requests[event.stream_id].body += event.data
                elif isinstance(event, h2.events.TrailersReceived):
                    requests[event.stream_id].trailers = list(event.headers)
                elif isinstance(event, h2.events.StreamReset):
                    requests.pop(event.stream_id, None)
                    peer.waiting.pop(event.stream_id, None)
                elif isinstance(event, h2.events.StreamEnded):
                    request = requests.pop(event.stream_id)
                    reply = handler(request)
                    for status, fields in reply.informational:
                        peer.h2.send_headers(event.stream_id, [(":status", str(status)), *fields])
                    if request.method == "HEAD":
                        reply.body = None
                    peer.send_message(event.stream_id, [(":status", str(reply.status))], reply)

    if tls:
        tls.set_alpn_protocols(["h2"])
    return Server("server", script=script, tls=tls)


# ---- clients


class H1Requester:
    def __init__(self, port, ca=None):
        self.client = Client(port, ca=ca)

    def close(self):
        self.client.close()

    def ask(self, message):
        framing, body = h1_body(message)
        self.client.send(f"{message.method} {message.path} HTTP/1.1\r\nHost: {message.authority}\r\n".encode() +
                         text_of(message.fields) + framing + b"\r\n" + body)
        informational = []
        while (response := self.client.response(message.method == "HEAD")).status < 200:
            informational.append((response.status, [(k.lower(), v) for k, v in response.fields]))
        trailers = [tuple(part.strip() for part in line.split(":", 1))
                    for line in response.trailers.decode().split("\r\n") if line]
        return Message(status=response.status, fields=response.fields, body=response.body, trailers=trailers,
                       informational=informational)


class H2Requester:
    def __init__(self, port, ca=None):
        sock = socket.create_connection(("127.0.0.1", port), timeout=20)
        if ca:
            context = ssl.create_default_context(cafile=ca)
            context.set_alpn_protocols(["h2"])
            sock = context.wrap_socket(sock, server_hostname="localhost")
            assert sock.selected_alpn_protocol() == "h2"
        self.sock = sock
        self.scheme = "https" if ca else "http"
        self.peer = H2Peer(sock, client_side=True)

    def close(self):
        self.sock.close()

    def begin(self, message):
        stream = self.peer.h2.get_next_available_stream_id()
        head = [(":method", message.method), (":scheme", self.scheme), (":authority", message.authority),
                (":path", message.path)]
        self.peer.send_message(stream, head, message)
        return stream

    def finish(self, streams):
        """The responses to these streams; a reset one is an exception."""
        responses = {stream: Message(body=b"") for stream in streams}
        left = set(streams)
        while left:
            events = self.peer.events()
            if events is None:
                raise ConnectionError("the connection ended")
            for event in events:
                stream = getattr(event, "stream_id", None)
                response = responses.get(stream)
                if isinstance(event, h2.events.ResponseReceived):
                    pseudo, response.fields = split_head(event.headers)
                    response.status = int(pseudo[":status"])
                elif isinstance(event, h2.events.InformationalResponseReceived):
                    pseudo, fields = split_head(event.headers)
                    response.informational.append((int(pseudo[":status"]), fields))
                elif isinstance(event, h2.events.DataReceived):
                    response.body += event.data
                elif isinstance(event, h2.events.TrailersReceived):
                    response.trailers = list(event.headers)
                elif isinstance(event, h2.events.StreamEnded):
                    left.discard(stream)
                elif isinstance(event, h2.events.StreamReset) and stream in left:
                    raise ConnectionError(f"stream {stream} was reset: {event.error_code}")
        return [responses[stream] for stream in streams]

    def ask(self, message):
        return self.finish([self.begin(message)])[0]


def in_threads(functions):
    """Runs them all at once; the first exception is raised."""
    failures = []

    def run(function):
        try:
            function()
        except BaseException as failure:  # told to the test, whatever it is
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
