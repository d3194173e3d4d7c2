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
from support.queueing import Held
from support.runtime_api import rows_of
from support.server import reply

DEFAULTS = """global
    log 127.0.0.1:{log} len 8192 local0
    expose-experimental-directives
    set-var proc.limit int(10),add(1)
    set-var-fmt proc.text "<100%% of %[var(proc.limit)]>"
    set-var proc.both var(proc.text),lower
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

FILES = {
    "hosts.map": "# hosts\na.example 1\nb.example  two words \n",
    "numbers.map": "/one 1\n/two 2\n",
    "words.map": "ab 1\nabc 2\n",
    "nets.map": "10.0.0.0/8 ten\n",
    "blocked.lst": "192.0.2.1\n2001:db8::/32\n",
    "paths.lst": "/blocked\n",
}
FILES["whole.http"] = ("HTTP/1.0 418 Teapot\r\nContent-Type: text/plain\r\nX-Page: 100% yes\r\n\r\nown")
FILES["forbidden.http"] = "HTTP/1.0 403 No\r\nContent-Type: text/plain\r\nX-Page: group\r\n\r\nother"
CASES["whole responses"] = ("""
        errorfile 403 {folder}/forbidden.http
        http-request return errorfile {folder}/whole.http if { path /return }
        http-request return status 418 errorfile {folder}/whole.http if { path /status }
        http-request deny errorfile {folder}/whole.http if { path /deny }
        http-request deny errorfiles group if { path /group }
        http-request deny deny_status 429 errorfiles group if { path /grouped }
        http-request return status 403 errorfiles group if { path /return-group }
        http-request return status 403 default-errorfiles if { path /return-default }
        http-request deny default-errorfiles if { path /default }
        http-request tarpit errorfile {folder}/whole.http if { path /tarpit }
        http-request tarpit status 403 errorfiles group if { path /tarpit-group }
        http-response deny errorfile {folder}/whole.http if { res.hdr(x-target) /response }
        http-response return status 403 errorfiles group if { res.hdr(x-target) /response-group }
        http-after-response set-header X-After %[status]
        """, "", [get(f"/{path}") for path in ("return", "status", "deny", "group", "grouped", "return-group", "return-default", "default",
                                               "tarpit", "tarpit-group", "response", "response-group")])
CASES["variables of the process"] = ("""
        http-request set-header X-Proc "%[var(proc.limit)] %[var(proc.text)] %[var(proc.both)] %[var(proc.none)]"
        http-request deny if { path_len,sub(proc.limit) gt 0 }
        tcp-request connection set-var(sess.limit) var(proc.limit)
        http-request set-header X-Session %[var(sess.limit)]
        """, "", [get("/"), get("/longer-than-eleven")])
CASES["names of fields, deleted"] = ("""
        option http-restrict-req-hdr-names delete
        http-request set-header X-Seen %[req.hdr(x_odd)]
        http-request allow if { path /allow }
        """, "", [get("/", "X_Odd: 1", "X-Even: 2", "X.Odd: 3"), get("/allow", "X_Odd: 1"), get("/")])
CASES["names of fields, refused"] = ("""
        http-request return status 200 content-type text/plain string own if { path /own }
        http-request set-var(txn.told) str(asked)
        """, "option http-restrict-req-hdr-names reject\n    http-request set-header X-Back 1",
                                     [get("/", "X_Odd: 1"), get("/", "X-Even: 1"), get("/own", "X_Odd: 1")])
CASES["names of fields, preserved"] = ("option http-restrict-req-hdr-names delete\n    option http-restrict-req-hdr-names preserve", "",
                                       [get("/", "X_Odd: 1", "X-Even: 2")])
CASES["normalize-uri"] = ("""
        http-request normalize-uri path-merge-slashes if { path_beg /merge }
        http-request normalize-uri path-strip-dot if { path_beg /dot }
        http-request normalize-uri path-strip-dotdot full if { path_beg /up }
        http-request normalize-uri percent-decode-unreserved strict if { path_beg /decode }
        http-request normalize-uri percent-to-uppercase if { path_beg /upper }
        http-request normalize-uri query-sort-by-name if { path_beg /sort }
        http-request normalize-uri fragment-encode if { path_beg /encode }
        http-request normalize-uri fragment-strip if { path_beg /strip }
        """, "", [get(target) for target in ("/merge//a///b?x//y", "/dot/./a/.?/./", "/up/a/../b/?/../", "/decode/%61%2d%3F?%61%2d%3F", "/upper/%3F?%3F",
                                             "/sort?c=3&a=1&b=2", "/sort?aaa=3&a=1&aa=2", "/sort?a=3&b=4&a=1&b=5&a=2", "/sort?", "/sort?b&a&&", "/sort",
                                             "/encode", "/strip", "/other/%7e")])
CASES["normalize-uri, strict"] = ("""
        http-request normalize-uri percent-decode-unreserved strict if { path_beg /decode }
        http-request normalize-uri percent-decode-unreserved if { path_beg /lax }
        http-request normalize-uri percent-to-uppercase strict if { path_beg /upper }
        """, "", [get(target) for target in ("/decode?%zz", "/decode?a%4", "/decode?%", "/decode?%41%2f", "/lax?%zz", "/upper?%zz", "/upper?x")])
CASES["priorities"] = ("""
        tcp-request content set-priority-class int(-3000)
        tcp-request content set-priority-offset int(5)
        http-request set-header X-Before "%[prio_class] %[prio_offset]"
        http-request set-priority-class req.hdr(x-class)
        http-request set-priority-offset req.hdr(x-offset) if { req.hdr(x-offset) -m found }
        http-request set-header X-After "%[prio_class] %[prio_offset]"
        """, "", [get("/"), get("/", "X-Class: 7"), get("/", "X-Class: 99999", "X-Offset: -99999999"), get("/", "X-Class: x", "X-Offset: 100")])
CASES["counters of responses"] = ("""
        stick-table type ip size 10 expire 1m store gpc(3),gpt(3)
        tcp-request connection track-sc0 src
        """, """
    tcp-response content sc-inc-gpc(2,0)
    tcp-response content sc-inc-gpc0(0)
    tcp-response content sc-inc-gpc1(0)
    tcp-response content sc-set-gpt(1,0) 5
    tcp-response content sc-set-gpt0(0) 3
    http-response set-header X-Counters "%[sc_get_gpc(0,0)] %[sc_get_gpc(1,0)] %[sc_get_gpc(2,0)] %[sc_get_gpt(0,0)] %[sc_get_gpt(1,0)]"
    """, [get("/"), get("/")])
# With a delay HAProxy waits for the response, and asks its rules twice.
CASES["tcp-response content"] = ("http-request set-header X-Front 1", """
    tcp-response inspect-delay 5s
    tcp-response content reject if { status 404 }
    tcp-response content silent-drop if { res.hdr(x-target) /drop }
    tcp-response content set-var(txn.told) status
    tcp-response content set-var-fmt(res.text) "<%[status]>"
    tcp-response content accept if { res.hdr(x-target) /accept }
    tcp-response content set-var(res.late) int(1)
    tcp-response content unset-var(res.text) if { res.hdr(x-target) /unset }
    http-response set-header X-Told "%[var(txn.told)] %[var(res.text)] %[var(res.late)]"
    """, [get("/"), get("/accept"), get("/unset"), get("/404"), get("/drop")])
CASES["maps that change"] = ("""
        http-request set-map({folder}/hosts.map) %[path,field(3,/)] %[path,field(4,/)] if { path_beg /set/ }
        http-request del-map({folder}/hosts.map) %[path,field(3,/)] if { path_beg /del/ }
        http-request set-map({folder}/numbers.map) %[path] %[req.hdr(x-number)] if { req.hdr(x-number) -m found }
        http-request set-map({folder}/words.map) %[req.hdr(x-word)] w if { req.hdr(x-word) -m found }
        http-request del-map({folder}/words.map) %[req.hdr(x-no-word)] if { req.hdr(x-no-word) -m found }
        http-request set-map({folder}/nets.map) %[req.hdr(x-net)] in if { req.hdr(x-net) -m found }
        http-request del-map({folder}/nets.map) %[req.hdr(x-no-net)] if { req.hdr(x-no-net) -m found }
        http-request set-map({folder}/unused.map) a b
        http-request set-header X-Host "%[str(a.example),map({folder}/hosts.map)] %[str(b.example),map({folder}/hosts.map,none)] %[str(c.example),map_str({folder}/hosts.map,none)]"
        http-request set-header X-Number "%[path,map_str_int({folder}/numbers.map,-1)] %[str(/one),map({folder}/numbers.map)]"
        http-request set-header X-Word "%[str(abcd),map_beg({folder}/words.map,none)] %[str(abx),map_end({folder}/words.map,none)] %[str(x/ab/y),map_dir({folder}/words.map,none)] %[str(zabcz),map_sub({folder}/words.map,none)]"
        http-request set-header X-Net "%[str(10.1.2.3),map_ip({folder}/nets.map,none)] %[str(2001:db8::5),map_ip({folder}/nets.map,none)]"
        http-response set-map({folder}/hosts.map) c.example %[status] if { res.hdr(x-target) /answered }
        http-response del-map({folder}/hosts.map) c.example if { res.hdr(x-target) /forgotten }
        """, "", [get("/"), get("/set/a.example/9"), get("/set/c.example/new"), get("/del/b.example"), get("/del/none"), get("/answered"), get("/"),
                  get("/forgotten"), get("/"), get("/one", "X-Number: 11"), get("/three", "X-Number: 3"), get("/three", "X-Number: none"),
                  get("/three"), get("/", "X-Word: abcd"), get("/", "X-Word: x"), get("/", "X-No-Word: abc"), get("/", "X-No-Word: ab"), get("/"),
                  get("/", "X-Net: 10.1.0.0/16"), get("/", "X-Net: none"), get("/", "X-Net: 2001:db8::/32"), get("/", "X-No-Net: 10.1.0.0/16"),
                  get("/", "X-No-Net: 10.0.0.0/8"), get("/")])
CASES["ACLs that change"] = ("""
        acl blocked req.hdr(x-ip),field(1,!) -m ip -f {folder}/blocked.lst 198.51.100.7
        acl path path_beg -i -f {folder}/paths.lst
        http-request add-acl({folder}/blocked.lst) %[req.hdr(x-ip)] if { path /add }
        http-request del-acl({folder}/blocked.lst) %[req.hdr(x-ip)] if { path /remove }
        http-request add-acl({folder}/paths.lst) %[req.hdr(x-path)] if { req.hdr(x-path) -m found }
        http-request set-header X-Blocked yes if blocked
        http-request set-header X-Path yes if path
        http-response add-acl({folder}/paths.lst) /answered if { res.hdr(x-target) /answer }
        http-response del-acl({folder}/paths.lst) /answered if { res.hdr(x-target) /answered }
        """, "", [get("/", f"X-Ip: {ip}") for ip in ("192.0.2.1", "192.0.2.2", "2001:db8::1", "198.51.100.7")]
                           + [get("/add", "X-Ip: 192.0.2.2"), get("/add", "X-Ip: 192.0.2.2"), get("/", "X-Ip: 192.0.2.2"),
                              get("/remove", "X-Ip: 192.0.2.2"), get("/", "X-Ip: 192.0.2.2"), get("/remove", "X-Ip: 192.0.2.1"),
                              get("/", "X-Ip: 192.0.2.1"), get("/remove", "X-Ip: 198.51.100.7"), get("/", "X-Ip: 198.51.100.7"),
                              get("/BLOCKED/x"), get("/new", "X-Path: /NEW"), get("/new"), get("/answered"), get("/answer"), get("/answered/1"),
                              get("/answered"), get("/answered")])

# "LIST ACTION", an action of whatever list, or a list: why no row compares it.
NOT_COMPARED = {
    "do-resolve": "names are resolved when the file is read",
    "send-spoe-group": "there are no SPOE agents",
    "ot-group": "there is no OpenTracing",
    "cache-use": "without effect: nothing is stored",
    "cache-store": "the same",
    "disable-l7-retry": "without effect here",
    "set-mark": "without effect here",
    "set-tos": "without effect here",
    "set-nice": "without effect here",
    "strict-mode": "without effect here",
    "wait-for-handshake": "without effect here: handshakes are complete",
    "http-response wait-for-body": "without effect here: bodies of responses are not looked at",
    "tcp-request content set-log-level": "a silent request has no line to compare",
    "tcp-response content set-log-level": "the same",
    "tcp-response content silent-drop": "no line in the log; the answer is compared",
    "tcp-response content close": "not there: a response is passed on or rejected",
    "tcp-request content switch-mode": "not there: a frontend has one mode",
    "tcp-request content use-service": "HAProxy has no service for it beside Lua's",
    "tcp-request connection silent-drop": "no line in the log; test_connections_that_are_dropped_hear_nothing",
    "tcp-request session silent-drop": "the same",
    "tcp-request content silent-drop": "the same",
    "http-request set-timeout": "no figure of it shows but time; it is tested by unit_rules",
    "http-request set-log-level": "a silent request has no line to compare",
}


# HAProxy logs no method of a request that `tcp-request content` rejects, and the status of a response that is dropped.
LINES_DIFFER = {"reject and silent-drop", "tcp-response content"}
# Of an answer that is a whole response: HAProxy has letters of their own for a tarpit and for answers in place of a response.
LETTERS_DIFFER = {"whole responses"}


class HaproxyActions(IntegrationCase):
    def setUp(self):
        self.seen = []
        self.held = None
        for file, text in FILES.items():
            with open(os.path.join(self.folder, file), "w", newline="") as out:
                out.write(text)
        self.backend = self.server("s1", tls=None, handler=self.answer)

    def answer(self, request):
        self.seen.append(request)
        if self.held:
            return self.held(request)
        status = {"/404": 404}.get(request.target, 200)
        return reply("body", status=status, fields=[("X-Target", request.target), ("X-Server", "here")])

    def config(self, bind, log, frontend, backend):
        return (DEFAULTS.format(log=log) + f"frontend web\n    bind {bind}\n{frontend}\n    default_backend app\n"
                f"backend tables\n    stick-table type ip size 10\nuserlist staff\n    user alice insecure-password secret\nhttp-errors group\n    errorfile 403 {self.folder}/forbidden.http\n"
                f"    errorfile 429 {self.folder}/whole.http\nbackend app\n    {backend}\n    server {self.backend.name} {self.backend.address} cookie one\n")

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
        frontend, backend = (text.replace("{folder}", self.folder) for text in (frontend, backend))
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
                ours = self.exchange(process.port(), request, logs[1], has_lines)
                if name in LETTERS_DIFFER:
                    ours, theirs = ((*seen[:3], [line.split()[0] for line in seen[3]]) for seen in (ours, theirs))
                self.assertEqual(ours, theirs)
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

    def test_who_waits_for_a_server_goes_by_priority(self):
        front = """
            stats uri /stats
            http-request set-priority-class req.hdr(x-class)
            http-request set-priority-offset req.hdr(x-offset)
            """
        waiting = (("/1",), ("/2", "X-Class: 5"), ("/3", "X-Class: -5"), ("/4", "X-Offset: -60000"), ("/5", "X-Offset: 60000"), ("/6",),
                   ("/7", "X-Class: -5", "X-Offset: -60000"))
        for port in self.both(front, "default-server maxconn 1"):
            self.held = Held()
            clients = []

            def queued():
                with Client(port) as client:
                    rows = rows_of(client.get("/stats;csv").body.decode())
                return sum(int(rows["app", name]["qcur"]) for name in ("s1", "BACKEND"))

            for number, (target, *fields) in enumerate((("/first",), *waiting)):
                clients.append(Client(port))
                self.addCleanup(clients[-1].close)
                clients[-1].send(get(target, *fields))
                eventually(lambda: len(self.held.order) == 1 and queued() == number, what=f"{number} who wait")
            for number in range(len(clients)):
                eventually(lambda: len(self.held.order) == number + 1, what="the next request")
                self.held.let_go()
            self.assertEqual(self.held.order, ["/first", "/7", "/3", "/4", "/1", "/6", "/5", "/2"])
            for client in clients:
                self.assertEqual(client.response().status, 200)

    def test_who_may_look_at_the_page_of_statistics(self):
        for where in ("frontend", "backend"):
            rules = """
            stats uri /stats
            stats http-request deny if { src 127.0.0.2 } or { hdr(x-deny) -m found }
            stats http-request allow if { hdr(x-allow) -m found }
            stats http-request auth realm "the page" unless { http_auth(staff) }
            """
            found = []
            front, back = (rules, "") if where == "frontend" else ("", rules)
            for port in self.both(front, back):
                answers = []
                for target, *fields in (("/stats",), ("/stats;csv",), ("/other",), ("/stats", "X-Deny: 1"), ("/stats", "X-Allow: 1"),
                                        ("/stats", "Authorization: Basic YWxpY2U6c2VjcmV0"), ("/x//../stats",), ("/stats", "X-Deny: 1", "X-Allow: 1")):
                    with Client(port) as client:
                        client.send(get(target, *fields))
                        response = client.response()
                        answers.append((target, fields, response.status, response.get("WWW-Authenticate")))
                found.append(answers)
            # HAProxy takes a path as it comes; here it is in its normal form for rules and pages alike.
            self.assertEqual([a for a in found[1] if ".." not in a[0]], [a for a in found[0] if ".." not in a[0]], where)
            self.assertIn(401, [a[2] for a in found[1] if ".." in a[0]])
            self.assertEqual([a[2] for a in found[1]][:6], [401, 401, 200, 403, 200, 200])

    def test_a_reload_reads_a_map_that_was_changed_again(self):
        path = os.path.join(self.folder, "hosts.map")
        front = (f"    http-request set-map({path}) kept %[path] if {{ path_beg /set }}\n"
                 f"    http-request return status 200 content-type text/plain lf-string %[str(kept),map({path},none)]")
        process = self.reseal(self.config("127.0.0.1:0", 9, front, ""), haproxy=True)
        for _ in range(8):  # whatever worker has the connection
            with Client(process.port()) as client:
                self.assertEqual(client.get("/set/it").body, b"/set/it")
        for _ in range(8):
            with Client(process.port()) as client:
                self.assertEqual(client.get("/").body, b"/set/it")
        process.signal(signal.SIGHUP)

        def answer():
            with Client(process.port()) as client:
                return client.get("/").body == b"none"

        eventually(answer, what="the map as the file has it")

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
