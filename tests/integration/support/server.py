"""Scripted servers: plain or mutual TLS, counting what reaches them, answering as a test says."""

import socket
import ssl
import threading


class Request:
    def __init__(self, head, body, trailers=b""):
        lines = head.split(b"\r\n")
        self.method, self.target, self.version = lines[0].decode("latin-1").split(" ", 2)
        self.fields = [tuple(part.strip().decode("latin-1") for part in line.split(b":", 1)) for line in lines[1:] if line]
        self.body = body
        self.trailers = trailers
        self.head = head

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name):
        values = self.all(name)
        return values[0] if values else None


class Connection:
    """One accepted connection, as a script sees it."""

    def __init__(self, server, sock):
        self.server = server
        self.sock = sock
        self.buffer = b""

    def send(self, data):
        self.sock.sendall(data)

    def more(self):
        data = self.sock.recv(65536)
        if data:
            with self.server.lock:
                self.server.bytes += len(data)
        self.buffer += data
        return bool(data)

    def read_head(self):
        while b"\r\n\r\n" not in self.buffer:
            if not self.more():
                return None
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        with self.server.lock:
            self.server.requests += 1
        return head

    def read_exactly(self, count):
        while len(self.buffer) < count:
            if not self.more():
                raise ConnectionError("ended within a body")
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def drop_exactly(self, count):
        left = count - len(self.buffer)
        self.buffer = b""
        while left > 0:
            data = self.sock.recv(min(left, 65536))
            if not data:
                raise ConnectionError("ended within a body")
            left -= len(data)

    def read_line(self):
        while b"\r\n" not in self.buffer:
            if not self.more():
                raise ConnectionError("ended within a line")
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def read_request(self):
        """A whole request with its body, None at the end of the connection."""
        head = self.read_head()
        if head is None:
            return None
        request = Request(head, b"")
        if request.get("transfer-encoding"):
            while True:
                size = int(self.read_line().split(b";")[0], 16)
                if size == 0:
                    break
                request.body += self.read_exactly(size)
                self.read_line()
            while line := self.read_line():
                request.trailers += line + b"\r\n"
        elif request.get("content-length"):
            request.body = self.read_exactly(int(request.get("content-length")))
        return request

    def reset(self):
        raw = self.sock
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        raw.close()


def reply(body=b"", status="200 OK", fields=()):
    if isinstance(body, str):
        body = body.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields)
    return head.encode() + b"\r\n" + body


class Server:
    """`handler(request)` returns the bytes of a response; or `script(connection)` does as it likes."""

    def __init__(self, name="server", handler=None, script=None, tls=None, port=0, host="127.0.0.1"):
        self.name = name
        self.handler = handler or (lambda request: reply(name))
        self.script = script
        self.tls = tls
        self.lock = threading.Lock()
        self.connections = self.requests = self.bytes = self.failed_handshakes = 0
        self.open = set()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((host, port))
        self.listener.listen(128)
        self.port = self.listener.getsockname()[1]
        self.running = True
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def _accept(self):
        while self.running:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            if not self.running:
                sock.close()
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        sock.settimeout(20)
        with self.lock:
            self.connections += 1
            self.open.add(sock)
        raw = sock
        try:
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
                with self.lock:
                    self.open.discard(raw)
                    self.open.add(sock)
            connection = Connection(self, sock)
            if self.script:
                self.script(connection)
                return
            while (request := connection.read_request()) is not None:
                connection.send(self.health(request) or self.handler(request))
        except ssl.SSLError:
            with self.lock:
                self.failed_handshakes += 1
        except OSError:
            pass
        finally:
            with self.lock:
                self.open.discard(sock)
                self.open.discard(raw)
            try:
                sock.close()
            except OSError:
                pass

    @staticmethod
    def health(request):
        return reply("ok") if request.target == "/healthz" else None

    def stop(self):
        """As if killed: nothing listens, every connection is cut."""
        self.running = False
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        with self.lock:
            for sock in list(self.open):
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


def server_tls(pki, name="server", client_ca="ca", require=True, maximum=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.path(f"{name}.pem"))
    if require:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(pki.path(f"{client_ca}.pem"))
    if maximum:
        context.maximum_version = maximum
    return context
