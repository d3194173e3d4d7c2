"""HAProxy's command line and signals: what reseal does under them, and beside it what Debian's HAProxy does."""

import os
import shutil
import signal
import socket
import subprocess
import unittest

from support.case import IntegrationCase
from support.client import Client
from support.process import BINARY, eventually
from support.server import reply

DEFAULTS = """defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
"""
HAPROXY = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin")


class HaproxyCommandLine(IntegrationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.link = os.path.join(cls.folder, "haproxy")
        os.symlink(os.path.abspath(BINARY), cls.link)

    def programs(self):
        return [("reseal", self.link)] + ([("haproxy", HAPROXY)] if HAPROXY else [])

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def site(self, name="site.cfg", more="", bind=None, first=""):
        """(configuration that listens on an inherited socket, the socket)"""
        listening = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.addCleanup(listening.close)
        bind = bind or f"fd@{listening.fileno()}"
        backend = self.server(tls=None, handler=lambda request: reply("served"))
        text = f"{first}{DEFAULTS}listen web\n    bind {bind}\n    server a {backend.address}\n{more}"
        return self.write(name, text), listening

    def start(self, program, config, listening, *arguments):
        error = open(os.path.join(self.folder, "error"), "w+")
        self.addCleanup(error.close)
        child = subprocess.Popen([program, "-f", config, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=error,
                                 pass_fds=[listening.fileno()])
        self.addCleanup(self.end, child)
        return child

    def end(self, child):
        child.terminate()  # a master ends its workers then
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def ask(self, listening):
        with Client(listening.getsockname()[1]) as client:
            return client.get().body

    def test_signals_end_the_process_as_haproxy_ends(self):
        for who, program in self.programs():
            for number, status in ((signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, -signal.SIGINT), (signal.SIGUSR1, 0)):
                config, listening = self.site()
                child = self.start(program, config, listening, "-db")
                self.assertEqual(self.ask(listening), b"served")
                child.send_signal(number)
                with self.subTest(who=who, signal=number):
                    self.assertEqual(child.wait(20), status)

    def test_usr1_finishes_what_is_in_flight_and_term_ends_it(self):
        for number in (signal.SIGUSR1, signal.SIGTERM):
            config, listening = self.site()
            child = self.start(self.link, config, listening, "-db")
            client = Client(listening.getsockname()[1])
            self.addCleanup(client.close)
            self.assertEqual(client.get().body, b"served")
            client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
            eventually(lambda: self.ask(listening) == b"served")
            child.send_signal(number)
            if number == signal.SIGUSR1:
                self.assertIsNone(child.poll())
                client.send("cd")
                self.assertEqual(client.response().body, b"served")
                self.assertEqual(child.wait(20), 0)
            else:
                self.assertEqual(child.wait(20), -signal.SIGTERM)
                self.assertTrue(client.is_closed())

    def test_pause_and_resume_do_not_stop_it_and_usr2_and_hup_reload(self):
        config, listening = self.site()
        child = self.start(self.link, config, listening, "-db")
        self.assertEqual(self.ask(listening), b"served")
        for number in (signal.SIGTTOU, signal.SIGTTIN, signal.SIGQUIT):
            child.send_signal(number)
        self.assertEqual(self.ask(listening), b"served")
        for number, count in ((signal.SIGUSR2, 1), (signal.SIGHUP, 2)):
            child.send_signal(number)
            eventually(lambda: self.read("error").count("SIGHUP: reloading") == count and "refused" not in self.read("error"))
        self.assertEqual(self.ask(listening), b"served")

    def read(self, name):
        with open(os.path.join(self.folder, name)) as file:
            return file.read()

    def test_in_the_background_the_parent_ends_once_it_serves_and_the_pid_file_names_the_child(self):
        for who, program in self.programs():
            for way, arguments, first in (("-D", ["-D"], ""), ("daemon", [], "global\n    daemon\n"), ("master", ["-W", "-D"], "")):
                pid_file = os.path.join(self.folder, f"{who}{way}.pid")
                config, listening = self.site(first=first)
                done = subprocess.run([program, "-f", config, "-p", pid_file, *arguments], pass_fds=[listening.fileno()], timeout=30,
                                      capture_output=True, stdin=subprocess.DEVNULL)
                with self.subTest(who=who, way=way):
                    self.assertEqual(done.returncode, 0, done.stderr)
                    pid = int(self.read(os.path.basename(pid_file)))
                    self.addCleanup(self.kill, pid)
                    with open(f"/proc/{pid}/comm") as comm:
                        self.assertEqual(comm.read(), "haproxy\n")
                    eventually(lambda: os.getsid(pid) == pid)  # HAProxy lets its parent go before that
                    self.assertEqual(self.ask(listening), b"served")
                    self.kill(pid)

    def kill(self, pid):
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            return
        eventually(lambda: not os.path.exists(f"/proc/{pid}/stat") or open(f"/proc/{pid}/stat").read().split()[2] == "Z")

    def test_in_the_background_what_keeps_it_from_serving_is_seen(self):
        config = self.write("bad.cfg", f"{DEFAULTS}listen web\n    bind 192.0.2.1:8\n    server a 127.0.0.1:9\n")
        for who, program in self.programs():
            done = subprocess.run([program, "-D", "-f", config], capture_output=True, text=True, timeout=30)
            with self.subTest(who=who):
                self.assertEqual(done.returncode, 1)
                self.assertIn("192.0.2.1:8", done.stderr)

    def test_sf_and_st_end_the_old_process_once_the_new_one_serves(self):
        for flag, status in (("-sf", 0), ("-st", -signal.SIGTERM)):
            for who, program in self.programs():
                with socket.socket() as probe:  # of a port that both share, as HAProxy's do
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                    probe.bind(("127.0.0.1", 0))
                    port = probe.getsockname()[1]
                    config, listening = self.site(bind=f"127.0.0.1:{port}")
                    old = self.start(program, config, listening, "-db", "-sf")  # beside the probe
                    eventually(lambda: self.answers(port))
                    new = self.start(self.link, config, listening, "-db", flag, str(old.pid))
                    with self.subTest(flag=flag, old=who):
                        self.assertEqual(old.wait(20), status)
                        self.assertTrue(self.answers(port))
                        new.send_signal(signal.SIGTERM)
                        self.assertEqual(new.wait(20), -signal.SIGTERM)

    def answers(self, port):
        try:
            with Client(port) as client:
                return client.get().body == b"served"
        except OSError:
            return False

    def test_systemd_is_told(self):
        path = os.path.join(self.folder, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            manager.settimeout(20)
            config, listening = self.site(first="global\n    daemon\n    master-worker\n")
            os.environ["NOTIFY_SOCKET"] = path
            self.addCleanup(os.environ.pop, "NOTIFY_SOCKET", None)
            child = self.start(self.link, config, listening, "-Ws", "-S", "/run/haproxy-master.sock")
            self.assertEqual(manager.recv(100), b"READY=1")
            self.assertIsNone(child.poll())
            self.assertEqual(self.ask(listening), b"served")

    def test_a_master_reloads_with_the_rights_that_its_workers_have_given_up(self):
        root = os.path.join(self.folder, "empty")
        os.makedirs(root, exist_ok=True)
        first = f"global\n    user haproxy\n    chroot {root}\n" if os.geteuid() == 0 and HAPROXY else ""
        other = self.server(tls=None, handler=lambda request: reply("other"))
        for number, status in ((signal.SIGUSR1, 0), (signal.SIGTERM, 0), (signal.SIGINT, 130)):
            config, listening = self.site(first=first)
            with open(config) as file:
                text = file.read()
            pid_file = os.path.join(self.folder, "master.pid")
            child = self.start(self.link, config, listening, "-Ws", "-p", pid_file)
            self.assertEqual(self.ask(listening), b"served")
            eventually(lambda: os.path.exists(pid_file) and self.read("master.pid") == f"{child.pid}\n")
            self.write("site.cfg", text[:text.index("    server a")] + f"    server a {other.address}\n")
            child.send_signal(signal.SIGUSR2)
            eventually(lambda: self.ask(listening) == b"other")
            eventually(lambda: self.ask(listening) == self.ask(listening) == b"other" and self.workers(child) == 1)
            self.write("site.cfg", text + "    bnid *:80\n")
            child.send_signal(signal.SIGHUP)
            eventually(lambda: "the reload failed; the worker before goes on" in self.read("error"))
            self.assertIn("did you mean 'bind'?", self.read("error"))
            self.assertEqual(self.ask(listening), b"other")
            child.send_signal(number)
            with self.subTest(signal=number):
                self.assertEqual(child.wait(20), status)
                os.unlink(pid_file)

    def workers(self, master):
        with open(f"/proc/{master.pid}/task/{master.pid}/children") as file:
            return len(file.read().split())

    def test_a_master_whose_worker_dies_ends_and_one_whose_first_does_not_come_up_too(self):
        config, listening = self.site()
        child = self.start(self.link, config, listening, "-W", "-db")
        self.assertEqual(self.ask(listening), b"served")
        with open(f"/proc/{child.pid}/task/{child.pid}/children") as file:
            os.kill(int(file.read()), signal.SIGKILL)
        self.assertEqual(child.wait(20), 128 + signal.SIGKILL)
        config = self.write("bad.cfg", f"{DEFAULTS}listen web\n    bind 192.0.2.1:8\n    server a 127.0.0.1:9\n")
        for arguments in (["-Ws"], ["-W", "-D"]):
            done = subprocess.run([self.link, *arguments, "-f", config], capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 1)
            self.assertIn("192.0.2.1:8", done.stderr)

    def test_exit_statuses_are_haproxys(self):
        good, listening = self.site("good.cfg", bind="127.0.0.1:8")
        bad = self.write("unknown.cfg", f"{DEFAULTS}listen web\n    bnid *:80\n")
        warned = self.write("warned.cfg", f".warning \"careful\"\n{DEFAULTS}listen web\n    bind 127.0.0.1:8\n    server a 127.0.0.1:9\n")
        folder = os.path.join(self.folder, "in")
        os.mkdir(folder)
        self.write("in/here.cfg", f"{DEFAULTS}listen web\n    bind 127.0.0.1:8\n    server a 127.0.0.1:9\n")
        for arguments, status in ((["-c", "-f", good], 0), (["-c", "-q", "-f", good], 0), (["-c", "-V", "-f", good], 0),
                                  (["-c", "-f", bad], 1), (["-c", "-f", "/nowhere"], 1), ([], 1), (["-z"], 1), (["-v"], 0), (["-vv"], 0),
                                  (["-c", "-f", warned], 0), (["-c", "-dW", "-f", warned], 1), (["-C", folder, "-c", "-f", "here.cfg"], 0),
                                  (["-C", "/nowhere", "-c", "-f", good], 1), (["-c", "-f", folder], 0), (["-c", "-f", good, "-sf"], 0),
                                  (["-c", "-f", good, "-dM", "-dR", "-dZ", "-dS", "-dG", "-de", "-dp", "-dV", "-dr"], 0),
                                  (["-cc", "1 &"], 2), (["-c", "-Ws", "-S", "/run/x.sock", "-q", "-f", good], 0)):
            for who, program in self.programs():
                done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=30)
                with self.subTest(who=who, arguments=arguments):
                    self.assertEqual(done.returncode, status, done.stderr)
                    said = "Configuration file is valid" in done.stdout
                    self.assertEqual(said, status == 0 and "-c" in arguments and "-q" not in arguments)
        for program in (self.link, HAPROXY) if HAPROXY else (self.link,):
            self.assertRegex(subprocess.run([program, "-vv"], capture_output=True, text=True).stdout, r"^HAProxy version \d+\.\d+\.\d+\S* ")

    @unittest.skipUnless(os.geteuid() == 0 and HAPROXY, "only root can become somebody else, and the user is HAProxy's")
    def test_root_gives_up_its_rights_once_it_has_bound(self):
        root = os.path.join(self.folder, "root")
        os.mkdir(root)
        first = f"global\n    user haproxy\n    group haproxy\n    chroot {root}\n    unix-bind mode 600\n"
        for who, program in self.programs():
            config, listening = self.site(first=first)
            child = self.start(program, config, listening, "-db")
            self.assertEqual(self.ask(listening), b"served")
            with open(f"/proc/{child.pid}/status") as file:
                status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
            with self.subTest(who=who):
                import grp
                import pwd
                user, group = pwd.getpwnam("haproxy").pw_uid, grp.getgrnam("haproxy").gr_gid
                self.assertEqual(status["Uid"].split(), [str(user)] * 4)
                self.assertEqual(status["Gid"].split(), [str(group)] * 4)
                self.assertEqual(status["Groups"].strip(), "")
                self.assertEqual(os.readlink(f"/proc/{child.pid}/root"), root)
            self.end(child)

    def test_an_unknown_user_and_a_pid_file_that_cannot_be_written_keep_it_from_starting(self):
        config, listening = self.site(first="global\n    user nobody-of-this-name\n")
        done = subprocess.run([self.link, "-c", "-f", config], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"[{config}:2]", done.stderr)
        self.assertIn("there is no user 'nobody-of-this-name'", done.stderr)
        config, listening = self.site()
        done = subprocess.run([self.link, "-db", "-f", config, "-p", "/nowhere/pid"], capture_output=True, text=True,
                              pass_fds=[listening.fileno()], timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nowhere/pid", done.stderr)


if __name__ == "__main__":
    unittest.main()
