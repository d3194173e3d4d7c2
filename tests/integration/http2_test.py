"""HTTP/2 as clients and servers meet it: many requests on one connection, its end, and what it is refused for."""

import subprocess
import threading
import unittest

from support import h2
from support.case import IntegrationCase
from support.http import H2Requester, Message, h2_server, in_threads
from support.process import eventually
from support.server import reply, server_tls


class Http2(IntegrationCase):
    def requester(self, process):
        client = H2Requester(process.port(), self.pki.path("ca.pem"))
        self.addCleanup(client.close)
        return client

    def h2_to_servers(self, *servers, **options):
        options["backend"] = "    protocol: h2\n" + options.get("backend", "")
        return self.reseal(self.yaml(*servers, **options))

    def test_requests_on_one_connection_go_on_side_by_side(self):
        gate = threading.Event()

        def handler(request):
            if request.target == "/slow":
                gate.wait(20)
            return reply(request.target)

        client = self.requester(self.reseal(self.yaml(self.server(handler=handler))))
        slow = client.begin(Message(path="/slow"))
        self.assertEqual([r.body for r in client.finish([client.begin(Message(path=f"/{i}")) for i in range(50)])],
                         [f"/{i}".encode() for i in range(50)])
        gate.set()
        self.assertEqual(client.finish([slow])[0].body, b"/slow")

    def test_one_server_connection_carries_many_requests(self):
        server = h2_server(lambda request: Message(body=request.path.encode()), server_tls(self.pki))
        self.addCleanup(server.stop)
        process = self.h2_to_servers(server)
        clients = [self.requester(process) for _ in range(3)]

        def ask(client):
            for _ in range(5):
                for response in client.finish([client.begin(Message(path=f"/{i}")) for i in range(20)]):
                    self.assertEqual(response.status, 200)

        in_threads([lambda client=client: ask(client) for client in clients])
        self.assertEqual(server.requests, 300)
        self.assertLessEqual(server.connections, 2)

    def test_a_slow_response_does_not_hold_up_its_neighbours(self):
        big = b"x" * 3_000_000
        server = h2_server(lambda request: Message(body=big if request.path == "/big" else b"ok"), server_tls(self.pki))
        self.addCleanup(server.stop)
        process = self.h2_to_servers(server)
        slow, quick = self.requester(process), self.requester(process)
        slow.begin(Message(path="/big"))  # and does not read
        for _ in range(20):
            self.assertEqual(quick.ask(Message()).body, b"ok")

    def test_a_reload_says_goodbye_and_what_is_under_way_finishes(self):
        gate = threading.Event()
        server = self.server(handler=lambda request: (gate.wait(20), reply("done"))[1])
        process = self.reseal(self.yaml(server))
        client = self.requester(process)
        stream = client.begin(Message())
        eventually(lambda: server.requests == 1)
        status, text = process.reload(self.yaml(server, backend="    retries: 1\n"))
        self.assertEqual(status, 0, text)
        gate.set()
        self.assertEqual(client.finish([stream])[0].body, b"done")
        self.assertEqual(client.ask(Message()).body, b"done")  # the connection goes on with the new settings

    def test_a_stop_sends_goaway_and_loses_nothing_under_way(self):
        gate = threading.Event()
        server = self.server(handler=lambda request: (gate.wait(20), reply("done"))[1])
        process = self.reseal(self.yaml(server))
        client = self.requester(process)
        streams = [client.begin(Message()) for _ in range(10)]
        eventually(lambda: server.requests == 10)
        process.signal(15)
        process.wait_for_line("drain|stopping", seconds=10)
        gate.set()
        self.assertEqual([r.body for r in client.finish(streams)], [b"done"] * 10)
        while client.peer.events() is not None:  # GOAWAY, then the end in order
            pass
        process.wait()

    def test_a_server_that_goes_away_costs_no_request(self):
        # It takes 10 streams a connection, then says so and ends.
        def handler(_):
            return Message(body=b"ok")

        server = h2_server(handler, server_tls(self.pki))
        self.addCleanup(server.stop)
        process = self.h2_to_servers(server)
        client = self.requester(process)
        for _ in range(5):
            self.assertEqual(client.ask(Message()).body, b"ok")
            with server.lock:
                sockets = list(server.open)
            for sock in sockets:
                sock.shutdown(2)
            eventually(lambda: not server.open)
        self.assertEqual(process.entity("frontend", "web")["failures"], {})

    def test_real_clients_agree(self):
        process = self.reseal(self.yaml(self.server(handler=lambda r: reply("x" * 1000))))
        url = f"https://localhost:{process.port()}/"
        out = subprocess.run(["curl", "-sS", "--http2", "--cacert", self.pki.path("ca.pem"), "-w", "%{http_version}", url],
                             capture_output=True, timeout=20, text=True)
        self.assertEqual((out.returncode, out.stdout), (0, "x" * 1000 + "2"), out.stderr)
        out = subprocess.run(["h2load", "-n", "2000", "-c", "4", "-m", "32", url], capture_output=True, timeout=60, text=True)
        self.assertIn("2000 succeeded, 0 failed", out.stdout)
        out = subprocess.run(["nghttp", "-n", "-s", url, url + "other"], capture_output=True, timeout=20, text=True)
        self.assertEqual(out.returncode, 0, out.stderr)
        self.assertEqual(out.stdout.count(" 200 "), 2, out.stdout)

    def early_answerer(self):
        """A server that answers as soon as it has a head."""
        def script(connection):
            connection.read_head()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nearly")
            while connection.more():
                pass

        return self.server(script=script)

    def test_an_answer_before_the_end_of_an_upload_is_no_failure_to_curl(self):
        # Which takes a reset for one, though RFC 9113 8.1 allows it.
        process = self.reseal(self.yaml(self.early_answerer()))
        for size in (100_000, 500_000):
            out = subprocess.run(["curl", "-sS", "--http2", "--cacert", self.pki.path("ca.pem"), "--data-binary", "@-", "-w", "%{http_code}",
                                  f"https://localhost:{process.port()}/"], input=b"x" * size, capture_output=True, timeout=20)
            self.assertEqual((out.returncode, out.stdout), (0, b"early200"), out.stderr)
        eventually(lambda: process.entity("frontend", "web")["in_flight"] == 0)
        self.assertEqual(process.entity("frontend", "web")["failures"], {})

    def test_an_upload_that_does_not_end_after_its_answer_is_reset_without_an_error(self):
        process = self.reseal(self.yaml(self.early_answerer()))
        client = h2.H2Client(process.port(), ca=self.pki.path("ca.pem"))
        self.addCleanup(client.close)
        number = client.new_stream()
        fields = [*client.request_fields(method="POST"), ("content-length", "100")]
        client.send(client.headers(number, fields, end=False), client.data(number, b"begun"))
        stream = client.finish(number)
        self.assertEqual((stream.status, stream.body), (200, b"early"))
        self.assertEqual(client.get().body, b"early")
        self.assertIsNone(stream.reset)
        client.wait(lambda: stream.reset is not None)
        self.assertEqual(stream.reset, h2.NO_ERROR)
        self.assertEqual(client.get().body, b"early")  # on the same connection
        self.assertEqual(process.entity("frontend", "web")["connections"], 1)

    def test_without_tls_http2_is_served_only_where_allowed(self):
        server = self.server(tls=None)
        for allowed in (True, False):
            process = self.reseal(self.plain_yaml(server, frontend="    h2c: allowed\n" if allowed else ""))
            out = subprocess.run(["curl", "-sS", "--http2-prior-knowledge", "-w", "%{http_version}",
                                  f"http://127.0.0.1:{process.port()}/"], capture_output=True, timeout=20, text=True)
            self.assertEqual((out.returncode, out.stdout) == (0, "server2"), allowed, out)
            self.assertEqual(self.plain_client(process).get().body, b"server")  # HTTP/1 on the same port

    def test_checks_speak_http2_to_servers_that_do(self):
        asked = []
        server = h2_server(lambda r: (asked.append(r.path), Message(body=b"ok"))[1], server_tls(self.pki))
        self.addCleanup(server.stop)
        process = self.h2_to_servers(server, check="{ http: /healthz, interval: 100ms }")
        eventually(lambda: asked.count("/healthz") >= 3)
        self.assertIn("HTTP 200", process.entity("server", "server")["last_check"])

    def test_a_server_that_does_not_agree_to_h2_gets_no_request(self):
        server = self.server()
        process = self.h2_to_servers(server, backend="    retries: 0\n")
        response = self.client(process).get()
        self.assertEqual(response.status, 502)
        self.assertEqual(server.requests, 0)
        process.wait_for_line("does not agree to h2|no application protocol|alert", seconds=10)

    def test_requests_that_wait_together_for_a_server_of_http1_are_all_served(self):
        server = self.server(handler=lambda request: reply(request.target))
        process = self.reseal(self.yaml(server, backend="    protocol: negotiated\n"))
        client = self.requester(process)
        responses = client.finish([client.begin(Message(path=f"/{i}")) for i in range(16)])
        self.assertEqual([r.body for r in responses], [f"/{i}".encode() for i in range(16)])
        self.assertEqual(process.entity("server", "server")["in_flight"], 0)

    def test_negotiated_takes_what_the_server_speaks(self):
        old = self.server("old")
        new = h2_server(lambda r: Message(body=b"new"), server_tls(self.pki))
        self.addCleanup(new.stop)
        new.name = "new"
        process = self.reseal(self.yaml(old, new, backend="    protocol: negotiated\n"))
        client = self.client(process)
        self.assertEqual({client.get().body for _ in range(4)}, {b"old", b"new"})


if __name__ == "__main__":
    unittest.main()
