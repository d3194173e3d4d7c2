"""Where access logs can go: files that are read as they grow, and syslog servers on UDP and unix sockets."""

import json
import os
import socket
import threading

from .process import eventually


class LogFile:
    def __init__(self, path):
        self.path = path

    def text(self):
        try:
            with open(self.path, encoding="ascii") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def lines(self, count, seconds=10):
        """At least so many whole lines."""
        def enough():
            lines = self.text().split("\n")[:-1]
            return lines if len(lines) >= count else None

        return eventually(enough, seconds, f"{count} lines in {self.path}")

    def records(self, count, seconds=10):
        return [json.loads(line) for line in self.lines(count, seconds)]


class SyslogServer:
    """Keeps the datagrams it gets; `path`: a unix socket instead of UDP."""

    def __init__(self, path=None):
        if path:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self.sock.bind(path)
            self.target = f"syslog:unix:{path}"
        else:
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sock.bind(("127.0.0.1", 0))
            self.target = f"syslog:udp:127.0.0.1:{self.port}"
        self.received = []
        self.thread = threading.Thread(target=self._receive, daemon=True)
        self.thread.start()

    @property
    def port(self):
        return self.sock.getsockname()[1]

    def _receive(self):
        while True:
            try:
                datagram = self.sock.recv(65536)
            except OSError:
                return
            self.received.append(datagram.decode("ascii"))

    def datagrams(self, count, seconds=10):
        eventually(lambda: len(self.received) >= count, seconds, f"{count} datagrams")
        return list(self.received)

    def close(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()
