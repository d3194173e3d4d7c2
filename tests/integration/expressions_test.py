"""Conditions and texts of YAML rules in the language of HAProxy's manual (section 7), on the engine that haproxy.cfg has too."""

import base64
import os
import socket
import ssl
import subprocess
import unittest

from support.case import IntegrationCase
from support.client import Client
from support.process import eventually, run_reseal
from support.server import reply

RULES = """    acl:
      is_api: "path_beg /api"
      reader: ["method GET HEAD", "hdr(x-reader) -m found"]
    rules:
      - { when: "is_api !reader or { path -i /SECRET }", deny: 403 }
      - { when: "{ ssl_fc } { ssl_fc_sni localhost }", set_request_header: { X-Tls: "{ssl_fc_sni,upper} {scheme} {req.hdr(host),lower}" } }
      - { when: "{ path,url_dec -m reg ^/a+$ }", set_response_header: { X-Status: "was {res.hdr(x-was)}", X-Path: "{path}" } }
      - { when: "{ url_param(to) -m found }", redirect: { to: "/{url_param(to)}", status: 302 } }
"""


class Expressions(IntegrationCase):
    def test_rules_take_conditions_and_texts_of_that_language(self):
        seen = []
        server = self.server(handler=lambda request: seen.append(request) or reply("ok", fields=[("X-Was", "here")]))
        client = self.client(self.reseal(self.yaml(server, frontend=RULES)))
        self.assertEqual(client.get("/api/x").status, 200)
        client.send(b"POST /api/x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n\r\n")
        self.assertEqual(client.response().status, 403)
        client.send(b"POST /api/x HTTP/1.1\r\nHost: A.example\r\nX-Reader: 1\r\nContent-Length: 0\r\n\r\n")
        self.assertEqual(client.response().status, 200)
        self.assertEqual(seen[-1].get("X-Tls"), "LOCALHOST https a.example")
        self.assertEqual(client.get("/secret").status, 403)
        response = client.get("/aaa")
        self.assertEqual((response.get("X-Status"), response.get("X-Path")), ("was here", "/aaa"))
        self.assertIsNone(client.get("/ab").get("X-Path"))
        response = client.get("/?to=there%0d%0aX-Evil:%201")
        self.assertEqual((response.status, response.get("Location"), response.get("X-Evil")), (302, "/there%0d%0aX-Evil:%201", None))

    def test_users_are_asked_for_their_passwords(self):
        server = self.server(handler=lambda request: reply("in"))
        rules = """    rules:
      - when: "!{ http_auth(staff) }"
        reply: { status: 401, body: "who?", headers: { WWW-Authenticate: "Basic realm=\\"staff\\"" } }
      - { when: "{ path /admin } !{ http_auth_group(staff) admins }", deny: 403 }
"""
        crypted = subprocess.run(["openssl", "passwd", "-6", "secret"], capture_output=True, text=True, check=True).stdout.strip()
        users = f'users: {{ staff: {{ alice: {{ password: "{crypted}", groups: [admins] }}, bob: {{ plain_password: secret }} }} }}\n'
        process = self.reseal(users + self.yaml(server, frontend=rules))
        for path, credentials, status in (("/", None, 401), ("/", "alice:secret", 200), ("/admin", "alice:secret", 200), ("/", "alice:wrong", 401),
                                          ("/", "bob:secret", 200), ("/admin", "bob:secret", 403), ("/", "carol:secret", 401)):
            field = f"Authorization: Basic {base64.b64encode(credentials.encode()).decode()}\r\n" if credentials else ""
            with self.subTest(path=path, credentials=credentials):
                client = self.client(process)
                client.send(f"GET {path} HTTP/1.1\r\nHost: a.example\r\n{field}\r\n".encode())
                response = client.response()
                self.assertEqual((response.status, response.get("WWW-Authenticate")), (status, 'Basic realm="staff"' if status == 401 else None))

    def test_what_is_wrong_with_an_expression_is_told_with_its_line(self):
        for rule, said in (('{ when: "{ pathh /x }", deny: 403 }', "'pathh'"), ('{ when: "is_apii", deny: 403 }', "did you mean 'is_api'?"),
                           ('{ set_request_header: { X: "{req.hdrr(a)}" } }', "req.hdrr"), ('{ set_request_header: { X: "{hots}" } }', "{hots}"),
                           ('{ when: "{ src -f /nonexistent }", deny: 403 }', "/nonexistent")):
            yaml = self.yaml(self.server(), frontend=f"    acl: {{ is_api: \"path_beg /api\" }}\n    rules:\n      - {rule}\n")
            path = os.path.join(self.folder, "bad.yaml")
            with open(path, "w") as file:
                file.write(yaml)
            with self.subTest(rule=rule):
                status, _, error = run_reseal("check", "-c", path)
                self.assertEqual(status, 1, error)
                self.assertRegex(error, r"bad\.yaml:\d+:\d+: error: ")
                self.assertIn(said, error)


class TlsFacts(IntegrationCase):
    def setUp(self):
        self.plain = self.server("s1", tls=None, handler=lambda request: reply(request.get("X-Facts") or "none"))

    def haproxy_cfg(self, frontend, bind="", mode="http"):
        return (f"defaults\n    mode {mode}\n    timeout connect 5s\n    timeout client 10s\n    timeout server 10s\n"
                f"frontend web\n    bind 127.0.0.1:0 {bind}\n{frontend}    default_backend app\n"
                f"backend app\n    server s1 {self.plain.address}\n"
                f"backend other\n    server s1 {self.plain.address}\n")

    def test_rules_see_the_clients_tls(self):
        facts = "%[ssl_fc]/%[ssl_fc_protocol]/%[ssl_fc_cipher]/%[ssl_fc_alg_keysize]/%[ssl_fc_sni]/%[ssl_fc_alpn]/%[ssl_fc_is_resumed]/%[ssl_c_used]"
        process = self.reseal(self.haproxy_cfg(f'    http-request set-header X-Facts "{facts}"\n', f"ssl crt {self.pki.path('front.pem')}"),
                              haproxy=True)
        context = ssl.create_default_context(cafile=self.pki.path("ca.pem"))
        context.set_alpn_protocols(["http/1.1"])
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
        with Client(process.port(), context=context) as client:
            self.assertEqual(client.get("/").body, b"1/TLSv1.2/ECDHE-ECDSA-AES128-GCM-SHA256/128/localhost/http/1.1/0/0")

    def test_a_variable_of_the_session_lives_as_long_as_the_connection(self):
        process = self.reseal(self.haproxy_cfg("    tcp-request connection set-var(sess.port) src_port\n"
                                               "    http-request set-var(sess.count) var(sess.count),add(1)\n"
                                               "    http-request set-var(sess.count) int(1) unless { var(sess.count) -m found }\n"
                                               '    http-request set-header X-Facts "%[var(sess.count)] %[var(sess.port)]"\n'), haproxy=True)
        for _ in range(2):
            with Client(process.port()) as client:
                port = client.sock.getsockname()[1]
                self.assertEqual([client.get("/").body for _ in range(3)], [f"{i} {port}".encode() for i in (1, 2, 3)])

    def test_rules_about_connections_do_not_fix_the_address_that_a_proxy_header_tells(self):
        config = self.haproxy_cfg("    tcp-request connection accept if { src 127.0.0.0/8 }\n    option forwardfor\n"
                                  "    http-request set-header X-Facts %[src]\n", "accept-proxy")
        plain = self.server("xff", tls=None, handler=lambda request: reply(f"{request.get('X-Facts')} {request.get('X-Forwarded-For')}"))
        process = self.reseal(config.replace(self.plain.address, plain.address), haproxy=True)
        with Client(process.port()) as client:
            client.send("PROXY TCP4 192.0.2.7 192.0.2.8 4000 80\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertEqual(client.response().body, b"192.0.2.7 192.0.2.7")

    def test_a_response_without_a_body_keeps_its_status(self):
        empty = self.server("empty", tls=None, handler=lambda request: b"HTTP/1.1 204 No Content\r\n\r\n")
        process = self.reseal(self.haproxy_cfg("    http-response set-status 200\n").replace(self.plain.address, empty.address), haproxy=True)
        with Client(process.port()) as client:
            self.assertEqual([client.get("/").status for _ in range(2)], [204, 204])

    def test_a_refusal_with_a_text_counts_as_one(self):
        process = self.reseal(self.haproxy_cfg("    stick-table type ip size 1k store http_err_cnt\n    http-request track-sc0 src\n"
                                               "    http-request deny status 403 content-type text/plain string no if { path /no }\n"
                                               '    http-request set-header X-Facts %[sc_http_err_cnt(0)]\n'), haproxy=True)
        with Client(process.port()) as client:
            self.assertEqual(client.get("/no").body, b"no")
            self.assertEqual(client.get("/").body, b"1")

    def test_a_name_that_a_rule_makes_leads_to_no_backend_of_the_other_mode(self):
        config = (f"defaults\n    mode http\n    timeout connect 5s\n    timeout client 10s\n    timeout server 10s\n"
                  f"frontend web\n    mode tcp\n    bind 127.0.0.1:0\n    use_backend %[str(app)]\n    default_backend raw\n"
                  f"backend raw\n    mode tcp\n    server r {self.plain.address}\n"
                  f"backend app\n    http-request deny if {{ path_beg /x }}\n    server s1 {self.plain.address}\n")
        process = self.reseal(config, haproxy=True)
        try:
            with Client(process.port()) as client:
                client.send(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                self.assertEqual(client.rest(), b"")
        except ConnectionError:
            pass  # refused by a reset, maybe before connect() has returned

    def test_names_are_seen_on_resumed_connections_too(self):
        listed = os.path.join(self.folder, "crt-list")
        with open(listed, "w") as file:
            file.write(f"{self.pki.path('front.pem')} [verify none] a.test\n{self.pki.path('front.pem')} b.test\n")
        process = self.reseal(self.haproxy_cfg("    http-request set-header X-Facts %[ssl_fc_sni]/%[ssl_fc_is_resumed]\n",
                                               f"ssl crt-list {listed}"), haproxy=True)
        context = ssl.create_default_context(cafile=self.pki.path("ca.pem"))
        context.check_hostname = False
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        session = None
        for resumed in (b"0", b"1"):
            with Client(process.port(), context=context, server_name="b.test", session=session) as client:
                self.assertEqual(client.get("/").body, b"b.test/" + resumed)
                session = client.sock.session

    def test_connections_are_turned_away_before_a_byte_is_read(self):
        process = self.reseal(self.haproxy_cfg("    tcp-request connection reject if { src 127.0.0.0/8 }\n"), haproxy=True)
        with Client(process.port()) as client:
            self.assertEqual(client.rest(), b"")

    def test_unopened_tls_is_routed_by_its_name_and_other_bytes_by_the_default(self):
        seen = []

        def answering(text):
            def script(connection):
                connection.send(text)
                connection.sock.shutdown(socket.SHUT_WR)
                seen.append(connection.sock.recv(65536))
                while connection.sock.recv(65536):
                    pass
            return script

        server = self.server("raw", tls=None, script=answering(b"answer"))
        process = self.reseal(
            "defaults\n    mode tcp\n    timeout connect 5s\n    timeout client 10s\n    timeout server 10s\n"
            "frontend web\n    bind 127.0.0.1:0\n    tcp-request inspect-delay 200ms\n"
            "    tcp-request content reject if { req.ssl_sni -i refused.example }\n"
            "    tcp-request content accept if { req_ssl_hello_type 1 }\n"
            "    use_backend known if { req.ssl_sni -i known.example }\n    default_backend app\n"
            f"backend app\n    server raw {self.server('none', tls=None, script=answering(b'default')).address}\n"
            f"backend known\n    server raw {server.address}\n", haproxy=True)

        def hello(name):
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            tls = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=name)
            with self.assertRaises(ssl.SSLWantReadError):
                tls.do_handshake()
            return outgoing.read()

        for sent, answer in ((hello("known.example"), b"answer"), (hello("other.example"), b"default"), (b"SSH-2.0-x\r\n", b"default"),
                             (b"\x16\x03", b"default"), (b"", b"default")):
            with self.subTest(sent=sent[:8]), Client(process.port()) as client:
                client.send(sent)
                self.assertEqual(client.rest(), answer)
                client.half_close()
                eventually(lambda: seen)
                self.assertEqual(seen.pop(), sent)
        with Client(process.port()) as client:
            client.send(hello("refused.example"))
            try:
                self.assertEqual(client.rest(), b"")
            except ConnectionResetError:
                pass
        self.assertEqual(seen, [])


if __name__ == "__main__":
    unittest.main()
