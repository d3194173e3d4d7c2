"""A raw client: sends exactly the bytes a test wants, reads whole responses. Every wait has a deadline."""

import socket
import ssl


class Response:
    def __init__(self, head, body, trailers=b""):
        lines = head.split(b"\r\n")
        self.version, status, *reason = lines[0].decode("latin-1").split(" ", 2)
        self.status = int(status)
        self.fields = [tuple(part.strip().decode("latin-1") for part in line.split(b":", 1)) for line in lines[1:] if line]
        self.body = body
        self.trailers = trailers

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name):
        values = self.all(name)
        return values[0] if values else None


class Client:
    def __init__(self, port, ca=None, server_name="localhost", context=None, deadline=10, session=None, receive_buffer=None):
        self.sock = socket.socket()
        self.sock.settimeout(deadline)
        if receive_buffer:  # before the window is agreed on
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.connect(("127.0.0.1", port))
        self.buffer = b""
        if ca or context:
            context = context or ssl.create_default_context(cafile=ca)
            # A TLS connection that ends without close_notify was cut: that is an error here, not an end.
            self.sock = context.wrap_socket(self.sock, server_hostname=server_name, session=session,
                                            suppress_ragged_eofs=False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data if isinstance(data, bytes) else data.encode())

    def half_close(self):
        self.sock.shutdown(socket.SHUT_WR)

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.sock.close()

    def _more(self):
        data = self.sock.recv(65536)
        self.buffer += data
        return bool(data)

    def _line(self):
        while b"\r\n" not in self.buffer:
            if not self._more():
                raise ConnectionError(f"ended within a line: {self.buffer[:80]!r}")
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def _exactly(self, count):
        while len(self.buffer) < count:
            if not self._more():
                raise ConnectionError("ended within a body")
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def response(self, head_request=False):
        """The next response, 1xx included."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._more():
                raise ConnectionError(f"ended within a head: {self.buffer[:80]!r}")
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        response = Response(head, b"")
        if head_request or response.status < 200 or response.status in (204, 304):
            return response
        if response.get("transfer-encoding"):
            while (size := int(self._line(), 16)) != 0:
                response.body += self._exactly(size)
                self._line()
            while line := self._line():
                response.trailers += line + b"\r\n"
        elif response.get("content-length") is not None:
            response.body = self._exactly(int(response.get("content-length")))
        else:
            response.body = self.rest()
        return response

    def rest(self):
        """Everything up to the end of the connection."""
        while self._more():
            pass
        data, self.buffer = self.buffer, b""
        return data

    def is_closed(self):
        """The peer ends the connection (in order, or by a reset) without sending anything more."""
        try:
            return self.rest() == b""
        except (ConnectionError, ssl.SSLError):
            return True

    def count_body(self, size):
        """Reads and drops `size` body bytes."""
        left = size - len(self.buffer)
        self.buffer = b""
        while left > 0:
            data = self.sock.recv(min(left, 65536))
            if not data:
                raise ConnectionError(f"{left} bytes of the body are missing")
            left -= len(data)

    def head(self):
        """The next response's head; its body stays unread."""
        return self.response(head_request=True)

    def get(self, target="/", fields=(), method="GET", body=None, host="localhost"):
        head = f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields)
        if body is not None:
            head += f"Content-Length: {len(body)}\r\n"
        self.send(head.encode() + b"\r\n" + (body or b""))
        return self.response(method == "HEAD")
