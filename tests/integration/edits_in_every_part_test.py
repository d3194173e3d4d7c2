"""What rules set and remove, the request's id and the cookie of persistence: in heads, trailers and interim responses alike, over
{h1, h2} on either side."""

import itertools
import unittest

from support.case import IntegrationCase
from support.http import H1Requester, H2Requester, Message, h1_server, h2_server

FRONTEND = """    request_id: { field: X-Request-Id, respond: true }
    rules:
      - set_request_header: { X-Role: guest }
        remove_request_header: [X-Admin]
        add_request_header: { X-Seen: one }
        set_response_header: { X-Frame: deny }
        remove_response_header: [X-Powered-By]
        add_response_header: { X-Note: one }
"""
EDITED_IN_REQUESTS = [("x-request-id", "forged"), ("x-role", "root"), ("X-Admin", "yes")]
EDITED_IN_RESPONSES = [("x-request-id", "forged"), ("x-frame", "any"), ("X-Powered-By", "a secret")]


class EditsInEveryPart(IntegrationCase):
    def pairs(self, handler, backend=""):
        """A client for each pair, and the pair's name."""
        for client_http, server_http in itertools.product(("h1", "h2"), repeat=2):
            server = (h2_server if server_http == "h2" else h1_server)(handler)
            self.addCleanup(server.stop)
            protocol = f"    protocol: {'h2' if server_http == 'h2' else 'http/1.1'}\n"
            process = self.reseal(self.plain_yaml(server, frontend="    h2c: allowed\n" + FRONTEND, backend=protocol + backend))
            client = (H2Requester if client_http == "h2" else H1Requester)(process.port())
            self.addCleanup(client.close)
            yield f"{client_http} -> {server_http}", client

    def test_trailers_of_requests_carry_nothing_that_was_set_or_removed(self):
        seen = []
        for pair, client in self.pairs(lambda request: seen.append(request) or Message(body=b"ok")):
            with self.subTest(pair):
                trailers = [(name.lower(), value) for name, value in EDITED_IN_REQUESTS]
                client.ask(Message(method="POST", body=b"abc", trailers=[*trailers, ("x-seen", "two"), ("x-sum", "1")]))
                request = seen.pop()
                self.assertEqual(request.trailers, [("x-seen", "two"), ("x-sum", "1")])
                self.assertEqual(request.get("x-role"), "guest")
                self.assertRegex(request.get("x-request-id"), "^[0-9a-f]{32}$")

    def test_trailers_of_responses_carry_nothing_that_was_set_or_removed(self):
        trailers = [(name.lower(), value) for name, value in EDITED_IN_RESPONSES]
        for pair, client in self.pairs(lambda request: Message(body=b"abc", trailers=[*trailers, ("x-note", "two"), ("x-sum", "2")])):
            with self.subTest(pair):
                response = client.ask(Message(fields=[("te", "trailers")]))
                self.assertEqual(response.trailers, [("x-note", "two"), ("x-sum", "2")])
                self.assertRegex(response.get("x-request-id"), "^[0-9a-f]{32}$")

    def test_nor_do_interim_responses(self):
        fields = [(name.lower(), value) for name, value in EDITED_IN_RESPONSES]
        hints = [(103, [("link", "</a.css>"), *fields]), (103, [*fields, ("link", "</b.css>")])]
        for pair, client in self.pairs(lambda request: Message(body=b"ok", informational=hints)):
            with self.subTest(pair):
                self.assertEqual(client.ask(Message()).informational, [(103, [("link", "</a.css>")]), (103, [("link", "</b.css>")])])

    def test_heads_of_responses_are_edited(self):
        fields = [(name.lower(), value) for name, value in EDITED_IN_RESPONSES]
        for pair, client in self.pairs(lambda request: Message(body=b"ok", fields=[*fields, ("x-note", "two")])):
            with self.subTest(pair):
                response = client.ask(Message())
                self.assertEqual([value for name, value in response.fields if name == "x-frame"], ["deny"])
                self.assertEqual(sorted(value for name, value in response.fields if name == "x-note"), ["one", "two"])
                self.assertIsNone(response.get("x-powered-by"))
                ids = [value for name, value in response.fields if name == "x-request-id"]
                self.assertEqual(len(ids), 1)
                self.assertNotEqual(ids, ["forged"])

    def test_an_interim_response_does_not_set_the_cookie_of_persistence(self):
        cookies = [("set-cookie", "SRV=theirs; Path=/"), ("set-cookie", "other=1"), ("link", "</a.css>")]
        for pair, client in self.pairs(lambda request: Message(body=b"ok", informational=[(103, cookies)]),
                                 backend="    persistence: { cookie: SRV }\n"):
            with self.subTest(pair):
                response = client.ask(Message())
                self.assertEqual(response.informational, [(103, [("set-cookie", "other=1"), ("link", "</a.css>")])])
                self.assertEqual(len([value for name, value in response.fields if value.startswith("SRV=")]), 1)


if __name__ == "__main__":
    unittest.main()
