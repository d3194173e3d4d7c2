"""Servers on unix sockets, and on ports that follow the client's, beside HAProxy."""

import os
import select
import socket
import tempfile
import threading
import unittest

from support.beside import DEFAULTS, BesideCase, ask, request
from support.client import Client
from support.process import eventually, run_reseal
from support.server import Connection, reply


class SocketServer:
    """Answers each request on a unix socket with its name; notes what came."""

    def __init__(self, case, path, name):
        self.lock = threading.Lock()
        self.name, self.bytes, self.requests, self.connections = name, 0, 0, 0
        self.listener = socket.socket(socket.AF_UNIX)
        # HAProxy's abstract names are filled up with zeros.
        self.listener.bind(path if path[0] != "\0" else path.ljust(108, "\0"))
        self.listener.listen(16)
        case.addCleanup(self.stop)
        threading.Thread(target=self.accept, daemon=True).start()

    def stop(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        connection = Connection(self, sock)
        try:
            while (asked := connection.read_request()) is not None:
                connection.send(reply(f"{self.name}:{len(asked.body)}"))
        except OSError:
            pass
        sock.close()


class Addresses(BesideCase):
    def site(self, *servers, mode="http", more=""):
        lines = "".join(f"    server s{i} {server}\n" for i, server in enumerate(servers))
        return (f"{DEFAULTS}    retries 0\nfrontend web\n    mode {mode}\n    bind @web@\n    default_backend app\n"
                f"backend app\n    mode {mode}\n{more}{lines}")

    def path(self):
        return os.path.join(tempfile.mkdtemp(dir="/tmp", prefix="rs-"), "s")

    def test_a_server_on_a_unix_socket(self):
        for mode in ("http", "tcp"):
            path = self.path()
            server = SocketServer(self, path, "unix")
            for process in self.both(self.site(path, f"unix@{path}", mode=mode)):
                for _ in range(3):
                    answer = ask(process.port("web"), request("/", method="POST", body="x" * 100_000))
                    self.assertEqual((answer.status, answer.body), (200, b"unix:100000"))
            self.assertGreater(server.connections, 0)

    def test_a_server_in_the_abstract_name_space(self):
        name = f"reseal-test-{os.getpid()}"
        SocketServer(self, "\0" + name, "abstract")
        for process in self.both(self.site(f"abns@{name}")):
            self.assertEqual(ask(process.port("web"), request()).body, b"abstract:0")

    def test_nobody_there_is_an_error_and_goes_to_another(self):
        path = self.path()
        SocketServer(self, path, "there")
        for process in self.both(self.site(self.path())):
            self.assertEqual(ask(process.port("web"), request()).status, 503)
        for process in self.both(self.site(self.path(), path, more="    retries 3\n    option redispatch 1\n")):
            self.assertEqual({ask(process.port("web"), request()).status for _ in range(4)}, {200})

    def test_who_finds_no_room_there_waits_for_it(self):
        path = self.path()
        taken = []
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(0)
            process = self.ours(self.site(f"{path} check inter 100s observe layer4 error-limit 1 on-error mark-down"))
            # Its check has the one place there is, or this one.
            others = [socket.socket(socket.AF_UNIX) for _ in range(2)]
            for other in others:
                self.addCleanup(other.close)
                other.setblocking(False)
                other.connect_ex(path)
            with Client(process.port("web")) as client:
                client.send(request())
                self.assertEqual(select.select([client.sock], [], [], 0.3)[0], [], "an answer while there is no room")

                def serve():
                    while not taken or taken[-1] != b"GET":
                        connection, _ = listener.accept()
                        connection.settimeout(0.2)
                        try:
                            taken.append(connection.recv(4096)[:3])
                        except OSError:
                            taken.append(b"")
                        if taken[-1] == b"GET":
                            connection.sendall(reply("late"))
                        connection.close()

                threading.Thread(target=serve, daemon=True).start()
                answer = client.response(False)
                self.assertEqual((answer.status, answer.body), (200, b"late"))

    def test_a_check_asks_the_socket(self):
        path = self.path()
        server = SocketServer(self, path, "checked")
        process = self.ours(self.site(f"{path} check inter 50ms fall 1 rise 1", more="    option httpchk GET /up\n"))
        eventually(lambda: server.requests >= 2, what="checks")
        server.stop()
        os.unlink(path)
        process.wait_for_line("app/s0 .* is DOWN")
        SocketServer(self, path, "again")
        process.wait_for_line("app/s0 .* is UP")

    def test_what_the_log_says_of_it(self):
        path = self.path()
        SocketServer(self, path, "logged")
        syslog = self.syslog()
        config = self.site(path).replace("    bind @web@\n", f"    bind @web@\n    log 127.0.0.1:{syslog.port} local0\n    log-format \"%ci:x %s %si %sp %ST\"\n")
        lines = []
        for which in (self.theirs, self.ours):
            process = which(config)
            ask(process.port("web"), request())
            lines.append(self.lines(syslog, len(lines) + 1)[-1])
        self.assertEqual(lines[0], lines[1])

    def test_the_port_that_the_client_came_to(self):
        server = self.server("same", tls=None, host="127.0.0.2")
        # Whoever listens on 127.0.0.1 and the same port leads to 127.0.0.2.
        for name in ("127.0.0.2", "127.0.0.2:", "127.0.0.2:+0", "127.0.0.2:-0"):
            with self.subTest(name):
                process = self.reseal(self.site(name).replace("@web@", f"127.0.0.1:{server.port}"), haproxy=True)
                self.assertEqual(ask(server.port, request()).body, b"same")
                process.stop()

    def test_a_port_that_is_relative_to_it(self):
        up = self.server("up", tls=None, host="127.0.0.3")
        process = self.ours(self.site("127.0.0.3:+0"))
        offset = up.port - process.port("web")
        process.stop()
        config = self.site(f"127.0.0.3:{offset:+d}").replace("@web@", f"127.0.0.1:{process.port('web')}")
        process = self.reseal(config, haproxy=True)
        self.assertEqual(ask(process.port("web"), request()).body, b"up")

    def test_a_port_that_does_not_exist_is_no_other(self):
        up = self.server("up", tls=None, host="127.0.0.5")
        process = self.ours(self.site("127.0.0.5"))
        port = process.port("web")
        process.stop()
        # 65536 more, or less, than the one that is there: and the one that would be 0.
        for offset in (up.port - port + 65536, up.port - port - 65536, 65536 - port, -port):
            if abs(offset) > 65535:
                continue
            with self.subTest(offset):
                config = self.site(f"127.0.0.5:{offset:+d} maxconn 1").replace("@web@", f"127.0.0.1:{port}")
                process = self.reseal(config, haproxy=True)
                try:
                    self.assertEqual([ask(port, request()).status for _ in range(2)], [503, 503])
                finally:
                    process.stop()
        self.assertEqual(up.connections, 0)

    def test_two_binds_share_no_connection(self):
        servers = [self.server(f"port{i}", tls=None, host="127.0.0.4") for i in range(2)]
        config = "global\n    nbthread 1\n" + self.site("127.0.0.4").replace("    bind @web@\n", "".join(f"    bind 127.0.0.1:{server.port}\n" for server in servers))
        self.reseal(config, haproxy=True)
        for _ in range(3):
            for server in servers:
                self.assertEqual(ask(server.port, request()).body, server.name.encode())
        self.assertEqual([server.connections for server in servers], [1, 1])

    def test_a_check_of_such_a_server_needs_a_port(self):
        path = os.path.join(tempfile.mkdtemp(dir=self.folder), "haproxy.cfg")
        for options, status in (("check", 1), ("check port 8080", 0)):
            with open(path, "w") as file:
                file.write(self.site(f"127.0.0.1:+80 {options}").replace("@web@", "127.0.0.1:0"))
            self.assertEqual(run_reseal("haproxy", "-c", "-f", path)[0], status, options)


if __name__ == "__main__":
    unittest.main()
