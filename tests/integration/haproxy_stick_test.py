"""Stick tables beside Debian's HAProxy: the same configuration, the same requests, the same answers."""

import re
import signal
import unittest

from support.case import IntegrationCase
from support.client import Client
from support.haproxy import HAProxy
from support.process import eventually, run_reseal
from support.server import reply

DEFAULTS = """defaults
    mode http
    timeout connect 2s
    timeout client 10s
    timeout server 10s
    retries 0
"""
STORED = ("conn_cnt,conn_cur,conn_rate(100s),sess_cnt,sess_rate(100s),http_req_cnt,http_req_rate(100s),http_err_cnt,"
          "http_err_rate(100s),http_fail_cnt,http_fail_rate(100s),gpc0,gpc0_rate(100s),gpc1,gpt0")
SHOWN = ("conn_cnt", "conn_cur", "conn_rate", "sess_cnt", "sess_rate", "http_req_cnt", "http_req_rate", "http_err_cnt",
         "http_err_rate", "http_fail_cnt", "http_fail_rate", "get_gpc0", "gpc0_rate", "get_gpc1", "get_gpt0", "trackers", "tracked")


OPEN = rb"(conn_cur|trackers)=\d+"


def show(counter):
    """Answers /showN with all that counter N has."""
    values = " ".join(f"{name}=%[sc{counter}_{name}]" for name in SHOWN)
    return f"    http-request return status 200 content-type text/plain lf-string \"{values}\" if {{ path /show{counter} }}\n"


def handler_of(name):
    def handler(request):
        if request.target.startswith("/status/"):
            return reply(name, status=int(request.target.rsplit("/", 1)[1]))
        if request.target == "/bad":
            return b"NO RESPONSE\r\n\r\n"
        if request.target == "/large":
            return reply("x" * 100_000)
        if request.target == "/login":
            return reply(name, fields=[("Set-Cookie", "SID=id-of-" + name)])
        return reply(name)
    return handler


def is_refused(port):
    """The connection is closed at once, perhaps before it was made as far as the client sees."""
    try:
        with Client(port) as client:
            return client.is_closed()
    except ConnectionResetError:
        return True


class HaproxyStick(IntegrationCase):
    def both(self, config, servers=1, binds=("web",)):
        """(HAProxy's ports, reseal's), each by the name of its frontend. @servers@ in `config`: a line for each server."""
        sides = []
        for side in range(2):
            lines = "".join(f"    server {server.name} {server.address}\n" for server in
                            (self.server(f"s{i}", tls=None, handler=handler_of(f"s{i}")) for i in range(servers)))
            text = DEFAULTS + config.replace("@servers@", lines)
            if side == 0:
                process = HAProxy(text, binds, folder=self.folder)
                self.addCleanup(process.close)
            else:
                for bind in binds:
                    text = text.replace(f"@{bind}@", "127.0.0.1:0")
                process = self.reseal(text, haproxy=True)
            sides.append({bind: process.port(bind) for bind in binds})
        return sides

    def answers(self, port, requests):
        """Status and body of each: (connection, target[, fields]); a target of None closes the connection. Connections stay open until
        the end, those with the number 0 are of one request."""
        connections, answers = {}, []
        try:
            for number, target, *fields in requests:
                if target is None:
                    connections.pop(number).close()
                    continue
                client = connections.setdefault(number, None) or Client(port)
                connections[number] = client
                response = client.get(target, *fields)
                own = target.startswith("/show") or response.status == 200
                answers.append((response.status, response.body if own else b""))
                if number == 0 or response.get("connection") == "close":
                    connections.pop(number).close()
        finally:
            for client in connections.values():
                client.close()
        return answers

    def compare(self, config, requests, masked=None, **options):
        """`masked`: what does not matter, since HAProxy ends a request some time after its response."""
        theirs, ours = (self.answers(side["web"], requests) for side in self.both(config, **options))
        if masked is not None:
            theirs, ours = ([(status, re.sub(masked, b"-", body)) for status, body in each] for each in (theirs, ours))
        self.assertEqual(ours, theirs)
        return ours

    # ---- counters

    def site(self, frontend):
        return (f"frontend web\n    bind @web@\n{frontend}{show(0)}{show(1)}    default_backend app\nbackend app\n@servers@"
                f"backend per_ip\n    stick-table type ip size 100 expire 100s store {STORED}\n"
                f"backend per_text\n    stick-table type string len 32 size 100 expire 100s store {STORED}\n")

    def test_a_request_rate_is_limited(self):
        answers = self.compare(
            "frontend web\n    bind @web@\n    stick-table type ip size 100k expire 30s store http_req_rate(100s)\n"
            "    http-request track-sc0 src\n    http-request deny deny_status 429 if { sc_http_req_rate(0) gt 3 }\n"
            "    default_backend app\nbackend app\n@servers@", [(0, "/")] * 3 + [(1, "/")] * 3)
        self.assertEqual([status for status, _ in answers], [200, 200, 200, 429, 429, 429])

    def test_what_a_tracked_connection_counts(self):
        self.compare(self.site("    tcp-request connection track-sc0 src table per_ip\n"
                               "    http-request deny if { path /deny }\n"),
                     [(1, "/show0"), (1, "/show0"), (1, "/status/404"), (1, "/status/500"), (1, "/status/501"), (1, "/status/505"),
                      (1, "/show0"), (2, "/show0"), (3, "/deny"), (2, "/show0")])

    def test_what_a_tracked_request_counts(self):
        self.compare(self.site("    http-request track-sc0 src table per_ip\n    http-request track-sc1 path table per_text\n"
                               "    http-request deny if { path /deny }\n"),
                     [(1, "/show0"), (1, "/show0"), (1, "/status/404"), (1, "/status/503"), (1, "/show0"), (2, "/show1"), (1, "/show1"),
                      (1, "/deny"), (2, "/show0")], masked=OPEN)

    def test_a_counter_is_tracked_once_and_a_connections_stands(self):
        self.compare(self.site("    tcp-request connection track-sc0 src table per_ip\n    http-request track-sc0 path table per_text\n"
                               "    http-request track-sc1 hdr(x) table per_text\n    http-request track-sc1 path table per_text\n"),
                     [(1, "/show0"), (1, "/show1"), (1, "/show1", [("X", "v")]), (1, "/show1")])

    def test_sessions_and_contents_are_tracked(self):
        self.compare(self.site("    tcp-request inspect-delay 1s\n    tcp-request session track-sc0 src table per_ip\n"
                               "    tcp-request content track-sc1 path table per_text\n"),
                     [(1, "/show0"), (1, "/show1"), (1, "/show1"), (2, "/show0")])

    def test_a_response_is_tracked(self):
        values = " ".join(f"%[sc0_{name}]" for name in SHOWN)
        config = (self.site("").replace("    default_backend", "    http-response track-sc0 str(key) table per_text\n"
                                        f"    http-response set-header X-Shown \"{values}\"\n    default_backend"))
        shown = []
        for side in self.both(config):
            with Client(side["web"]) as client:
                shown.append([client.get(target).get("x-shown") for target in ("/", "/status/404", "/status/500", "/")])
        self.assertEqual(shown[1], shown[0])

    def test_what_goes_wrong_is_the_clients_error_or_the_servers_failure(self):
        shown = []
        for side in self.both(self.site("    tcp-request connection track-sc0 src table per_ip\n"
                                        "    use_backend dead if { path /dead }\n") +
                              "backend dead\n    server dead 127.0.0.1:1\n"):
            with Client(side["web"]) as client:
                self.assertEqual(client.get("/bad").status, 502)
            with Client(side["web"]) as client:
                self.assertIn(client.get("/dead").status, (502, 503))  # each has its own for it
            with Client(side["web"]) as client:
                client.send(b"GET / HTTP/1.1\r\nHost: a\r\nno field\r\n\r\n")
                self.assertEqual(client.response().status, 400)
            with Client(side["web"]) as client:
                shown.append(re.sub(OPEN, b"-", client.get("/show0").body))
        self.assertEqual(shown[1], shown[0])

    def test_bytes_are_counted_both_ways(self):
        for side in self.both("frontend web\n    bind @web@\n"
                              "    stick-table type ip size 100 store bytes_in_cnt,bytes_out_cnt,bytes_out_rate(100s)\n"
                              "    http-request track-sc0 src\n    http-request return status 200 content-type text/plain lf-string"
                              " \"%[sc0_kbytes_in] %[sc0_kbytes_out] %[sc0_bytes_out_rate]\" if { path /show }\n"
                              "    default_backend app\nbackend app\n@servers@"):
            with Client(side["web"]) as client:
                self.assertEqual(len(client.get("/large").body), 100_000)
                self.assertEqual(client.get("/", method="POST", body=b"x" * 50_000).status, 200)
                received, sent, rate = (int(number) for number in client.get("/show").body.split())
                self.assertIn(received, range(48, 52))
                self.assertIn(sent, range(97, 102))
                self.assertIn(rate, range(100_000, 102_000))

    def test_general_purpose_counters_and_tags(self):
        self.compare(self.site("    tcp-request connection track-sc0 src table per_ip\n"
                               "    http-request sc-inc-gpc0(0) if { path /inc }\n    http-request sc-inc-gpc1(0) if { path_beg /inc }\n"
                               "    http-request sc-set-gpt0(0) 5 if { path /gpt }\n"
                               "    http-request sc-set-gpt0(0) path,length if { path /longer }\n"
                               "    http-request return status 200 lf-string \"%[sc0_inc_gpc0] %[src_inc_gpc0(per_ip)] %[sc0_clr_gpc0]"
                               " %[src_get_gpc0(per_ip)]\" content-type text/plain if { path /return }\n"),
                     [(1, "/show0"), (1, "/inc"), (1, "/inc"), (1, "/inc2"), (1, "/show0"), (1, "/gpt"), (1, "/show0"), (1, "/longer"),
                      (1, "/show0"), (1, "/return"), (1, "/show0")])

    def test_arrays_of_counters_and_tags(self):
        self.compare("frontend web\n    bind @web@\n"
                     "    stick-table type ip size 100 store gpc(3),gpc_rate(3,100s),gpt(2)\n"
                     "    http-request track-sc2 src\n    http-request sc-inc-gpc(1,2) if { path /inc }\n"
                     "    http-request sc-set-gpt(1,2) int(77) if { path /inc }\n    http-request sc-inc-gpc0(2) if { path /inc0 }\n"
                     "    http-request return status 200 content-type text/plain lf-string \"%[sc_get_gpc(0,2)] %[sc_get_gpc(1,2)]"
                     " %[sc_gpc_rate(1,2)] %[sc2_get_gpc0] %[sc2_gpc1_rate] %[sc_get_gpt(1,2)] %[sc_get_gpt(9,2)] %[src_get_gpc(1,web)]"
                     " %[src,table_gpc(1,web)] %[src,table_gpt(1,web)]\" if { path /show }\n    default_backend app\nbackend app\n@servers@",
                     [(1, "/show"), (1, "/inc"), (1, "/inc"), (1, "/inc0"), (1, "/show")])

    def test_tables_are_looked_up_by_converters_and_by_the_clients_address(self):
        values = ("%[src,in_table(per_ip)] %[str(127.0.0.1),table_http_req_cnt(per_ip)] %[str(10.0.0.1),table_http_req_cnt(per_ip)]"
                  " %[str(x),table_http_req_cnt(per_ip)] %[src_http_req_cnt(per_ip)] %[src_bytes_in_rate(per_ip)] %[path,in_table(per_text)]"
                  " %[table_cnt(per_text)] %[table_avl(per_text)] %[src,table_trackers(per_ip)] %[src,table_conn_cur(per_ip)]")
        self.compare(self.site("    http-request track-sc0 src table per_ip if { path_beg /tracked }\n"
                               "    http-request track-sc1 path table per_text\n"
                               f"    http-request return status 200 content-type text/plain lf-string \"{values}\" if {{ path_end show }}\n"),
                     [(1, "/show"), (1, "/tracked/show"), (1, "/show"), (2, "/a"), (1, "/show")])

    def test_connections_of_a_client_are_limited(self):
        config = ("frontend web\n    bind @web@\n    stick-table type ip size 100 store conn_cur\n"
                  "    tcp-request connection track-sc0 src\n    tcp-request connection reject if { sc0_conn_cur gt 2 }\n"
                  "    default_backend app\nbackend app\n@servers@")
        for side in self.both(config):
            with Client(side["web"]) as first, Client(side["web"]) as second:
                self.assertEqual((first.get().status, second.get().status), (200, 200))
                self.assertTrue(is_refused(side["web"]))
                first.close()
                second.close()

            def is_served_again():
                try:
                    with Client(side["web"]) as later:
                        return later.get().status == 200
                except OSError:
                    return False
            eventually(is_served_again, what="a client whose connections have ended")

    def full(self, nopurge):
        return (f"frontend web\n    bind @web@\n    stick-table type string size 3 expire 100s {nopurge} store http_req_cnt\n"
                "    http-request track-sc0 path\n    http-request return status 200 content-type text/plain lf-string"
                " \"%[sc0_http_req_cnt] %[table_cnt] %[table_avl]\"\n    default_backend app\nbackend app\n@servers@")

    def test_a_full_table_with_nopurge_takes_no_more(self):
        self.compare(self.full("nopurge"), [(1, path) for path in ("/a", "/b", "/c", "/a", "/d", "/b", "/a", "/c", "/d")])

    def test_a_full_table_drops_what_was_used_least_recently(self):
        side = self.both(self.full(""))[1]
        answers = self.answers(side["web"], [(1, path) for path in ("/a", "/b", "/c", "/a", "/d", "/a", "/c", "/b")])
        self.assertEqual([body.split()[0] for _, body in answers], [b"1", b"1", b"1", b"2", b"1", b"3", b"2", b"1"])
        self.assertEqual(answers[-1][1], b"1 3 0")

    def test_an_entry_expires(self):
        config = ("frontend web\n    bind @web@\n    stick-table type string size 30 expire 300ms store http_req_cnt\n"
                  "    http-request track-sc0 path if { path /a }\n    http-request return status 200 content-type text/plain lf-string"
                  " \"%[table_cnt]\"\n    default_backend app\nbackend app\n@servers@")
        for side in self.both(config):
            with Client(side["web"]) as client:
                self.assertEqual([client.get("/a").body, client.get("/b").body], [b"1", b"1"])
                eventually(lambda: client.get("/b").body == b"0", what="an entry that expires")

    def test_how_long_an_entry_has_been_idle_and_stays(self):
        config = ("frontend web\n    bind @web@\n    stick-table type string size 30 expire 100s store http_req_cnt\n"
                  "    http-request track-sc0 path if { path /a }\n    http-request return status 200 content-type text/plain lf-string"
                  " \"%[str(/a),table_idle(web)] %[str(/a),table_expire(web)] %[str(/b),table_idle(web,7)] %[str(/b),table_expire(web,-7)]"
                  " <%[str(/b),table_idle(web)]>\"\n    default_backend app\nbackend app\n@servers@")
        for side in self.both(config):
            with Client(side["web"]) as client:
                client.get("/a")

                def has_been_idle():
                    idle, left, *others = client.get("/c").body.decode().split()
                    self.assertEqual(others, ["7", "-7", "<>"])
                    self.assertEqual(int(idle) + int(left), 100000)
                    return int(idle) > 0
                eventually(has_been_idle, what="an entry that is idle")

    def test_mode_tcp_counts_connections_and_bytes(self):
        config = ("frontend web\n    mode tcp\n    bind @web@\n    tcp-request connection track-sc0 src table per_ip\n    default_backend raw\n"
                  "backend raw\n    mode tcp\n@servers@"
                  "frontend show\n    bind @show@\n    http-request return status 200 content-type text/plain lf-string"
                  " \"%[src_conn_cnt(per_ip)] %[src_conn_cur(per_ip)] %[src_sess_cnt(per_ip)] %[src_http_req_cnt(per_ip)]\"\n"
                  f"backend per_ip\n    stick-table type ip size 100 store {STORED}\n")
        for side in self.both(config, binds=("web", "show")):
            with Client(side["web"]) as client, Client(side["show"]) as shown:
                self.assertEqual(client.get().status, 200)
                self.assertEqual(shown.get().body, b"1 1 1 0")
                client.close()
                eventually(lambda: shown.get().body == b"1 0 1 0", what="the end of the connection in the table")

    # ---- persistence

    def stick(self, rules, requests, table="type string len 16 size 100"):
        """Compares which requests go to the same server; who begins is each one's own choice. The last request asks for what is
        stored: of the key v, of the client's address, and how many entries."""
        both = []
        # Each thread of reseal's has a rotation of its own.
        for side in self.both("global\n    nbthread 1\nfrontend web\n    bind @web@\n    default_backend app\n"
                              "    http-request return status 200 content-type text/plain lf-string"
                              " \"%[str(v),table_server_id(app)] %[src,table_server_id(app)] %[table_cnt(app)]\" if { path /show }\n"
                              f"backend app\n    balance roundrobin\n    stick-table {table}\n{rules}@servers@", servers=3):
            *served, (_, shown) = self.answers(side["web"], [*requests, (0, "/show")])
            order = list(dict.fromkeys(body for _, body in served))
            ids = re.sub(rb"\b[1-3](?= )", lambda number: b"#%d" % order.index(b"s%d" % (int(number.group(0)) - 1)), shown)
            both.append(([order.index(body) for _, body in served], ids))
        self.assertEqual(both[1], both[0])
        return both[1]

    def test_a_client_sticks_by_its_address(self):
        served, shown = self.stick("    stick on src\n", [(0, "/")] * 4, table="type ip size 100 expire 10m")
        self.assertEqual((served, shown), ([0, 0, 0, 0], b" #0 1"))

    def test_a_client_sticks_by_a_cookie(self):
        v, w = [("Cookie", "x=v")], [("Cookie", "x=w")]
        self.stick("    stick on req.cook(x)\n", [(0, "/", v)] * 3 + [(0, "/", w)] * 2 + [(0, "/", v), (0, "/", w)])

    def test_a_client_sticks_by_a_cookie_that_a_server_sets(self):
        config = ("global\n    nbthread 1\nfrontend web\n    bind @web@\n    default_backend app\nbackend app\n    balance roundrobin\n"
                  "    stick-table type string len 16 size 100\n    stick store-response res.cook(SID)\n"
                  "    stick match req.cook(SID)\n@servers@")
        for side in self.both(config, servers=3):
            with Client(side["web"]) as client:
                login = client.get("/login")
                cookie = [("Cookie", login.get("set-cookie"))]
                self.assertNotEqual(client.get("/").body, login.body)
                self.assertEqual([client.get("/", cookie).body for _ in range(4)], [login.body] * 4)
                self.assertNotEqual(client.get("/", [("Cookie", "SID=other")]).body, client.get("/").body)

    def test_conditions_and_the_first_rule_that_stores(self):
        self.stick("    stick match req.hdr(A)\n    stick store-request req.hdr(A) if { path /save }\n"
                   "    stick store-request req.hdr(B)\n",
                   [(0, "/save", [("A", "v"), ("B", "q")]), (0, "/", [("A", "v")]), (0, "/", [("A", "v")]), (0, "/", [("A", "q")]),
                    (0, "/", [("B", "v")])])
        self.stick("    acl saves path /save\n    stick on req.hdr(A) lower table app if saves\n",
                   [(0, "/save", [("A", "V")]), (0, "/save", [("A", "v")]), (0, "/other", [("A", "v")]), (0, "/save", [("A", "v")])])

    def test_a_server_that_is_gone_holds_nobody(self):
        servers = [self.server(f"s{i}", tls=None, handler=handler_of(f"s{i}")) for i in range(2)]
        lines = "".join(f"    server {server.name} {server.address}\n" for server in servers)
        process = self.reseal(f"{DEFAULTS}    retries 3\n    option redispatch\nfrontend web\n    bind 127.0.0.1:0\n    default_backend app\n"
                              f"backend app\n    stick-table type ip size 10\n    stick on src\n{lines}", haproxy=True)
        with Client(process.port()) as client:
            held = client.get().body
            self.assertEqual(client.get().body, held)
            next(server for server in servers if server.name.encode() == held).stop()
            other = client.get().body
            self.assertNotEqual(other, held)
            self.assertEqual(client.get().body, other)

    # ---- reload

    def reload(self, process, text):
        process.write(text)
        process.signal(signal.SIGHUP)

    def test_a_table_is_kept_over_a_reload_unless_it_is_another(self):
        server = self.server("s", tls=None)

        def config(size="100", expire="10m"):
            return (f"{DEFAULTS}frontend web\n    bind 127.0.0.1:0\n    stick-table type ip size {size} expire {expire} store http_req_cnt\n"
                    "    http-request track-sc0 src\n    http-request return status 200 content-type text/plain lf-string"
                    f" \"%[sc0_http_req_cnt]\"\n    default_backend app\nbackend app\n    server s {server.address}\n")
        process = self.reseal(config(), haproxy=True)
        with Client(process.port()) as client:
            self.assertEqual([client.get().body for _ in range(2)], [b"1", b"2"])
            self.reload(process, config(expire="20m"))
            eventually(lambda: "stick table 'web' changed" in process.log, what="the reload")
            self.assertEqual(client.get().body, b"3")
            self.reload(process, config(size="200"))
            eventually(lambda: "it begins empty" in process.log, what="the second reload")
            eventually(lambda: client.get().body in (b"1", b"2"), what="an empty table")

    def test_a_table_that_is_not_there_is_an_error_in_words(self):
        for line, said in (("http-request deny if { src_http_req_rate gt 3 }", "this section has no stick table"),
                           ("http-request deny if { src_http_req_rate(nowhere) gt 3 }", "there is no stick table 'nowhere'"),
                           ("http-request track-sc0 src table nowhere", "there is no stick table 'nowhere'"),
                           ("http-request track-sc0 src", "this section has no stick table"),
                           ("http-request track-sc0 date table texts", None),
                           ("http-request track-sc0 bool(true) table addresses", "of type boolean")):
            path = f"{self.folder}/wrong.cfg"
            with open(path, "w") as file:
                file.write(f"{DEFAULTS}frontend web\n    bind 127.0.0.1:8\n    {line}\n    default_backend app\n"
                           "backend app\n    server s 127.0.0.1:9\nbackend texts\n    stick-table type string size 10\n"
                           "backend addresses\n    stick-table type ipv6 size 10\n")
            status, _, error = run_reseal("haproxy", "-c", "-f", path)
            with self.subTest(line):
                self.assertEqual(status, 0 if said is None else 1, error)
                if said is not None:
                    self.assertIn(said, error)
                    self.assertIn(":9]", error)


if __name__ == "__main__":
    unittest.main()
