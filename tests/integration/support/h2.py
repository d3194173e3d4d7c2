"""Raw HTTP/2 peers: frames may be as illegal as a test wants. Only HPACK is somebody else's (python3-hpack)."""

import socket
import ssl
import struct

import hpack

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM = ACK = 0x1
END_HEADERS = 0x4
PADDED = 0x8
NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT, STREAM_CLOSED, FRAME_SIZE_ERROR = range(7)
REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, CONNECT_ERROR, ENHANCE_YOUR_CALM = range(7, 12)
HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE = range(1, 7)
ENABLE_CONNECT_PROTOCOL = 8


def frame(kind, flags=0, stream=0, payload=b"", length=None):
    """`length`: what the header claims, when it is to lie."""
    return (len(payload) if length is None else length).to_bytes(3, "big") + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def settings(pairs=(), flags=0):
    return frame(SETTINGS, flags, 0, b"".join(struct.pack(">HI", key, value) for key, value in dict(pairs).items()))


def window_update(stream, increment):
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", increment))


def reset(stream, code=CANCEL):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", code))


def goaway(last=0, code=NO_ERROR):
    return frame(GOAWAY, 0, 0, struct.pack(">II", last, code))


def literal(name, value):
    """A field that is neither indexed nor Huffman-coded, of any bytes: what hpack would not encode."""
    return b"\x10" + _string(name) + _string(value)


def _string(text):
    size = len(text)
    if size < 127:
        return bytes([size]) + text
    size -= 127
    out = b"\x7f"
    while size >= 128:
        out += bytes([size % 128 + 128])
        size //= 128
    return out + bytes([size]) + text


class Frame:
    def __init__(self, kind, flags, stream, payload):
        self.kind, self.flags, self.stream, self.payload = kind, flags, stream, payload

    @property
    def code(self):
        """Of RST_STREAM and GOAWAY."""
        return struct.unpack(">I", self.payload[4:8] if self.kind == GOAWAY else self.payload[:4])[0]

    def __repr__(self):
        return f"<frame {self.kind} flags {self.flags:#x} stream {self.stream} {self.payload[:40]!r}>"


class Stream:
    """What came on one stream."""

    def __init__(self):
        self.heads, self.body, self.ended, self.reset = [], b"", False, None

    @property
    def fields(self):
        """Of the last head that was not informational."""
        return [head for head in self.heads if not dict(head).get(":status", "").startswith("1")][0] if self.heads else []

    @property
    def status(self):
        return int(dict(self.fields)[":status"]) if self.fields else None

    def get(self, name):
        return dict(self.fields).get(name)


class Connection:
    """Either end. Acknowledges SETTINGS (`acknowledge`) and PING, gives windows back; everything else is up to the test."""

    def __init__(self, sock, give_windows=True, acknowledge=True):
        self.sock = sock
        self.buffer = b""
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.streams, self.settings, self.block = {}, None, None
        self.goaway = None
        self.give_windows, self.acknowledge = give_windows, acknowledge

    def send(self, *frames):
        self.sock.sendall(b"".join(frames))

    def block_of(self, fields):
        """Without the encoder's state: literal fields as they are, so that any bytes pass."""
        return b"".join(literal(name if isinstance(name, bytes) else name.encode(), value if isinstance(value, bytes) else value.encode())
                        for name, value in fields)

    def headers(self, stream, fields, end=True):
        return frame(HEADERS, END_HEADERS | (END_STREAM if end else 0), stream, self.block_of(fields))

    def data(self, stream, payload=b"", end=False):
        return frame(DATA, END_STREAM if end else 0, stream, payload)

    def read_exactly(self, count):
        while len(self.buffer) < count:
            more = self.sock.recv(65536)
            if not more:
                raise ConnectionError("the connection ended")
            self.buffer += more
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def read_frame(self):
        header = self.read_exactly(9)
        kind, flags, stream = header[3], header[4], struct.unpack(">I", header[5:])[0] & 0x7fffffff
        read = Frame(kind, flags, stream, self.read_exactly(int.from_bytes(header[:3], "big")))
        self.take(read)
        return read

    def take(self, read):
        if read.kind == SETTINGS and not read.flags & ACK:
            pairs = [struct.unpack(">HI", read.payload[at:at + 6]) for at in range(0, len(read.payload), 6)]
            self.settings = {**(self.settings or {}), **dict(pairs)}
            if self.acknowledge:
                self.send(settings(flags=ACK))
        elif read.kind == PING and not read.flags & ACK:
            self.send(frame(PING, ACK, 0, read.payload))
        elif read.kind == GOAWAY:
            self.goaway = read
        elif read.kind in (HEADERS, CONTINUATION):
            self.take_block(read)
        elif read.kind == DATA:
            stream = self.stream(read.stream)
            stream.body += read.payload
            stream.ended = bool(read.flags & END_STREAM)
            if self.give_windows and read.payload:
                self.send(window_update(0, len(read.payload)), *([] if stream.ended else [window_update(read.stream, len(read.payload))]))
        elif read.kind == RST_STREAM:
            self.stream(read.stream).reset = read.code

    def take_block(self, read):
        payload = read.payload
        if read.kind == HEADERS:
            if read.flags & PADDED:
                payload = payload[1:len(payload) - payload[0]]
            if read.flags & 0x20:
                payload = payload[5:]
            self.block = (b"", read.flags & END_STREAM)
        self.block = (self.block[0] + payload, self.block[1])
        if read.flags & END_HEADERS:
            stream = self.stream(read.stream)
            stream.heads.append([(str(name), str(value)) for name, value in self.decoder.decode(self.block[0])])
            stream.ended = bool(self.block[1])

    def stream(self, number):
        return self.streams.setdefault(number, Stream())

    def wait(self, done):
        """Reads frames until `done()`; the socket's timeout is the deadline for each."""
        while not done():
            self.read_frame()

    def close(self):
        self.sock.close()


class H2Client(Connection):
    """A client with prior knowledge, or over TLS with ALPN."""

    def __init__(self, port, ca=None, deadline=20, initial=(), preface=PREFACE, **options):
        sock = socket.create_connection(("127.0.0.1", port), timeout=deadline)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if ca:
            context = ssl.create_default_context(cafile=ca)
            context.set_alpn_protocols(["h2"])
            sock = context.wrap_socket(sock, server_hostname="localhost")
            if sock.selected_alpn_protocol() != "h2":
                raise AssertionError("no HTTP/2 by ALPN")
        super().__init__(sock, **options)
        self.next_stream = 1
        self.send(preface, settings(initial))

    def request_fields(self, path="/", method="GET", extra=(), authority="localhost", scheme="https"):
        return [(":method", method), (":scheme", scheme), (":authority", authority), (":path", path), *extra]

    def new_stream(self):
        number, self.next_stream = self.next_stream, self.next_stream + 2
        return number

    def get(self, path="/", **options):
        """The whole stream: head, body, or how it was reset."""
        body = options.pop("body", None)
        number = self.new_stream()
        self.send(self.headers(number, self.request_fields(path, **options), end=body is None))
        if body is not None:
            self.send(self.data(number, body, end=True))
        return self.finish(number)

    def finish(self, number):
        stream = self.stream(number)
        self.wait(lambda: stream.ended or stream.reset is not None or self.goaway_refuses(number))
        return stream

    def goaway_refuses(self, number):
        return self.goaway is not None and struct.unpack(">I", self.goaway.payload[:4])[0] < number

    def end_code(self):
        """The code of the GOAWAY with which the peer ends the connection; None when it ends without."""
        try:
            while True:
                self.read_frame()
        except (OSError, hpack.HPACKError):
            return self.goaway.code if self.goaway else None


class H2ServerConnection(Connection):
    """The server's end of a connection that a `Server(script=...)` accepted."""

    def __init__(self, connection, initial=(), **options):
        super().__init__(connection.sock, **options)
        if self.read_exactly(len(PREFACE)) != PREFACE:
            raise ConnectionError("no HTTP/2 preface")
        self.send(settings(initial))
        self.answered = set()

    def next_request(self):
        """The number of a stream whose request has come whole; None at the end of the connection."""
        while True:
            for number, stream in self.streams.items():
                if stream.ended and number not in self.answered:
                    self.answered.add(number)
                    return number
            try:
                self.read_frame()
            except (OSError, hpack.HPACKError):
                return None

    def answer(self, number, status="200", fields=(), body=b"ok"):
        self.send(self.headers(number, [(":status", status), *fields], end=False), self.data(number, body, end=True))
