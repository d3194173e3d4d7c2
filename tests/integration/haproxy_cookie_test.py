"""`cookie` of a haproxy.cfg beside the real HAProxy: the same requests reach the same servers with the same cookies, the answers
carry the same ones, and the log tells the same of them."""

import re
import time
import unittest

from support.beside import DEFAULTS, BesideCase, ask, request
from support.case import IntegrationCase
from support.client import Client
from support.process import eventually
from support.server import Server, reply

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def date(seconds):
    """As HAProxy's cookies carry one."""
    return "".join(DIGITS[seconds // 4 >> shift & 63] for shift in (24, 18, 12, 6, 0))


class HaproxyCookie(BesideCase):
    def compare(self, cookie, requests, answers=(), servers="", options="", mask=None):
        """Each of `requests` is answered with what is next of `answers` (fields, status), or plainly. New clients get s1: the
        other has no weight. Returns what HAProxy did."""
        answers = list(answers) or [((), "200 OK")]
        seen = []

        def handler(name):
            def handle(request):
                fields, status = answers[int(request.get("X-Number")) % len(answers)]
                seen.append(request)
                return reply(name, status, fields)
            return handle

        names = ("s1", "s2", "s3")
        made = {name: self.server(name, tls=None, handler=handler(name)) for name in names}
        lines = "".join(f"    server {name} {made[name].address} weight {int(name == 's1')}"
                        f"{'' if name == 's3' else f' cookie c{name[1]}'}\n" for name in names)
        syslog = [self.syslog(), self.syslog()]
        outcomes = []
        config = (f"global\n    log 127.0.0.1:@LOG@ len 8192 local0\n{DEFAULTS}    log global\n    option httplog\n"
                  f"frontend web\n    bind @web@\n    default_backend app\nbackend app\n    cookie {cookie}\n{options}{lines}{servers}")
        processes = [self.both(config.replace("@LOG@", str(log.port)))[i] for i, log in enumerate(syslog)]
        for process, log in zip(processes, syslog):
            outcome = []
            for number, (fields, method) in enumerate(requests):
                seen.clear()
                answer = ask(process.port(), request(f"/{number}", [*fields, ("X-Number", number)], method))
                outcome.append((answer.status, answer.body if answer.status == 200 else b"",
                                [(name.lower(), value) for name, value in answer.fields
                                 if name.lower() in ("set-cookie", "cache-control", "pragma")],
                                [each.all("Cookie") for each in seen], [each.target for each in seen]))
            for line in self.lines(log, len(requests)):
                number = int(re.search(r'"\S+ /(\d+) HTTP', line).group(1))
                outcome[number] += (re.search(r" - - (\S{4}) ", line).group(1),)
            outcomes.append(outcome)
        theirs, ours = outcomes
        for (fields, method), their, our in zip(requests, theirs, ours):
            with self.subTest(cookie=cookie, fields=fields, method=method):
                self.assertEqual(mask(repr(our)) if mask else our, mask(repr(their)) if mask else their)
        return theirs

    SENT = [(), (("Cookie", "SRV=c1"),), (("Cookie", "SRV=c2"),), (("Cookie", "SRV=none"),), (("Cookie", "SRV="),), (("Cookie", "SRV"),),
            (("Cookie", "a=1; SRV=c2; b=2"),), (("Cookie", "SRV=c2;b=2"),), (("Cookie", "a=1;  SRV=c1"),),
            (("Cookie", "SRV=none; SRV=c2"),), (("Cookie", "SRV=c2; SRV=c1"),), (("Cookie", "srv=c2"),),
            (("Cookie", "a=1"), ("Cookie", "SRV=c2")), (("Cookie", "SRVX=c2; XSRV=c2"),), (("Cookie", "SRV=c2~rest"),),
            (("Cookie", "SRV=none~rest; a=b"),), (("Cookie", "a=~; SRV = c2"),), (("Cookie", "SRV=c2|AAAAA|AAAAA"),)]

    def test_what_clients_send_is_read_and_hidden_alike(self):
        requests = [(fields, "GET") for fields in self.SENT]
        for cookie in ("SRV insert", "SRV insert indirect", "SRV insert indirect nocache", "SRV prefix", "SRV rewrite", "SRV",
                       "SRV insert indirect preserve", "SRV indirect", "SRV prefix nocache"):
            outcome = self.compare(cookie, requests)
            self.assertTrue(any(body == b"s2" for _, body, *_ in outcome), cookie)

    def test_what_servers_set_is_left_removed_or_rewritten_alike(self):
        answers = [([("Set-Cookie", value)], "200 OK") for value in
                   ("SRV=own", "SRV=own; Path=/; HttpOnly", "SRV=; Max-Age=0", "other=1", "SRV", "srv=own", "SRV = own ; Path=/")]
        requests = [(fields, "GET") for fields in ((), (("Cookie", "SRV=c2"),), (("Cookie", "SRV=c1"),), (("Cookie", "SRV=none"),))
                    for _ in answers]
        for cookie in ("SRV insert", "SRV insert indirect", "SRV insert indirect preserve", "SRV prefix", "SRV rewrite", "SRV",
                       "SRV indirect preserve", "SRV indirect"):
            self.compare(cookie, requests, answers)

    def test_attributes_are_set_alike(self):
        for cookie in ("SRV insert httponly secure", "SRV insert domain .example.org domain a.example secure attr SameSite=None attr X",
                       "SRV insert postonly"):
            outcome = self.compare(cookie, [((), "GET"), ((), "POST"), ((("Cookie", "SRV=c2"),), "POST")])
            self.assertTrue(any(fields for _, _, fields, *_ in outcome), cookie)

    def test_responses_are_kept_from_caches_alike(self):
        answers = [(fields, status) for status in ("200 OK", "302 Found", "404 Not Found", "500 Oh")
                   for fields in ((), [("Cache-Control", "public, max-age=60")], [("Cache-Control", "No-Store")],
                                  [("Cache-Control", "no-cache")], [("Cache-Control", "max-age=0")], [("Pragma", "no-cache")],
                                  [("Cache-Control", "private"), ("Cache-Control", "public, max-age=9")], [("Cache-Control", "public")],
                                  [("ETag", '"x"')], [("Expires", "Thu, 01 Jan 2099 00:00:01 GMT")], [("Last-Modified", "yesterday")],
                                  [("Cache-Control", "max-age=0, public, s-maxage=0"), ("ETag", "x")],
                                  [("Cache-Control", "S-MaxAge=5")], [("Cache-Control", "private=\"x\", max-age=7")])]
        requests = [((), method) for method in ("GET", "HEAD", "POST") for _ in answers]
        self.compare("SRV insert indirect nocache", requests, answers)

    def test_dates_are_read_and_set_alike(self):
        now = int(time.time())
        old, fresh, ahead = date(now - 7200), date(now - 60), date(now + 200000)
        sent = [f"SRV=c2|{rest}" for rest in (old, fresh, ahead, f"{fresh}|{old}", f"{fresh}|{fresh}", f"{old}|{fresh}", "", "xyz", "!!!!!")]
        requests = [((("Cookie", value),), "GET") for value in ("SRV=c2", "SRV=none", *sent)]

        def mask(text):
            return text.replace(date(now), "NOW").replace(date(now + 4), "NOW").replace(date(now + 8), "NOW")

        for cookie in ("SRV insert indirect", "SRV insert indirect maxidle 30m", "SRV insert indirect maxlife 1h",
                       "SRV insert indirect maxidle 30m maxlife 1h secure"):
            outcome = self.compare(cookie, requests, mask=mask)
            if "max" in cookie:
                self.assertIn("NOW", mask(repr(outcome)))

    def test_values_that_are_made_of_a_key_and_the_address(self):
        servers = [self.server(f"s{i}", tls=None) for i in range(3)]
        for key in ("k", "a-key-of-more-than-thirty-two-bytes-0123456789"):
            lines = "".join(f"    server {server.name} {server.address}{' cookie own' if i == 2 else ''}\n" for i, server in enumerate(servers))
            theirs, ours = self.both(f"{DEFAULTS}frontend web\n    bind @web@\n    default_backend app\nbackend app\n"
                                     f"    dynamic-cookie-key {key}\n    cookie S insert dynamic\n{lines}")
            given = {}
            for _ in range(6):
                answer = ask(theirs.port(), request())
                given[answer.body] = answer.get("Set-Cookie").split(";")[0]
            self.assertEqual(len(given), 3)
            for body, cookie in given.items():
                answer = ask(ours.port(), request(fields=[("Cookie", cookie)]))
                self.assertEqual((answer.body, answer.all("Set-Cookie")), (body, []))

    def test_rules_about_the_server_come_before_its_cookie(self):
        requests = [(fields, method) for method in ("GET", "POST") for fields in
                    ((), (("Cookie", "SRV=c2"),), (("Cookie", "SRV=c1"),), (("Cookie", "SRV=c2"), ("X-To", "s1")),
                     (("X-To", "s2"),), (("X-To", "s3"),), (("X-To", "nobody"),), (("Cookie", "SRV=c2"), ("X-No", "1")))]
        answers = [([("Set-Cookie", "SRV=own")], "200 OK")]
        options = ("    use-server s2 if METH_POST\n    use-server s3 if { req.hdr(x-to) s3 }\n    use-server %[req.hdr(x-to)] if { req.hdr(x-to) -m found }\n"
                   "    ignore-persist if { req.hdr(x-no) -m found }\n")
        for cookie in ("SRV insert indirect", "SRV insert", "SRV prefix"):
            self.compare(cookie, requests, answers, options=options)
            self.compare(cookie, requests, options=options)

    def test_a_server_that_is_down_is_passed_over_or_asked_alike(self):
        gone = Server("gone", tls=None)
        gone.stop()
        line = f"    server gone {gone.address} weight 0 cookie gone check inter 100ms fall 1\n"
        for options in ("", "    option persist\n    option redispatch\n    retries 1\n"):
            answers = []
            for process in self.both(f"{DEFAULTS}frontend web\n    bind @web@\n    default_backend app\nbackend app\n"
                                     f"    cookie SRV insert indirect\n    retries 0\n{options}"
                                     f"    server s1 {self.server('s1', tls=None).address} cookie c1\n{line}"):
                def set_cookie(port=process.port()):
                    return ask(port, request("/", [("Cookie", "SRV=gone")])).all("Set-Cookie")

                answers.append(eventually(set_cookie, what="another server"))
            self.assertEqual(answers[0], answers[1])
            self.assertEqual(answers[0], ["SRV=c1; path=/"])


class HostileCookies(IntegrationCase):
    def test_a_field_of_many_cookies_is_written_once(self):
        server = self.server("s1", tls=None)
        process = self.reseal("defaults\n    mode http\n    timeout connect 5s\n    timeout client 10s\n    timeout server 10s\n"
                              "frontend web\n    bind 127.0.0.1:0\n    default_backend app\n"
                              f"backend app\n    cookie SRV insert\n    server s1 {server.address} cookie a\n", haproxy=True)
        before = process.memory_kib()
        for _ in range(3):
            with Client(process.port()) as client:
                client.send(b"GET / HTTP/1.1\r\nHost: a\r\nCookie: " + b"= ;" * 10_000 + b"SRV=a\r\n\r\n")
                self.assertEqual(client.response().status, 200)
        self.assert_grew_less(process, before, 16)


if __name__ == "__main__":
    unittest.main()
