"""Names that are resolved while reseal serves: beside the real HAProxy, asking the same name server."""

import os
import re
import tempfile
import unittest

from support.beside import BesideCase
from support.client import Client
from support.dns_server import AAAA, NAME_ERROR, REFUSED, DnsServer
from support.process import eventually
from support.runtime_api import stat_rows
from support.server import reply


def holder(text):
    """Servers tell themselves apart by their addresses."""
    return lambda request: reply(text)


class Resolvers(BesideCase):
    def servers(self, *hosts):
        """One a host, all at the same port."""
        first = self.server(hosts[0], tls=None, handler=holder(hosts[0]), host=hosts[0])
        rest = [self.server(host, tls=None, handler=holder(host), host=host, port=first.port) for host in hosts[1:]]
        return [first, *rest]

    def dns(self, zone):
        server = DnsServer(zone)
        self.addCleanup(server.stop)
        return server

    def pair(self, dns, backend, top="", hold="1s"):
        """[(port, its runtime socket, its log)] of HAProxy and reseal."""
        found = []
        for serve in (self.theirs, self.ours):
            folder = tempfile.mkdtemp(dir="/tmp")
            self.addCleanup(lambda: os.path.exists(sock) and os.unlink(sock))
            sock, log = os.path.join(folder, "s"), self.syslog()
            config = (f"global\n  log 127.0.0.1:{log.port} len 8192 local0\n  stats socket {sock} level admin\n"
                      "defaults\n  mode http\n  log global\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n  retries 0\n"
                      f"resolvers ns\n  nameserver n1 127.0.0.1:{dns.port}\n  resolve_retries 2\n  timeout resolve 50ms\n"
                      f"  timeout retry 50ms\n  accepted_payload_size 4096\n  hold valid 50ms\n  hold nx {hold}\n  hold timeout {hold}\n"
                      f"  hold refused {hold}\n  hold other {hold}\n  hold obsolete 0s\n{top}"
                      "frontend web\n  bind @web@\n  default_backend app\nbackend app\n" + backend)
            found.append((serve(config).port("web"), sock, log))
            eventually(lambda sock=sock: os.path.exists(sock), what="the runtime socket")
        return found

    def rows(self, sock):
        return {name: (row["status"], row["addr"]) for (proxy, name), row in stat_rows(sock).items()
                if proxy == "app" and name != "BACKEND"}

    def messages(self, log):
        return [re.sub(r"^.*?\]: ", "", line.strip()) for line in log.received]

    def wait_for(self, sock, expected):
        """`expected`: {status, address} of all rows, in whichever order."""
        def there():
            found = sorted(self.rows(sock).values())
            return found == sorted(expected) or None

        try:
            eventually(there, 10)
        except AssertionError:
            self.assertEqual(sorted(self.rows(sock).values()), sorted(expected))

    def bodies(self, port, count=8):
        with Client(port) as client:
            return {client.get("/").body.decode() for _ in range(count)}

    def check_bodies(self, both, port, expected):
        """HAProxy goes on with connections that are open to an address that its server does not have any more."""
        found = self.bodies(port)
        self.assertEqual(found & expected if port == both[0][0] else found, expected)

    def test_a_server_follows_its_name_and_keeps_its_counters(self):
        port_of = self.servers("127.0.0.11", "127.0.0.12")[0].port
        dns = self.dns({"app.test": ["127.0.0.11"]})
        both = self.pair(dns, f"  server s app.test:{port_of} resolvers ns init-addr none resolve-prefer ipv4\n")
        for port, sock, _ in both:
            self.wait_for(sock, [("no check", f"127.0.0.11:{port_of}")])
            self.check_bodies(both, port, {"127.0.0.11"})
        dns.zone["app.test"] = ["127.0.0.12"]
        for port, sock, log in both:
            self.wait_for(sock, [("no check", f"127.0.0.12:{port_of}")])
            self.check_bodies(both, port, {"127.0.0.12"})
            self.assertEqual(stat_rows(sock)["app", "s"]["stot"], "16")
            self.assertIn("app/s changed its IP from (none) to 127.0.0.11 by ns/n1.", self.messages(log))
            self.assertIn("Server app/s ('app.test') is UP/READY (resolves again).", self.messages(log))
            self.assertIn("Server app/s administratively READY thanks to valid DNS answer.", self.messages(log))
            self.assertIn("app/s changed its IP from 127.0.0.11 to 127.0.0.12 by ns/n1.", self.messages(log))

    def test_the_value_of_a_dynamic_cookie_follows_its_server(self):
        port_of = self.servers("127.0.0.15", "127.0.0.16")[0].port
        dns = self.dns({"app.test": ["127.0.0.15"]})
        both = self.pair(dns, "  cookie S insert dynamic\n  dynamic-cookie-key sesame\n"
                              f"  server s app.test:{port_of} resolvers ns init-addr none resolve-prefer ipv4\n")

        def cookie(port, sent=None):
            with Client(port) as client:
                found = client.get("/", fields=[("Cookie", f"S={sent}")] if sent else []).get("set-cookie")
                return found.split(";")[0] if found else None

        values = []
        for host in ("127.0.0.15", "127.0.0.16"):
            dns.zone["app.test"] = [host]
            for _, sock, _ in both:
                self.wait_for(sock, [("no check", f"{host}:{port_of}")])
            theirs, ours = (cookie(port) for port, _, _ in both)
            self.assertEqual(theirs, ours)
            values.append(ours)
            # Who has it is not given it again.
            self.assertIsNone(cookie(both[1][0], ours.removeprefix("S=")))
        self.assertNotEqual(*values)
        self.assertEqual(cookie(both[1][0], values[0].removeprefix("S=")), values[1])

    def test_a_request_under_way_ends_where_it_began_and_the_connection_is_not_used_again(self):
        old, new = self.servers("127.0.0.13", "127.0.0.14")
        dns = self.dns({"app.test": ["127.0.0.13"]})
        _, (port, sock, _) = self.pair(dns, f"  server s app.test:{old.port} resolvers ns init-addr none resolve-prefer ipv4\n")
        self.wait_for(sock, [("no check", f"127.0.0.13:{old.port}")])
        def slow(request):
            dns.zone["app.test"] = ["127.0.0.14"]
            eventually(lambda: self.rows(sock)["s"][1].startswith("127.0.0.14"), what="the move")
            return reply("slow")
        old.handler = slow
        with Client(port) as client:
            self.assertEqual(client.get("/").body, b"slow")
            self.assertEqual(client.get("/").body, b"127.0.0.14")
        eventually(lambda: not old.open, what="the end of the connection to the old address")

    def test_a_template_has_the_addresses_that_there_are(self):
        port_of = self.servers("127.0.0.21", "127.0.0.22", "127.0.0.23")[0].port
        dns = self.dns({"app.test": ["127.0.0.21", "127.0.0.22"]})
        both = self.pair(dns, f"  server-template w 3 app.test:{port_of} resolvers ns init-addr none resolve-prefer ipv4\n")
        unresolved = ("MAINT (resolution)", "")
        for port, sock, _ in both:
            self.wait_for(sock, [("no check", f"127.0.0.21:{port_of}"), ("no check", f"127.0.0.22:{port_of}"), unresolved])
            self.check_bodies(both, port, {"127.0.0.21", "127.0.0.22"})
        dns.zone["app.test"] = ["127.0.0.22", "127.0.0.23"]
        for port, sock, _ in both:
            self.wait_for(sock, [("no check", f"127.0.0.22:{port_of}"), ("no check", f"127.0.0.23:{port_of}"), unresolved])
            self.check_bodies(both, port, {"127.0.0.22", "127.0.0.23"})
        dns.zone["app.test"] = ["127.0.0.23"]
        for port, sock, log in both:
            self.wait_for(sock, [("no check", f"127.0.0.23:{port_of}"), unresolved, unresolved])
            self.check_bodies(both, port, {"127.0.0.23"})
        said = [[re.sub(r"w\d", "w", line) for line in self.messages(log) if "going DOWN" in line] for _, _, log in both]
        self.assertEqual(said[0], said[1])

    def test_a_name_that_is_gone_takes_its_server_out_of_service_until_it_is_back(self):
        port_of = self.servers("127.0.0.31")[0].port
        dns = self.dns({"app.test": ["127.0.0.31"]})
        both = self.pair(dns, f"  server s app.test:{port_of} check inter 50ms resolvers ns init-addr none resolve-prefer ipv4\n")
        there = [("UP", f"127.0.0.31:{port_of}")]
        for what, words in ((NAME_ERROR, "DNS NX status"), (REFUSED, "DNS refused status"), (None, "DNS timeout status"),
                            ([], "unspecified DNS error")):
            with self.subTest(words):
                for port, sock, log in both:
                    self.wait_for(sock, there)
                    self.check_bodies(both, port, {"127.0.0.31"})
                    log.received.clear()
                dns.zone["app.test"] = what
                for port, sock, log in both:
                    self.wait_for(sock, [("MAINT (resolution)", "")])
                    with Client(port) as client:
                        self.assertEqual(client.get("/").status, 503)
                    eventually(lambda: f"Server app/s is going DOWN for maintenance ({words}). 0 active and 0 backup servers left. 0 "
                               "sessions active, 0 requeued, 0 remaining in queue." in self.messages(log), what=words)
                dns.zone["app.test"] = ["127.0.0.31"]

    def test_what_was_known_holds_for_as_long_as_is_said(self):
        port_of = self.servers("127.0.0.32")[0].port
        dns = self.dns({"app.test": ["127.0.0.32"]})
        both = self.pair(dns, f"  server s app.test:{port_of} resolvers ns init-addr none resolve-prefer ipv4\n", hold="1h")
        for _, sock, _ in both:
            self.wait_for(sock, [("no check", f"127.0.0.32:{port_of}")])
        dns.zone["app.test"] = NAME_ERROR
        asked = len(dns.asked)
        eventually(lambda: len(dns.asked) > asked + 40, what="questions")
        for port, sock, _ in both:
            self.check_bodies(both, port, {"127.0.0.32"})

    def test_checks_follow_the_name(self):
        first, _ = self.servers("127.0.0.33", "127.0.0.34")
        dns = self.dns({"app.test": ["127.0.0.33"]})
        both = self.pair(dns, f"  server s app.test:{first.port} check inter 50ms fall 1 rise 1 resolvers ns init-addr none resolve-prefer ipv4\n")
        for _, sock, _ in both:
            self.wait_for(sock, [("UP", f"127.0.0.33:{first.port}")])
        first.stop()
        for _, sock, _ in both:
            self.wait_for(sock, [("DOWN", f"127.0.0.33:{first.port}")])
        dns.zone["app.test"] = ["127.0.0.34"]
        for port, sock, _ in both:
            self.wait_for(sock, [("UP", f"127.0.0.34:{first.port}")])
            self.check_bodies(both, port, {"127.0.0.34"})

    def test_records_of_a_service_tell_ports_and_weights(self):
        one, two = self.servers("127.0.0.41")[0], self.servers("127.0.0.42")[0]
        dns = self.dns({"_w._tcp.app.test": [(1, 2560, one.port, "a.test"), (1, 5120, two.port, "b.test")],
                        "a.test": ["127.0.0.41"], "b.test": ["127.0.0.42"]})
        both = self.pair(dns, "  server-template w 3 _w._tcp.app.test resolvers ns init-addr none resolve-prefer ipv4\n")
        for port, sock, log in both:
            self.wait_for(sock, [("no check", f"127.0.0.41:{one.port}"), ("no check", f"127.0.0.42:{two.port}"), ("MAINT (resolution)", "")])
            self.check_bodies(both, port, {"127.0.0.41", "127.0.0.42"})
        def weights(sock):
            return {row["addr"]: row["weight"] for (_, name), row in stat_rows(sock).items() if name.startswith("w") and row["addr"]}
        self.assertEqual(weights(both[1][1]), {f"127.0.0.41:{one.port}": "11", f"127.0.0.42:{two.port}": "21"})
        dns.zone["_w._tcp.app.test"] = [(1, 5120, two.port, "b.test")]
        for port, sock, log in both:
            self.wait_for(sock, [("no check", f"127.0.0.42:{two.port}"), ("MAINT (resolution)", ""), ("MAINT (resolution)", "")])
            self.check_bodies(both, port, {"127.0.0.42"})
            self.assertTrue(any("(entry removed from SRV record)" in line for line in self.messages(log)))

    def test_the_other_family_is_asked_for_where_the_preferred_one_has_nothing(self):
        port_of = self.servers("127.0.0.51")[0].port
        dns = self.dns({"app.test": ["127.0.0.51"]})
        for _, sock, _ in self.pair(dns, f"  server s app.test:{port_of} resolvers ns init-addr none\n"):
            self.wait_for(sock, [("no check", f"127.0.0.51:{port_of}")])
        self.assertIn(("app.test", AAAA), dns.asked)

    def test_garbage_changes_nothing(self):
        port_of = self.servers("127.0.0.52")[0].port
        dns = self.dns({"app.test": ["127.0.0.52"]})
        both = self.pair(dns, f"  server s app.test:{port_of} resolvers ns init-addr none resolve-prefer ipv4\n", hold="1h")
        for _, sock, _ in both:
            self.wait_for(sock, [("no check", f"127.0.0.52:{port_of}")])
        for garbage in (b"", b"\x81\x80", b"\xff" * 400, b"\x81\x80\0\1\xff\xff\0\0\0\0\xc0\x0c" * 30):
            dns.garbage = garbage
            asked = len(dns.asked)
            eventually(lambda: len(dns.asked) > asked + 6, what="questions")
        for port, sock, _ in both[1:]:
            self.check_bodies(both, port, {"127.0.0.52"})

    def test_a_reload_leaves_servers_where_they_are(self):
        port_of = self.servers("127.0.0.53")[0].port
        dns = self.dns({"app.test": ["127.0.0.53"]})
        config = (f"defaults\n  mode http\n  timeout client 9s\n  timeout server 9s\n  timeout connect 5s\nresolvers ns\n"
                  f"  nameserver n1 127.0.0.1:{dns.port}\n  timeout resolve 50ms\n  timeout retry 50ms\n"
                  "frontend web\n  bind 127.0.0.1:0\n  default_backend app\nbackend app\n"
                  f"  server s app.test:{port_of} resolvers ns init-addr none resolve-prefer ipv4\n")
        process = self.reseal(config, haproxy=True)
        process.wait_for_line("app/s changed its IP")
        dns.zone["app.test"] = None
        process.signal(1)
        process.wait_for_line("reloaded: ")
        self.assertEqual(self.bodies(process.port("web")), {"127.0.0.53"})


if __name__ == "__main__":
    unittest.main()
