"""Sessions that end because of what becomes of servers: on-marked-down and on-marked-up, beside the real HAProxy."""

import re
import socket
import threading
import unittest

from support.beside import BesideCase
from support.process import eventually
from support.scripted_server import ScriptedServer

DOWN, UP = "on-marked-down shutdown-sessions", "on-marked-up shutdown-backup-sessions"
GET = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"
PART = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart"


class Door:
    """What checks knock at: open or closed at the same port."""

    def __init__(self):
        self.port = 0
        self.open()
        self.port = self.socket.getsockname()[1]

    def close(self):
        if self.socket:
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes the one that accepts
            self.socket.close()
        self.socket = None

    def open(self):
        self.socket = socket.create_server(("127.0.0.1", self.port), backlog=128)
        threading.Thread(target=self.accept_all, args=(self.socket,), daemon=True).start()

    @staticmethod
    def accept_all(listener):
        """Its queue is never full, however long the test takes."""
        try:
            while True:
                listener.accept()[0].close()
        except OSError:
            pass


class SessionEnd(BesideCase):
    def run_both(self, mode, servers, replies, sent, closes):
        """What a client gets that has sent `sent` and got the first answer, when the door closes (or opens), and the line of its
        end: of each of the two."""
        outcomes = []
        server = ScriptedServer(*replies, stays=True)
        self.addCleanup(server.stop)
        for serve in (self.theirs, self.ours):
            door, log = Door(), self.syslog()
            self.addCleanup(door.close)
            if not closes:
                door.close()
            config = (f"global\n  log 127.0.0.1:{log.port} len 8192 local0\ndefaults\n  mode {mode}\n  log global\n  option {mode}log\n"
                      "  timeout client 30s\n  timeout server 30s\n  timeout connect 5s\n  retries 0\n"
                      "frontend web\n  bind @web@\n  default_backend app\nbackend app\n"
                      + servers.format(port=server.port, door=door.port))
            process = serve(config)
            if not closes:
                eventually(lambda: any("app/main is DOWN" in line for line in log.received), what="the server down")
            begun = len(server.asked)
            with socket.create_connection(("127.0.0.1", process.port("web")), 10) as client:
                client.sendall(sent)
                got = client.recv(65536) if any(replies) else b""
                eventually(lambda: any(server.asked[begun:]), what="the request at the server")
                door.close() if closes else door.open()
                line = self.lines(log, 1)[0]
                client.settimeout(2)
                ended = "open"
                try:
                    while piece := client.recv(65536):
                        got += piece
                    ended = "end"
                except ConnectionResetError:
                    ended = "reset"
                except TimeoutError:
                    pass
            outcomes.append((got, ended, line))
        return outcomes

    def letters(self, line):
        return re.search(r" ([A-Za-z-]{2}(?:--)?) \d+/\d+/\d+/\d+/\d+ ", line).group(1)

    main = "  server main 127.0.0.1:{port} check port {door} inter 50ms rise 1 fall 1 "
    backup = "\n  server spare 127.0.0.1:{port} backup\n"

    def test_tunnels_end_in_order_when_their_server_goes_down(self):
        for got, ended, line in self.run_both("tcp", self.main + DOWN + "\n", [b"hello"], b"x", True):
            self.assertEqual((got, ended, self.letters(line)), (b"hello", "end", "D-"))
            self.assertIn(" app/main ", line)

    def test_a_tunnel_whose_server_has_said_its_last_ends_too_and_leaves_the_next_one_alone(self):
        door = Door()
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)
        process = self.reseal("defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n"
                              "frontend web\n  bind 127.0.0.1:0\n  default_backend app\nbackend app\n"
                              + self.main.format(port=server.getsockname()[1], door=door.port) + DOWN
                              + f"\n  server spare 127.0.0.1:{server.getsockname()[1]} backup\n", haproxy=True)

        def tunnel():
            client = socket.create_connection(("127.0.0.1", process.port("web")), 10)
            self.addCleanup(client.close)
            client.sendall(b"x")
            end, _ = server.accept()
            self.addCleanup(end.close)
            self.assertEqual(end.recv(1), b"x")
            return client, end

        first, its_server = tunnel()
        its_server.sendall(b"last")
        its_server.shutdown(socket.SHUT_WR)
        self.assertEqual(first.recv(100), b"last")
        self.assertEqual(first.recv(100), b"")
        door.close()
        process.wait_for_line("app/main .* is DOWN")
        self.assertEqual(its_server.recv(100), b"")  # the session is over, on both sides
        second, at_spare = tunnel()
        first.close()
        second.sendall(b"y")
        self.assertEqual(at_spare.recv(1), b"y")
        at_spare.sendall(b"z")
        self.assertEqual(second.recv(1), b"z")

    def test_without_it_they_go_on(self):
        server, door = ScriptedServer(b"one", b"two", stays=True), Door()
        self.addCleanup(server.stop)
        process = self.reseal("defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n"
                              "frontend web\n  bind 127.0.0.1:0\n  default_backend app\nbackend app\n"
                              + self.main.format(port=server.port, door=door.port) + "\n", haproxy=True)
        with socket.create_connection(("127.0.0.1", process.port("web")), 10) as client:
            client.sendall(b"x")
            self.assertEqual(client.recv(100), b"one")
            door.close()
            process.wait_for_line("app/main .* is DOWN")
            client.sendall(b"y")
            self.assertEqual(client.recv(100), b"two")

    def test_a_request_without_an_answer_gets_502(self):
        for got, _, line in self.run_both("http", self.main + DOWN + "\n", [b""], GET, True):
            self.assertEqual((got[:12], self.letters(line)), (b"HTTP/1.1 502", "DH--"))

    def test_a_response_is_cut_off(self):
        for got, ended, line in self.run_both("http", self.main + DOWN + "\n", [PART], GET, True):
            self.assertEqual((got[-4:], ended in ("end", "reset"), self.letters(line)), (b"part", True, "DD--"))

    def test_tunnels_at_a_backup_end_when_the_server_is_back(self):
        for got, ended, line in self.run_both("tcp", self.main + UP + self.backup, [b"hello"], b"x", False):
            self.assertEqual((got, ended, self.letters(line)), (b"hello", "end", "U-"))
            self.assertIn(" app/spare ", line)

    def test_requests_at_a_backup_end_when_the_server_is_back(self):
        for got, _, line in self.run_both("http", self.main + UP + self.backup, [b""], GET, False):
            self.assertEqual((got[:12], self.letters(line)), (b"HTTP/1.1 502", "UH--"))


if __name__ == "__main__":
    unittest.main()
