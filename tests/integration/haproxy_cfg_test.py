"""`reseal haproxy`: a haproxy.cfg served and checked, by reseal and, where it can show the same, by Debian's HAProxy beside it."""

import collections
import os
import shutil
import subprocess
import unittest

from support.case import IntegrationCase
from support.process import BINARY, run_reseal
from support.server import reply

DEFAULTS = """defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
"""


class HaproxyCfg(IntegrationCase):
    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def haproxy(self, text):
        return self.reseal(text, haproxy=True)

    def test_a_site_in_plaintext_is_served_as_the_file_says(self):
        seen = []
        servers = [self.server(f"web{i}", tls=None, handler=lambda request, i=i: seen.append(request) or reply(f"web{i}"))
                   for i in range(3)]
        lines = "".join(f"    server {server.name} {server.address} check inter 500ms\n" for server in servers)
        process = self.haproxy(f"{DEFAULTS}frontend web\n    bind 127.0.0.1:0\n    option forwardfor\n    default_backend app\n"
                               f"backend app\n    balance roundrobin\n    option httpchk GET /up\n{lines}")
        client = self.plain_client(process)
        answers = collections.Counter(client.get("/x").body for _ in range(30))
        self.assertEqual(answers, {b"web0": 10, b"web1": 10, b"web2": 10})
        passed_on = [request for request in seen if request.target == "/x"]
        self.assertEqual(passed_on[0].all("X-Forwarded-For"), ["127.0.0.1"])
        process.wait_for_line("listening: frontend=web")

    def test_connection_takes_nothing_away_that_rules_have_set(self):
        seen = []
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x-out, x-gone\r\nX-Out: theirs\r\nX-Gone: 1\r\n\r\n"
        server = self.server("web", tls=None, handler=lambda request: seen.append(request) or answer)
        process = self.haproxy(f"{DEFAULTS}frontend web\n    bind 127.0.0.1:0\n    http-request set-header X-Seal secret\n"
                               "    http-request add-header X-More ours\n    http-response set-header X-Out ours\n"
                               f"    default_backend app\nbackend app\n    server web {server.address}\n")
        answer = self.plain_client(process).get("/x", [("Connection", "x-seal, x-more, x-own"), ("X-Seal", "forged"),
                                                               ("X-More", "theirs"), ("X-Own", "1")])
        self.assertEqual([seen[0].all(name) for name in ("X-Seal", "X-More", "X-Own")], [["secret"], ["ours"], []])
        self.assertEqual([answer.get(name) for name in ("X-Out", "X-Gone")], ["ours", None])

    def checked(self, rules, before="", *flags):
        path = self.write("rules.cfg", f"{before}{DEFAULTS}frontend web\n    bind 127.0.0.1:8\n{rules}    default_backend app\n"
                                       "backend app\n    server a 127.0.0.1:9\n")
        return run_reseal("haproxy", "-c", "-f", path, *flags)

    def test_files_that_rules_change_in_vain_or_at_a_price_are_told(self):
        bans = self.write("bans.lst", "^/a\n")
        rules = (f"    http-request add-acl({bans}) %[path]\n    http-request deny if {{ path -m reg -f {bans} }}\n"
                 f"    http-request set-map({bans}t) a b\n")
        status, _, error = self.checked(rules, "", "-dW")
        self.assertEqual(status, 0, error)
        self.assertRegex(error, rf"\[NOTICE\].*rules change '{bans}t', which no map and no ACL reads.*did you mean '{bans}'")
        self.assertRegex(error, rf"\[NOTICE\].*rules change '{bans}', which is read with -m reg")
        status, _, error = self.checked(f"    http-request add-acl({bans}) %[path]\n    http-request deny if {{ path -f {bans} }}\n")
        self.assertEqual(status, 0, error)
        self.assertNotIn("rules change", error)

    def test_what_rules_of_http_never_see_is_told(self):
        for condition, told in (("req.len gt 3", True), ("req.payload(0,3) -m str GET", True), ("path /a", False), ("wait_end", False)):
            with self.subTest(condition):
                status, _, error = self.checked(f"    tcp-request content reject if {{ {condition} }}\n")
                self.assertEqual(status, 0, error)
                self.assertEqual("[WARNING]" in error and "never holds" in error, told, error)

    def test_what_follows_a_format_of_global_is_refused(self):
        status, _, error = self.checked("", 'global\n    set-var-fmt proc.b "lit" junk\n')
        self.assertEqual(status, 1)
        self.assertIn("'junk'", error)

    def test_a_full_list_of_bans_is_told(self):
        bans = self.write("bans.lst", "1\n")
        process = self.haproxy(f"{DEFAULTS}frontend web\n    bind 127.0.0.1:0\n    http-request add-acl({bans}) %[query]\n"
                               f"    http-request deny if {{ query -m int -f {bans} }}\n    http-request return status 200\n")
        self.plain_client(process).get("/?no-number")
        process.wait_for_line("rules changed it 1 time in vain")

    def test_https_in_and_mutual_tls_out(self):
        server = self.server()
        pem = self.pki.path
        process = self.haproxy(f"global\n    ca-base {os.path.dirname(pem('ca.pem'))}\n    crt-base {os.path.dirname(pem('lb.pem'))}\n"
                               f"{DEFAULTS}listen web\n    bind 127.0.0.1:0 ssl crt front.pem alpn h2,http/1.1\n"
                               f"    server web1 {server.address} ssl verify required ca-file ca.pem crt lb.pem sni str(web.internal)\n")
        self.assertEqual(self.client(process).get().status, 200)

    def test_a_file_is_checked_with_haproxys_words_and_exit_statuses(self):
        good = self.write("good.cfg", f"{DEFAULTS}frontend web\n    bind 127.0.0.1:8\n    default_backend app\n"
                                      "backend app\n    server a 127.0.0.1:9\n")
        status, out, error = run_reseal("haproxy", "-c", "-f", good)
        self.assertEqual((status, out), (0, "Configuration file is valid\n"), error)
        self.assertIn("[NOTICE]   ", error)
        self.assertNotIn("[WARNING]", error)
        bad = self.write("bad.cfg", f"{DEFAULTS}backend app\n    blance leastconn\n    server a 127.0.0.1:9\n")
        status, out, error = run_reseal("haproxy", "-c", "-f", bad)
        self.assertEqual((status, out), (1, ""))
        self.assertRegex(error, rf"\[ALERT\]    \(\d+\) : config : parsing \[{bad}:7\] : unknown keyword 'blance'.*did you mean 'balance'")
        self.assertIn("        blance leastconn\n        ^\n", error)

    def test_nothing_is_started_with_a_file_that_does_not_load(self):
        bad = self.write("unknown.cfg", f"{DEFAULTS}frontend web\n    bind 127.0.0.1:0\n    use_backend x if {{ path /x }}\n    default_backend nosuch\n")
        status, out, error = run_reseal("haproxy", "-f", bad)
        self.assertEqual(status, 1)
        self.assertIn("nosuch", error)
        self.assertIn("nothing was started", error)

    def test_rules_that_mean_nothing_are_told_in_the_same_words(self):
        bad = self.write("rules.cfg", f"{DEFAULTS}frontend web\n    bind 127.0.0.1:0\n    http-request deny if {{ pathh /x }}\n"
                                      "    default_backend app\nbackend app\n    server a 127.0.0.1:9\n")
        for arguments in (("-c",), ()):
            status, _, error = run_reseal("haproxy", *arguments, "-f", bad)
            self.assertEqual(status, 1)
            self.assertRegex(error, rf"\[ALERT\]    \(\d+\) : config : parsing \[{bad}:8\] : no fetch 'pathh'; did you mean 'path'\?")

    def test_several_files_and_a_folder_are_one_configuration_and_problems_name_their_own(self):
        folder = os.path.join(self.folder, "conf.d")
        os.mkdir(folder)
        self.write("conf.d/10-front.cfg", "frontend web\n    bind 127.0.0.1:8\n    default_backend app\n")
        self.write("conf.d/20-back.cfg", "backend app\n    server a 127.0.0.1:9 wieght 3\n")
        first = self.write("00.cfg", DEFAULTS)
        status, _, error = run_reseal("haproxy", "-c", "-f", first, "-f", folder)
        self.assertEqual(status, 1)
        self.assertIn(f"parsing [{folder}/20-back.cfg:2] : 'server' knows no 'wieght'; did you mean 'weight'?", error)

    def test_the_binary_called_haproxy_speaks_haproxys_command_line(self):
        link = os.path.join(self.folder, "haproxy")
        os.symlink(os.path.abspath(BINARY), link)
        done = subprocess.run([link, "-v"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^HAProxy version 3\.2\.\d+\S* .*reseal")
        self.assertEqual(subprocess.run([link, "-cc", "version_atleast(3.0)"]).returncode, 0)
        self.assertEqual(subprocess.run([link, "-cc", "version_before(3.0)"]).returncode, 1)
        done = subprocess.run([link], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("Usage:", done.stderr)

    @unittest.skipUnless(shutil.which("haproxy"), "there is no HAProxy to compare with")
    def test_what_loads_here_loads_in_haproxy_too(self):
        path = self.write("both.cfg", f"""global
    log /dev/log local0
    log stdout format raw local1 notice
    maxconn 2000
    daemon
    ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets
    tune.ssl.default-dh-param 2048
{DEFAULTS}    log global
    option httplog
    option dontlognull
    option redispatch
    retries 2
frontend web
    bind 127.0.0.1:8,127.0.0.1:9
    bind [::1]:10-12
    redirect scheme https code 301 if !{{ ssl_fc }}
    default_backend app
backend app
    balance leastconn
    option httpchk GET /healthz
    http-check expect status 200
    default-server inter 3s fall 3 rise 2 maxconn 100
    server web1 127.0.0.1:9001 check weight 10
    server web2 127.0.0.1:9002 check backup
""")
        for command in (["haproxy"], [BINARY, "haproxy"]):
            done = subprocess.run([*command, "-c", "-f", path], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout), (0, "Configuration file is valid\n"), done.stderr)


if __name__ == "__main__":
    unittest.main()
