"""`option forwarded` (RFC 7239), which HAProxy has since 2.8: the examples of its manual, and what may stand in it."""

import re
import unittest

from support.case import IntegrationCase
from support.client import Client
from support.server import reply

HEADER = """global
defaults
    mode http
    timeout connect 5s
    timeout client 10s
    timeout server 10s
frontend web
    bind 127.0.0.1:0
    http-request set-src hdr(x-src) if { hdr(x-src) -m found }
    use_backend %[path,field(2,/)]
"""


class HaproxyForwarded(IntegrationCase):
    def setUp(self):
        self.seen = []
        self.backend = self.server("s1", tls=None, handler=self.answer)

    def answer(self, request):
        self.seen.append([value for name, value in request.fields if name.lower() == "forwarded"])
        return reply("body")

    def start(self, options):
        """A backend for each: its name is its number."""
        text = HEADER
        for number, option in enumerate(options):
            text += f"backend b{number}\n    {option}\n    server s1 {self.backend.address}\n"
        return self.reseal(text, haproxy=True)

    def ask(self, process, number, *fields):
        with Client(process.port()) as client:
            client.send(f"GET /b{number} HTTP/1.1\r\nHost: haproxy.org\r\n".encode() + "".join(f"{f}\r\n" for f in fields).encode() + b"\r\n")
            self.assertEqual(client.response().status, 200)
            port = client.sock.getsockname()[1]
        return [value.replace(f":{port}", ":CLIENT") for value in self.seen[-1]]

    def test_what_is_asked_for_is_told(self):
        cases = {
            "option forwarded": "proto=http;for=127.0.0.1",
            "option forwarded proto for": "proto=http;for=127.0.0.1",
            "option forwarded for proto": "proto=http;for=127.0.0.1",
            "option forwarded host for-expr src,xxh32,hex for_port": 'host="haproxy.org";for="_0*[0-9A-F]+:CLIENT"',
            "option forwarded host-expr str(host.com) by-expr str(_haproxy) for for_port-expr int(10)":
                'host="host.com";by=_haproxy;for="127.0.0.1:10"',
            "option forwarded by by_port": f'by="127.0.0.1:PORT"',
            "option forwarded for-expr str(::1)": "for=unknown",
            "option forwarded for-expr str([::1])": r'for="\[::1\]"',
            "option forwarded for-expr str(a:b) for_port-expr str(-x)": 'for="unknown:_-x"',
            "option forwarded for-expr str(unknown) for_port-expr int(70000)": 'for="unknown:_70000"',
            "option forwarded for-expr req.hdr(none) for_port-expr req.hdr(none)": 'for="unknown"',
            "option forwarded host-expr str(a@b)": 'host=""',
            "option forwarded host\n    no option forwarded": None,
        }
        process = self.start(cases)
        for number, (option, told) in enumerate(cases.items()):
            with self.subTest(option):
                expected = [told] if told else []
                found = self.ask(process, number)
                self.assertEqual(len(found), len(expected))
                for value, pattern in zip(found, expected):
                    self.assertRegex(value, "^" + pattern.replace("PORT", str(process.port())) + "$")

    def test_addresses_that_rules_set_and_what_was_there_before(self):
        process = self.start(["option forwarded for", "option forwarded for for_port"])
        self.assertEqual(self.ask(process, 0, "X-Src: 2001:db8::1"), ['for="[2001:db8::1]"'])
        self.assertRegex(self.ask(process, 1, "X-Src: 2001:db8::1")[0], r'^for="\[2001:db8::1\]:\w+"$')
        self.assertEqual(self.ask(process, 0, "Forwarded: for=192.0.2.1"), ["for=192.0.2.1", "for=127.0.0.1"])

    def test_only_the_backend_that_is_used_tells(self):
        process = self.reseal(f"""defaults
    mode http
    timeout connect 5s
    timeout client 10s
    timeout server 10s
listen web
    bind 127.0.0.1:0
    option forwarded proto
    use_backend other if {{ path /b1 }}
    server s1 {self.backend.address}
backend other
    server s1 {self.backend.address}
""", haproxy=True)
        self.assertEqual(self.ask(process, 0), ["proto=http"])
        self.assertEqual(self.ask(process, 1), [])

    def test_mistakes_are_told(self):
        for option, word in (("option forwarded by_port", "needs 'by'"), ("option forwarded proto nothing", "'nothing' is not expected")):
            with self.assertRaisesRegex(AssertionError, re.escape(word)):
                self.start([option])


if __name__ == "__main__":
    unittest.main()
