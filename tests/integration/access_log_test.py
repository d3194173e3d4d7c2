"""The access log: what a line says, where it goes, and that neither its target nor a client can do harm with it."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import unittest

from support.case import IntegrationCase
from support.client import Client
from support.log_receiver import LogFile, SyslogServer
from support.process import eventually, run_reseal
from support.server import reply


class AccessLogCase(IntegrationCase):
    def log_path(self, name="access.log"):
        folder = os.path.join(self.folder, self.id().rsplit(".", 1)[-1])
        os.makedirs(folder, exist_ok=True)
        return os.path.join(folder, name)

    def logged(self, *servers, log=None, **options):
        """(process, log file): plain or TLS with the access log in a file."""
        path = self.log_path()
        top = f"access_log: {log.format(path=path) if log else path}\n"
        return self.reseal(self.yaml(*servers, top=top, **options)), LogFile(path)

    def plain_logged(self, *servers, log=None, **options):
        path = self.log_path()
        top = f"access_log: {log.format(path=path) if log else path}\n"
        servers_options = [server for server in servers]
        return self.reseal(self.plain_yaml(*servers_options, top=top, **options)), LogFile(path)


class Lines(AccessLogCase):
    def test_a_request_has_a_line_that_says_who_asked_what_and_which_server_answered_in_what_time(self):
        server = self.server("web1", handler=lambda request: reply("hello"))
        process, log = self.logged(server)
        client = self.client(process)
        port = client.sock.getsockname()[1]
        client.get("/path?query=1", fields=[("User-Agent", "test/1"), ("Referer", "https://a.example/")])
        client.get("/again", method="POST", body=b"1234567")
        first, second = log.records(2)
        expected = {
            "mode": "http", "frontend": "web", "client_address": "127.0.0.1", "client_port": port, "tls_version": "TLSv1.3",
            "tls_server_name": "localhost", "version": "HTTP/1.1", "method": "GET", "host": "localhost",
            "target": "/path?query=1", "referer": "https://a.example/", "user_agent": "test/1", "status": 200,
            "answered_by": "server", "cause": "ok", "backend": "web", "server": "web1", "server_address": server.address,
            "retries": 0, "reused": 0, "request_bytes": 0, "response_bytes": 5}
        self.assertEqual({key: first.get(key) for key in expected}, expected)
        self.assertRegex(first["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$")
        for span in ("head_ms", "queue_ms", "connect_ms", "tls_ms", "first_byte_ms", "total_ms"):
            self.assertGreaterEqual(first[span], 0, span)
        self.assertGreater(first["tls_ms"], 0)
        self.assertGreaterEqual(first["total_ms"] + 0.01, first["connect_ms"] + first["tls_ms"] + first["first_byte_ms"])
        self.assertNotIn("phase", first)
        # The second request went over the connection of the first.
        self.assertEqual((second["method"], second["request_bytes"], second["reused"], second["tls_ms"]), ("POST", 7, 1, 0))

    def test_the_time_until_the_first_byte_is_the_servers(self):
        go_on = threading.Event()
        self.addCleanup(go_on.set)

        def handler(_):
            go_on.wait(0.3)
            return reply("late")

        process, log = self.logged(self.server(handler=handler))
        self.client(process).get()
        record = log.records(1)[0]
        self.assertGreaterEqual(record["first_byte_ms"], 290)
        self.assertLess(record["connect_ms"] + record["tls_ms"] + record["queue_ms"], record["total_ms"] - 290)

    def test_the_time_of_the_head_runs_from_its_first_byte_and_not_while_the_client_is_idle(self):
        process, log = self.logged(self.server())
        client = self.client(process)
        client.get()
        pause = threading.Event()
        pause.wait(0.4)
        client.get()
        client.send("GET / HTTP/1.1\r\nHo")
        pause.wait(0.2)
        client.send("st: localhost\r\n\r\n")
        client.response()
        _, idle, slow = log.records(3)
        self.assertLess(idle["head_ms"], 390)
        self.assertGreaterEqual(slow["head_ms"], 190)

    def test_a_format_of_ones_own_has_the_fields_in_its_order_and_any_header(self):
        process, log = self.logged(self.server(handler=lambda _: reply("x", fields=[("X-Powered-By", "tea")])), log=(
            "{{ to: {path}, format: '{{status}} {{method}} \"{{path}}\" {{request_header:x-user}} "
            "{{response_header:X-Powered-By}} {{request_header:X-None}}' }}"))
        self.client(process).get("/a?b", fields=[("X-User", 'eve "1"')])
        self.assertEqual(log.lines(1), ['200 GET "/a" eve \\"1\\" tea -'])

    def test_a_frontend_may_have_its_own_logs_or_none(self):
        path, other = self.log_path(), self.log_path("other.log")
        server = self.server()
        frontend = (f"    access_log: [{{ to: {other}, format: httplog }}, {{ to: {other}, format: '{{status}}' }}]\n"
                    "  silent:\n    bind: \"127.0.0.1:0\"\n    default: web\n    access_log: off\n"
                    "  usual:\n    bind: \"127.0.0.1:0\"\n    default: web\n")
        process = self.reseal(self.yaml(server, top=f"access_log: {path}\n", frontend=frontend))
        self.client(process).get("/own")
        self.plain_client(process, "silent").get("/silent")
        self.plain_client(process, "usual").get("/usual")
        self.assertEqual([record["target"] for record in LogFile(path).records(1)], ["/usual"])
        lines = LogFile(other).lines(2)
        self.assertEqual((len(lines), lines[1]), (2, "200"))
        self.assertIn('"GET /own HTTP/1.1"', lines[0])

    def test_no_client_can_forge_a_line_or_a_field(self):
        path, own = self.log_path(), self.log_path("own.log")
        logs = [f"{{ to: {path} }}", f"{{ to: {own}, format: '\"{{target}}\" \"{{user_agent}}\" {{status}}' }}",
                f"{{ to: {self.log_path('http.log')}, format: httplog }}"]
        process = self.reseal(self.yaml(self.server(), top=f"access_log: [{', '.join(logs)}]\n"))
        client = self.client(process)
        evil = '/"}%0a\\u000a{"status":200,"target":"/x#'
        client.send(f"GET {evil} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: ".encode("latin-1") +
                    b'x" 200\t"\\\xff\xc3\xbc\r\n\r\n')
        status = client.response().status
        record, = LogFile(path).records(1)
        self.assertEqual(record["status"], status)
        line, = LogFile(own).lines(1)
        self.assertEqual(len(re.findall(r'(?<!\\)"', line)), 4, line)
        self.assertTrue(line.endswith(f" {status}"), line)
        self.assertTrue(all(0x20 <= ord(c) < 0x7f for c in line), line)
        line, = LogFile(self.log_path("http.log")).lines(1)
        self.assertEqual(line.count('"'), 2, line)
        if status == 200:
            self.assertEqual(record["user_agent"], 'x" 200\t"\\\xff\xc3\xbc')
            self.assertEqual(record["target"], evil)

    def test_a_client_whose_handshake_fails_has_a_line_where_that_is_asked_for(self):
        process, log = self.logged(self.server(), log="{{ to: {path}, failed_handshakes: true }}")
        with Client(process.port()) as client:
            client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            client.is_closed()
        record, = log.records(1)
        self.assertEqual((record["cause"], record["answered_by"], record["client_address"]),
                         ("client_tls_failed", "nobody", "127.0.0.1"))
        self.assertNotIn("method", record)
        self.assertEqual(process.entity("frontend", "web")["failures"], {"client_tls_failed": 1})


class Causes(AccessLogCase):
    """The same word in the log, in the metrics and in the field; each failure once."""

    FRONTEND = "    cause_header: X-Reseal-Cause\n    timeouts: { request_body: 300ms }\n"

    def check(self, servers, send, cause, status, phase, answered_by="reseal", backend="", tls=None, frontend="", header=True):
        process, log = self.logged(*servers, frontend=self.FRONTEND + frontend, backend="    retries: 0\n" + backend, tls=tls)
        client = self.client(process)
        send(client)
        try:
            response = client.response()
        except OSError:  # cut short
            response = None
        record, = log.records(1)
        self.assertEqual((record["cause"], record.get("status"), record.get("phase"), record["answered_by"]),
                         (cause, status, phase, answered_by), record)
        self.assertEqual(process.entity("frontend", "web")["failures"], {cause: 1})
        if header:
            self.assertEqual((response.status, response.all("X-Reseal-Cause")), (status, [cause]))
            self.assertIn(f"({cause})", response.body.decode())

    @staticmethod
    def get(client):
        client.send("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n")

    def dead_address(self):
        """A port at which nobody listens."""
        sock = socket.socket()
        self.addCleanup(sock.close)
        sock.bind(("127.0.0.1", 0))

        class Dead:
            name, address = "dead", f"127.0.0.1:{sock.getsockname()[1]}"

        return Dead

    def test_connect_failed(self):
        self.check([self.dead_address()], self.get, "connect_failed", 502, "connect")

    def test_server_certificate_name_mismatch(self):
        self.check([self.server()], self.get, "server_certificate_name_mismatch", 502, "connect",
                   tls=self.backend_tls(verify_host="other.internal"))

    def test_server_closed(self):
        def script(connection):
            connection.read_head()
            connection.sock.unwrap()  # in order: close_notify, and the client's in return

        self.check([self.server(script=script)], self.get, "server_closed", 502, "response_head")

    def test_bad_response(self):
        def script(connection):
            connection.read_head()
            connection.send(b"HTTP/1.1 2x0 OK\r\n\r\n")

        self.check([self.server(script=script)], self.get, "bad_response", 502, "response_head")

    def test_server_timeout(self):
        done = threading.Event()
        self.addCleanup(done.set)

        def script(connection):
            connection.read_head()
            done.wait(20)

        self.check([self.server(script=script)], self.get, "server_timeout", 504, "response_head",
                   backend="    timeouts: { response: 200ms }\n")

    def test_server_truncated_keeps_the_status_that_was_sent(self):
        def script(connection):
            connection.read_head()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")

        self.check([self.server(script=script)], self.get, "server_truncated", 200, "response_body", "server", header=False)

    def test_bad_request(self):
        self.check([self.server()], lambda client: client.send("GET / HTTP/1.1\r\nHost: a\r\nA B: c\r\n\r\n"), "bad_request", 400,
                   "request")

    def test_no_route(self):
        process, log = self.logged(self.server(), frontend=self.FRONTEND.replace("cause", "rules: [{ when: { path: /only }, use: web }]\n    cause"))
        self.write_without_default(process)
        response = self.client(process).get("/x")
        record = log.records(1)[-1]
        self.assertEqual((response.status, response.get("X-Reseal-Cause"), record["cause"], record["phase"]),
                         (404, "no_route", "no_route", "request"))

    def write_without_default(self, process):
        with open(process.config) as file:
            text = file.read()
        status, out = process.reload(text.replace("    default: web\n", ""))
        self.assertEqual(status, 0, out)

    def test_client_timeout(self):
        done = threading.Event()
        self.addCleanup(done.set)
        self.check([self.server(script=lambda connection: connection.more() and done.wait(20))],
                   lambda client: client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"),
                   "client_timeout", 408, "response_head")

    def test_client_gone(self):
        server = self.server(script=lambda connection: connection.read_head() and connection.more())
        process, log = self.logged(server)
        client = self.client(process)
        self.get(client)
        eventually(lambda: server.requests == 1)
        client.close()
        record, = log.records(1)
        self.assertEqual((record["cause"], record["phase"], record["answered_by"], record.get("status")),
                         ("client_gone", "response_head", "nobody", None))

    def test_no_cause_is_told_in_a_field_unless_it_is_asked_for_and_never_by_a_server(self):
        process, log = self.logged(self.server(handler=lambda _: reply("x", status="503 No")))
        response = self.client(process).get()
        self.assertEqual((response.status, response.get("X-Reseal-Cause")), (503, None))
        record, = log.records(1)
        self.assertEqual((record["status"], record["cause"], record["answered_by"]), (503, "ok", "server"))

    def test_a_request_cut_off_by_a_second_signal_is_logged_as_stopped(self):
        server = self.server(script=lambda connection: connection.read_head() and connection.more())
        process, log = self.logged(server)
        self.get(self.client(process))
        eventually(lambda: server.requests == 1)
        process.signal(signal.SIGTERM)
        process.wait_for_line("stopping:")
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)
        record, = log.records(1)
        self.assertEqual((record["cause"], record["phase"]), ("stopped", "response_head"))


class Targets(AccessLogCase):
    def test_an_orderly_stop_loses_no_line(self):
        process, log = self.logged(self.server(), workers=2)
        clients = [self.client(process) for _ in range(4)]
        for client in clients:
            for i in range(25):
                self.assertEqual(client.get(f"/{i}").status, 200)
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)
        self.assertEqual(len(log.text().splitlines()), 100)

    def test_files_are_for_their_owner_and_group_only(self):
        process, log = self.logged(self.server())
        self.client(process).get()
        log.lines(1)
        self.assertEqual(os.stat(log.path).st_mode & 0o137, 0)

    def test_standard_output(self):
        server = self.server()
        folder = os.path.dirname(self.log_path())
        config = os.path.join(folder, "reseal.yaml")
        with open(config, "w") as file:
            file.write(f"admin: {{ socket: {folder}/s }}\n" + self.yaml(server, top="access_log: stdout\n"))
        from support.process import BINARY
        child = subprocess.Popen([BINARY, "run", "-c", config], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 stdin=subprocess.DEVNULL, text=True)
        try:
            port = None
            for line in child.stderr:
                match = re.search(r"listening: frontend=web address=\S+:(\d+)", line)
                port = int(match.group(1)) if match else port
                if "ready:" in line:
                    break
            with Client(port, ca=self.pki.path("ca.pem")) as client:
                client.get("/one")
                self.assertEqual(json.loads(child.stdout.readline())["target"], "/one")
                # Whoever reads it goes away: requests are answered all the same.
                child.stdout.close()
                for _ in range(20):
                    self.assertEqual(client.get("/two").status, 200)
                eventually(lambda: json.loads(run_reseal("stats", "--json", "-s", f"{folder}/s")[1])["access_logs"]
                           == [{"target": "stdout", "lines": 1, "dropped": 0, "failed": 20}])
        finally:
            child.terminate()
            _, errors = child.communicate(timeout=30)
        self.assertEqual(child.returncode, 0, errors)
        self.assertEqual(errors.count("access log stdout: Broken pipe"), 1, errors)

    def check_syslog(self, server, header):
        process = self.reseal(self.yaml(self.server(), top=(
            f"access_log: {{ to: '{server.target}', format: httplog, facility: daemon, tag: edge }}\n")))
        client = self.client(process)
        client.get("/one")
        client.get("/two" + "x" * 9000)
        client.get("/three")
        datagrams = server.datagrams(3)
        for datagram, path in zip(datagrams, ("/one", "/two", "/three")):
            self.assertRegex(datagram, rf"^<30>[A-Z][a-z][a-z] [ \d]\d \d\d:\d\d:\d\d {header}edge\[{process.child.pid}\]: "
                                       r"127\.0\.0\.1:\d+ \[")
            self.assertIn(f'"GET {path}', datagram)
        return process, client

    def test_syslog_over_udp(self):
        server = SyslogServer()
        self.addCleanup(server.close)
        self.check_syslog(server, re.escape(socket.gethostname().split(".")[0]) + " ")

    def test_syslog_over_a_unix_socket_goes_on_after_its_server_was_started_anew(self):
        path = self.log_path("log.sock")
        server = SyslogServer(path)
        process, client = self.check_syslog(server, "")
        server.close()
        os.unlink(path)
        client.get("/lost")
        process.wait_for_line("access log syslog:unix:.* lines are lost until")
        again = SyslogServer(path)
        self.addCleanup(again.close)
        client.get("/found")
        self.assertIn("GET /found", again.datagrams(1)[0])
        process.wait_for_line("is written again; 1 line were lost|is written again; 1 line was lost")

    def test_a_line_longer_than_a_datagram_is_cut_and_says_so(self):
        server = SyslogServer()
        self.addCleanup(server.close)
        fields = " ".join(["{target}"] * 5)
        process = self.reseal(self.yaml(self.server(), top=f"access_log: {{ to: '{server.target}', format: '{fields}' }}\n"))
        self.client(process).get("/" + "x" * 3000)
        datagram, = server.datagrams(1)
        self.assertEqual((len(datagram), datagram[-3:]), (8192, "..."))


class Pressure(AccessLogCase):
    def test_a_rotation_under_load_loses_no_line(self):
        process, log = self.logged(self.server(), workers=2)
        ended, counts = threading.Event(), [0, 0, 0, 0]

        def work(index):
            client = self.client(process)
            while not ended.is_set():
                self.assertEqual(client.get(f"/{index}").status, 200)
                counts[index] += 1

        threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        try:
            for i in range(3):
                goal = sum(counts) + 100
                eventually(lambda: sum(counts) > goal, 30)
                log.lines(1)
                os.rename(log.path, f"{log.path}.{i}")
                process.signal(signal.SIGUSR1)
                eventually(lambda: os.path.exists(log.path))
        finally:
            ended.set()
            for thread in threads:
                thread.join()
        process.signal(signal.SIGTERM)
        process.wait()
        names = [log.path] + [f"{log.path}.{i}" for i in range(3)]
        records = [json.loads(line) for name in names for line in LogFile(name).text().splitlines()]
        self.assertEqual([sum(record["target"] == f"/{i}" for record in records) for i in range(4)], counts)

    def test_a_stalled_reader_holds_up_no_request_and_what_is_dropped_is_counted(self):
        path = self.log_path("fifo")
        os.mkfifo(path)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        server = self.server(handler=lambda _: reply("x"))
        # Long lines, so that few requests fill what may wait.
        fields = " ".join(["{target}"] * 7)
        process = self.reseal(self.yaml(server, top=f"access_log: {{ to: {path}, format: '{fields}' }}\n"))
        client = self.client(process)
        target = "/" + "x" * 2000
        client.get(target)
        before = process.memory_kib()
        count = 1
        while process.stats()["access_logs"][0]["dropped"] == 0:
            self.assertLess(count, 5000)
            for _ in range(100):
                self.assertEqual(client.get(target).status, 200)
            count += 100
        self.assert_grew_less(process, before, mib=24)
        process.wait_for_line("access log .*fifo: .* dropped: it does not take them as fast as they come")
        # The reader goes on: what waited arrives, and then what comes anew.
        text = b""

        def read():
            nonlocal text
            try:
                while piece := os.read(reader, 1 << 20):
                    text += piece
            except BlockingIOError:
                pass
            numbers = process.stats()["access_logs"][0]
            return numbers["lines"] + numbers["dropped"] == count and text.count(b"\n") == numbers["lines"]

        eventually(read, 30, "every line is written or counted")
        self.assertEqual({line for line in text.split(b"\n") if line}, {b" ".join([target.encode()] * 7)})

    def test_a_stalled_reader_holds_up_no_stop(self):
        path = self.log_path("fifo")
        os.mkfifo(path)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        process = self.reseal(self.yaml(self.server(), top=f"access_log: {{ to: {path}, format: '{{target}}' }}\n"))
        client = self.client(process)
        for _ in range(80):
            client.get("/" + "x" * 2000)
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)
        self.assertRegex(process.log, r"access log .*fifo: \d+ lines could not be written any more")

    def test_a_full_disk_is_said_once_and_the_lines_are_counted(self):
        process = self.reseal(self.yaml(self.server(), top="access_log: /dev/full\n"))
        client = self.client(process)
        for i in range(3):
            client.get()
            eventually(lambda: process.stats()["access_logs"][0]["failed"] == i + 1)
        self.assertEqual(process.log.count("access log /dev/full: No space left on device"), 1)


class Reload(AccessLogCase):
    def ask_once(self, process, target):
        with self.client(process) as client:
            client.get(target)

    def test_a_reload_keeps_the_file_opens_new_ones_and_closes_what_is_not_used_any_more(self):
        path, other = self.log_path(), self.log_path("other.log")
        server = self.server()
        text = self.yaml(server, top=f"access_log: {path}\n")
        process = self.reseal(text)
        self.ask_once(process, "/1")
        LogFile(path).lines(1)
        self.assertEqual(process.reload()[0], 0)
        self.ask_once(process, "/2")
        self.assertEqual([r["target"] for r in LogFile(path).records(2)], ["/1", "/2"])
        self.assertEqual(process.stats()["access_logs"][0]["lines"], 2)
        status, out = process.reload(text.replace(path, other))
        self.assertEqual((status, "access_log changed" in out), (0, True), out)
        self.ask_once(process, "/3")
        self.assertEqual([r["target"] for r in LogFile(other).records(1)], ["/3"])

        def closed():
            names = [os.readlink(f"/proc/{process.child.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{process.child.pid}/fd")]
            return path not in names and other in names

        eventually(closed, 40, "the old file is closed")

    def test_a_target_that_cannot_be_opened_refuses_the_reload_and_the_start(self):
        path = self.log_path()
        server = self.server()
        text = self.yaml(server, top=f"access_log: {path}\n")
        process = self.reseal(text)
        missing = os.path.join(self.folder, "missing", "access.log")
        status, out = process.reload(text.replace(path, missing))
        self.assertEqual(status, 1)
        self.assertRegex(out, rf"reseal.yaml:\d+:13: error: access_log {missing}: cannot be opened: No such file or directory")
        self.client(process).get("/1")
        LogFile(path).lines(1)
        status, _, error = run_reseal("check", "-c", process.config)
        self.assertEqual((status, f"access_log {missing}: cannot be opened" in error), (1, True), error)
        self.assertFalse(os.path.exists(missing))

    def test_check_opens_nothing(self):
        path = self.log_path("never.log")
        process = self.reseal(self.yaml(self.server()))
        process.write(self.yaml(self.server(), top=f"access_log: {path}\n"))
        status, _, error = run_reseal("check", "-c", process.config)
        self.assertEqual(status, 0, error)
        self.assertFalse(os.path.exists(path))


if __name__ == "__main__":
    unittest.main()
