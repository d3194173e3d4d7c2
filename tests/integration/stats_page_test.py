"""`stats uri`: the page of statistics that a proxy of a haproxy.cfg serves."""

import base64
import json
import re
import socket
import threading
import unittest

from support.case import IntegrationCase
from support.client import Client
from support.process import eventually
from support.runtime_api import rows_of
from support.server import reply

TOP = "defaults\n    mode http\n    timeout connect 5s\n    timeout client 10s\n    timeout server 10s\n"


class StatsPage(IntegrationCase):
    def serve(self, text, top=""):
        return self.reseal(f"global\n    nbthread 2\n{top}{TOP}{text}", haproxy=True)

    def page(self, *lines, name="web"):
        return f"listen {name}\n    bind 127.0.0.1:0\n" + "".join(f"    stats {line}\n" for line in ("enable", *lines))

    def get(self, process, target, frontend="web", **options):
        # Pages of many proxies take their time where every access is watched by a sanitizer.
        with Client(process.port(frontend), deadline=60) as client:
            return client.get(target, **options)

    def test_a_section_with_nothing_but_the_page_serves_it(self):
        process = self.serve(self.page("uri /stats", "refresh 7s", "show-node here", "show-desc <words>", "show-legends"))
        response = self.get(process, "/stats")
        self.assertEqual((response.status, response.get("Content-Type")), (200, "text/html; charset=utf-8"))
        self.assertEqual((response.get("Refresh"), response.get("Cache-Control")), ("7", "no-cache"))
        text = response.body.decode()
        # What tools look for.
        self.assertRegex(text, r"HAProxy version \d+\.\d+\.\d+")
        self.assertRegex(text, r"<b>uptime = </b> 0d 0h00m\d\ds<br>")
        self.assertIn(f"<b>pid = </b> {process.child.pid} ", text)
        self.assertIn("Statistics for pid", text)
        self.assertIn(" on here: &lt;words&gt;", text)
        self.assertIn("FRONTEND", text)
        self.assertNotIn("<script", text)
        self.assertIsNone(self.get(process, "/stats;norefresh").get("Refresh"))
        self.assertEqual(self.get(process, "/other").status, 503)

    def test_csv_and_json(self):
        server = self.server("web1", tls=None, handler=lambda request: reply("x"))
        process = self.serve(f"frontend web\n    bind 127.0.0.1:0\n    default_backend app\nbackend app\n    server a {server.address}\n"
                             + self.page("uri /stats", name="page"))
        for _ in range(3):
            self.assertEqual(self.get(process, "/").status, 200)

        def rows(target="/stats;csv;norefresh"):
            response = self.get(process, target, "page")
            self.assertEqual((response.status, response.get("Content-Type")), (200, "text/plain"))
            return rows_of(response.body.decode())

        eventually(lambda: rows()["app", "a"]["stot"] == "3", what="three requests")
        found = rows()
        self.assertEqual(list(found), [("web", "FRONTEND"), ("app", "a"), ("app", "BACKEND"), ("page", "FRONTEND"), ("page", "BACKEND")])
        self.assertEqual([row["iid"] for row in found.values()], ["1", "2", "2", "3", "3"])
        self.assertEqual(found["app", "a"]["addr"], "")  # without show-legends
        self.assertGreater(int(found["page", "FRONTEND"]["intercepted"]), 0)
        self.assertEqual({name for name, _ in rows("/stats;csv?scope=ap")}, {"app"})
        self.assertEqual({name for name, _ in rows("/stats;csv&scope=no")}, set())
        everything = json.loads(self.get(process, "/stats;json", "page").body)
        self.assertEqual(everything[1][1]["value"], {"type": "str", "value": "a"})
        self.assertEqual(everything[1][1]["objType"], "Server")

    def test_name_and_password(self):
        process = self.serve(self.page("uri /stats", "auth admin:secret:word", "auth other:x", "realm My\\ \\\"Realm"))

        def status(credentials, scheme="Basic"):
            text = base64.b64encode(credentials.encode()).decode() if credentials is not None else None
            return self.get(process, "/stats", fields=[("Authorization", f"{scheme} {text}")] if text is not None else [])

        refused = status(None)
        self.assertEqual((refused.status, refused.get("WWW-Authenticate")), (401, 'Basic realm="My \\"Realm"'))
        self.assertNotIn(b"FRONTEND", refused.body)
        for wrong in ("admin:secret", "admin:secret:wor", "admin:secret:words", "admin", "", ":", "other:", "x:other"):
            self.assertEqual(status(wrong).status, 401, wrong)
        self.assertEqual(status("admin:secret:word", "Bearer").status, 401)
        for right in ("admin:secret:word", "other:x"):
            self.assertEqual(status(right).status, 200, right)
        self.assertEqual(status("other:x", "basic").status, 200)

    def test_the_page_of_a_frontend_and_of_a_backend_beside_their_requests(self):
        server = self.server("web1", tls=None, handler=lambda request: reply("from the server"))
        process = self.serve("frontend web\n    bind 127.0.0.1:0\n    stats uri /front\n    stats hide-version\n    default_backend app\n"
                             f"backend app\n    stats uri /back\n    stats scope .\n    server a {server.address}\n")
        with Client(process.port()) as client:
            self.assertNotRegex(client.get("/front").body.decode(), r"HAProxy version|reseal \d")
            self.assertEqual(client.get("/").body, b"from the server")
            shown = client.get("/back").body.decode()
            self.assertIn(">app ", shown)
            self.assertNotIn(">web ", shown)
            self.assertEqual(client.get("/").body, b"from the server")
            head = client.get("/front", method="HEAD")
            self.assertEqual((head.status, head.body), (200, b""))
            self.assertEqual(client.get("/").body, b"from the server")

    def test_nothing_is_changed_here(self):
        process = self.serve(self.page("uri /stats", "admin if TRUE"))
        with Client(process.port()) as client:
            client.send(b"POST /stats HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\ns=a&action=maint&b=#1")
            response = client.response()
            self.assertEqual((response.status, response.get("Location")), (303, "/stats;st=DENY"))

    def test_many_look_at_once_and_others_are_served(self):
        server = self.server("web1", tls=None, handler=lambda request: reply("x"))
        process = self.serve(f"frontend web\n    bind 127.0.0.1:0\n    stats uri /stats\n    default_backend app\n"
                             f"backend app\n    server a {server.address}\n" + "".join(
                                 f"backend b{i}\n    server s {server.address}\n" for i in range(300)))
        failures = []

        def look():
            try:
                with Client(process.port()) as client:
                    for _ in range(10):
                        response = client.get("/stats;csv")
                        if response.status != 200 or not response.body.endswith(b"-,\n") or response.body.count(b"\n") != 604:
                            failures.append((response.status, len(response.body)))
            except OSError as error:
                failures.append(error)

        threads = [threading.Thread(target=look) for _ in range(16)]
        for thread in threads:
            thread.start()
        for _ in range(20):
            self.assertEqual(self.get(process, "/").status, 200)
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_who_does_not_read_the_page_shares_one_copy_and_who_leaves_is_forgotten(self):
        server = self.server("web1", tls=None, handler=lambda request: reply("x"))
        process = self.serve("".join(f"backend b{i}\n    server s {server.address}\n" for i in range(1000)) +
                             self.page("uri /stats"))
        self.get(process, "/stats;csv")
        before = process.memory_kib()
        socks = []
        for _ in range(60):
            sock = socket.create_connection(("127.0.0.1", process.port()))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.sendall(b"GET /stats HTTP/1.1\r\nHost: a\r\n\r\n")
            socks.append(sock)
        size = len(self.get(process, "/stats").body)
        self.assertGreater(size, 600_000)
        # Each has what the kernel and one piece hold, none a page of its own: less than half of what 60 copies would be.
        self.assert_grew_less(process, before, 60 * size / 2 / 1024 / 1024 + 32)
        for sock in socks:
            sock.close()
        for _ in range(20):  # asked for, and gone before it came
            sock = socket.create_connection(("127.0.0.1", process.port()))
            sock.sendall(b"GET /stats HTTP/1.1\r\nHost: a\r\n\r\n")
            sock.close()
        self.assertEqual(self.get(process, "/stats;csv").status, 200)

    def test_over_http2(self):
        import subprocess
        process = self.serve(f"listen web\n    bind 127.0.0.1:0 ssl crt {self.pki.path('front.pem')} alpn h2\n    stats uri /stats\n")
        text = subprocess.run(["curl", "-sS", "--http2", "--cacert", self.pki.path("ca.pem"), "--connect-to", f"localhost:443:127.0.0.1:{process.port()}",
                               "-w", "%{http_version} %{http_code}", "https://localhost/stats;csv"], capture_output=True, text=True, check=True,
                              timeout=30).stdout
        self.assertTrue(text.startswith("# pxname,"), text[:100])
        self.assertTrue(text.endswith("2 200"), text[-20:])

    def test_in_mode_tcp_it_has_no_effect(self):
        server = self.server("web1", tls=None, handler=lambda request: reply("from the server"))
        process = self.serve(f"listen web\n    mode tcp\n    bind 127.0.0.1:0\n    stats uri /stats\n    server a {server.address}\n")
        self.assertEqual(self.get(process, "/stats").body, b"from the server")
        self.assertIn("need mode http", process.log)


if __name__ == "__main__":
    unittest.main()
