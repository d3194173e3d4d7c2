"""Every action of rules beside Debian's HAProxy: the same lines, the same requests; then the same request at the server, the
same response, and the same line in the log."""

import os
import re
import signal
import socket
import subprocess
import unittest

from support.case import IntegrationCase
from support.client import Client
from support.haproxy import HAProxy
from support.log_receiver import SyslogServer
from support.process import eventually
from support.runtime_api import rows_of
from support.server import reply

DEFAULTS = """global
    log 127.0.0.1:{log} len 8192 local0
defaults
    mode http
    log global
    log-format "line %ST %ts %hr|%hs %HM %[var(txn.told)]"
    timeout connect 5s
    timeout client 10s
    timeout server 10s
    timeout tarpit 100ms
"""
# What each program writes in its own way: framing, connection, and the texts of its own error pages.
OWN = {"connection", "content-length", "transfer-encoding", "keep-alive", "date", "cache-control"}


def get(target="/", *fields, method="GET", body=None):
    if body is not None:
        fields = (*fields, f"Content-Length: {len(body)}")
    return (f"{method} {target} HTTP/1.1\r\nHost: www.example.com\r\n" + "".join(f"{field}\r\n" for field in fields)
            + "\r\n").encode() + (body or b"")


CHUNKED = (b"POST /c HTTP/1.1\r\nHost: www.example.com\r\nTransfer-Encoding: chunked\r\n\r\n"
           b"3\r\na=1\r\n4\r\n&b=2\r\n0\r\n\r\n")

# name: (lines of the frontend, lines of the backend `app`, requests)
CASES = {
    "capture": ("""
        capture request header Host len 30
        declare capture request len 5
        declare capture response len 4
        http-request capture path len 6
        http-request capture req.hdr(x-a) id 1
        tcp-request content capture method len 3
        http-response capture res.hdr(x-target) id 0
        http-request set-header X-Captured "%[capture.req.hdr(0)] %[capture.req.hdr(1)] %[capture.req.hdr(2)] %[capture.req.hdr(3)]"
        http-response set-header X-Captured %[capture.res.hdr(0)]
        """, "http-request capture hdr(x-b) id 1 if { hdr(x-b) -m found }",
                [get("/longer-than-that", "X-A: abcdefgh", method="DELETE"), get("/s", "X-A: a", "X-B: b"), get("/none")]),
    "a body that was waited for": ("""
        option http-buffer-request
        http-request set-header X-Body "%[req.body]|%[req.body_len]|%[req.body_size]|%[req.body_param(a)]"
        http-request set-header X-None 1 if { req.body_param(none) -m found }
        http-request deny deny_status 403 if { req.body -m sub forbidden }
        http-request set-var(txn.told) req.body_len
        """, "", [get("/", method="POST", body=b"a=1&b=2"), get("/", method="PUT", body=b"x forbidden y"), get("/"),
                  get("/", method="POST", body=b""), CHUNKED, get("/", "Expect: 100-continue", method="POST", body=b"a=later")]),
    "wait-for-body": ("""
        http-request wait-for-body time 5s if METH_POST
        http-request set-header X-Front %[req.body]
        """, """
        http-request wait-for-body time 5s at-least 3
        http-request set-header X-Back %[req.body]
        """, [get("/", method="POST", body=b"a=1&b=2"), get("/"), CHUNKED]),
    "a backend that waits for bodies": ("http-request set-header X-Front 1", """
        option http-buffer-request
        http-request set-header X-Back %[req.body]
        http-request deny if { req.body_len gt 20 }
        """, [get("/", method="POST", body=b"a=1&b=2"), get("/", method="POST", body=b"q" * 30), get("/")]),
    "early-hint": ("""
        http-request early-hint Link "<%[path]>; rel=preload" if { path_beg /hint }
        http-request early-hint X-Two two if { path /hint/own }
        http-request return status 200 content-type text/plain string own if { path /hint/own }
        http-request deny if { path /hint/deny }
        """, "http-request early-hint X-Back %[be_name] if { path /hint/back }",
                   [get("/hint"), get("/hint/own"), get("/hint/deny"), get("/hint/back"), get("/none")]),
    "errors": ("""
        errorloc 403 http://moved.example/403?x=1
        errorloc303 429 /303
        http-error status 404 content-type text/plain string "own" hdr X-Own yes
        http-error status 410 content-type text/plain string "own"
        errorloc302 503 /302
        http-request deny if { path /403 }
        http-request deny deny_status 429 if { path /429 }
        http-request deny deny_status 404 if { path /own404 }
        http-request deny deny_status 410 if { path /410 }
        use_backend %[path,field(2,/)] if { path_beg /tables }
        use_backend tables if { path /literal }
        http-after-response set-header X-After %[status]
        """, "http-error status 410 content-type text/plain string other\n    http-request deny deny_status 410 if { path /back }",
               [get(path) for path in ("/403", "/429", "/own404", "/410", "/literal", "/tables", "/back")]),
    "texts of replies": ("""
        http-request return status 200 content-type text/plain lf-string "<%[req.hdr(x-a),url_dec]>" if { path /own }
        http-request set-header X-Set "<%[req.hdr(x-a),url_dec]>"
        http-request set-var-fmt(txn.told) "<%[path]>"
        """, "", [get("/own", "X-A: a%01b%0a%22%7f%c3%a9"), get("/", "X-A: a%01b%0a%22%7f%c3%a9")]),
    "set-log-level": ("""
        http-request set-log-level silent if { path /silent }
        http-response set-log-level debug
        http-request set-var(txn.told) str(told)
        """, "", [get("/x")]),
    "reject and silent-drop": ("""
        tcp-request content reject if { path /content }
        tcp-request session accept
        tcp-request connection accept if { src 127.0.0.1 }
        http-request reject if { path /reject }
        http-request silent-drop if { path /drop }
        http-response deny deny_status 429 if { res.hdr(x-target) /denied }
        http-response silent-drop if { res.hdr(x-target) /dropped }
        """, "", [get(path) for path in ("/content", "/reject", "/drop", "/denied", "/dropped", "/x")]),
    "addresses": ("""
        option forwardfor
        option originalto
        tcp-request connection set-src src,ipmask(8)
        tcp-request connection set-dst-port int(81)
        tcp-request session set-src-port int(1234)
        tcp-request session set-dst dst
        tcp-request content set-dst dst
        http-request set-header X-Before "%[src]:%[src_port] %[dst_port]"
        http-request set-src hdr(x-src) if { hdr(x-src) -m found }
        http-request set-src-port hdr(x-port)
        http-request set-dst hdr(x-dst)
        http-request set-dst-port int(4444) if { hdr(x-dst) -m found }
        http-request set-header X-After "%[src]:%[src_port] %[dst]:%[dst_port]"
        http-request set-var-fmt(txn.told) "%[src]:%[src_port]"
        """, "", [get(), get("/", "X-Src: 192.0.2.7", "X-Port: 99"), get("/", "X-Src: 2001:db8::1", "X-Dst: 192.0.2.9"),
                  get("/", "X-Src: none", "X-Port: 70000")]),
    "after-response comes last": ("""
        http-after-response set-header X-Saw %[res.cook(SRV)]
        http-after-response del-header Set-Cookie
        http-after-response capture status id 0
        declare capture response len 3
        """, "cookie SRV insert indirect\n    dynamic-cookie-key k", [get("/gone"), get("/")]),
    "variables of every list": ("\n".join(f"""
        tcp-request {where} set-var(sess.{where}) src
        tcp-request {where} set-var-fmt(sess.{where}_text) "<%[src]>"
        tcp-request {where} set-var(sess.{where}_none) int(1)
        tcp-request {where} unset-var(sess.{where}_none)
        http-request add-header X-{where} %[var(sess.{where})],%[var(sess.{where}_text)],%[var(sess.{where}_none)]"""
        for where in ("connection", "session", "content")) + """
        http-response set-var(txn.status) status
        http-response set-var-fmt(txn.text) "<%[status]>"
        http-response set-var(txn.none) int(1)
        http-response unset-var(txn.none)
        http-after-response set-var(txn.after) status,add(1)
        http-after-response set-var-fmt(txn.after_text) "<%[status]>"
        http-after-response set-var(txn.after_none) int(1)
        http-after-response unset-var(txn.after_none)
        http-response set-header X-Vars "%[var(txn.status)] %[var(txn.text)] %[var(txn.none)]"
        http-after-response set-header X-After "%[var(txn.after)] %[var(txn.after_text)] %[var(txn.after_none)]"
        """, "", [get(), get("/404")]),
    "counters of every list": ("""
        stick-table type ip size 10 expire 1m store gpc(3),gpt(3)
        tcp-request connection track-sc0 src""" + "".join(f"""
        {where} sc-inc-gpc(2,0)
        {where} sc-inc-gpc0(0)
        {where} sc-inc-gpc1(0)
        {where} sc-set-gpt(1,0) {"10" if where.endswith("connection") else "sc_get_gpt(1,0),add(10)"}
        {where} sc-set-gpt0(0) {"3" if where.endswith("connection") else "sc_get_gpt(0,0),add(3)"}""" for where in
        ("tcp-request connection", "tcp-request session", "tcp-request content", "http-request", "http-response")) + """
        http-response set-header X-Counters "%[sc_get_gpc(0,0)] %[sc_get_gpc(1,0)] %[sc_get_gpc(2,0)] %[sc_get_gpt(0,0)] %[sc_get_gpt(1,0)]"
        """, "", [get(), get()]),
    "responses": ("""
        http-response replace-value X-Target (.)b(.) \\2b\\1
        http-response allow if { status 404 }
        http-response set-header X-Late yes
        http-after-response add-header X-Added %[status]
        http-after-response replace-header X-Server (.*)e(.*) \\2-\\1
        http-after-response replace-value X-Target /(.*) <\\1>
        http-after-response set-status 201 reason "Made" if { res.hdr(x-target) -m sub <s }
        http-after-response allow if { status 404 }
        http-after-response set-header X-Last yes
        """, "", [get("/abc"), get("/404"), get("/s")]),
    "addresses of every list": ("".join(f"""
        tcp-request {where} set-src src,ipmask({bits})
        tcp-request {where} set-dst dst,ipmask({bits})
        tcp-request {where} set-src-port int({bits})
        tcp-request {where} set-dst-port int({bits})
        tcp-request {where} set-var-fmt(sess.{where}) "%[src]:%[src_port] %[dst]:%[dst_port]"
        http-request set-header X-{where} %[var(sess.{where})]""" for where, bits in (("connection", 31), ("session", 16), ("content", 8))),
        "", [get()]),
    "set-method": ("""
        http-request set-method %[path,field(2,/)] if { path_beg /p }
        http-request set-method PUT if { method POST }
        """, "", [get("/posted"), get("/x", method="POST", body=b"12"), get("/x")]),
}

# "LIST ACTION", an action of whatever list, or a list: why no row compares it.
NOT_COMPARED = {
    "set-map": "maps that change while they are used are not there yet",
    "del-map": "the same",
    "add-acl": "the same of ACLs",
    "del-acl": "the same",
    "do-resolve": "names are resolved when the file is read",
    "normalize-uri": "an experiment of HAProxy's; paths are in normal form for rules anyway",
    "send-spoe-group": "there are no SPOE agents",
    "ot-group": "there is no OpenTracing",
    "cache-use": "without effect: nothing is stored",
    "cache-store": "the same",
    "disable-l7-retry": "without effect here",
    "set-mark": "without effect here",
    "set-tos": "without effect here",
    "set-nice": "without effect here",
    "set-priority-class": "without effect here",
    "set-priority-offset": "without effect here",
    "strict-mode": "without effect here",
    "wait-for-handshake": "without effect here: handshakes are complete",
    "http-response wait-for-body": "without effect here: bodies of responses are not looked at",
    "tcp-response content": "not there yet",
    "tcp-request content set-log-level": "not there yet",
    "tcp-request content switch-mode": "not there: a frontend has one mode",
    "tcp-request content use-service": "HAProxy has no service for it beside Lua's",
    "tcp-request connection silent-drop": "no line in the log; test_connections_that_are_dropped_hear_nothing",
    "tcp-request session silent-drop": "the same",
    "tcp-request content silent-drop": "the same",
    "http-request set-timeout": "no figure of it shows but time; it is tested by unit_rules",
    "http-request set-log-level": "a silent request has no line to compare",
}


# HAProxy logs no method of a request that `tcp-request content` rejects, and the status of a response that is dropped.
LINES_DIFFER = {"reject and silent-drop"}


class HaproxyActions(IntegrationCase):
    def setUp(self):
        self.seen = []
        self.backend = self.server("s1", tls=None, handler=self.answer)

    def answer(self, request):
        self.seen.append(request)
        status = {"/404": 404}.get(request.target, 200)
        return reply("body", status=status, fields=[("X-Target", request.target), ("X-Server", "here")])

    def config(self, bind, log, frontend, backend):
        return (DEFAULTS.format(log=log) + f"frontend web\n    bind {bind}\n{frontend}\n    default_backend app\n"
                f"backend tables\n    stick-table type ip size 10\nbackend app\n    {backend}\n    server {self.backend.name} {self.backend.address} cookie one\n")

    def exchange(self, port, request, log, has_lines=True):
        """What the server saw, what came back and what was logged, without what is each program's own."""
        self.seen.clear()
        before = len(log.received)
        with Client(port, deadline=3) as client:
            client.send(request)
            interim = []
            try:
                response = client.response()
                while response.status < 200:
                    interim.append((response.status, sorted((k.lower(), v) for k, v in response.fields)))
                    response = client.response()
                answered = (response.status, sorted((k.lower(), v) for k, v in response.fields if k.lower() not in OWN), response.body)
            except OSError:  # closed, reset, or as HAProxy's silent-drop: never told
                answered = ("no answer",)
        served = [(r.method, r.target, sorted((k.lower(), v) for k, v in r.fields if k.lower() not in OWN), r.body) for r in self.seen]
        if len(answered) == 3 and answered[0] >= 300 and answered[2] not in (b"body", b"own", b"other"):
            answered = (answered[0], [(k, v) for k, v in answered[1] if k != "content-type"], None)

        def logged():
            lines = [line.split("line ", 1)[1] for line in log.received[before:] if "line " in line]
            return lines or None

        line = eventually(logged, what="a line in the log")
        return served, interim, answered, line if has_lines else None

    def compare(self, name, frontend, backend, requests):
        logs = [SyslogServer(), SyslogServer()]
        for log in logs:
            self.addCleanup(log.close)
        haproxy = HAProxy(self.config("@web@", logs[0].port, frontend, backend), folder=self.folder)
        self.addCleanup(haproxy.close)
        process = self.reseal(self.config("127.0.0.1:0", logs[1].port, frontend, backend), haproxy=True)
        for request in requests:
            with self.subTest(name=name, request=request[:80]):
                has_lines = name not in LINES_DIFFER
                theirs = self.exchange(haproxy.port(), request, logs[0], has_lines)
                self.assertEqual(self.exchange(process.port(), request, logs[1], has_lines), theirs)
        process.stop()
        haproxy.close()

    def test_actions_do_what_they_do_in_haproxy(self):
        for name, (frontend, backend, requests) in CASES.items():
            self.compare(name, frontend, backend, requests)

    def both(self, frontend, backend=""):
        """The ports of HAProxy and of reseal."""
        logs = SyslogServer()
        self.addCleanup(logs.close)
        haproxy = HAProxy(self.config("@web@", logs.port, frontend, backend), folder=self.folder)
        self.addCleanup(haproxy.close)
        process = self.reseal(self.config("127.0.0.1:0", logs.port, frontend, backend), haproxy=True)
        return haproxy.port(), process.port()

    def test_a_body_that_comes_late_is_waited_for_and_one_that_does_not_come_is_408(self):
        for wait in ("    http-request wait-for-body time 1500ms", "    option http-buffer-request\n    timeout http-request 1500ms"):
            for port in self.both(wait + "\n    http-request set-header X-Body %[req.body]"):
                for first, second in ((b"", b"a=1&b=2"), (b"a=1", b"&b=2")):
                    self.seen.clear()
                    with Client(port) as client:
                        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n" + first)
                        self.assertEqual(self.seen, [])
                        client.send(second)
                        self.assertEqual(client.response().status, 200)
                        self.assertEqual((self.seen[0].get("X-Body"), self.seen[0].body), ("a=1&b=2", b"a=1&b=2"))
                self.seen.clear()
                with Client(port) as client:
                    client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\na=1")
                    self.assertEqual(client.response().status, 408)
                self.assertEqual(self.seen, [])

    def test_an_answer_shows_the_body_that_was_waited_for(self):
        answers = []
        for port in self.both("    http-request wait-for-body time 5s\n    http-request return status 200 content-type text/plain "
                              "lf-string \"got %[req.body]\" hdr X-Size %[req.body_len]"):
            with Client(port) as client:
                response = client.get("/", method="POST", body=b"a=1&b=2")
                answers.append((response.body, response.get("X-Size")))
        self.assertEqual(answers[1], answers[0])
        self.assertEqual(answers[1], (b"got a=1&b=2", "7"))

    def test_at_least_so_much_is_enough(self):
        for port in self.both("    http-request wait-for-body time 10s at-least 4\n"
                              "    http-request deny deny_status 403 if { req.body -m beg abcd }"):
            with Client(port) as client:
                client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
                client.send(b"def")
                self.assertEqual(client.response().status, 403)

    def test_of_a_longer_body_rules_see_the_beginning_and_the_server_gets_all_of_it(self):
        body = bytes(range(33, 126)) * 8000
        for port in self.both("    option http-buffer-request\n    http-request set-header X-Enough yes if { req.body_len gt 10000 }\n"
                              "    http-request set-header X-Size %[req.body_size]"):
            for framing in ("length", "chunked"):
                self.seen.clear()
                with Client(port) as client:
                    head = b"POST / HTTP/1.1\r\nHost: a\r\n"
                    if framing == "length":
                        client.send(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
                    else:
                        client.send(head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")
                    self.assertEqual(client.response().status, 200)
                self.assertEqual(self.seen[0].get("X-Enough"), "yes")
                self.assertEqual(self.seen[0].body, body)
                if framing == "length":
                    self.assertEqual(self.seen[0].get("X-Size"), str(len(body)))

    def test_connections_go_on_after_a_body_was_waited_for(self):
        for port in self.both("    option http-buffer-request\n    http-request return status 200 content-type text/plain string own"
                              " if { path /own }"):
            with Client(port) as client:
                for _ in range(3):
                    for path, answer in (("/own", b"own"), ("/", b"body")):
                        client.send(get(path, method="POST", body=b"a=1"))
                        self.assertEqual(client.response().body, answer)

    def test_what_rules_refuse_is_counted(self):
        front = """
            stats uri /stats
            tcp-request connection reject if { src_port gt 0 } { always_false }
            tcp-request content reject if { path /content }
            http-request deny if { path /deny }
            http-response deny if { res.hdr(x-target) /response }
            http-response deny deny_status 403 content-type text/plain string own if { res.hdr(x-target) /own }
            """
        tables = []
        for port in self.both(front):
            for target in ("/deny", "/response", "/own", "/response", "/"):
                with Client(port) as client:
                    client.send(get(target))
                    client.response()

            def columns():
                with Client(port) as client:
                    rows = rows_of(client.get("/stats;csv").body.decode())
                return {(*key, column): rows[key][column] for key in (("web", "FRONTEND"), ("app", "s1"), ("app", "BACKEND"))
                        for column in ("dreq", "dresp", "dcon", "dses")}

            eventually(lambda: columns()["web", "FRONTEND", "dresp"] == "3", what=f"what is counted: {columns()}")
            tables.append(columns())
        self.assertEqual(tables[1], tables[0])

    def test_connections_that_rules_refuse_are_counted(self):
        for where, column in (("connection", "dcon"), ("session", "dses")):
            found = []
            for port in self.both(f"    tcp-request {where} reject if {{ src 127.0.0.2 }}\n    stats uri /stats"):
                for _ in range(2):
                    try:
                        with socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0), timeout=10) as refused:
                            self.assertEqual(refused.recv(1), b"")
                    except ConnectionError:  # refused by a reset
                        pass

                def row():
                    with Client(port) as client:
                        return rows_of(client.get("/stats;csv").body.decode())["web", "FRONTEND"]

                eventually(lambda: row()[column] == "2", what=f"two refused: {row()}")
                found.append([row()[name] for name in ("dreq", "dcon", "dses")])
            self.assertEqual(found[1], found[0], where)

    def test_connections_that_are_dropped_hear_nothing(self):
        for where in ("connection", "session", "content"):
            _, port = self.both(f"    tcp-request {where} silent-drop if {{ src 127.0.0.2 }}")
            try:
                with socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0), timeout=10) as dropped:
                    dropped.sendall(get())
                    self.assertEqual(dropped.recv(1), b"")
            except ConnectionError:
                pass
            self.assertEqual(self.seen, [])
            with Client(port) as client:
                self.assertEqual(client.get().status, 200)
            self.seen.clear()

    def test_pages_of_their_own_are_seen_by_http_after_response(self):
        for port in self.both("    stats uri /stats\n    http-request use-service prometheus-exporter if { path /metrics }\n"
                              "    http-after-response set-header X-After %[status]"):
            for target in ("/stats", "/metrics", "/metrics?scope=none"):
                with Client(port) as client:
                    response = client.get(target)
                    self.assertEqual(response.get("X-After"), str(response.status), target)

    def test_set_timeout_belongs_into_a_backend(self):
        text = "frontend web\n    mode http\n    bind 127.0.0.1:0\n    timeout client 1s\n    http-request set-timeout server 1s\n"
        path = os.path.join(self.folder, "timeout.cfg")
        with open(path, "w") as file:
            file.write(text)
        for program in (["/usr/sbin/haproxy"], [os.environ["RESEAL_BINARY"], "haproxy"]):
            done = subprocess.run([*program, "-c", "-f", path], capture_output=True, text=True)
            self.assertEqual(done.returncode, 1)
            self.assertIn("backend capability", done.stderr)

    def test_variables_of_a_session_outlive_a_reload(self):
        front = ("    http-request set-var(sess.kept) path if { path_beg /set }\n"
                 "    http-request return status 200 content-type text/plain lf-string %[var(sess.kept)]-%[var(sess.other)]")
        text = self.config("127.0.0.1:0", 9, front, "")
        process = self.reseal(text, haproxy=True)
        with Client(process.port()) as client:
            self.assertEqual(client.get("/set/it").body, b"/set/it-")
            process.write(text.replace("    http-request set-var", "    http-request set-var(sess.first) str(x)\n"
                                       "    http-request set-var(sess.other) str(new)\n    http-request set-var", 1))
            process.signal(signal.SIGHUP)
            eventually(lambda: client.get("/").body == b"/set/it-new", what="the value from before the reload")

    def test_every_action_is_compared(self):
        """What HAProxy 2.6 knows is there and compared, here or in the tests of rules and stick tables, or told why not."""
        known = subprocess.run(["/usr/sbin/haproxy", "-dKcfg", "-q", "-c", "-f", "/dev/null"], capture_output=True, text=True).stdout
        actions = set(re.findall(r"^\t(http-request|http-response|http-after-response|tcp-request \w+|tcp-response \w+) ([\w-]+)", known, re.M))
        self.assertGreater(len(actions), 150)
        folder = os.path.dirname(os.path.abspath(__file__))
        compared = ""
        for name in ("haproxy_actions_test.py", "haproxy_rules_test.py", "haproxy_stick_test.py", "haproxy_metrics_test.py"):
            with open(os.path.join(folder, name)) as file:
                compared += file.read()
        compared += "\n".join(frontend for frontend, _, _ in CASES.values())
        missing = [f"{where} {action}" for where, action in sorted(actions) if f"{where} {action}" not in NOT_COMPARED
                   and action not in NOT_COMPARED and where not in NOT_COMPARED
                   and not re.search(rf"{where} {action}[\s(0-9]", compared)]
        self.assertEqual(missing, [])


if __name__ == "__main__":
    unittest.main()
