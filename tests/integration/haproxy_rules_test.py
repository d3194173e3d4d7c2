"""Rules of a haproxy.cfg beside Debian's HAProxy: the same lines, the same requests, and then the same server, the same
request there, the same response."""

import unittest

from support.case import IntegrationCase
from support.client import Client
from support.haproxy import HAProxy
from support.server import reply

DEFAULTS = """defaults
    mode http
    timeout connect 5s
    timeout client 10s
    timeout server 10s
    timeout tarpit 100ms
"""

# What each program writes in its own way: framing, connection, and the texts of its own error pages.
OWN = {"connection", "content-length", "transfer-encoding", "keep-alive", "date", "cache-control"}


def get(target="/", *fields, method="GET", host="www.example.com"):
    return (f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n" + "".join(f"{field}\r\n" for field in fields) + "\r\n").encode()


# name: (lines of the frontend, lines of the backend `other`, requests)
CASES = {
    "set-header, add-header and del-header": ("""
        http-request set-header X-Set %[path]
        http-request add-header X-Two two
        http-request del-header X-Gone
        http-request del-header x-beg- -m beg
        http-request del-header -end -m end
        http-request del-header reg[0-9] -m reg
        http-request set-header X-Empty "%[req.hdr(none)]"
        http-request set-header X-Literal "100%% a\\ b"
        http-request set-header Host %[req.hdr(host),lower]
        """, "", [get(), get("/a?b", "X-Set: 1", "X-Set: 2", "X-Two: one", "X-Gone: x", "X-Beg-A: 1", "A-End: 2", "X-Reg7: 3"),
                  get("/x", host="WWW.Example.COM")]),
    "replace-header and replace-value": ("""
        http-request replace-header Cookie foo=([^;]*);(.*) foo=\\1;ip=%[src];\\2
        http-request replace-value X-List a(.*) <\\1>
        http-request replace-header User-Agent curl foo
        """, "", [get("/", "Cookie: foo=bar; x=y", "X-List: ab, b, ac,x", "User-Agent: curl/7"), get("/", "Cookie: none", "X-List: q")]),
    "paths and queries": ("""
        http-request set-path /new/%[path,field(2,/)] if { path_beg /set/ }
        http-request replace-path ^/old/(.*) /fresh/\\1
        http-request replace-pathq ^/pathq/([^?]*)(\\?.*)? /\\1\\2&z=1 if { path_beg /pathq }
        http-request set-query %[query,regsub(%3D,=,g)] if { query -m found }
        http-request set-pathq /whole?all=1 if { path /pq }
        http-request set-uri /uri?%[path] if { path /uri }
        http-request replace-uri ^/gone/(.*) /back/\\1
        """, "", [get(path) for path in ("/set/b?x=1", "/old/a/b?q=1", "/pathq/x?y=2", "/pathq/x", "/?a%3D1", "/pq?x", "/uri", "/gone/x", "/%41")]),
    "deny, return and redirect": ("""
        http-request deny if { path /deny }
        http-request deny deny_status 429 if { path /429 }
        http-request deny status 503 content-type text/plain string "no" hdr X-Why "%[path]" if { path /why }
        http-request return status 200 content-type "text/plain" lf-string "you are %[req.hdr(user-agent)]" if { path /return }
        http-request return status 204 if { path /204 }
        http-request return if { path /empty }
        http-request redirect location https://%[hdr(host)]/to?x=%[path] code 301 if { path /location }
        http-request redirect prefix https://other.example drop-query if { path_beg /prefix }
        http-request redirect prefix / append-slash drop-query code 307 if { path /slash }
        http-request redirect scheme https code 308 if { path_beg /scheme }
        http-request redirect location /cookie set-cookie SEEN=1 if { path /set }
        http-request redirect location /cookie clear-cookie USERID= if { path /clear }
        redirect location /%[path] if { path /literal }
        redirect prefix http://late.example if { path_beg /late }
        http-request auth realm "a realm" if { path /auth }
        http-request tarpit deny_status 403 if { path /tarpit }
        """, "", [get(path) for path in ("/deny", "/429", "/why", "/return", "/204", "/empty", "/location", "/prefix/a?b=c", "/slash", "/scheme/a?b",
                                         "/set", "/clear", "/literal", "/late/x?y", "/auth", "/tarpit", "/")]),
    "choosing a backend": ("""
        acl is_api path_beg /api
        acl is_static path_end .png .css -i
        acl is_static path_dir static
        acl from_here src 127.0.0.0/8
        use_backend other if is_api !is_static or { hdr(x-other) yes } from_here
        use_backend other unless { path_beg / }
        use_backend %[req.hdr(x-backend),lower] if { req.hdr(x-backend) -m found }
        """, "", [get(path) for path in ("/api/x", "/api/x.PNG", "/api/static/x", "/x")] +
                 [get("/x", "X-Other: yes"), get("/x", "X-Backend: OTHER"), get("/x", "X-Backend: unknown")]),
    "rules of the backend follow": ("""
        http-request set-var(txn.path) path
        http-request set-var-fmt(req.both) "%[path]+%[method]"
        use_backend other if { path_beg /other }
        http-response set-header X-Path %[var(txn.path)]
        http-after-response set-header X-Last %[status]
        """, """
        http-request set-header X-Both %[var(req.both)]
        http-request set-header X-Name %[be_name]-%[fe_name]
        http-request deny deny_status 404 if { path /other/deny }
        http-response set-header X-Path backend
        http-response set-status 299 reason "Odd" if { path /none } or { res.hdr(x-target) /other/odd }
        http-response del-header X-Server
        http-response replace-header X-Target /(.*) <\\1>
        """, [get("/other/a"), get("/other/deny"), get("/other/odd"), get("/front")]),
    "rules about responses": ("""
        http-response deny if { status 404 }
        http-response deny deny_status 429 if { res.hdr(x-target) /429 }
        http-response return status 200 content-type text/plain string "instead" if { res.hdr(x-target) /instead }
        http-response redirect location /elsewhere if { res.hdr(x-target) /moved }
        http-response add-header X-Req %[capture.req.method]-%[capture.req.uri]-%[capture.req.ver]-%[capture.res.ver]
        http-after-response set-header Strict-Transport-Security "max-age=16000000; includeSubDomains; preload;"
        http-request deny if { path /early }
        """, "", [get(path) for path in ("/404", "/429", "/instead", "/moved", "/x", "/early")]),
    "variables": ("""
        http-request set-var(txn.a) req.hdr(x-a),lower
        http-request set-var(txn.b) int(5),add(2)
        http-request set-var(txn.none) req.hdr(none)
        http-request unset-var(txn.b) if { path /unset }
        http-request set-header X-A "%[var(txn.a)]-%[var(txn.b)]-%[var(txn.none)]"
        http-request deny if { var(txn.b) -m int 7 } { path /seven }
        http-request set-header X-Found 1 if { var(txn.a) -m found }
        http-request set-header X-Concat %[var(txn.a),concat(<,txn.b,>)]
        """, "", [get("/", "X-A: ABC"), get("/unset"), get("/seven"), get("/seven", "X-A: q")]),
    "allow ends a list and no other": ("""
        http-request allow if { path_beg /allowed }
        http-request deny if { path_beg /allowed }
        redirect location /r if { path /allowed/redirect }
        tcp-request content reject if { path /never-asked/x } FALSE
        http-request set-header X-Later 1
        """, "", [get("/allowed/a"), get("/allowed/redirect"), get("/b")]),
    "predefined conditions": ("""
        http-request set-header X-Get 1 if METH_GET
        http-request set-header X-Post 1 if METH_POST
        http-request set-header X-11 1 if HTTP_1.1
        http-request set-header X-Local 1 if LOCALHOST
        http-request set-header X-True 1 if TRUE !FALSE
        http-request set-header X-Content 1 if HTTP_CONTENT
        """, "", [get(), get(method="POST", target="/p"), get("/", "Content-Length: 0", method="PUT")]),
}


class HaproxyRules(IntegrationCase):
    def setUp(self):
        self.seen = []
        self.backend = self.server("s1", tls=None, handler=self.answer)

    def answer(self, request):
        self.seen.append(request)
        status = {"/404": 404}.get(request.target, 200)
        return reply("body", status=status, fields=[("X-Target", request.target), ("X-Server", "here")])

    def config(self, bind, frontend, other):
        servers = f"    server {self.backend.name} {self.backend.address}\n"
        return (f"{DEFAULTS}frontend web\n    bind {bind}\n{frontend}\n    default_backend app\n"
                f"backend app\n    http-request set-header X-Backend-Is app\n{servers}"
                f"backend other\n    http-request set-header X-Backend-Is other\n{other}\n{servers}")

    def exchange(self, port, request):
        """What the server saw and what came back, without what is each program's own."""
        self.seen.clear()
        with Client(port) as client:
            client.send(request)
            response = client.response()
        served = [(r.method, r.target, sorted((k.lower(), v) for k, v in r.fields if k.lower() not in OWN)) for r in self.seen]
        fields = sorted((k.lower(), v) for k, v in response.fields if k.lower() not in OWN)
        is_page = response.status >= 300 and response.body not in (b"body", b"no")
        if is_page:
            fields = [(k, v) for k, v in fields if k != "content-type"]
        return served, response.status, fields, None if is_page else response.body

    def test_rules_do_what_they_do_in_haproxy(self):
        for name, (frontend, other, requests) in CASES.items():
            haproxy = HAProxy(self.config("@web@", frontend, other), folder=self.folder)
            self.addCleanup(haproxy.close)
            process = self.reseal(self.config("127.0.0.1:0", frontend, other), haproxy=True)
            for request in requests:
                with self.subTest(name=name, request=request):
                    theirs = self.exchange(haproxy.port(), request)
                    self.assertEqual(self.exchange(process.port(), request), theirs)
            process.stop()
            haproxy.close()


if __name__ == "__main__":
    unittest.main()
