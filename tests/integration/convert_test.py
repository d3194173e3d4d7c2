"""`reseal convert`: what the YAML serves is what the haproxy.cfg served."""

import os
import unittest

import haproxy_examples_test
import haproxy_rules_test
from support.case import IntegrationCase
from support.client import Client
from support.process import run_reseal
from support.server import reply

CONFIGURATION = """
global
    log stderr format raw local0
defaults
    mode http
    log global
    option httplog
    timeout connect 5s
    timeout client 10s
    timeout server 10s
    option forwardfor
frontend web
    bind 127.0.0.1:0
    acl is_api path_beg /api
    acl odd path_reg ^/a\\.b$
    http-request deny deny_status 403 if {{ path /secret }}
    http-request return status 200 content-type text/plain string "one\\ntwo 'three' \\"four\\"" if {{ path /text }}
    http-request set-header X-Path "%[path,lower] 100%%"
    http-response set-header X-Answer "a b"
    redirect location /new%20place code 302 if {{ path /old }}
    use_backend api if is_api || odd
    default_backend app
    errorfile 403 {page}
backend app
    balance uri
    hash-type consistent
    cookie SRV insert indirect nocache
    server a1 {0} cookie one weight 10 check
    server a2 {1} cookie two weight 20
backend api
    balance hdr(x-user)
    stick-table type string len 32 size 10k expire 1m store gpc0
    stick on req.hdr(x-key)
    server a1 {0}
    server a2 {1}
"""

REQUESTS = [f"GET {target} HTTP/1.1\r\nHost: www.example.org\r\n{fields}\r\n" for target, fields in (
    ("/", ""), ("/x?y", ""), ("/other/page", ""), ("/secret", ""), ("/text", ""), ("/old", ""), ("/a.b", "X-User: one\r\n"), ("/aXb", ""),
    ("/api/1", "X-User: one\r\n"), ("/api/1", "X-User: two\r\nX-Key: k\r\n"), ("/api/2", "X-User: other\r\nX-Key: k\r\n"),
    ("/", "Cookie: SRV=two; other=1\r\n"))]


def converted(case, text):
    """The YAML of a haproxy.cfg; paths in it are absolute."""
    path = os.path.join(case.folder, "to_convert.cfg")
    with open(path, "w") as file:
        file.write(text)
    status, yaml, errors = run_reseal("convert", path)
    case.assertEqual((status, errors), (0, ""))
    return yaml


class Convert(IntegrationCase):
    def test_the_yaml_serves_what_the_file_served(self):
        servers = [self.server(f"s{i}", tls=None, handler=lambda request, i=i: reply(
            f"s{i} {request.target} {request.get('X-Path')} {request.get('X-Forwarded-For')} {request.get('Cookie')}"))
            for i in range(2)]
        page = os.path.join(self.folder, "403.http")
        with open(page, "w", newline="") as file:
            file.write("HTTP/1.0 403 Forbidden\r\nContent-Type: text/plain\r\nX-Own: 1\r\n\r\nnot for you\n")
        text = CONFIGURATION.format(servers[0].address, servers[1].address, page=page)
        answers = []
        for process in (self.reseal(text, haproxy=True), self.reseal(converted(self, text))):
            told = []
            with Client(process.port()) as client:
                for request in REQUESTS:
                    client.send(request)
                    response = client.response()
                    told.append((response.status, response.body, sorted(response.fields)))
            answers.append(told)
        self.assertEqual([answer[0] for answer in answers[0]], [200, 200, 200, 403, 200, 302, 200, 200, 200, 200, 200, 200])
        self.assertEqual(answers[1], answers[0])

    def test_what_cannot_be_served_is_not_converted(self):
        path = os.path.join(self.folder, "wrong.cfg")
        with open(path, "w") as file:
            file.write("frontend web\n    bind :80\n    nonsense here\n")
        status, yaml, errors = run_reseal("convert", path)
        self.assertEqual((status, yaml), (1, ""))
        self.assertIn("wrong.cfg:3:", errors)
        self.assertIn("nothing was converted", errors)

    def test_run_does_what_process_says(self):
        server = self.server(tls=None)
        pid_file = os.path.join(self.folder, "reseal.pid")
        process = self.reseal(f"process: {{ pid_file: {pid_file} }}\n" + self.plain_yaml(server))
        with open(pid_file) as file:
            self.assertEqual(int(file.read()), process.child.pid)


def as_yaml(tests):
    """The same tests of HAProxy's files, each converted before it is served."""

    class Converted(tests):
        def reseal(self, text, haproxy=False, **options):
            return super().reseal(converted(self, text) if haproxy else text, **options)

    return Converted


class ConvertedExamples(as_yaml(haproxy_examples_test.HaproxyExamples)):
    pass


class ConvertedRules(as_yaml(haproxy_rules_test.HaproxyRules)):
    pass


if __name__ == "__main__":
    unittest.main()
