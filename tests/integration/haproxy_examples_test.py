"""examples/haproxy under both: reseal and Debian's HAProxy do the same with each file, but for its addresses and certificate."""

import os
import re
import ssl
import unittest

from support.case import EXAMPLES, IntegrationCase
from support.client import Client
from support.haproxy import HAProxy
from support.server import reply, server_tls


class HaproxyExamples(IntegrationCase):
    def programs(self, name, servers):
        """(what a bind of the file is in the program, a function from the number of a bind to its port), of each program."""
        with open(os.path.join(EXAMPLES, "haproxy", name)) as file:
            text = file.read().replace("/etc/haproxy/site.pem", self.pki.path("front.pem"))
        written = sorted(set(re.findall(r"10\.0\.0\.\d+:\d+", text)))
        self.assertEqual(len(written), len(servers), name)
        for address, server in zip(written, servers):
            text = text.replace(address, server.address)
        binds = re.findall(r"bind (:\d+)", text)
        names = [f"b{i}" for i in range(len(binds))]
        theirs = text
        for bind, placeholder in zip(binds, names):
            theirs = theirs.replace(f"bind {bind}", f"bind @{placeholder}@", 1)
        haproxy = HAProxy(theirs, binds=names, folder=self.folder)
        self.addCleanup(haproxy.close)
        process = self.reseal(re.sub(r"bind :\d+", "bind 127.0.0.1:0", text), haproxy=True)
        frontend = re.search(r"^frontend (\w+)", text, re.M).group(1)
        return (("haproxy", lambda i: haproxy.port(names[i])), ("reseal", lambda i: process.port(frontend, i)))

    def test_web(self):
        servers = [self.server(f"web{i}", tls=None, handler=lambda request, i=i: reply(f"web{i} {request.get('X-Forwarded-Proto')} "
                                                                                    f"{request.get('X-Forwarded-For')}")) for i in range(3)]
        answers = {}
        for program, port in self.programs("web.cfg", servers):
            with self.subTest(program=program):
                with Client(port(0)) as client:
                    client.send("GET /a?b HTTP/1.1\r\nHost: www.example.org\r\n\r\n")
                    response = client.response()
                    self.assertEqual((response.status, response.get("Location")), (301, "https://www.example.org/a?b"))
                with Client(port(1), ca=self.pki.path("ca.pem")) as client:
                    responses = [client.get("/") for _ in range(6)]
                    self.assertEqual(responses[0].get("Strict-Transport-Security"), "max-age=63072000")
                    answers[program] = sorted(response.body for response in responses)
        self.assertEqual(answers["reseal"], answers["haproxy"])

    def test_rules(self):
        names = ["api1", "static1", "app1", "app2"]
        servers = [self.server(name, tls=None, handler=lambda request, name=name: reply(
            f"{name} {request.target} {request.get('X-Host')} {request.get('X-Debug')}", fields=[("Server", "x")])) for name in names]
        answers = {}
        for program, port in self.programs("rules.cfg", servers):
            with Client(port(0)) as client:
                told = answers[program] = []
                for target, cookie in (("/api/v1/x?y", ""), ("/a.PNG", ""), ("/robots.txt", ""), ("/admin", "SRV=a2"), ("/x", "SRV=a1")):
                    client.send(f"GET {target} HTTP/1.1\r\nHost: WWW.example.org\r\nX-Debug: 1\r\n" + (f"Cookie: {cookie}\r\n" if cookie else "") + "\r\n")
                    response = client.response()
                    told.append((response.status, response.body, response.get("X-Frame-Options"), response.get("Server"),
                                 response.get("Cache-Control"), response.get("Set-Cookie")))
        self.assertEqual(answers["reseal"], answers["haproxy"])

    def test_sni(self):
        servers = [self.server(name, tls=server_tls(self.pki, require=False), handler=lambda request, name=name: reply(name))
                   for name in ("web", "mail")]
        for program, port in self.programs("sni.cfg", servers):
            for name, answer in (("web.internal", b"web"), ("mail.example.org", b"mail")):
                context = ssl.create_default_context(cafile=self.pki.path("ca.pem"))
                context.check_hostname = False
                with self.subTest(program=program, name=name), Client(port(0), context=context, server_name=name) as client:
                    self.assertEqual(client.get("/").body, answer)


if __name__ == "__main__":
    unittest.main()
