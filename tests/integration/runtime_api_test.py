"""The runtime API beside the real HAProxy: the same file, the same requests, the same answers, but for times, rates and what each
of the two decides for itself."""

import os
import re
import socket
import stat
import tempfile
import threading
import unittest

from support.case import IntegrationCase
from support.client import Client
from support.haproxy import HAProxy
from support.process import eventually
from support.runtime_api import ask, connect, stat_rows, talk
from support.server import reply

# Limits, ages and rates; and how connections to servers are kept.
NOT_COMPARED = {"slim", "rate", "rate_max", "req_rate", "req_rate_max", "conn_rate", "conn_rate_max", "lastchg", "downtime", "lastsess",
                "qtime", "ctime", "rtime", "ttime", "qtime_max", "ctime_max", "rtime_max", "ttime_max", "check_duration",
                "connect", "reuse", "srv_icur", "idle_conn_cur", "safe_conn_cur", "used_conn_cur", "need_conn_est",
                "smax"}


def handler(request):
    status = int(request.target.rpartition("/")[2] or 200)
    return reply("body of " + request.target, status=status)


class RuntimeApi(IntegrationCase):
    def setUp(self):
        self.folder_of_test = tempfile.mkdtemp(dir=self.folder)

    def path(self, name):
        return os.path.join(self.folder_of_test, name)

    def sockets(self, prefix):
        return "".join(f"    stats socket {self.path(prefix + level)} mode 660 level {level}\n" for level in ("user", "operator", "admin"))

    def config(self, prefix, rest, top=""):
        return (f"global\n    nbthread 1\n    node here\n{self.sockets(prefix)}{top}"
                "defaults\n    mode http\n    timeout connect 5s\n    timeout client 10s\n    timeout server 10s\n" + rest)

    def both(self, rest, binds=("web",), top=""):
        """(the admin socket and the ports of reseal, those of HAProxy)"""
        ours = self.config("reseal-", re.sub(r"@\w+@", "127.0.0.1:0", rest), top)
        process = self.reseal(ours, haproxy=True)
        theirs = HAProxy(self.config("haproxy-", rest, top), binds, folder=self.folder_of_test)
        self.addCleanup(theirs.close)
        eventually(lambda: os.path.exists(self.path("haproxy-admin")), what="HAProxy's socket")
        return ((self.path("reseal-admin"), {name: process.port(name) for name in binds}),
                (self.path("haproxy-admin"), {name: theirs.port(name) for name in binds}))

    def one(self, rest="frontend web\n    bind 127.0.0.1:0\n    default_backend app\n", top="", server=None):
        server = server or self.server("web1", tls=None, handler=handler)
        backend = f"backend app\n    server a {server.address}\n" if "\nbackend app\n" not in rest else ""
        return self.reseal(self.config("", rest + backend, top), haproxy=True)

    def get(self, port, *targets):
        with Client(port) as client:
            return [client.get(target).status for target in targets]

    def compare_rows(self, ours, theirs, except_for=()):
        ours, theirs = stat_rows(ours), stat_rows(theirs)
        self.assertEqual(list(ours), list(theirs))
        for name, row in theirs.items():
            columns = list(row)[:list(row).index("-")]
            self.assertEqual(columns, list(ours[name])[:len(columns)])
            for column in columns:
                if column in NOT_COMPARED or column in except_for:
                    # That a column applies is the same all the same.
                    if column not in ("slim",):
                        self.assertEqual(ours[name][column] == "", row[column] == "", f"{name} {column}: {ours[name][column]!r} {row[column]!r}")
                    continue
                self.assertEqual(ours[name][column], row[column], f"{name} {column}")

    def test_show_stat_counts_the_same(self):
        server = self.server("web1", tls=None, handler=handler)
        (ours, our_ports), (theirs, their_ports) = self.both(
            "frontend web\n    bind @web@\n    default_backend app\n"
            f"backend app\n    balance leastconn\n    server a {server.address} weight 10\n    server b {server.address[:-5]}1 backup weight 3\n"
            f"backend raw\n    mode tcp\n    server x {server.address}\n"
            "listen page\n    bind @page@\n    stats enable\n    stats uri /stats\n", ("web", "page"))
        for ports in (our_ports, their_ports):
            self.get(ports["web"], "/200", "/404", "/500", "/302")
            self.get(ports["web"], "/200")
        eventually(lambda: stat_rows(ours)["app", "a"]["req_tot"] == "5" == stat_rows(theirs)["app", "a"]["req_tot"], what="five requests")
        eventually(lambda: stat_rows(ours)["web", "FRONTEND"]["scur"] == "0" == stat_rows(theirs)["web", "FRONTEND"]["scur"],
                   what="no connection")
        self.compare_rows(ours, theirs, {"addr"})
        self.assertEqual(stat_rows(ours)["web", "FRONTEND"]["smax"], "1")
        self.assertEqual(stat_rows(ours)["app", "a"]["lastsess"], "0")

    def test_requests_that_fail_count_the_same(self):
        closed = socket.create_server(("127.0.0.1", 0))
        dead = closed.getsockname()[1]
        closed.close()
        (ours, our_ports), (theirs, their_ports) = self.both(
            f"frontend web\n    bind @web@\n    default_backend dead\nbackend dead\n    retries 0\n    server x 127.0.0.1:{dead}\n")
        for ports in (our_ports, their_ports):
            self.assertIn(self.get(ports["web"], "/"), ([502], [503]))
            with Client(ports["web"]) as client:
                client.send(b"GARBAGE\r\n\r\n")
                self.assertEqual(client.response().status, 400)
        for address in (ours, theirs):
            eventually(lambda: stat_rows(address)["web", "FRONTEND"]["scur"] == "0", what="no connection")
        # The error pages are not of the same size, and a head that is none is not measured.
        self.compare_rows(ours, theirs, {"bin", "bout"})

    def test_servers_look_the_same_whether_they_are_up_down_drained_followers_or_in_maintenance(self):
        closed = socket.create_server(("127.0.0.1", 0))
        dead = closed.getsockname()[1]
        closed.close()
        up = self.server("web1", tls=None, handler=handler).address
        (ours, _), (theirs, _) = self.both(
            "frontend web\n    bind @web@\n    default_backend drained\n"
            "backend drained\n    option httpchk GET /404\n    http-check disable-on-404\n    default-server inter 100ms\n"
            f"    server a {up} check\n    server follower {up} track drained/a\n    server weightless {up} check weight 0\n"
            "backend other\n    option httpchk GET /500\n    default-server inter 100ms\n"
            f"    server wrong {up} check id 7\n    server dead 127.0.0.1:{dead} check\n    server rests {up} check disabled\n"
            f"    server rests-unchecked {up} disabled\n    server unchecked {up} weight 0\n"
            f"backend steps\n    option tcp-check\n    tcp-check connect\n    tcp-check send HEAD\\ /200\\ HTTP/1.0\\r\\n\\r\\n\n"
            f"    tcp-check expect string 200\n    default-server inter 100ms\n    server a {up} check\n")
        for address in (ours, theirs):
            eventually(lambda: [stat_rows(address)[name]["status"] for name in (("drained", "weightless"), ("drained", "follower"), ("other", "wrong"), ("other", "dead"))]
                       == ["NOLB", "NOLB", "DOWN", "DOWN"], what="what the checks find")
            eventually(lambda: stat_rows(address)["steps", "a"]["check_status"] == "L7OK", what="a check of steps")
        self.compare_rows(ours, theirs, {"addr"})
        servers = [[" ".join(word for place, word in enumerate(line.split()) if place not in (9, 12, 16))  # age, health, whether the id was chosen
                    for line in ask(address, "show servers state").splitlines()] for address in (ours, theirs)]
        self.assertEqual(*servers)
        self.assertEqual(*[sorted(stat_rows(address, "show stat -1 -1 -1 up")) for address in (ours, theirs)])
        self.assertEqual(*[sorted(stat_rows(address, "show stat -1 -1 -1 no-maint")) for address in (ours, theirs)])

    def test_show_info_has_the_same_keys_in_the_same_order(self):
        (ours, _), (theirs, _) = self.both("listen web\n    bind @web@\n    stats enable\n", top="    description some words\n")
        for form in ("show info", "show info typed", "show info json"):
            keys = [re.findall(r'"name":"([^"]+)"', text) if form.endswith("json") else
                    [re.sub(r":[^:]*$" if "typed" in form else r":.*", "", line) for line in text.splitlines()]
                    for text in (ask(ours, form), ask(theirs, form))]
            self.assertEqual(*keys)
        self.assertIn("node: here\ndescription: some words\n", ask(ours, "show info"))

    def test_typed_and_json_forms_have_the_same_fields(self):
        server = self.server("web1", tls=None, handler=handler)
        (ours, _), (theirs, _) = self.both(f"listen web\n    bind @web@\n    server a {server.address}\n")
        typed = [[line for line in ask(address, "show stat typed").splitlines() if line and int(line.split(".")[3]) < 103]
                 for address in (ours, theirs)]
        # The limit of a backend is HAProxy's own reckoning.
        self.assertEqual(*[[line.rpartition(":")[0].split(":127")[0] for line in lines if not re.match(r"B.*\.slim\.", line)]
                           for lines in typed])
        tags = [set(re.findall(r'"field":\{"pos":(\d+),"name":"(\w+)"\},"processNum":1,"tags":(\{[^}]*\})', ask(address, "show stat json")))
                for address in (ours, theirs)]
        self.assertLessEqual(tags[0], tags[1])
        self.assertGreater(len(tags[0]), 70)

    def test_the_same_commands_get_the_same_answers(self):
        server = self.server("web1", tls=None, handler=handler)
        (ours, _), (theirs, _) = self.both(f"frontend web\n    bind @web@\n    default_backend app\nbackend app\n    server a {server.address} weight 7\n"
                                           "listen page\n    bind @page@\n    stats enable\n", ("web", "page"))
        for text in ("show backend\n", "get weight app/a\n", "get weight app/b\n", "get weight x/a\n", "get weight app\n", "show cli level\n",
                     "show stat nosuch 1 1\n", "set timeout cli\n", "set timeout cli x\n", "set timeout cli 10s\n", "set timeout all 10s\n",
                     "show servers state nosuch\n", "show servers conn nosuch\n", "clear counters\n", "clear counters all\n", "show env HOME\n",
                     "show env NO_SUCH\n", "show cli level;show cli level\r\n", "show cli level\nshow cli level\n", "prompt;show cli level;quit\n",
                     "quit;show cli level\n", "operator;show cli level;clear counters all\n", "user;show env\n", "show cli le",
                     "prompt;prompt\n", "set severity-output number;get weight app/b\n", "set severity-output string;show cli level\n",
                     "show  cli\tlevel  \n"):
            with self.subTest(text=text):
                self.assertEqual(talk(ours, text), talk(theirs, text))
        for text in ("shov info\n", "show\n", "help\n", "\n"):
            self.assertEqual(talk(ours, text).splitlines()[0], talk(theirs, text).splitlines()[0])
        state = [re.sub(r"^(\d+ app .* )\d+( \d+ \d+ )\d+( 0 0 0 0 - )", r"\1AGE\2HEALTH\3", ask(address, "show servers state"), flags=re.M)
                 for address in (ours, theirs)]
        self.assertEqual(*state)

    def test_levels(self):
        self.one()
        for level, denied in (("user", ("show env", "show sess", "show errors", "clear counters", "clear counters all")),
                              ("operator", ("clear counters all",)), ("admin", ())):
            self.assertEqual(ask(self.path(level), "show cli level"), level + "\n")
            for command in ("show env", "show sess", "show errors", "clear counters", "clear counters all", "show stat", "show info"):
                self.assertEqual(ask(self.path(level), command) == "Permission denied\n", command in denied, (level, command))
        # Addresses are not for everybody.
        self.assertEqual(stat_rows(self.path("user"))["app", "a"]["addr"], "")
        self.assertNotEqual(stat_rows(self.path("operator"))["app", "a"]["addr"], "")

    def test_clear_counters(self):
        process = self.one()
        self.get(process.port(), "/200", "/200")
        eventually(lambda: stat_rows(self.path("admin"))["web", "FRONTEND"]["req_tot"] == "2", what="two requests")
        ask(self.path("admin"), "clear counters all")
        rows = stat_rows(self.path("admin"))
        for row in rows.values():
            for column in ("stot", "bin", "bout", "hrsp_2xx", "lbtot"):
                self.assertIn(row[column], ("0", ""), (row["svname"], column))
        self.get(process.port(), "/200")
        eventually(lambda: stat_rows(self.path("admin"))["web", "FRONTEND"]["req_tot"] == "1", what="one request")

    def test_files_have_the_mode_that_is_asked_for_and_are_taken_over(self):
        self.one()
        self.assertEqual(stat.S_IMODE(os.stat(self.path("user")).st_mode), 0o660)
        # As with HAProxy a second process takes the paths over at once.
        other = self.one()
        pid = re.search(r"^Pid: (\d+)$", ask(self.path("user"), "show info"), re.M).group(1)
        self.assertEqual(int(pid), other.child.pid)

    def test_tcp_and_abstract_addresses(self):
        name = "reseal-test-" + os.path.basename(self.folder_of_test)
        process = self.one(top=f"    stats socket ipv4@127.0.0.1:0 level operator\n    stats socket abns@{name} level user\n")
        port = int(re.search(r"listening: stats socket 127\.0\.0\.1:(\d+)", process.log).group(1))
        self.assertEqual(ask(port, "show cli level"), "operator\n")
        self.assertEqual(ask("\0" + name.ljust(107, "\0"), "show cli level"), "user\n")
        self.assertIn(f"abns@{name} user all\n", ask(port, "show cli sockets"))

    def test_a_path_that_cannot_be_listened_at_is_told(self):
        from support.process import run_reseal
        path = self.path("x.cfg")
        with open(path, "w") as file:
            file.write("global\n    stats socket /no/such/folder/x.sock\nlisten web\n    bind 127.0.0.1:0\n    mode http\n    stats enable\n")
        status, _, error = run_reseal("haproxy", "-f", path)
        self.assertEqual(status, 1)
        self.assertIn("stats socket unix@/no/such/folder/x.sock", error)
        self.assertIn("nothing was started", error)

    def test_who_does_not_ask_is_cut_off(self):
        self.one(top="    stats timeout 1s\n")
        with connect(self.path("admin")) as sock:
            sock.sendall(b"show inf")
            self.assertEqual(sock.recv(100), b"")

    def test_who_does_not_read_costs_little_and_is_cut_off(self):
        process = self.one(top="    stats timeout 2s\n")
        before = process.memory_kib()
        with connect(self.path("admin")) as sock:
            sock.setblocking(False)
            line = b"show stat;" * 1000 + b"show stat\n"
            sent = 0
            ended = threading.Event()

            def pour():
                nonlocal sent
                try:
                    sent += sock.send(line)
                except BlockingIOError:
                    pass
                except OSError:
                    ended.set()
                return ended.is_set()

            eventually(pour, 20, "the end of a connection that is not read from")
        self.assert_grew_less(process, before, 16)

    def test_long_lines_are_refused(self):
        process = self.one()
        before = process.memory_kib()
        for _ in range(20):
            with connect(self.path("admin")) as sock:
                try:
                    sock.sendall(b"x" * 1_000_000 + b"\n")
                    answer = sock.recv(100)
                except OSError:
                    answer = b""
                self.assertIn(answer, (b"", b"The command line is too long.\n\n"))
        self.assert_grew_less(process, before, 16)
        self.assertEqual(ask(self.path("admin"), "show cli level"), "admin\n")

    def test_clients_beyond_maxconn_wait(self):
        self.one(top="    stats maxconn 2\n    stats timeout 1m\n")
        first, second = connect(self.path("admin")), connect(self.path("admin"))
        for sock in (first, second):
            sock.sendall(b"prompt\n")
            self.assertEqual(sock.recv(100), b"\n> ")
        third = connect(self.path("admin"))
        third.sendall(b"show cli level\n")
        third.settimeout(0.3)
        with self.assertRaises(TimeoutError):
            third.recv(100)
        first.close()
        third.settimeout(10)
        self.assertEqual(third.recv(100), b"admin\n\n")
        for sock in (second, third):
            sock.close()

    def test_commands_that_are_not_there_say_so(self):
        self.one()
        for command in ("set server app/a state maint", "show table", "show ssl cert", "disable server app/a"):
            self.assertIn("is not there yet in reseal.", ask(self.path("admin"), command))


if __name__ == "__main__":
    unittest.main()
