"""Servers of one backend of a haproxy.cfg that differ, are out of service, share their health, or come from elsewhere."""

import unittest

from support.case import IntegrationCase
from support.dns_server import NAME_ERROR, DnsServer
from support.process import eventually, run_reseal
from support.scripted_server import ScriptedServer
from support.server import reply

DEFAULTS = """defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    retries 0
"""


def site(backend):
    return f"{DEFAULTS}frontend web\n    bind 127.0.0.1:0\n    default_backend app\nbackend app\n{backend}"


class HaproxyServers(IntegrationCase):
    def haproxy(self, backend):
        return self.reseal(site(backend), haproxy=True)

    def scripted(self, *replies, **options):
        server = ScriptedServer(*replies, **options)
        self.addCleanup(server.stop)
        return server

    def test_with_and_without_tls_and_proxy_header_in_one_backend(self):
        secured, plain = self.server("secured"), self.server("plain", tls=None)
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nproxied"
        proxied = self.scripted(answer)
        pem = self.pki.path
        process = self.haproxy(
            f"    server secured {secured.address} ssl verify required ca-file {pem('ca.pem')} crt {pem('lb.pem')} sni str(web.internal)\n"
            f"    server plain {plain.address}\n    server proxied 127.0.0.1:{proxied.port} send-proxy\n")
        client = self.plain_client(process)
        self.assertEqual({client.get("/").body for _ in range(9)}, {b"secured", b"plain", b"proxied"})
        first = next(asked for asked in proxied.asked if asked)[0]
        self.assertRegex(first, rb"^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ \d+\r\nGET / HTTP/1\.1\r\n")

    def test_a_secured_server_of_a_mixed_backend_is_verified(self):
        self.pki.leaf("stranger", san="DNS:stranger.internal")
        from support.server import server_tls
        stranger = self.server("stranger", tls=server_tls(self.pki, "stranger"))
        plain = self.server("plain", tls=None)
        pem = self.pki.path
        process = self.haproxy(
            f"    server plain {plain.address}\n"
            f"    server stranger {stranger.address} ssl verify required ca-file {pem('ca.pem')} crt {pem('lb.pem')} sni str(web.internal)\n")
        client = self.plain_client(process)
        self.assertEqual({client.get("/").status for _ in range(6)}, {200, 503})
        self.assertEqual(stranger.requests, 0)

    def test_a_server_whose_certificate_is_revoked_is_sent_nothing(self):
        from support.server import server_tls
        self.pki.leaf("revoked", san="DNS:web.internal")
        revoked, fine = self.server("revoked", tls=server_tls(self.pki, "revoked")), self.server("fine")
        lists = self.pki.revoke("revoked", to="servers-revoked.pem")
        pem = self.pki.path
        tls = f"ssl verify required ca-file {pem('ca.pem')} crt {pem('lb.pem')} sni str(web.internal)"
        for options, statuses in ((f" crl-file {lists}", {200, 503}), ("", {200})):
            process = self.haproxy(f"    server revoked {revoked.address} {tls}{options}\n    server fine {fine.address} {tls}{options}\n")
            client = self.plain_client(process)
            self.assertEqual({client.get("/").status for _ in range(6)}, statuses)
            if options:
                self.assertEqual(revoked.requests, 0)

    def test_a_server_whose_name_leads_nowhere_is_not_asked_whoever_insists_on_it(self):
        here, fine = self.server("here", tls=None), self.server("fine", tls=None)
        process = self.haproxy("    cookie S insert\n    option persist\n"
                               f"    server lost none.invalid:{here.port} cookie lost init-addr none\n    server fine {fine.address} cookie fine\n")
        client = self.plain_client(process)
        self.assertEqual(client.get("/", fields=[("Cookie", "S=lost")]).body, b"fine")
        self.assertEqual(here.connections, 0)

    def test_only_servers_with_check_are_checked(self):
        gone = self.server("gone", tls=None)
        silent = self.scripted(stays=True)
        process = self.haproxy(f"    option httpchk\n    server gone {gone.address} check inter 50ms fall 1\n"
                               f"    server silent 127.0.0.1:{silent.port}\n")
        gone.stop()
        process.wait_for_line("app/gone .* is DOWN")
        self.assertEqual(silent.peers, [])

    def test_a_backend_of_disabled_servers_loads_and_answers_503_itself(self):
        server = self.server("off", tls=None)
        process = self.haproxy(f"    server off {server.address} check disabled\n")
        self.assertEqual(self.plain_client(process).get("/").status, 503)
        self.assertEqual(server.requests, 0)

    def test_a_name_that_does_not_resolve_is_out_of_service_where_the_file_allows_it(self):
        server = self.server("here", tls=None)
        process = self.haproxy(f"    default-server init-addr last,libc,none\n    server gone name.invalid:80 check\n"
                               f"    server here {server.address}\n")
        client = self.plain_client(process)
        self.assertEqual({client.get("/").body for _ in range(4)}, {b"here"})

    def test_a_template_makes_as_many_servers(self):
        server = self.server("same", tls=None)
        process = self.haproxy(f"    server-template web 3 {server.address} check inter 50ms\n")
        self.assertEqual(self.plain_client(process).get("/").body, b"same")
        server.stop()
        for number in (1, 2, 3):
            process.wait_for_line(f"app/web{number} .* is DOWN")

    def test_a_server_that_tracks_another_shares_its_health(self):
        leader, follower = self.server("leader", tls=None), self.server("follower", tls=None)
        process = self.haproxy(f"    server leader {leader.address} check inter 50ms fall 1 rise 1\n"
                               f"    server follower {follower.address} track leader\n")
        port = leader.port
        leader.stop()
        process.wait_for_line("app/follower .* is DOWN: as server app/leader")
        self.server("leader", tls=None, port=port)
        process.wait_for_line("app/follower .* is UP: as server app/leader")

    def test_a_server_that_answers_404_to_its_check_gets_no_new_clients_and_comes_back(self):
        found = {"status": "200 OK"}
        moody = self.server("moody", tls=None, handler=lambda r: reply("x", found["status"]) if r.target == "/up" else reply("moody"))
        other = self.server("other", tls=None)
        process = self.haproxy("    option httpchk GET /up\n    http-check disable-on-404\n"
                               f"    server moody {moody.address} check inter 50ms\n    server other {other.address}\n")
        client = self.plain_client(process)
        self.assertEqual({client.get("/").body for _ in range(6)}, {b"moody", b"other"})
        found["status"] = "404 Not Found"
        process.wait_for_line("app/moody .* drains")
        self.assertEqual({client.get("/").body for _ in range(6)}, {b"other"})
        found["status"] = "200 OK"
        process.wait_for_line("app/moody .* gets new clients again")
        self.assertEqual({client.get("/").body for _ in range(6)}, {b"moody", b"other"})

    def test_connections_come_from_the_source_that_is_said(self):
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
        server = self.scripted(answer)
        process = self.haproxy(f"    server s 127.0.0.1:{server.port} source 127.0.0.9\n")
        self.assertEqual(self.plain_client(process).get("/").status, 200)
        self.assertEqual(server.peers[0][0], "127.0.0.9")

    def test_errors_that_traffic_sees_mark_a_server_down_where_the_file_says_so(self):
        bad = self.server("bad", tls=None, handler=lambda r: reply("no", "500 Internal Server Error") if r.target != "/up" else reply("ok"))
        good = self.server("good", tls=None)
        process = self.haproxy("    option httpchk GET /up\n"
                               f"    server bad {bad.address} check inter 1h observe layer7 error-limit 2 on-error mark-down\n"
                               f"    server good {good.address}\n")
        client = self.plain_client(process)
        for _ in range(6):
            client.get("/")
        process.wait_for_line("app/bad .* is DOWN: 2 responses in a row were 5xx")


class ServersInYaml(IntegrationCase):
    def test_names_agents_and_revocations(self):
        dns = DnsServer({"web.test": ["127.0.0.1"]})
        self.addCleanup(dns.stop)
        server = self.server("web", tls=None)
        top = f"resolvers: {{ internal: {{ servers: '127.0.0.1:{dns.port}', interval: 50ms, timeout: 100ms, hold: {{ no_name: 10ms }} }} }}\n"
        agent = ScriptedServer(banner=b"drain\n")
        self.addCleanup(agent.stop)
        process = self.reseal(top + "frontends:\n  web: { bind: '127.0.0.1:0', default: web }\nbackends:\n  web:\n    plaintext: allowed\n"
                              f"    servers:\n      one: {{ address: 'web.test:{server.port}', resolvers: internal, "
                              f"resolve: {{ may_fail: true, prefer: ipv4 }}, agent: {{ port: {agent.port}, interval: 50ms }} }}\n")
        process.wait_for_line("web/one changed its IP from .none. to 127.0.0.1")
        process.wait_for_line("web/one .* drains: .* its agent says so")
        dns.zone["web.test"] = NAME_ERROR
        process.wait_for_line("web/one .* is out of service: DNS NX status")

    def test_a_name_that_may_lead_anywhere_needs_tls(self):
        status, out, problems = run_reseal("check", "-c", self.file("frontends:\n  web: { bind: '127.0.0.1:0', default: web }\nresolvers: { r: {} }\n"
                                                     "backends:\n  web:\n    servers:\n      one: { address: 'localhost:80', resolvers: r }\n"))
        self.assertEqual(status, 1)
        self.assertIn("its name may lead anywhere", out + problems)

    def file(self, text):
        path = self.pki.path("checked.yaml")
        with open(path, "w") as file:
            file.write(text)
        return path


class ChecksInYaml(IntegrationCase):
    def test_steps_bodies_and_protocols(self):
        redis, smtp = ScriptedServer(b"+PONG\r\n"), ScriptedServer(b"250 hi\r\n", b"221 bye\r\n", banner=b"220 mx\r\n")
        talk, body = ScriptedServer(b"pong 7\n"), ScriptedServer(b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\nstatus: not ok\n")
        checks = {"redis": (redis, "{ type: redis"), "smtp": (smtp, "{ type: smtp"), "talk": (talk, '{ send: "ping\\n", expect: "^pong [0-9]"'),
                  "body": (body, '{ http: /, expect_body: "status: ok"'), "elsewhere": (smtp, f"{{ type: redis, port: {redis.port}")}
        backends = ""
        for name, (server, check) in checks.items():
            self.addCleanup(server.stop) if name != "elsewhere" else None
            backends += (f"  {name}:\n    check: {check}, interval: 50ms, initial: down, fall: 1, rise: 1 }}\n"
                         f"    servers: {{ {name}: \"127.0.0.1:{server.port}\" }}\n")
        process = self.reseal("workers: 1\nfrontends:\n  web: { bind: \"127.0.0.1:0\", default: redis }\nbackends:\n"
                              + backends)
        for name in ("redis", "smtp", "talk", "elsewhere"):
            process.wait_for_line(f"{name}/{name} .* is UP")
        eventually(lambda: body.asked)
        self.assertNotIn("body/body", "\n".join(line for line in process.log.splitlines() if "is UP" in line))

    def test_a_server_in_maintenance_gets_nothing_until_a_reload(self):
        out, serving = self.server("web0"), self.server("web1")
        yaml = self.yaml(out, serving, check="{ http: /, interval: 50ms }")
        process = self.reseal(yaml.replace(f'web0: "{out.address}"', f'web0: {{ address: "{out.address}", maintenance: true }}'))
        process.server_is("web0", "maint")
        client = self.client(process)
        self.assertEqual({client.get().body for _ in range(6)}, {b"web1"})
        self.assertEqual(out.requests, 0)
        process.reload(yaml)
        process.server_is("web0", "up")
        self.assertEqual({client.get().body for _ in range(6)}, {b"web0", b"web1"})


if __name__ == "__main__":
    unittest.main()
