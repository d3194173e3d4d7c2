"""Every fetch and every way to match that HAProxy has, with what they give there and here: one haproxy.cfg for both programs."""

import os
import re
import socket
import ssl
import subprocess
import unittest

from support.sample_table import BEGIN, DEFAULTS, TableCase, condition_rule, known_to_haproxy, response_rule, rule
from support.beside import ask, request
from support.process import run_reseal
from support.server import reply

REQUEST = r"""
always_false
always_true
avg_queue(app)
base
base32
base32+src,hex
baseq
be_conn(app)
be_conn(limited)
be_conn_free(app)
be_conn_free(limited)
be_sess_rate(app)
bin(4869),hex
bool(1)
bool(false)
capture.req.hdr(0)
capture.req.hdr(1)
capture.req.method
capture.req.uri
capture.req.ver
connslots(app)
cook(sid)
cook(none)
cook_cnt(sid)
cook_cnt
cook_val(n)
cookie(sid)
date
date(-10)
date_us
dst
dst_is_local
dst_port
env(RESEAL_TEST_COLOUR)
env(RESEAL_TEST_NONE)
fc_dst
fc_dst_is_local
fc_dst_port
fc_err
fc_err_str
fc_fackets
fc_http_major
fc_lost
fc_rcvd_proxy
fc_reordering
fc_retrans
fc_rtt
fc_rtt(us)
fc_rttvar
fc_rttvar(ms)
fc_sacked
fc_src
fc_src_is_local
fc_src_port
fc_unacked
fe_client_timeout
fe_conn
fe_conn(other)
fe_defbe
fe_id
fe_name
fe_req_rate
fe_sess_rate
hdr(x-list)
hdr(x-list,1)
hdr(x-list,-2)
hdr_cnt(x-list)
hdr_ip(x-ip)
hdr_val(x-num)
hostname
http_auth_bearer
http_auth_pass
http_auth_type
http_auth_user
int(-5)
ipv4(10.0.0.1)
ipv6(2001:DB8::1)
meth(GET)
method
nbproc
nbsrv(app)
nbsrv(mixed)
nbsrv(gone)
path
pathq
prio_class
prio_offset
proc
query
queue(app)
rand
rand(1)
req.cook(sid)
req.cook_cnt(sid)
req.cook_val(n)
req.fhdr(x-list)
req.fhdr(x-list,1)
req.fhdr_cnt(x-list)
req.hdr(x-list)
req.hdr(host)
req.hdr(none)
req.hdr(content-length)
req.hdr(connection)
req.hdr(x-empty)
req.hdr_cnt(x-list)
req.hdr_ip(x-ip)
req.hdr_ip(x-list)
req.hdr_names
req.hdr_names(|)
req.hdr_val(x-num)
req.hdr_val(x-list)
req.hdrs,hex
req.hdrs_bin,hex
req.proto_http
req.ver
req_proto_http
req_ver
so_id
so_name
src
src_is_local
src_port
srv_conn(app/s1)
srv_conn_free(app/s1)
srv_conn_free(limited/s1)
srv_is_up(app/s1)
srv_is_up(mixed/off)
srv_iweight(mixed/heavy)
srv_queue(app/s1)
srv_sess_rate(app/s1)
srv_uweight(mixed/heavy)
srv_weight(mixed/heavy)
stopping
str(a)
table_avl(tab)
table_cnt(tab)
thread
unique-id
url
url32
url32+src,hex
url_ip
url_param(x)
url_param(y,&)
url_param(none)
url_param
url_port
urlp(x)
urlp_val(x)
uuid
uuid(4)
var(txn.row)
var(txn.none)
var(txn.none,default)
wait_end
ssl_fc
ssl_c_used
http_first_req
str(app),nbsrv
str(none),nbsrv
str(app/s1),srv_queue
str(app/none),srv_queue
"""

# In backend app's rules about responses.
RESPONSE = r"""
be_id
be_name
be_server_timeout
be_tunnel_timeout
cur_server_timeout
cur_tunnel_timeout
be_conn
nbsrv
queue
connslots
avg_queue
capture.req.hdr(0)
capture.req.method
capture.req.uri
capture.res.hdr(0)
capture.res.ver
cookie(sid)
hdr(x-list)
method
res.cook(sid)
res.cook_cnt(sid)
res.cook_val(n)
res.fhdr(x-list)
res.fhdr_cnt(x-list)
res.hdr(x-list)
res.hdr(content-length)
res.hdr_val(content-length)
res.hdr_cnt(x-list)
res.hdr_ip(x-ip)
res.hdr_names
res.hdr_names(|)
res.hdr_val(x-num)
res.hdrs,length
res.hdrs_bin,length
res.ver
resp_ver
scook(sid)
scook_cnt(sid)
scook_val(n)
shdr(x-list)
shdr_cnt(x-list)
shdr_ip(x-ip)
shdr_val(x-num)
srv_id
srv_name
srv_is_up(s1)
srv_conn(s1)
status
bc_dst
bc_dst_port
bc_err
bc_err_str
bc_http_major
bc_src
bc_src_port
res.cache_hit
res.cache_name
ssl_bc
ssl_bc_alg_keysize
ssl_bc_alpn
ssl_bc_cipher
ssl_bc_err
ssl_bc_err_str
ssl_bc_is_resumed
ssl_bc_protocol
ssl_bc_use_keysize
"""

TLS = r"""
ssl_fc_err
ssl_fc_err_str
ssl_c_ca_err
ssl_c_der,sha1,hex
ssl_c_err
ssl_c_i_dn
ssl_c_i_dn(CN)
ssl_c_key_alg
ssl_c_notafter
ssl_c_notbefore
ssl_c_s_dn
ssl_c_s_dn(CN)
ssl_c_serial,hex
ssl_c_sha1,hex
ssl_c_sig_alg
ssl_c_used
ssl_c_verify
ssl_c_version
ssl_fc
ssl_fc_alg_keysize
ssl_fc_alpn
ssl_fc_cipher
ssl_fc_has_crt
ssl_fc_has_early
ssl_fc_has_sni
ssl_fc_is_resumed
ssl_fc_protocol
ssl_fc_session_id,hex,length
ssl_fc_sni
ssl_fc_unique_id,hex,length
ssl_fc_use_keysize
"""

# What differs from run to run, or has to.
MASKED = ("date", "bc_src_port", "fc_rtt", "fc_src_port", "src_port", "dst_port", "fc_dst_port", "rand", "uuid", "thread", "fc_unacked", "fc_reordering",
          "fe_req_rate", "fe_sess_rate", "be_sess_rate", "be_conn(", "fe_conn")

CONDITIONS = r"""
{ path /a/b.html }
{ path -i /A/B.HTML }
{ path -m str /a/b.html /x }
{ path -m beg /a }
{ path -m beg -i /A }
{ path -m end .html }
{ path -m end -i .HTML }
{ path -m sub b.h }
{ path -m sub -i B.H }
{ path -m dir a }
{ path -m dir /a/b.html }
{ path -m dir b }
{ req.hdr(host) -m dom example }
{ req.hdr(host) -m dom example.com }
{ req.hdr(host) -m dom xample }
{ path -m reg ^/[a-c]/ }
{ path -m reg -i ^/A/B }
{ path -m len 9 }
{ path -m len 5:10 }
{ path -m len gt 9 }
{ req.hdr(x-num) -m int 17 }
{ req.hdr(x-num) -m int 10:20 }
{ req.hdr(x-num) -m int ge 18 }
{ req.hdr(x-num) -m found }
{ req.hdr(none) -m found }
{ req.hdr_val(x-num) gt 16 lt 3 }
{ req.hdr_val(x-num) 17 }
{ src 127.0.0.0/8 }
{ src 10.0.0.0/8 ::1 }
{ req.hdr(x-ip) -m ip 192.0.2.0/24 }
{ req.hdr_ip(x-ip) 192.0.2.9 }
{ req.hdr(x-list) -m str two }
{ req.hdr(x-list) two }
{ hdr(x-list) TWO }
{ hdr(x-list) -i TWO }
{ hdr_beg(x-list) tw }
{ hdr_end(x-list) wo }
{ hdr_sub(x-list) w }
{ hdr_dom(host) example.com }
{ hdr_reg(x-list) ^t.o$ }
{ hdr_len(x-list) 3 }
{ hdr_dir(x-list) two }
{ cook(sid) abc }
{ cook_beg(sid) ab }
{ cook_reg(sid) b }
{ path_beg /a /x }
{ path_end .html }
{ path_dir a }
{ path_dom b }
{ path_len 9 }
{ path_reg ^/a }
{ path_sub b. }
{ url_beg /a/b }
{ url_param(x) 1 }
{ base_beg www.example }
{ bin(4869) -m bin 4869 }
{ bin(4869) -m bin 48 }
{ bool(1) }
{ bool(0) }
{ int(5) -m bool }
{ str(a) -m found }
{ method GET HEAD }
{ method POST }
{ method -i get }
{ always_true,not }
{ path,upper -m str /A/B.HTML }
{ req.hdr(x-list,1) -m str one }
{ path -f @strings@ }
{ path -i -f @strings@ }
{ path -m beg -f @beginnings@ }
{ src -f @networks@ }
{ req.hdr(x-ip) -m ip -f @networks@ }
{ path -m reg -f @patterns@ }
{ req.hdr(x-num) -m int -f @numbers@ }
{ path -M -f @map@ }
{ path -m str -f @strings@ -f @beginnings@ /nothing }
{ req_ver 1.1 }
{ req.ver 1.0 }
{ http_first_req }
{ nbsrv(app) ge 1 }
{ nbsrv(gone) lt 1 }
{ srv_is_up(mixed/off) }
{ var(txn.row) -m found }
{ path -m str -- /a/b.html }
{ path -n -m str /a/b.html }
{ str(-1) -m int -- -1 }
{ path -u 4711 -m str /a/b.html }
{ str(on) -m bool }
{ str(1) -m bool }
{ path -m dir a/b.html }
{ path -m dom -i A/B }
{ path -m sub -i B.H }
{ path -m end -i .HTML }
{ path -m beg -i /A/ }
{ path -m len -- 9 }
"""

FILES = {"strings": "# of paths\n/x\n/A/b.html\n/a/b.html\n\n", "beginnings": "/q\n/a\n", "networks": "10.0.0.0/8\n192.0.2.0/24\n127.0.0.1\n::1\n",
         "patterns": "^/x\n^/a/b[.]h\n", "numbers": "3\n10:17\n", "map": "/a/b.html value\n/x other\n"}

# Fetches that are in no table, and why.
EXCEPTIONS = {
    "http_auth": "needs a list of users: haproxy_users_test.py",
    "http_auth_group": "likewise",
    "req.body": "bodies have tests of their own", "req.body_len": "likewise", "req.body_param": "likewise", "req.body_size": "likewise",
    "res.body": "likewise", "res.body_len": "likewise", "res.body_size": "likewise",
    **dict.fromkeys((f"ssl_bc_{name}" for name in ("client_random", "npn", "server_random", "session_id", "session_key", "unique_id")),
                    "not there: secrets of connections, and numbers that are each one's own"),
    **dict.fromkeys(("cpu_calls", "cpu_ns_avg", "cpu_ns_tot", "lat_ns_avg", "lat_ns_tot"), "not there: of HAProxy's own scheduler"),
    **dict.fromkeys((f"internal.{name}" for name in ("htx.data", "htx.free", "htx.free_data", "htx.has_eom", "htx.nbblks", "htx.size", "htx.used",
                                                     "htx_blk.data", "htx_blk.hdrname", "htx_blk.hdrval", "htx_blk.size", "htx_blk.start_line",
                                                     "htx_blk.type", "strm.is_htx")), "not there: of HAProxy's own form of messages"),
    **dict.fromkeys(("distcc_body", "distcc_param", "fcgi.docroot", "fcgi.index"), "not there: protocols that are not"),
    **dict.fromkeys(("res.comp", "res.comp_algo"), "of log formats: test_what_logs_say_of_the_server_and_the_coding"),
    **dict.fromkeys(("last_rule_file", "last_rule_line", "dst_conn", "fc_pp_authority", "fc_pp_unique_id"), "not there yet"),
    **dict.fromkeys(("payload", "payload_lv", "rdp_cookie", "rdp_cookie_cnt", "req.len", "req.payload", "req.payload_lv",
                     "req.rdp_cookie", "req.rdp_cookie_cnt", "req.ssl_alpn", "req.ssl_ec_ext", "req.ssl_st_ext", "req.ssl_ver",
                     "req_len", "req_ssl_ver"), "bytes of mode tcp: haproxy_content_test.py"),
    **dict.fromkeys(("rep_ssl_hello_type", "res.len", "res.payload", "res.payload_lv", "res.ssl_hello_type"),
                    "not there yet: bytes of servers in mode tcp"),
    "req.ssl_sni": "of mode tcp: test_the_name_of_a_client_hello_keeps_its_case", "req_ssl_sni": "likewise",
    "req.ssl_hello_type": "of mode tcp: expressions_test.py", "req_ssl_hello_type": "likewise",
    **dict.fromkeys((f"ssl_{side}_{name}" for side in "sf" for name in ("der", "i_dn", "key_alg", "notafter", "notbefore", "s_dn", "serial", "sha1",
                                                                        "sig_alg", "version")), "not there yet: certificates of servers and our own"),
    **dict.fromkeys(("ssl_s_chain_der", "ssl_c_ca_err_depth", "ssl_c_chain_der"), "not there yet"),
    **dict.fromkeys((f"ssl_fc_{name}" for name in (
        "cipherlist_bin", "cipherlist_hex", "cipherlist_str", "cipherlist_xxh", "ecformats_bin", "eclist_bin", "extlist_bin",
        "npn", "protocol_hello_id")), "not there yet: HAProxy has them with options of global only"),
    **dict.fromkeys((f"ssl_fc_{name}" for name in (
        "client_early_traffic_secret", "client_handshake_traffic_secret", "client_random", "client_traffic_secret_0", "early_exporter_secret",
        "exporter_secret", "server_handshake_traffic_secret", "server_random", "server_traffic_secret_0", "session_key")),
        "not there: secrets of connections do not leave OpenSSL"),
}


def rows(text):
    return [line for line in text.splitlines() if line]


def name_of(expression):
    return re.match(r"[^ (,]+", expression).group()


class HaproxyFetches(TableCase):
    FIELDS = [("Cookie", "sid=abc; n=7"), ("X-List", "one, two"), ("X-List", "three"), ("X-Ip", "192.0.2.9"), ("X-Num", "17"), ("X-Empty", ""),
              ("Authorization", "Basic dXNlcjpwYXNz")]
    TARGET = "/a/b.html?x=1&y=two&x=3"

    def setUp(self):
        self.app = self.server("s1", tls=None, handler=lambda request: reply("body", status=202, fields=[
            ("Set-Cookie", "sid=def; Path=/"), ("Set-Cookie", "n=9"), ("X-List", "three, 4"), ("X-Ip", "192.0.2.8"), ("X-Num", "18")]))
        self.paths = {}
        for name, text in FILES.items():
            self.paths[name] = os.path.join(self.folder, name)
            with open(self.paths[name], "w") as file:
                file.write(text)

    def config(self, frontend="", backend="", bind="@web@"):
        address = self.app.address
        return (f"{DEFAULTS}    timeout tunnel 1h\n"
                f"frontend web\n    bind {bind} name here\n    capture request header X-Num len 8\n    capture response header X-Num len 8\n"
                f"    unique-id-format id-%[src]\n{BEGIN}    http-request track-sc0 src table tab\n{frontend}    default_backend app\n"
                f"frontend other\n    bind @other@\n    default_backend app\n"
                f"backend app\n{backend}    server s1 {address}\n"
                f"backend limited\n    server s1 {address} maxconn 10\n"
                f"backend mixed\n    server heavy {address} weight 7\n    server off {address} disabled\n    server last {address} backup\n"
                f"backend gone\n    server off {address} disabled\n"
                f"backend tab\n    stick-table type ip size 1k expire 1h store gpc0,gpc1,gpt0,conn_cnt,conn_cur,conn_rate(1h),sess_cnt,sess_rate(1h),"
                "http_req_cnt,http_req_rate(1h),http_err_cnt,http_err_rate(1h),http_fail_cnt,http_fail_rate(1h),bytes_in_cnt,bytes_out_cnt,"
                "gpc0_rate(1h),gpc1_rate(1h),bytes_in_rate(1h),bytes_out_rate(1h)\n")

    def compare(self, table, config, context=None, **options):
        theirs, ours = self.both(config, ("web", "other"))
        self.assert_same(table, *(self.values(process.port("web"), len(table), self.FIELDS, self.TARGET, context=context, **options)
                                  for process in (ours, theirs)), masked=MASKED)

    def test_fetches_of_requests(self):
        table = rows(REQUEST)
        self.compare(table, self.config("".join(rule(i, row) for i, row in enumerate(table))))

    def test_fetches_of_responses(self):
        table = rows(RESPONSE)
        self.compare(table, self.config(backend="".join(response_rule(i, row) for i, row in enumerate(table))))

    def test_fetches_of_servers_with_tls(self):
        table = [row for row in rows(RESPONSE) if row.startswith(("bc_", "ssl_bc"))]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pki.path("front.pem"))
        context.set_alpn_protocols(["http/1.1"])
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
        server = self.server("s1", tls=context)
        rules = "".join(response_rule(i, row) for i, row in enumerate(table))
        self.compare(table, f"{DEFAULTS}frontend web\n    bind @web@\n{BEGIN}    default_backend app\nfrontend other\n    bind @other@\n"
                     f"    default_backend app\nbackend app\n{rules}    server s1 {server.address} ssl verify none alpn http/1.1\n")

    def test_what_logs_say_of_the_server_and_the_coding(self):
        names = ("bc_dst", "bc_dst_port", "bc_http_major", "bc_src", "ssl_bc", "res.comp", "res.comp_algo", "res.cache_hit")
        app = self.server("long", tls=None, handler=lambda request: reply("text " * 1000, fields=[("Content-Type", "text/plain")]))
        said = []
        for run in (self.theirs, self.ours):
            syslog = self.syslog()
            process = run(f"{DEFAULTS}frontend web\n    bind @web@\n    log 127.0.0.1:{syslog.port} local0\n    compression algo gzip\n"
                          f"    log-format \"127.0.0.1: {' '.join(f'%[{name}]' for name in names)}\"\n    default_backend app\n"
                          f"backend app\n    server s1 {app.address}\n")
            for field in ("identity", "gzip"):
                ask(process.port("web"), request(fields=[("Accept-Encoding", field)]))
            said.append(self.lines(syslog, 2))
        self.assertEqual(*said)
        self.assertIn(" 1 gzip 0", said[1][1])

    def test_fetches_of_tls(self):
        table = rows(TLS)
        pem = self.pki.path
        context = ssl.create_default_context(cafile=pem("ca.pem"))
        context.load_cert_chain(pem("lb.pem"))
        context.set_alpn_protocols(["http/1.1"])
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")  # each program has an order of its own
        bind = f"@web@ ssl crt {pem('front.pem')} ca-file {pem('ca.pem')} verify optional alpn http/1.1"
        self.compare(table, self.config("".join(rule(i, row) for i, row in enumerate(table)), bind=bind), context=context)

    def test_ways_to_match(self):
        table = [re.sub(r"@(\w+)@", lambda name: self.paths[name[1]], row) for row in rows(CONDITIONS)]
        self.compare(table, self.config("".join(condition_rule(i, row) for i, row in enumerate(table))))

    def test_fetches_of_stick_tables(self):
        table = []
        for name, line in known_to_haproxy("smp").items():
            if not re.match(r"sc[0-2]?_|src_(?!port|is_local)", name):
                continue
            if "_gpc(" in line or "_gpt(" in line or "gpc_rate(" in line:
                continue  # of arrays: another kind of table
            if "bytes" in name:
                continue  # when they are counted is each program's own; haproxy_stick_test.py
            arguments = {"sc_": "(0,tab)", "src": "(tab)"}.get(name[:3], "(tab)")
            table.append(name + arguments)
        self.compare(table, self.config("".join(rule(i, row) for i, row in enumerate(table))))

    def test_the_name_of_a_client_hello_keeps_its_case(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pki.path("front.pem"))
        server = self.server("s1", tls=context)
        theirs, ours = self.both(f"{DEFAULTS.replace('http', 'tcp', 1)}frontend web\n    bind @web@\n    tcp-request inspect-delay 5s\n"
                                 "    tcp-request content reject if { req.ssl_sni -m beg www }\n    tcp-request content accept if { req.ssl_sni -m found }\n"
                                 f"    default_backend app\nbackend app\n    server s1 {server.address}\n")
        client = ssl.create_default_context(cafile=self.pki.path("ca.pem"))
        client.check_hostname = False
        for name, passes in (("www.example", False), ("WWW.example", True), ("a.example", True)):
            for process in (theirs, ours):
                with self.subTest(name=name, reseal=process is ours):
                    with socket.create_connection(("127.0.0.1", process.port("web")), timeout=5) as plain:
                        try:
                            client.wrap_socket(plain, server_hostname=name).close()
                            self.assertTrue(passes)
                        except (ConnectionError, ssl.SSLError):
                            self.assertFalse(passes)

    def test_values_that_are_not_there_any_more_are_told_when_a_file_is_loaded(self):
        for rule_line, status in (("http-response set-header X %[path]", 1), ("http-response set-header X %[req.hdr(a)]", 1),
                                  ("http-request set-header X %[res.hdr(a)]", 1), ("http-request set-header X %[status]", 1),
                                  ("http-response set-header X %[method]%[capture.req.uri]", 0), ("http-response deny if { path /x }", 0)):
            path = os.path.join(self.folder, "rule.cfg")
            with open(path, "w") as file:
                file.write(f"{DEFAULTS}frontend web\n    bind 127.0.0.1:1\n    {rule_line}\n    default_backend app\nbackend app\n    server s 127.0.0.1:1\n")
            theirs = subprocess.run(["haproxy", "-c", "-f", path], capture_output=True, check=False, env={"PATH": os.environ["PATH"] + ":/usr/sbin"})
            ours, _, error = run_reseal("haproxy", "-c", "-f", path)
            with self.subTest(rule_line):
                self.assertEqual((theirs.returncode, ours), (status, status), error)
                self.assertEqual("WARNING" in error, b"WARNING" in theirs.stderr, error)

    def test_every_way_to_match_has_a_row(self):
        """Those that reseal says there are, and those of HAProxy's manual; with each flag of an ACL."""
        path = os.path.join(self.folder, "no_such_way.cfg")
        with open(path, "w") as file:
            file.write(self.config("    http-request deny if { path -m no_such_way / }\n").replace("@web@", "127.0.0.1:0").replace("@other@", "127.0.0.1:0"))
        said = "".join(run_reseal("haproxy", "-c", "-f", path)[1:])
        known = re.search(r"no matching method 'no_such_way' \(accepted: ([^)]*)\)", said).group(1)
        known = set(re.split(r", | or ", known))
        self.assertEqual(known, {"found", "bool", "int", "ip", "bin", "len", "str", "beg", "end", "sub", "dir", "dom", "reg"})
        table = CONDITIONS.split()
        self.assertEqual(known - {way for flag, way in zip(table, table[1:]) if flag == "-m"}, set())
        self.assertEqual({"-i", "-f", "-M", "-n", "-u", "-m", "--"} - set(table), set())

    def test_dates_in_formats_of_rules(self):
        table = ["%t", "%tr", "%trg", "%trl", "%T", "%Tl"]
        rules = "".join(f"    http-request return status 200 content-type text/plain lf-string \"{name}\" if {{ req.hdr(x-row) {i} }}\n"
                        for i, name in enumerate(table))
        for process in self.both(self.config(rules), ("web", "other")):
            for name, value in zip(table, self.values(process.port("web"), len(table), self.FIELDS, self.TARGET)):
                with self.subTest(name, of=type(process).__name__):
                    self.assertRegex(value, r"^\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d" + (r"\.\d{3}$" if name in ("%t", "%tr") else r" [+-]\d{4}$"))

    def test_the_tables_have_every_fetch_that_haproxy_knows(self):
        named = {name_of(row) for table in (REQUEST, RESPONSE, TLS) for row in rows(table)}
        missing = {name for name in known_to_haproxy("smp") if not re.match(r"sc[0-2]?_|src_(?!port|is_local)", name)} - named
        self.assertEqual(missing, set(EXCEPTIONS))


if __name__ == "__main__":
    unittest.main()
