"""Where `bind` of a haproxy.cfg listens: unix sockets, abstract ones, inherited ones; and the options of sockets. By reseal and by
Debian's HAProxy beside it."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import unittest

from support.case import IntegrationCase
from support.process import BINARY, eventually, run_reseal
from support.server import reply

DEFAULTS = """defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
"""
HAPROXY = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin")


class BindSockets(IntegrationCase):
    def programs(self):
        return [("reseal", [BINARY, "haproxy"])] + ([("haproxy", [HAPROXY])] if HAPROXY else [])

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def start(self, program, text, descriptors=()):
        config = self.write("site.cfg", text)
        self.output = os.path.join(self.folder, "output")
        with open(self.output, "w") as output:
            child = subprocess.Popen([*program, "-db", "-f", config], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                     pass_fds=descriptors)
        self.addCleanup(self.end, child)
        return child

    def end(self, child):
        if child.poll() is None:
            child.kill()
        child.wait()

    def site(self, *binds, more="", first=""):
        self.seen = []
        backend = self.server(tls=None, handler=lambda request: self.seen.append(request) or reply("served"))
        lines = "".join(f"    bind {bind}\n" for bind in binds)
        return f"{first}{DEFAULTS}listen web\n{lines}{more}    server a {backend.address}\n"

    def ask(self, address, first=b""):
        family = socket.AF_UNIX if isinstance(address, (str, bytes)) else socket.AF_INET
        with socket.socket(family) as sock:
            sock.settimeout(10)
            sock.connect(address)
            sock.sendall(first + b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            data = b""
            while piece := sock.recv(1000):
                data += piece
        return data.endswith(b"served")

    def answers(self, address, first=b""):
        try:
            return self.ask(address, first)
        except OSError:
            return False

    def test_unix_sockets_replace_what_was_left_and_have_mode_and_owner(self):
        path = os.path.join(self.folder, "web.sock")
        for who, program in self.programs():
            for spelled in (path, f"unix@{path}"):
                with socket.socket(socket.AF_UNIX) as stale:  # of a process that was killed
                    if not os.path.exists(path):
                        stale.bind(path)
                child = self.start(program, self.site(f"{spelled} mode 640 uid 12345 group daemon"))
                with self.subTest(who=who, spelled=spelled):
                    eventually(lambda: self.answers(path))
                    status = os.stat(path)
                    self.assertEqual(stat.S_IMODE(status.st_mode), 0o640)
                    if os.geteuid() == 0:
                        import grp
                        self.assertEqual((status.st_uid, status.st_gid), (12345, grp.getgrnam("daemon").gr_gid))
                    self.assertEqual([name for name in os.listdir(self.folder) if name.endswith(".tmp")], [])
                self.end(child)

    def test_unix_bind_of_global_holds_for_all(self):
        for who, program in self.programs():
            os.makedirs(os.path.join(self.folder, "run"), exist_ok=True)
            child = self.start(program, self.site("unix@/a.sock", "unix@/b.sock mode 600",
                                                  first=f"global\n    unix-bind prefix {self.folder}/run mode 666\n"))
            with self.subTest(who=who):
                for name, mode in (("a", 0o666), ("b", 0o600)):
                    path = f"{self.folder}/run/{name}.sock"
                    eventually(lambda: self.answers(path))
                    self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), mode)
            self.end(child)

    def test_clients_of_unix_sockets_are_logged_by_the_sockets_number_and_have_no_address(self):
        for who, program in self.programs():
            with self.log_receiver() as log:
                path, other = os.path.join(self.folder, "log.sock"), os.path.join(self.folder, "other.sock")
                child = self.start(program, self.site(f"unix@{path}", f"unix@{other} id 77", more="    log global\n    option httplog\n    option forwardfor\n",
                                                      first=f"global\n    log {log.getsockname()[0]}:{log.getsockname()[1]} local0\n"))
                with self.subTest(who=who):
                    eventually(lambda: self.answers(path))
                    self.assertIn(" unix:1 [", self.line(log))
                    self.assertEqual(self.seen[-1].all("X-Forwarded-For"), [])
                    self.assertTrue(self.ask(other))
                    self.assertIn(" unix:77 [", self.line(log))
                self.end(child)

    def log_receiver(self):
        log = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        log.bind(("127.0.0.1", 0))
        log.settimeout(10)
        return log

    def line(self, log):
        while True:
            line = log.recv(4000).decode()
            if " unix:" in line:
                return line

    def test_the_abstract_name_space_and_the_proxy_header_over_it(self):
        name = f"reseal-{os.getpid()}"
        for who, program in self.programs():
            child = self.start(program, self.site(f"abns@{name}", f"abns@{name}-told accept-proxy", more="    option forwardfor\n"))
            whole = (b"\0" + name.encode()).ljust(108, b"\0")
            told = (b"\0" + name.encode() + b"-told").ljust(108, b"\0")
            with self.subTest(who=who):
                eventually(lambda: self.answers(whole))
                self.assertTrue(self.ask(told, b"PROXY TCP4 192.0.2.1 192.0.2.2 1000 80\r\n"))
                self.assertEqual(self.seen[-1].all("X-Forwarded-For"), ["192.0.2.1"])
            self.end(child)

    def test_inherited_sockets_of_both_families_and_what_closes_them(self):
        path = os.path.join(self.folder, "inherited.sock")
        for who, program in self.programs():
            if os.path.exists(path):
                os.unlink(path)
            with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
                unix.bind(path)
                unix.listen(5)
                child = self.start(program, self.site(f"fd@{tcp.fileno()}", f"stream+fd@{unix.fileno()}" if who == "reseal" else f"fd@{unix.fileno()}"),
                                   (tcp.fileno(), unix.fileno()))
                address = tcp.getsockname()
                with self.subTest(who=who):
                    self.assertTrue(self.ask(address))
                    self.assertTrue(self.ask(path))
            idle = socket.create_connection(address)
            idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")  # a request that is under way keeps it from ending
            eventually(lambda: self.answers(address))
            child.send_signal(signal.SIGUSR1)
            with self.subTest(who=who):
                eventually(lambda: not self.answers(address))
            idle.close()
            self.end(child)

    def test_options_of_tcp_sockets_are_taken(self):
        for who, program in self.programs():
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
                child = self.start([*program], self.site(f"ipv4@127.0.0.1:{port} backlog 7 mss 1200 tcp-ut 30s tfo defer-accept interface lo name n id 3")) \
                    if who == "haproxy" else None
                if child:
                    eventually(lambda: self.answers(("127.0.0.1", port)))
                    self.end(child)
        process = self.reseal(self.site("ipv4@127.0.0.1:0 backlog 7 mss 1200 tcp-ut 30s tfo defer-accept interface lo name n id 3 nice 3"), haproxy=True)
        self.assertTrue(self.ask(("127.0.0.1", process.port())))
        listing = subprocess.run(["ss", "-ltn", f"sport = :{process.port()}"], capture_output=True, text=True)
        if listing.returncode == 0:
            self.assertRegex(listing.stdout, rf"LISTEN\s+0\s+7\s+127\.0\.0\.1%lo:{process.port()}")

    def test_http2_by_prior_knowledge_where_proto_says_so(self):
        process = self.reseal(self.site("127.0.0.1:0 proto h2", "127.0.0.1:0"), haproxy=True)
        done = subprocess.run(["curl", "-sS", "--http2-prior-knowledge", f"http://127.0.0.1:{process.port('web', 0)}/"], capture_output=True)
        self.assertEqual(done.stdout, b"served", done.stderr)
        self.assertTrue(self.ask(("127.0.0.1", process.port("web", 1))))

    def test_what_is_wrong_is_told_with_file_and_line(self):
        kept = self.write("kept", "no socket")
        for bind, words in (("fd@x", "an inherited descriptor"), ("unix@", "1 to 107 bytes"), ("unix@/" + "x" * 108, "1 to 107 bytes"),
                            ("/run/x mode 9", "'9' is no mode"), ("/run/x user nobody-of-this-name", "there is no user"),
                            ("/run/x group none-of-this-name", "there is no group"), ("*:80 transparent", "'transparent' of 'bind' is not there"),
                            ("*:80 namespace x", "ip netns exec"), ("*:80 accept-netscaler-cip 1", "accept-proxy"), ("*:80 proto h9", "proto 'h9'"),
                            ("*:80 backlog x", "'x': a whole number"), ("*:80 mss -3", "'-3': a whole number"), ("quic4@:443 ssl crt x", "listens nowhere"),
                            ("udp@:80", "addresses of the kind 'udp@'"), ("*:80 bakclog 3", "did you mean 'backlog'?")):
            path = self.write("wrong.cfg", self.site(bind))
            status, _, error = run_reseal("haproxy", "-c", "-f", path)
            with self.subTest(bind=bind):
                self.assertEqual(status, 1)
                self.assertIn(words, error)
                self.assertRegex(error, rf"\[{path}:[67]\]")
        for bind, words in (("fd@99", "fd@99"), (f"unix@{kept}", "no socket is in its place"), (f"unix@{self.folder}/none/x.sock", "folder does not exist")):
            path = self.write("wrong.cfg", self.site(bind))
            status, _, error = run_reseal("haproxy", "-db", "-f", path)
            with self.subTest(bind=bind):
                self.assertEqual(status, 1)
                self.assertIn(words, error)
        with open(kept) as file:
            self.assertEqual(file.read(), "no socket")

    def test_quic_beside_another_bind_is_left_out_without_a_warning(self):
        path = self.write("quic.cfg", self.site("127.0.0.1:8", f"quic4@:8 ssl crt {self.pki.path('front.pem')} alpn h3"))
        status, _, error = run_reseal("haproxy", "-c", "-dW", "-f", path)
        self.assertEqual(status, 0, error)
        self.assertIn("QUIC are left out", error)


if __name__ == "__main__":
    unittest.main()
