"""`compression` of a haproxy.cfg beside the real HAProxy: the same responses are compressed for the same clients."""

import gzip
import unittest

from support.beside import DEFAULTS, BesideCase, ask, request
from support.server import reply

BODY = "all work and no play makes Jack a dull boy\n" * 100


class HaproxyCompression(BesideCase):
    def compare(self, frontend, backend, cases):
        """`cases`: (fields of the request, fields of the response, status)."""
        seen = []

        def handler(received):
            seen.append(received.all("Accept-Encoding"))
            _, fields, status = cases[int(received.target[1:])]
            return reply(BODY, status, fields)

        server = self.server("s1", tls=None, handler=handler)
        outcomes = []
        for process in self.both(f"{DEFAULTS}frontend web\n    bind @web@\n{frontend}    default_backend app\nbackend app\n{backend}"
                                 f"    server s1 {server.address}\n"):
            outcome = []
            for number, (fields, *_) in enumerate(cases):
                seen.clear()
                answer = ask(process.port(), request(f"/{number}", fields))
                coding = answer.get("Content-Encoding")
                body = gzip.decompress(answer.body) if coding == "gzip" else answer.body
                self.assertEqual(body, BODY.encode(), (number, coding))
                outcome.append((answer.status, coding, answer.get("ETag"), list(seen)))
            outcomes.append(outcome)
        for case, their, our in zip(cases, *outcomes):
            with self.subTest(frontend=frontend, backend=backend, case=case):
                self.assertEqual(our, their)
        return outcomes[0]

    def test_what_is_compressed(self):
        takes = [("Accept-Encoding", "deflate, gzip;q=0.5, br")]
        html, png = [("Content-Type", "text/html; charset=utf-8")], [("Content-Type", "image/png")]
        cases = [(takes, html, "200 OK"), ((), html, "200 OK"), (takes, png, "200 OK"), ([("Accept-Encoding", "br")], html, "200 OK"),
                 (takes, [*html, ("ETag", '"x"')], "200 OK"), (takes, [*html, ("Cache-Control", "no-transform")], "200 OK"),
                 (takes, [("Content-Type", "multipart/mixed; boundary=x")], "200 OK"),
                 ([("Accept-Encoding", "gzip;q=0")], html, "200 OK"), (takes, html, "201 Created")]
        for lines in ("    compression algo gzip\n", "    compression algo gzip\n    compression type text/html\n",
                      "    compression algo identity gzip\n    compression type text/plain text/html\n    compression offload\n",
                      "    compression algo gzip\n    compression type image/png\n    filter compression\n",
                      "    compression type text/html\n"):
            outcome = self.compare(lines, "", cases)
            self.compare("", lines, cases)
            self.assertEqual(any(coding == "gzip" for _, coding, *_ in outcome), "algo" in lines, lines)

    def test_the_backend_comes_before_the_frontend(self):
        cases = [([("Accept-Encoding", "gzip")], [("Content-Type", kind)], "200 OK") for kind in ("text/html", "text/css")]
        self.compare("    compression algo gzip\n    compression type text/html\n", "    compression algo gzip\n    compression type text/css\n",
                     cases)


if __name__ == "__main__":
    unittest.main()
