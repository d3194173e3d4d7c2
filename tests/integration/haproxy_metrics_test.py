"""`http-request use-service prometheus-exporter` beside Debian's HAProxy: the same names, labels, words and kinds."""

import re
import unittest

from support.case import IntegrationCase
from support.client import Client
from support.haproxy import HAProxy
from support.process import eventually
from support.server import reply

CONFIG = """global
    nbthread 2
defaults
    mode http
    timeout connect 1s
    timeout client 10s
    timeout server 10s
frontend web
    bind {bind}
    http-request use-service prometheus-exporter if {{ path /metrics }}
    default_backend app
    stick-table type ip size 10k store http_req_rate(10s)
frontend bytes
    mode tcp
    bind {second}
    default_backend raw
backend raw
    mode tcp
    server t1 {server}
backend app
    option httpchk
    server s1 {server} check inter 100ms
    server s2 {server} backup
    server s3 {server} disabled
listen both
    bind {third}
    server q {server}
listen alone
    bind {fourth}
"""


def lines_of(response):
    return response.body.decode().splitlines()


def masked(line):
    """Without its value."""
    return line if line.startswith("#") else line.rsplit(" ", 1)[0]


class HaproxyMetrics(IntegrationCase):
    def setUp(self):
        server = self.server("s1", tls=None, handler=lambda request: reply("x"))
        names = ("web", "second", "third", "fourth")
        self.oracle = HAProxy(CONFIG.format(server=server.address, **{key: f"@{name}@" for key, name in
                                                                      zip(("bind", "second", "third", "fourth"), names)}),
                              names, folder=self.folder)
        self.addCleanup(self.oracle.close)
        any_port = dict.fromkeys(("bind", "second", "third", "fourth"), "127.0.0.1:0")
        self.process = self.reseal(CONFIG.format(server=server.address, **any_port), haproxy=True)

    def ask(self, port, query="", **options):
        with Client(port, deadline=60) as client:
            return client.get("/metrics" + query, **options)

    def both(self, query="", **options):
        return [self.ask(port, query, **options) for port in (self.oracle.port(), self.process.port())]

    def test_names_labels_words_and_kinds_are_haproxys(self):
        for query in ("", "?no-maint", "?scope=server", "?scope=backend&scope=%66rontend", "?scope=*", "?scope=global&x=1",
                      "?scope=", "?scope=listener", "?scope=sticktable", "?scope=server&no-maint", "?other"):
            def told():
                theirs, ours = ([masked(line) for line in lines_of(response)] for response in self.both(query))
                version = re.compile(r'version="[^"]*"')
                return [[version.sub("version", line) for line in lines] for lines in (theirs, ours)]

            # Until both have made their first check.
            eventually(lambda: len(set(map(len, told()))) == 1, what=f"as many lines {query}")
            theirs, ours = told()
            self.assertEqual(ours, theirs, query)

    def test_figures_that_do_not_depend_on_the_moment_are_the_same(self):
        for port in (self.oracle.port(), self.process.port()):
            with Client(port) as client:
                for _ in range(3):
                    self.assertEqual(client.get("/x").status, 200)

        def figures(response):
            return dict(line.rsplit(" ", 1) for line in lines_of(response) if not line.startswith("#"))

        wanted = ['haproxy_frontend_http_requests_total{proxy="web"}', 'haproxy_frontend_http_responses_total{proxy="web",code="2xx"}',
                  'haproxy_backend_sessions_total{proxy="app"}', 'haproxy_server_sessions_total{proxy="app",server="s1"}',
                  'haproxy_server_sessions_total{proxy="app",server="s2"}', 'haproxy_backend_http_responses_total{proxy="app",code="2xx"}']
        states = [name for name in figures(self.both()[0]) if "status" in name]
        self.assertGreater(len(states), 100)

        def same():
            theirs, ours = (figures(response) for response in self.both())
            # Each look at them is a request itself.
            known = [name for name in wanted[2:] + states]
            return [theirs[name] for name in known] == [ours[name] for name in known]

        eventually(same, what="the same figures and states")
        ours = figures(self.both()[1])
        self.assertEqual(ours['haproxy_server_sessions_total{proxy="app",server="s1"}'], "3")
        self.assertEqual(ours['haproxy_server_status{proxy="app",server="s3",state="MAINT"}'], "1")
        self.assertEqual(ours["haproxy_process_nbthread"], "2")
        self.assertGreaterEqual(int(ours[wanted[0]]), 4)
        self.assertGreater(int(ours['haproxy_frontend_intercepted_requests_total{proxy="web"}']), 0)
        self.assertEqual(ours['haproxy_sticktable_size{name="web",type="ip"}'], "10240")

    def test_how_it_is_asked_and_answered(self):
        for response in self.both():
            self.assertEqual((response.status, response.get("Content-Type"), response.get("Cache-Control")),
                             (200, "text/plain; version=0.0.4", "no-cache"))
        for response in self.both(method="HEAD"):
            self.assertEqual((response.status, response.body), (200, b""))
        for query in ("?scope", "?scope=nothing", "?scope=server&scope=x"):
            self.assertEqual([response.status for response in self.both(query)], [400, 400], query)
        for port in (self.oracle.port(), self.process.port()):
            with Client(port) as client:
                client.send(b"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nx=1")
                self.assertEqual(client.response().status, 200)

    def test_a_service_that_is_none_is_an_error(self):
        checked = self.check("frontend web\n    mode http\n    bind 127.0.0.1:0\n    http-request use-service lua.x\n")
        self.assertIn("'lua.x' is no service that is there", checked)

    def check(self, config):
        import os
        import subprocess
        path = os.path.join(self.folder, "checked.cfg")
        with open(path, "w") as file:
            file.write(config)
        done = subprocess.run([os.environ["RESEAL_BINARY"], "haproxy", "-c", "-f", path], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        return done.stderr + done.stdout


if __name__ == "__main__":
    unittest.main()
