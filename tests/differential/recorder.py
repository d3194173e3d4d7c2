"""The server behind each proxy: one thread, keeps every byte that reaches it, and answers whatever a forgiving server
would take for a request, so that what a proxy lets through is seen and not only refused once more."""

import re
import select
import socket
import threading


class Seen:
    """One request as a forgiving server reads it."""

    def __init__(self, head, body, trailers):
        lines = re.split(rb"\r?\n", head)
        self.method, self.target, self.version = (lines[0].split(b" ", 1) + [b""])[0], b"", b""
        match = re.fullmatch(rb"(\S*)\s+(.*?)\s+(\S*)", lines[0])
        if match:
            self.method, self.target, self.version = match.groups()
        self.fields = self.split(lines[1:])
        self.body = body  # None without one
        self.trailers = self.split(re.split(rb"\r?\n", trailers))

    @staticmethod
    def split(lines):
        return [tuple(part.strip() for part in line.split(b":", 1)) for line in lines if b":" in line]

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]


class Peer:
    """One accepted connection."""

    def __init__(self, sock):
        self.sock, self.data, self.read_to = sock, b"", 0

    def next_request(self):
        rest = self.data[self.read_to:]
        match = re.search(rb"\r?\n\r?\n", rest)
        if not match:
            return None
        head, at = rest[:match.start()], match.end()
        length = re.search(rb"\ncontent-length:\s*(\d+)", head.lower())
        if re.search(rb"\ntransfer-encoding:[^\n]*chunked", head.lower()):
            chunked = read_chunked(rest, at)
            if chunked is None:
                return None
            body, trailers, end = chunked
            self.read_to += end
            return Seen(head, body, trailers)
        size = int(length.group(1)) if length else 0
        if len(rest) - at < size:
            return None
        self.read_to += at + size
        return Seen(head, rest[at:at + size] if length else None, b"")


def read_chunked(data, at):
    """(body, trailers, where it ends), None while it is not whole; forgives what there is to forgive."""
    body = b""
    while match := re.compile(rb"\s*([0-9A-Fa-f]+)[^\n]*\n").match(data, at):
        size, at = int(match.group(1), 16), match.end()
        if size == 0:
            end = re.compile(rb"(?:[^\n]*[^\n\r][^\n]*\n)*\r?\n").match(data, at)
            return (body, end.group(), end.end()) if end else None
        if len(data) - at < size:
            return None
        body += data[at:at + size]
        at += size
    return None


class Recorder:
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.requests, self.streams, self.peers = [], [], {}
        self.wake, self.woken = socket.socketpair()
        self.running = True
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while self.running:
            ready, _, _ = select.select([self.listener, self.woken, *self.peers], [], [])
            # Everything that is there is read before anything is answered: so a request that a client sends after
            # an answer is seen after all that this client's earlier bytes caused.
            answers = []
            with self.lock:
                for sock in ready:
                    if sock is self.listener:
                        peer, _ = sock.accept()
                        self.peers[peer] = Peer(peer)
                    elif sock is not self.woken:
                        answers += self._read(self.peers[sock])
            for sock, answer in answers:
                try:
                    sock.sendall(answer)
                except OSError:
                    pass

    def _read(self, peer):
        try:
            data = peer.sock.recv(65536)
        except OSError:
            data = b""
        if not data:
            del self.peers[peer.sock]
            self.streams.append(peer.data)
            peer.sock.close()
            return []
        peer.data += data
        answers = []
        while (request := peer.next_request()) is not None:
            self.requests.append(request)
            answers.append((peer.sock, b"HTTP/1.1 200 OK\r\nX-Target: " + request.target[:100] + b"\r\nContent-Length: 0\r\n\r\n"))
        return answers

    def take_requests(self):
        with self.lock:
            requests, self.requests = self.requests, []
            return requests

    def take_streams(self):
        """Every byte of every connection since the last time, a list with one item a connection."""
        with self.lock:
            streams, self.streams = self.streams, []
            for peer in self.peers.values():
                streams.append(peer.data[:peer.read_to])
                peer.data, peer.read_to = peer.data[peer.read_to:], 0
            return streams

    def has_half_a_request(self):
        with self.lock:
            return any(peer.read_to < len(peer.data) for peer in self.peers.values())

    def stop(self):
        self.running = False
        self.wake.send(b"x")
        self.thread.join(5)
        for sock in [self.listener, self.wake, self.woken, *self.peers]:
            sock.close()
