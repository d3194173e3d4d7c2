"""Rules: who is denied, redirected, answered and sent where, with what in the heads; and what a path may look like."""

import os
import unittest

from support.case import IntegrationCase
from support.http import H2Requester, Message
from support.process import eventually
from support.server import reply, server_tls


class RulesCase(IntegrationCase):
    """A server that tells what reached it, behind a plain frontend with these lines."""

    def setUp(self):
        self.seen = []
        self.app = self.server("app", tls=None, handler=self.handle)

    def handle(self, request):
        self.seen.append(request)
        return reply("app")

    def start(self, rules="", frontend="", **options):
        lines = "".join(f"      - {line}\n" for line in rules.strip().splitlines())
        return self.reseal(self.plain_yaml(self.app, frontend=frontend + (f"    rules:\n{lines}" if lines else ""), **options))

    def ask(self, process, target="/", **options):
        return self.plain_client(process).get(target, **options)

    def failures(self, process):
        return process.entity("frontend", "web")["failures"]


class Paths(RulesCase):
    SPELLINGS = ["/admin", "/admin/", "/admin/x?y", "/%61dmin", "/%61%64%6D%69%6e/x", "//admin", "///admin//x", "/./admin", "/x/../admin",
                 "/x/%2e%2e/admin", "/%2E/admin", "/x/.%2e/admin/.", "/admin;v=1", "/admin;a=b/x", "/;x/admin", "/admin%3Bv/x",
                 "/%2fadmin", "/admin%2fx", "/admin%5cx", "/x/..;/admin", "/x/..%2fadmin", "/x/..%3b/admin", "/../admin", "/admin%00",
                 "/\\admin", "/x\\..\\admin", "/admin%", "/admin%2", "http://localhost/admin", "http://localhost//%61dmin"]

    def test_no_spelling_of_a_path_slips_past_a_deny(self):
        process = self.start("{ when: { path_prefix: /admin }, deny: 403 }")
        for target in self.SPELLINGS:
            with self.subTest(target):
                self.assertIn(self.ask(process, target).status, (400, 403))
        self.assertEqual(self.seen, [])
        self.assertEqual(self.ask(process, "/public").status, 200)

    def test_nor_where_odd_paths_are_kept_or_sent_as_they_came(self):
        process = self.start("{ when: { path_prefix: /admin }, deny: 403 }",
                             "    path: { send: as_received, encoded_slash: keep, backslash: keep }\n")
        for target in self.SPELLINGS:
            with self.subTest(target):
                self.assertIn(self.ask(process, target).status, (400, 403))
        self.assertEqual(self.seen, [])
        self.assertEqual(self.ask(process, "/a%2Fb\\c/%7Ex").status, 200)
        self.assertEqual(self.seen[0].target, "/a%2Fb\\c/%7Ex")

    def test_the_server_gets_the_path_that_the_rules_have_seen(self):
        process = self.start()
        for sent, received in (("//x/./%7e/../%61%2b?q=%2F//", "/x/a%2B?q=%2F//"), ("/caf%c3%a9", "/caf%C3%A9"), ("/a;v=1", "/a;v=1")):
            with self.subTest(sent):
                self.assertEqual(self.ask(process, sent).status, 200)
                self.assertEqual(self.seen[-1].target, received)

    def test_a_refused_path_is_answered_400_and_counted_as_ambiguous(self):
        process = self.start()
        response = self.ask(process, "/x%2fy")
        self.assertEqual(response.status, 400)
        self.assertIn(b"ambiguous_request", response.body)
        self.assertEqual(self.failures(process)["ambiguous_request"], 1)


class Decisions(RulesCase):
    def test_deny_has_its_status_and_its_cause(self):
        process = self.start("""{ when: { path: /a }, deny: true }
                                { when: { path: /b }, deny: 451 }""")
        response = self.ask(process, "/a")
        self.assertEqual(response.status, 403)
        self.assertIn(b"request_denied", response.body)
        self.assertEqual(self.ask(process, "/b").status, 451)
        self.assertEqual(self.failures(process)["request_denied"], 2)
        self.assertEqual(self.seen, [])

    def test_a_denied_request_leaves_its_connection_usable(self):
        process = self.start("{ when: { path: /a }, deny: true }")
        client = self.plain_client(process)
        self.assertEqual(client.get("/a").status, 403)
        self.assertEqual(client.get("/b").status, 200)

    def test_a_denied_upload_is_not_read_as_the_next_request(self):
        process = self.start("{ when: { path: /a }, deny: true }")
        client = self.plain_client(process)
        client.send(b"POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 45\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertEqual(client.response().status, 403)
        self.assertTrue(client.is_closed())
        self.assertEqual(self.seen, [])

    def test_allow_stands_above_the_deny_that_it_is_from(self):
        process = self.start("""{ when: { path_prefix: /admin/public }, allow: true }
                                { when: { path_prefix: /admin }, deny: 403 }""")
        self.assertEqual(self.ask(process, "/admin/public/x").status, 200)
        self.assertEqual(self.ask(process, "/admin/publicx").status, 403)

    def test_methods_hosts_fields_and_addresses_are_asked_for(self):
        process = self.start("""{ when: { method: [PUT, DELETE] }, deny: 405 }
                                { when: { header: { X-Role: guest } }, deny: 401 }
                                { when: { host: "*.internal" }, deny: 404 }
                                { when: { address: 127.0.0.0/8, path: /local }, deny: 418 }
                                { when: { not: { address: [127.0.0.0/8, "::1"] } }, deny: 500 }""")
        self.assertEqual(self.ask(process, method="DELETE").status, 405)
        self.assertEqual(self.ask(process, fields=[("X-Role", "user"), ("x-role", "a, guest")]).status, 401)
        self.assertEqual(self.ask(process, "/local").status, 418)
        for host in ("a.internal", "A.Internal.", "b.a.internal:80"):
            client = self.plain_client(process)
            client.send(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")
            self.assertEqual(client.response().status, 404)
        self.assertEqual(self.ask(process).status, 200)

    def test_no_spelling_of_a_host_slips_past_a_deny(self):
        self.check_spellings("""{ when: { host: [deny.test, "*.deny.test", "[2001:db8::1]"] }, deny: 403 }""")

    def test_nor_past_one_whose_hosts_are_looked_up(self):
        self.check_spellings("""{ when: { host: [deny.test, "[2001:DB8:0::1]", other.test] }, deny: 403 }
                                { when: { host: "*.deny.test" }, deny: 403 }
                                { when: { host: [a.test, b.test, c.test] }, deny: 404 }""")

    def check_spellings(self, rules):
        process = self.start(rules)
        for host in ("deny.test", "DENY.Test", "deny.test.", "deny.test:80", "Deny.TEST.:443", "deny.test..", "deny.test..:80", ".deny.test", "deny..test",
                     "%64eny.test", "deny%2etest", "deny.test%2e", "deny.test%00", "u@deny.test", "deny.test;x", "deny.test!", "deny.test,a.example",
                     "[2001:db8::1]", "[2001:DB8:0::1]:80", "[2001:db8:0:0:0:0:0.0.0.1]", "[2001:db8::1%25lo]", "2001:db8::1"):
            for request in (f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n", f"GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n"):
                with self.subTest(request):
                    client = self.plain_client(process)
                    client.send(request)
                    self.assertIn(client.response().status, (400, 403))
        self.assertEqual(self.seen, [])

    def test_a_host_that_cannot_be_rewritten_is_said_not_passed_on(self):
        process = self.start("""{ rewrite: { host: "{host}.internal" } }""")
        for host, status in (("a.example:80", 200), ("[::1]:80", 400)):
            client = self.plain_client(process)
            client.send(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")
            self.assertEqual(client.response().status, status)
        self.assertEqual([request.all("host") for request in self.seen], [["a.example.internal"]])
        self.assertEqual(self.failures(process), {"bad_request": 1})
        self.assertEqual(process.entity("backend", "web")["in_flight"], 0)

    def test_a_client_cannot_lend_itself_a_field_that_a_rule_believes(self):
        rules = "{ when: { not: { header: { X-SSL-Client-Verify: SUCCESS } } }, deny: 403 }"
        spellings = ("X-SSL-Client-Verify", "x_ssl_client_verify", "X-SSL-Client_Verify", "X.SSL.Client.Verify", "X-SSL~Client|Verify")
        process = self.start(rules)
        for name in spellings:
            self.assertEqual(self.ask(process, fields=[(name, "SUCCESS")]).status, 403)
        trusting = self.start(rules, "    trusted_proxies: [127.0.0.1]\n")
        self.assertEqual([self.ask(trusting, fields=[(name, "SUCCESS")]).status for name in spellings], [200, 403, 403, 403, 403])

    def test_redirects_to_another_host_scheme_and_path(self):
        process = self.start("""{ when: { path: /host }, redirect: { host: www.example.org, status: 301 } }
                                { when: { path: /https }, redirect: https }
                                { when: { path_prefix: /old }, redirect: { path: "/new{path}", status: 302 } }
                                { when: { path: /to }, redirect: { to: "https://x.example/{client_address}{query}", status: 307 } }""")
        host = "localhost"
        for target, status, location in (("/host?a=b", 301, "http://www.example.org/host?a=b"), ("/https", 308, f"https://{host}/https"),
                                         ("//old/./x?q", 302, f"http://{host}/new/old/x?q"), ("/to?q=1", 307, "https://x.example/127.0.0.1?q=1")):
            with self.subTest(target):
                response = self.ask(process, target)
                self.assertEqual((response.status, response.get("location")), (status, location))
        self.assertEqual(self.seen, [])

    def test_a_target_that_is_no_path_is_redirected_to_the_root(self):
        process = self.start("{ redirect: https }", "    connect: allowed\n")
        self.assertEqual(self.ask(process, "*", method="OPTIONS").get("location"), "https://localhost/")
        client = self.plain_client(process)
        client.send(b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n")
        self.assertEqual(client.response().get("location"), "https://a.example/")

    def test_static_replies_from_text_and_file(self):
        page = os.path.join(self.folder, "page.html")
        with open(page, "w") as file:
            file.write("<h1>later</h1>")
        process = self.start(f"""{{ when: {{ path: /text }}, reply: {{ body: "hello", headers: {{ X-From: "{{frontend}}" }} }} }}
                                 {{ when: {{ path: /file }}, reply: {{ status: 503, file: {page}, headers: {{ Retry-After: "60" }} }} }}
                                 {{ when: {{ path: /empty }}, reply: {{ status: 204 }} }}""")
        text, file, empty = (self.ask(process, target) for target in ("/text", "/file", "/empty"))
        self.assertEqual((text.status, text.body, text.get("content-type"), text.get("x-from")),
                         (200, b"hello", "text/plain; charset=utf-8", "web"))
        self.assertEqual((file.status, file.body, file.get("content-type"), file.get("retry-after")),
                         (503, b"<h1>later</h1>", "text/html; charset=utf-8", "60"))
        self.assertEqual((empty.status, empty.get("content-length")), (204, None))
        client = self.plain_client(process)
        head = client.get("/file", method="HEAD")
        self.assertEqual((head.status, head.get("content-length")), (503, "14"))
        self.assertEqual(client.get("/text").body, b"hello")


class Changes(RulesCase):
    def test_request_fields_are_set_added_and_removed(self):
        process = self.start("""{ set_request_header: { X-User: "{client_address}", X-Path: "{method} {path}{query}" }, add_request_header: { X-Tag: b } }
                                { when: { path_prefix: /x }, remove_request_header: [X-Debug, Cookie] }""")
        sent = [("X-User", "root"), ("x-user", "root"), ("X-Tag", "a"), ("X-Debug", "1"), ("Cookie", "c")]
        self.ask(process, "//x?y", fields=sent)
        request = self.seen[-1]
        self.assertEqual(request.all("x-user"), ["127.0.0.1"])
        self.assertEqual(request.all("x-path"), ["GET /x?y"])
        self.assertEqual(request.all("x-tag"), ["a", "b"])
        self.assertEqual(request.all("x-debug") + request.all("cookie"), [])

    def test_response_fields_are_set_on_what_the_server_and_reseal_answer(self):
        self.app.handler = lambda request: reply("app", fields=[("Server", "x/1"), ("Set-Cookie", "a=b")])
        process = self.start("""{ set_response_header: { Strict-Transport-Security: max-age=1 }, remove_response_header: Server }
                                { when: { path: /denied }, deny: true }
                                { when: { path: /redirected }, redirect: https }""")
        for target in ("/", "/denied", "/redirected"):
            with self.subTest(target):
                response = self.ask(process, target)
                self.assertEqual(response.get("strict-transport-security"), "max-age=1")
                self.assertEqual(response.all("server"), [])
        self.assertEqual(self.ask(process).get("set-cookie"), "a=b")

    def test_host_and_path_are_rewritten_and_the_query_stays(self):
        process = self.start("""{ when: { path_prefix: /api }, rewrite: { strip_prefix: /api, add_prefix: /v2 } }
                                { when: { path: /whole }, rewrite: { host: "app.internal:81", path: "/{host}" } }""")
        for target, received, host in (("/api/x?q=1", "/v2/x?q=1", "localhost"), ("//%61pi", "/v2/", "localhost"), ("/api;v/x", "/v2/x", "localhost"),
                                       ("/apix", "/apix", "localhost"), ("/whole?q", "/localhost?q", "app.internal:81")):
            with self.subTest(target):
                self.ask(process, target)
                self.assertEqual((self.seen[-1].target, self.seen[-1].all("host")), (received, [host]))

    def test_a_route_has_its_own_time(self):
        hung = self.server("hung", tls=None, script=lambda connection: connection.read_request() and connection.more())
        process = self.reseal(self.plain_yaml(hung, backend="    retries: 0\n", frontend="""    rules:
      - { when: { path: /quick }, timeouts: { response: 200ms } }
"""))
        self.assertEqual(self.ask(process, "/quick", method="POST", body=b"").status, 504)


class Fields(RulesCase):
    def test_fields_with_an_underscore_are_dropped_kept_or_refused(self):
        fields = [("api_key", "1"), ("X-A", "2")]
        self.ask(self.start(), fields=fields)
        self.assertEqual((self.seen[-1].get("api_key"), self.seen[-1].get("x-a")), (None, "2"))
        self.ask(self.start(frontend="    underscore_fields: keep\n"), fields=fields)
        self.assertEqual(self.seen[-1].get("api_key"), "1")
        refusing = self.start(frontend="    underscore_fields: refuse\n")
        self.assertEqual(self.ask(refusing, fields=fields).status, 400)
        self.assertEqual(self.ask(refusing).status, 200)

    def test_no_spelling_of_a_field_slips_past_a_deny(self):
        process = self.start("{ when: { header: { X-Role: guest } }, deny: 403 }")
        for name in ("X-Role", "x-role", "X_Role", "X.Role", "x~role", "X-Role."):
            response = self.ask(process, fields=[(name, "guest")])
            if response.status != 403:
                self.assertEqual((response.status, [field for field in self.seen[-1].fields if field[1] == "guest"]), (200, []), name)

    def test_fields_of_a_load_balancer_reach_no_server_in_any_spelling(self):
        names = ["X-Forwarded-For", "X.Forwarded.For", "x~forwarded~proto", "X!Real!IP", "Client.Cert", "Forwarded", "X'Original'URL"]
        process = self.start(frontend="    underscore_fields: keep\n    request_id: X-Request-Id\n")
        self.assertEqual(self.ask(process, fields=[(name, "forged") for name in [*names, "X.Request.Id", "x|request|id"]]).status, 200)
        self.assertNotIn("forged", [value for _, value in self.seen[-1].fields])

    def test_each_request_has_an_id_of_its_own(self):
        process = self.start(frontend="    request_id: X-Request-Id\n", workers=2)
        sent = [("X-Request-Id", "forged"), ("x_request_id", "forged")]
        for _ in range(20):
            self.assertIsNone(self.ask(process, fields=sent).get("x-request-id"))
        ids = [request.get("x-request-id") for request in self.seen]
        self.assertEqual(len(set(ids)), 20)
        for request in self.seen:
            self.assertEqual(len(request.all("x-request-id")), 1)
            self.assertRegex(request.get("x-request-id"), "^[0-9a-f]{32}$")
            self.assertEqual(request.all("x_request_id"), [])

    def test_an_id_is_kept_from_whom_it_may_come_and_told_to_the_client(self):
        process = self.start(frontend="    request_id: { field: X-Request-Id, accept: any, respond: true }\n")
        response = self.ask(process, fields=[("x-request-id", "abc-123")])
        self.assertEqual((self.seen[-1].get("x-request-id"), response.get("x-request-id")), ("abc-123", "abc-123"))
        odd = self.ask(process, fields=[("x-request-id", "a b")])
        self.assertRegex(odd.get("x-request-id"), "^[0-9a-f]{32}$")
        self.assertEqual(self.seen[-1].get("x-request-id"), odd.get("x-request-id"))


class Bodies(RulesCase):
    def test_a_declared_length_over_the_limit_is_refused_at_once(self):
        process = self.start(frontend="    max_body_size: 10\n")
        client = self.plain_client(process)
        client.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n")
        response = client.response()
        self.assertEqual(response.status, 413)
        self.assertIn(b"body_too_large", response.body)
        self.assertTrue(client.is_closed())
        self.assertEqual(self.app.connections, 0)
        self.assertEqual(self.ask(process, method="POST", body=b"0123456789").status, 200)
        self.assertEqual(self.failures(process)["body_too_large"], 1)

    def test_a_chunked_body_is_refused_when_it_passes_the_limit_and_never_completed(self):
        process = self.start(frontend="    max_body_size: 10\n")
        client = self.plain_client(process)
        client.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n")
        client.send(b"6\r\nghijkl\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertEqual(client.response().status, 413)
        self.assertTrue(client.is_closed())
        self.assertEqual(self.seen, [])
        fitting = self.plain_client(process)
        fitting.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n")
        self.assertEqual(fitting.response().status, 200)
        self.assertEqual(self.seen[-1].body, b"0123456789")

    def test_a_rule_has_a_limit_of_its_own(self):
        process = self.start("{ when: { path: /upload }, max_body_size: 1MiB }", "    max_body_size: 10\n")
        body = b"x" * 100_000
        self.assertEqual(self.ask(process, "/upload", method="POST", body=body).status, 200)
        client = self.plain_client(process)
        client.send(b"POST /other HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
        self.assertEqual(client.response().status, 413)


class Pages(RulesCase):
    def page(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def test_errors_have_the_pages_of_the_frontend_and_servers_keep_their_own(self):
        self.app.handler = lambda request: reply("the server's", status="404 Not Found")
        pages = f"{{ 403: {self.page('403.html', '<h1>no</h1>')}, 4xx: {self.page('4xx.json', '{}')} }}"
        process = self.start("{ when: { path: /no }, deny: true }", f"    error_pages: {pages}\n")
        response = self.ask(process, "/no")
        self.assertEqual((response.status, response.body, response.get("content-type")), (403, b"<h1>no</h1>", "text/html; charset=utf-8"))
        self.assertEqual(self.ask(process, "/%").body, b"{}")
        self.assertEqual(self.ask(process, "/").body, b"the server's")
        head = self.ask(process, "/no", method="HEAD")
        self.assertEqual((head.status, head.get("content-length")), (403, "11"))

    def test_a_page_that_has_changed_is_sent_after_a_reload_and_one_that_is_gone_changes_nothing(self):
        page = self.page("gone.html", "before")
        process = self.start("{ when: { path: /no }, deny: true }", f"    error_pages: {{ 403: {page} }}\n")
        self.assertEqual(self.ask(process, "/no").body, b"before")
        self.page("gone.html", "after")
        self.assertEqual(process.reload()[0], 0)
        self.assertEqual(self.ask(process, "/no").body, b"after")
        os.remove(page)
        status, text = process.reload()
        self.assertNotEqual(status, 0)
        self.assertIn(f"{page} cannot be read: No such file", text)
        self.assertEqual(self.ask(process, "/no").body, b"after")
        self.page("gone.html", "x" * (64 * 1024 + 1))
        self.assertIn("larger than 64 KiB", process.reload()[1])

    def test_a_large_page_is_sent_whole(self):
        text = "".join(f"{n:7d}\n" for n in range(8192))  # 64 KiB
        process = self.start("{ when: { path: /no }, deny: true }", f"    error_pages: {{ 403: {self.page('large.txt', text)} }}\n")
        self.assertEqual(self.ask(process, "/no").body, text.encode())


class Tcp(RulesCase):
    def test_a_connection_is_denied_by_its_address(self):
        yaml = self.plain_yaml(self.app, frontend="    mode: tcp\n    rules:\n      - { when: { address: 127.0.0.0/8 }, deny: true }\n")
        process = self.reseal(yaml)
        try:
            client = self.plain_client(process)
            client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertTrue(client.is_closed())
        except ConnectionError:
            pass  # closed before connect() or send() has returned
        eventually(lambda: self.failures(process).get("request_denied") == 1)
        self.assertEqual(self.app.connections, 0)


class Http2(RulesCase):
    def requester(self, rules="", frontend=""):
        process = self.start(rules, frontend + "    h2c: allowed\n")
        client = H2Requester(process.port())
        self.addCleanup(client.close)
        return client

    def test_the_same_rules_hold_for_streams_and_one_that_is_denied_leaves_the_others_alone(self):
        client = self.requester("""{ when: { path_prefix: /admin }, deny: 403 }
                                   { when: { host: old.example }, redirect: { host: new.example } }""")
        paths = ["/ok", *(spelling for spelling in Paths.SPELLINGS if spelling.startswith("/"))]
        streams = [client.begin(Message(path=path)) for path in paths]
        streams.append(client.begin(Message(path="/x?y", authority="old.example")))
        ok, *denied, moved = client.finish(streams)
        self.assertEqual(ok.status, 200)
        self.assertTrue(all(response.status in (400, 403) for response in denied))
        self.assertEqual((moved.status, moved.get("location")), (308, "http://new.example/x?y"))
        self.assertEqual([request.target for request in self.seen], ["/ok"])

    def test_a_page_larger_than_the_window_is_sent_whole(self):
        text = "".join(f"{n:7d}\n" for n in range(8192))  # 64 KiB, one byte more than a window
        path = os.path.join(self.folder, "large.txt")
        with open(path, "w") as file:
            file.write(text)
        client = self.requester("{ deny: true }", f"    error_pages: {{ 403: {path} }}\n")
        streams = [client.begin(Message(path="/")) for _ in range(20)]
        for response in client.finish(streams):
            self.assertEqual((response.status, response.body), (403, text.encode()))

    def test_a_body_without_a_length_is_refused_when_it_passes_the_limit(self):
        client = self.requester(frontend="    max_body_size: 10\n")
        over, within = (client.begin(Message(method="POST", body=b"x" * size, unknown_length=True)) for size in (11, 10))
        self.assertEqual([response.status for response in client.finish([over, within])], [413, 200])
        self.assertEqual([request.body for request in self.seen], [b"x" * 10])

    def test_fields_are_set_and_an_id_is_given(self):
        client = self.requester("{ set_response_header: { X-Seen: \"{request_id}\" }, set_request_header: { X-Host: \"{host}\" } }",
                                "    request_id: X-Request-Id\n")
        response = client.finish([client.begin(Message(fields=[("x_request_id", "forged"), ("x-request-id", "forged")]))])[0]
        self.assertRegex(response.get("x-seen"), "^[0-9a-f]{32}$")
        self.assertEqual((self.seen[0].all("x-request-id"), self.seen[0].get("x-host")), ([response.get("x-seen")], "localhost"))


class Example(RulesCase):
    def test_the_example_is_served_as_its_comments_say(self):
        servers = [self.server(f"s{n}", handler=self.handle, tls=server_tls(self.pki)) for n in range(3)]
        process = self.example("path-rules", *servers)

        def ask(target, host="www.example.org", method="GET"):
            client = self.client(process)
            client.send(f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n")
            return client.response()

        moved = ask("/x?y", host="example.org")
        self.assertEqual((moved.status, moved.get("location")), (308, "https://www.example.org/x?y"))
        for target, status in (("/", 200), ("/admin", 403), ("//%61dmin/x", 403), ("/internal;v=1", 403), ("/admin/health", 200), ("/robots.txt", 200)):
            self.assertEqual(ask(target).status, status, target)
        self.assertEqual(ask("/api/users?a=b").get("strict-transport-security"), "max-age=63072000")
        self.assertEqual((self.seen[-1].target, self.seen[-1].get("x-client")), ("/v2/users?a=b", "127.0.0.1"))
        for server in servers:
            server.stop()
        # 502 until the servers are known to be down.
        eventually(lambda: ask("/").status == 503, what="no server up")
        self.assertIn(b"Back soon", ask("/").body)


if __name__ == "__main__":
    unittest.main()
