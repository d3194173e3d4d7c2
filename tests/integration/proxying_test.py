"""The main job: HTTPS in, a server chosen, mutual TLS out, messages passed on as HTTP says."""

import collections
import threading
import time
import unittest

from support.case import IntegrationCase
from support.process import eventually
from support.server import reply


class Proxying(IntegrationCase):
    def test_three_servers_all_get_requests(self):
        servers = [self.server(f"web{i}") for i in range(3)]
        client = self.client(self.reseal(self.yaml(*servers)))
        seen = collections.Counter(client.get().body for _ in range(30))
        self.assertEqual(seen, {b"web0": 10, b"web1": 10, b"web2": 10})

    def test_forwarding_fields_are_set_and_what_clients_send_is_dropped(self):
        seen = []
        server = self.server(handler=lambda request: seen.append(request) or reply())
        process = self.reseal(self.yaml(server))
        self.client(process).get("/x", [("X-Forwarded-For", "6.6.6.6"), ("x_forwarded_for", "7.7.7.7"), ("Forwarded", "for=8.8.8.8"),
                                        ("X-Real-IP", "9.9.9.9"), ("X_Forwarded-Proto", "ftp"), ("X-Forwarded-Host", "evil")])
        request = seen[0]
        self.assertEqual(request.all("X-Forwarded-For"), ["127.0.0.1"])
        self.assertEqual(request.all("X-Forwarded-Proto"), ["https"])
        self.assertEqual(request.all("Forwarded"), ['for=127.0.0.1;host="localhost";proto=https'])
        for name in ("x_forwarded_for", "x-real-ip", "x_forwarded-proto", "x-forwarded-host"):
            self.assertEqual(request.all(name), [], name)

    def test_a_trusted_proxy_keeps_its_forwarding_fields(self):
        seen = []
        server = self.server(handler=lambda request: seen.append(request) or reply())
        process = self.reseal(self.yaml(server, frontend="    trusted_proxies: [127.0.0.0/8]\n"))
        self.client(process).get("/x", [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-Proto", "http")])
        self.assertEqual(seen[0].all("X-Forwarded-For"), ["6.6.6.6", "127.0.0.1"])
        self.assertEqual(seen[0].all("X-Forwarded-Proto"), ["http"])

    def test_forwarding_fields_are_left_out_when_asked_and_what_clients_send_is_still_dropped(self):
        seen = []
        server = self.server(handler=lambda request: seen.append(request) or reply())
        process = self.reseal(self.yaml(server, frontend="    forwarded: off\n"))
        self.client(process).get("/x", [("X-Forwarded-For", "6.6.6.6"), ("X_Forwarded_For", "7.7.7.7"), ("Forwarded", "for=8.8.8.8")])
        self.assertEqual([name for name, _ in seen[0].fields if "forwarded" in name.lower()], [])

    def test_hop_by_hop_fields_and_what_connection_names_are_removed_both_ways(self):
        seen = []
        server = self.server(handler=lambda request: seen.append(request) or reply(fields=[
            ("Connection", "X-Hop"), ("X-Hop", "1"), ("Keep-Alive", "timeout=5"), ("X-Kept", "1"), ("Proxy-Authenticate", "x")]))
        process = self.reseal(self.yaml(server))
        response = self.client(process).get("/", [("Connection", "X-Secret, Host, X-Forwarded-For"), ("X-Secret", "1"), ("TE", "trailers"),
                                                  ("Upgrade", "websocket"), ("Proxy-Connection", "keep-alive"), ("X-Kept", "1")])
        for name in ("connection", "x-secret", "te", "upgrade", "proxy-connection", "keep-alive"):
            self.assertIsNone(seen[0].get(name), name)
        self.assertEqual(seen[0].get("x-kept"), "1")
        self.assertEqual(seen[0].get("host"), "localhost")
        self.assertEqual(seen[0].all("x-forwarded-for"), ["127.0.0.1"])
        for name in ("connection", "x-hop", "keep-alive", "proxy-authenticate"):
            self.assertIsNone(response.get(name), name)
        self.assertEqual(response.get("x-kept"), "1")

    def test_pipelined_requests_are_answered_in_order(self):
        def handler(request):
            if request.target == "/0":
                time.sleep(0.05)  # the first answer is the slowest
            return reply(request.target)

        server = self.server(handler=handler)
        client = self.client(self.reseal(self.yaml(server)))
        client.send("".join(f"GET /{i} HTTP/1.1\r\nHost: localhost\r\n\r\n" for i in range(20)))
        self.assertEqual([client.response().body.decode() for _ in range(20)], [f"/{i}" for i in range(20)])

    def test_one_client_connection_uses_one_server_connection_again(self):
        server = self.server()
        client = self.client(self.reseal(self.yaml(server)))
        for _ in range(10):
            self.assertEqual(client.get().status, 200)
        self.assertEqual(server.connections, 1)

    def test_chunked_bodies_and_trailers_pass_both_ways(self):
        seen = []

        def handler(request):
            seen.append(request)
            return (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                    b"5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nX-Sum: 42\r\nContent-Length: 5\r\n\r\n")

        client = self.client(self.reseal(self.yaml(self.server(handler=handler))))
        client.send(b"POST /up HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                    b"3\r\nabc\r\n2\r\nde\r\n0\r\nX-Check: yes\r\nHost: evil\r\n\r\n")
        response = client.response()
        self.assertEqual(seen[0].body, b"abcde")
        self.assertEqual(seen[0].trailers, b"X-Check: yes\r\n")
        self.assertEqual(response.body, b"hello world")
        self.assertEqual(response.trailers, b"X-Sum: 42\r\n")

    def test_head_keeps_the_stated_length_and_has_no_body(self):
        server = self.server(script=lambda c: c.read_head() and c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"))
        client = self.client(self.reseal(self.yaml(server)))
        response = client.get(method="HEAD")
        self.assertEqual((response.status, response.get("content-length"), client.buffer), (200, "1234", b""))

    def test_not_modified_and_no_content_have_no_body(self):
        server = self.server(handler=lambda request: f"HTTP/1.1 {request.target[1:]} X\r\nETag: a\r\n\r\n".encode())
        client = self.client(self.reseal(self.yaml(server)))
        for status in (304, 204, 304):
            self.assertEqual(client.get(f"/{status}").status, status)

    def test_informational_responses_pass(self):
        server = self.server(handler=lambda request: b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + reply("done"))
        client = self.client(self.reseal(self.yaml(server)))
        first = client.get()
        self.assertEqual((first.status, first.get("link")), (103, "</a.css>"))
        self.assertEqual(client.response().body, b"done")

    def test_expect_continue_is_asked_of_the_server(self):
        def script(connection):
            connection.read_head()
            connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.send(reply(connection.read_exactly(5)))

        client = self.client(self.reseal(self.yaml(self.server(script=script))))
        client.send("POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        self.assertEqual(client.response().status, 100)
        client.send("12345")
        self.assertEqual(client.response().body, b"12345")

    def test_a_refused_expectation_ends_the_connection_instead_of_reading_the_body_as_a_request(self):
        server = self.server(script=lambda c: c.read_head() and c.send(reply("no", "403 Forbidden")))
        client = self.client(self.reseal(self.yaml(server)))
        smuggled = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
        client.send(f"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: {len(smuggled)}\r\n\r\n")
        self.assertEqual(client.response().status, 403)
        client.send(smuggled)
        self.assertTrue(client.is_closed())
        self.assertEqual(server.requests, 1)

    def test_an_http10_client_gets_an_end_by_close_and_the_server_a_host(self):
        seen = []

        def handler(request):
            seen.append(request)
            return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"

        process = self.reseal(self.yaml(self.server(handler=handler)))
        client = self.client(process)
        client.send("GET / HTTP/1.0\r\n\r\n")
        text = client.rest()
        self.assertTrue(text.endswith(b"\r\n\r\nabc"), text)
        self.assertNotIn(b"chunked", text)
        self.assertEqual(seen[0].get("host"), f"127.0.0.1:{process.port()}")

    def test_a_response_without_length_ends_with_the_connection(self):
        server = self.server(script=lambda c: c.read_head() and c.send(b"HTTP/1.1 200 OK\r\n\r\nuntil the end") or c.sock.unwrap())
        response = self.client(self.reseal(self.yaml(server))).get()
        self.assertEqual(response.body, b"until the end")

    def test_large_bodies_stream_in_bounded_memory_both_ways(self):
        size = 64 * 1024 * 1024
        chunk = b"x" * 65536

        def script(connection):
            connection.read_head()
            connection.drop_exactly(size)
            connection.send(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
            for _ in range(size // len(chunk)):
                connection.send(chunk)

        process = self.reseal(self.yaml(self.server(script=script)))
        client = self.client(process, deadline=60)
        before = process.memory_kib()
        client.send(f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n")
        for _ in range(size // len(chunk)):
            client.send(chunk)
        self.assertEqual(client.head().get("content-length"), str(size))
        client.count_body(size)
        self.assert_grew_less(process, before, mib=32)

    def test_a_reader_that_stops_holds_the_server_back(self):
        sent = []

        def script(connection):
            connection.read_head()
            connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(2000):
                connection.send(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                sent.append(65536)

        process = self.reseal(self.yaml(self.server(script=script)))
        client = self.client(process)
        before = process.memory_kib()
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        # It stops growing once every buffer on the way is full.
        last = [-1]

        def stalled():
            now = sum(sent)
            same = now == last[0] and now > 0
            last[0] = now
            if not same:
                time.sleep(0.3)
            return same

        eventually(stalled, 20, "the server is held back")
        self.assertLess(sum(sent), 64 * 1024 * 1024)
        self.assert_grew_less(process, before, mib=16)

    def test_a_rule_picks_the_backend_by_path_and_host(self):
        api, web = self.server("api"), self.server("webserver")
        yaml = self.yaml(web, frontend="    rules:\n      - { when: { path_prefix: /api }, use: api }\n"
                                       "      - { when: { host: \"*.example.org\" }, use: api }\n")
        yaml += f"  api:\n    {self.backend_tls()}\n    servers: {{ a: \"{api.address}\" }}\n"
        client = self.client(self.reseal(yaml))
        self.assertEqual([client.get(path).body for path in ("/api", "/api/x", "/apix", "/")],
                         [b"api", b"api", b"webserver", b"webserver"])
        client.send("GET / HTTP/1.1\r\nHost: www.EXAMPLE.org:8443\r\n\r\n")
        self.assertEqual(client.response().body, b"api")

    def test_a_rule_may_ask_for_the_method_and_the_first_that_matches_decides(self):
        write, read = self.server("write"), self.server("read")
        yaml = self.yaml(read, frontend="    rules:\n      - { when: { method: POST, path: /read }, use: web }\n"
                                        "      - { when: { method: POST }, use: write }\n")
        yaml += f"  write:\n    {self.backend_tls()}\n    servers: {{ w: \"{write.address}\" }}\n"
        client = self.client(self.reseal(yaml))
        self.assertEqual([client.get("/x", method="POST", body=b"").body, client.get("/read", method="POST", body=b"").body,
                          client.get("/x").body], [b"write", b"read", b"read"])

    def test_no_rule_and_no_default_is_404(self):
        server = self.server()
        yaml = self.yaml(server, frontend="    rules: [{ when: { path: /only }, use: web }]\n").replace("    default: web\n", "")
        client = self.client(self.reseal(yaml))
        self.assertEqual([client.get("/other").status, client.get("/only").status], [404, 200])

    def test_a_redirect_frontend_sends_to_https(self):
        yaml = self.yaml(self.server(), frontend="  http: { bind: \"127.0.0.1:0\", redirect: https }\n")
        response = self.plain_client(self.reseal(yaml), "http").get("/a?b=c")
        self.assertEqual((response.status, response.get("location")), (308, "https://localhost/a?b=c"))

    def test_a_redirect_names_the_port_where_https_is(self):
        yaml = self.yaml(self.server(), frontend="  http: { bind: \"127.0.0.1:0\", redirect: { https: 8443 } }\n")
        self.assertEqual(self.plain_client(self.reseal(yaml), "http").get("/a").get("location"), "https://localhost:8443/a")

    def test_many_clients_at_once_over_two_workers(self):
        servers = [self.server(f"web{i}") for i in range(3)]
        process = self.reseal(self.yaml(*servers, workers=2))
        wrong = []

        def work():
            try:
                client = self.client(process)
                for i in range(30):
                    if client.get(f"/{i}").status != 200:
                        wrong.append(i)
            except OSError as error:
                wrong.append(error)

        threads = [threading.Thread(target=work) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertEqual(sum(server.requests for server in servers), 480)


if __name__ == "__main__":
    unittest.main()
