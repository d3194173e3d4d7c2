"""What a haproxy.cfg says of logs, beside the real HAProxy: one file for both, the same requests, the same datagrams but for
times, ports and process ids."""

import os
import re
import signal
import socket
import tempfile
import threading

import unittest

from support.case import IntegrationCase
from support.client import Client
from support.haproxy import HAProxy
from support.log_receiver import SyslogServer
from support.process import eventually
from support.server import reply

CLOSE = b"Connection: close\r\n\r\n"


def masked(datagram):
    """What differs from one run to the next; that a time is -1 is left to see."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", datagram)
    text = re.sub(r"\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d", "DATE", text)
    text = re.sub(r"DATE\.\d{3}", "DATE.MS", text)
    text = re.sub(r"[A-Z][a-z][a-z] [ \d]\d \d\d:\d\d:\d\d", "DATE", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", "DATE.US", text)
    text = re.sub(r"\[\d+\]: ", "[PID]: ", text, count=1)
    text = re.sub(r"( [a-z]+) \d+ - ", r"\1 PID - ", text, count=1)
    text = re.sub(r"( \d+){6}(?= x\")", " T T T T T T", text)  # of a format that lists them one by one
    text = re.sub(r"(?<![-\d])\d+(?=(/-?\d+){4} [2345]\d\d )|(?<=/)\d+(?=(/-?\d+){0,3} [2345]\d\d )", "T", text)
    return re.sub(r"(?<=check duration: )\d+ms", "0ms", text)


def is_of_requests(datagram):
    return not re.search(r"Proxy \S+ (started|stopped)", datagram)


class Beside:
    """One configuration, run by both; each has a syslog server of its own, @LOG@ (UDP) and @UNIX@, and both the same servers."""

    def __init__(self, test, cfg, *, servers):
        folder = tempfile.mkdtemp(dir=test.folder)
        self.logs = {}
        for who in ("reseal", "haproxy"):
            path = os.path.join(folder, who)
            self.logs[who] = SyslogServer(), SyslogServer(path)
            for server in self.logs[who]:
                test.addCleanup(server.close)
        for server in servers:
            cfg = cfg.replace(f"@{server.name}@", f"{server.name} {server.address}")
        filled = {who: cfg.replace("@LOG@", f"127.0.0.1:{udp.port}").replace("@UNIX@", os.path.join(folder, who))
                  for who, (udp, _) in self.logs.items()}
        self.haproxy = HAProxy(filled["haproxy"], folder=folder)
        test.addCleanup(self.haproxy.close)
        self.reseal = test.reseal(filled["reseal"].replace("@web@", "127.0.0.1:0"), haproxy=True)
        self.ports = {"reseal": self.reseal.port(), "haproxy": self.haproxy.port()}
        self.test = test

    def send(self, *requests, answered=True, logged=True):
        """Each on a connection of its own, first to one, then to the other; the next once the log has this one."""
        for request in requests:
            for who, port in self.ports.items():
                log = self.logs[who][0]
                before = len(log.received)
                with Client(port) as client:
                    client.send(request)
                    if answered:
                        try:
                            client.response()
                        except OSError:
                            pass
                    if not logged:  # the next is counted without this connection
                        client.half_close()
                        client.rest()
                if logged:
                    eventually(lambda: len(log.received) > before, what=f"a line of {who}")

    def datagrams(self, who, count, unix=False, wanted=is_of_requests):
        """The first so many of them, masked."""
        server = self.logs[who][1 if unix else 0]

        def enough():
            lines = [masked(line) for line in list(server.received) if wanted(line)]
            return lines[:count] if len(lines) >= count else None

        try:
            return eventually(enough, what=f"{count} datagrams of {who}")
        except AssertionError:
            raise AssertionError(f"{who} has sent only {server.received}")

    def same(self, count, unix=False, wanted=is_of_requests):
        theirs = self.datagrams("haproxy", count, unix, wanted)
        ours = self.datagrams("reseal", count, unix, wanted)
        self.test.assertEqual(ours, theirs)
        return ours


class Stoppable:
    """A server that can be away for a while."""

    def __init__(self, name):
        self.name = name
        self.port = 0
        self.start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        self.sock = socket.create_server(("127.0.0.1", self.port))
        self.port = self.sock.getsockname()[1]
        threading.Thread(target=self.serve, args=(self.sock,), daemon=True).start()

    def serve(self, sock):
        while True:
            try:
                connection, _ = sock.accept()
            except OSError:
                return
            with connection:
                if connection.recv(4096):
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    def stop(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()


def get(target="/", more=b""):
    return b"GET " + target.encode() + b" HTTP/1.1\r\nHost: a.example\r\n" + more + CLOSE


def handler(request):
    return reply("body", fields=[("Set-Cookie", "sid=new; path=/"), ("X-Out", "out")])


def defaults(*lines):
    return "defaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n  retries 0\n" + \
           "".join(f"  {line}\n" for line in lines)


SITE = "frontend web\n  bind @web@\n  default_backend app\nbackend app\n  server @web1@\n"


class HaproxyLogCfg(IntegrationCase):
    def beside(self, cfg, *servers):
        return Beside(self, cfg, servers=servers or [self.server("web1", tls=None, handler=handler)])

    def test_every_form_of_header_is_the_same(self):
        forms = ["", "format rfc3164 ", "format rfc5424 ", "format raw ", "format short ", "format timed ", "format iso ",
                 "format priority ", "format local "]
        logs = "".join(f"  log @LOG@ len {200 + index} {form}local{index % 8}\n" for index, form in enumerate(forms))
        pair = self.beside(f"global\n{logs}  log @UNIX@ len 4096 daemon\n" +
                           defaults("log global", "option httplog", "option dontlognull", "log-format-sd [x@1\\ a=\\\"%HM\\\"]") + SITE)
        pair.send(get())
        self.assertEqual(len(set(pair.same(len(forms)))), len(forms) - 1)  # local is what no form is
        pair.same(1, unix=True)

    def test_names_of_sender_and_host(self):
        pair = self.beside("global\n  log @LOG@ local0\n  log @LOG@ format rfc5424 local0\n  log @LOG@ format local local0\n"
                           "  log-send-hostname lb.example\n  log-tag edge\n" +
                           defaults("log global", "option httplog") + SITE.replace("bind", "log-tag inner\n  bind"))
        pair.send(get())
        self.assertIn("lb.example inner[PID]: ", pair.same(3)[0])

    def test_lines_are_cut_at_their_length(self):
        pair = self.beside("global\n  log @LOG@ len 80 local0\n  log @LOG@ local0\n" + defaults("log global", "option httplog") + SITE)
        pair.send(get("/" + "x" * 3000))
        for who in ("reseal", "haproxy"):
            pair.datagrams(who, 2)
            self.assertEqual([len(line) for line in pair.logs[who][0].received[:2]], [81, 1025], who)
            self.assertTrue(pair.logs[who][0].received[1].endswith("xxx\n"))

    def test_targets_of_a_proxys_own_levels_and_samples(self):
        pair = self.beside("global\n  log @LOG@ format short local0\n" + defaults("log global", "option httplog") +
                           SITE.replace("bind", "log @LOG@ format priority local3 err\n  log @LOG@ format priority local4 debug notice\n"
                                        "  log @LOG@ format iso sample 1:2 local5\n  option log-separate-errors\n  bind"))
        for target in ("/1", "/2", "/3"):
            pair.send(get(target))
        pair.send(b"GARBAGE\r\n\r\n")
        # Without what only HAProxy says of itself: three of each good request, less each second sample, and all of the bad one.
        lines = [re.sub(r"\d+ - - PR", "BYTES - - PR", line) for line in pair.datagrams("reseal", 11)]
        theirs = [re.sub(r"\d+ - - PR", "BYTES - - PR", line) for line in pair.datagrams("haproxy", 11)]
        self.assertEqual(sorted(lines), sorted(theirs))
        self.assertEqual(sum(line.startswith("<3>") for line in lines), 1)

    def test_no_log_takes_all_back(self):
        pair = self.beside("global\n  log @LOG@ local0\n" + defaults("log global", "option httplog") +
                           SITE.replace("bind", "no log\n  log @LOG@ format raw local1\n  bind"))
        pair.send(get("/a"), get("/b"))
        self.assertTrue(all(line.startswith("127.0.0.1") for line in pair.same(2)))

    def test_without_a_format_clients_are_announced(self):
        pair = self.beside("global\n  log @LOG@ local0\n" + defaults("log global") + SITE)
        pair.send(get("/a"), get("/b"))
        self.assertRegex(pair.same(2)[0], r"Connect from 127.0.0.1:PORT to 127.0.0.1:PORT \(web/HTTP\)")

    def test_only_what_went_wrong(self):
        quiet = self.server("web1", tls=None, handler=lambda request: reply("no", status=503) if request.target == "/bad" else reply("yes"))
        pair = self.beside("global\n  log @LOG@ local0\n" + defaults("log global", "option httplog", "option dontlog-normal") + SITE, quiet)
        for _ in range(2):
            pair.send(get("/good"), logged=False)
            pair.send(get("/bad"))
        self.assertTrue(all("/bad" in line for line in pair.same(2)))

    def test_as_soon_as_possible(self):
        pair = self.beside("global\n  log @LOG@ local0\n" + defaults("log global", "option httplog", "option logasap") + SITE)
        pair.send(get())
        self.assertRegex(pair.datagrams("reseal", 1)[0], r"/\+\w+ 200 \+\d+ ")
        # How much of the body has come by then is chance, and so are the times.
        self.assertEqual(*(re.sub(r"( |/)\+?\d+(?=/|\+)|/\+\d+ 200 \+\d+", "N", pair.datagrams(who, 1)[0].split(" - - ")[0])
                           for who in ("reseal", "haproxy")))

    def test_clients_that_say_nothing_or_half_of_it(self):
        for option, count in (("option dontlognull", 1), ("no option dontlognull", 2)):
            with self.subTest(option):
                pair = self.beside("global\n  log @LOG@ format raw local0\n" + defaults("log global", "option httplog", option) + SITE)
                for part in (b"", b"GET / HT"):
                    for port in pair.ports.values():
                        with Client(port) as client:
                            client.send(part)
                pair.send(get("/last"))
                def by_kind(who):
                    # How soon the one before was done with is chance.
                    return sorted(re.sub(r" \d+/\d+/0/0/0 ", " C/C/0/0/0 ", re.sub(r"400 \d+", "400 BYTES", line))
                                  for line in pair.datagrams(who, count + 1))
                self.assertEqual(by_kind("reseal"), by_kind("haproxy"))

    def test_captures_and_cookies(self):
        pair = self.beside("global\n  log @LOG@ format raw local0\n" + defaults("log global", "option httplog") +
                           SITE.replace("bind", "capture request header Host len 5\n  capture request header User-Agent len 30\n"
                                        "  capture request header None len 5\n  capture response header X-Out len 2\n"
                                        "  capture response header X-None len 2\n  capture cookie sid len 10\n  bind"))
        pair.send(get(more=b"User-Agent: {a|b}\"#x\r\nCookie: a=b; sid=old1234567890; c=d\r\n"), get(more=b"user-agent: 1\r\nUser-Agent: 2\r\n"))
        self.assertRegex(pair.same(2)[0], r" sid=old123 sid=new .* \{a.exa\|#7Ba#7Cb#7D#22#23x\|\} \{ou\|\} ")

    def test_rules_see_what_is_captured(self):
        pair = self.beside("global\n  log @LOG@ format raw local0\n" + defaults("log global", "option httplog") +
                           SITE.replace("bind", "capture request header Host len 5\n  capture request header X-None len 5\n"
                                        "  capture response header X-Out len 2\n  http-request deny if { capture.req.hdr(0) b.exa }\n"
                                        "  http-response set-header X-Seen %[capture.req.hdr(0)]-%[capture.req.hdr(1)]-%[capture.res.hdr(0)]\n"
                                        "  http-response deny deny_status 403 if { capture.res.hdr(0) ou } { capture.req.uri /deny }\n"
                                        "  http-after-response set-header X-After %[capture.res.hdr(0)]\n  bind"))
        for request, status, seen, after in ((get(), 200, "a.exa--ou", "ou"), (get("/deny"), 403, None, "ou"),
                                             (get().replace(b"a.example", b"b.example"), 403, None, "")):
            for who, port in pair.ports.items():
                with Client(port) as client:
                    client.send(request)
                    response = client.response()
                self.assertEqual((response.status, response.get("X-Seen"), response.get("X-After")), (status, seen, after), who)

    def test_formats_of_ones_own(self):
        formats = [
            "%ST %B  %%   %{+Q}r [%f] %ft %b/%s %tsc %ts %HM %HP %HPO %HQ %HU %HV %U %lc %rc %sq %bq %H",
            "%{+X}ci %{+Q}ci %{+Q}HU %{+E}HU %hr %hs %hrl %hsl %{+Q}hrl %{+E}hr %CC %CS %{+Q}CC %ID %sslv %sslc",
            "%{+Q}o %b %s %{-Q}f %ST %ts %t %T %Tl %trg %trl %tr",
            "%ci %bi %fi %si %TR %Tw %Tc %Ti %Th %Tq x%{+Q}[src]x %[capture.req.method] %[dst] %[src,ipmask(8)] %[var(txn.none)] "
            "%{+Q}[var(txn.none)] %[str(a\\ b)]",
            "%hr %hs  %hr",
        ]
        for each in formats:
            with self.subTest(each):
                pair = self.beside("global\n  log @LOG@ format raw local0\n" + defaults("log global", f"log-format \"{each}\"") +
                                   SITE.replace("bind", "capture request header User-Agent len 30\n  capture request header X-None len 5\n"
                                                "  capture cookie sid len 20\n  bind"))
                pair.send(get("/p%20a?q=1&u=x", b"User-Agent: {a|b}\"#\\]x\r\nCookie: sid=a\"b\r\n"), get("/2"))
                pair.same(2)

    def test_clf_and_httpslog(self):
        for option in ("httplog clf", "httpslog"):
            with self.subTest(option):
                pair = self.beside("global\n  log @LOG@ format raw local0\n" + defaults("log global", "option " + option) + SITE)
                pair.send(get("/?a"))

                def lines(who):
                    """The port and the milliseconds stand alone in clf, and so do the times."""
                    line = re.sub(r'"" "" \d+ \d{3} ', '"" "" PORT MS ', pair.datagrams(who, 1)[0])
                    return re.sub(r'("s?web1" )(\d+ ){5}', r"\1TIMES ", line)
                self.assertEqual(lines("reseal"), lines("haproxy"))

    def test_unique_ids(self):
        seen = []
        server = self.server("web1", tls=None, handler=lambda request: seen.append(request.all("X-Unique")) or reply("x"))
        pair = self.beside("global\n  log @LOG@ format raw local0\n" +
                           defaults("log global", "log-format \"%ID %HU\"", "unique-id-format %{+X}o\\ %ci-%[path]-%HM",
                                    "unique-id-header X-Unique") + SITE, server)
        pair.send(get("/one"))
        self.assertEqual(pair.same(1), ["7F000001-/one-GET /one\n"])
        self.assertEqual(seen, [["7F000001-/one-GET"], ["7F000001-/one-GET"]])

    def test_variables_and_levels_that_rules_set(self):
        pair = self.beside("global\n  log @LOG@ format short local0\n" + defaults("log global", "log-format \"%[var(txn.seen)] %ST\"") +
                           SITE.replace("default_backend", "http-request set-var(txn.seen) path\n"
                                        "  http-request set-log-level silent if { path /silent }\n"
                                        "  http-request set-log-level err if { path /err }\n  default_backend"))
        pair.send(get("/silent"), logged=False)
        pair.send(get("/plain"), get("/err"))
        self.assertEqual(pair.same(2), ["<6>/plain 200\n", "<3>/err 200\n"])

    def test_a_connection_in_mode_tcp(self):
        def script(connection):
            connection.sock.recv(4096)
            connection.send(b"answer")

        pair = self.beside("global\n  log @LOG@ local0\n" + defaults("log global", "option httplog").replace("mode http", "mode tcp") + SITE,
                           self.server("web1", tls=None, script=script))
        for port in pair.ports.values():
            with Client(port) as client:
                client.send(b"ping")
                self.assertEqual(client.rest(), b"answer")
        lines = [re.sub(r" \d+/\d+/\d+ 6 ", " T/T/T 6 ", pair.datagrams(who, 1)[0]) for who in ("reseal", "haproxy")]
        self.assertEqual(*lines)

    def servers_go_and_come(self, check, section="backend", count=3, more=""):
        """All messages about servers that HAProxy and reseal send then."""
        server = Stoppable("web1")
        self.addCleanup(server.stop)
        site = SITE if section == "backend" else "listen web\n  bind @web@\n  server @web1@\n"
        line = "check inter 100ms fall 2 rise 2"
        pair = self.beside("global\n  log @LOG@ local0\n" + defaults("log global", "option httplog", "timeout check 2s", *check) +
                           site.replace("@web1@", "@web1@ " + line) + more, server)
        pair.send(get())
        wanted = lambda text: "Server" in text or "Health" in text or "no server" in text
        before = count - 3
        if before:
            pair.same(before, wanted=wanted)
        server.stop()
        pair.same(count - 1, wanted=wanted)
        server.start()
        lines = pair.same(count, wanted=wanted)
        self.assertIn(f"{'proxy web' if section == 'listen' else 'backend app'} has no server available!", "".join(lines))
        return lines

    def test_servers_that_go_and_come(self):
        self.assertIn("<129>DATE haproxy[PID]: Server app/web1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", "
                      "check duration: 0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.\n",
                      self.servers_go_and_come([]))

    def test_servers_that_go_and_come_by_http_checks_of_a_listen_section(self):
        self.assertIn("reason: Layer7 check passed, code: 200", self.servers_go_and_come(["option httpchk GET /up"], "listen")[2])

    def test_servers_that_follow_another(self):
        server = Stoppable("web1")
        self.addCleanup(server.stop)
        pair = self.beside("global\n  log @LOG@ local0\n" + defaults("log global", "option httplog") + SITE.replace("@web1@",
                           "@web1@ track other/far") + f"backend other\n  server far {server.address} check inter 100ms fall 2 rise 2\n", server)
        pair.send(get())
        wanted = lambda text: "app/web1" in text and " is " in text
        server.stop()
        pair.same(1, wanted=wanted)
        server.start()
        self.assertIn("Server app/web1 is UP via other/far. 1 active", pair.same(2, wanted=wanted)[1])

    def test_every_check_that_changes_something(self):
        server = Stoppable("web1")
        self.addCleanup(server.stop)
        pair = self.beside("global\n  log @LOG@ local0\n" + defaults("log global", "option httplog", "option log-health-checks") +
                           SITE.replace("@web1@", "@web1@ check inter 100ms fall 2 rise 2"), server)
        wanted = lambda text: "Server" in text or "Health" in text or "no server" in text
        pair.same(1, wanted=wanted)
        server.stop()
        pair.same(5, wanted=wanted)
        server.start()
        self.assertIn("Health check for server app/web1 succeeded, reason: Layer4 check passed, check duration: 0ms, status: 1/2 DOWN.",
                      pair.same(8, wanted=wanted)[5])

    def test_proxies_that_stop(self):
        pair = self.beside("global\n  log @LOG@ local0\n" + defaults("log global", "option httplog") + SITE)
        pair.send(get(), get())
        pair.haproxy.child.send_signal(signal.SIGUSR1)
        pair.reseal.signal(signal.SIGUSR1)
        wanted = lambda text: "stopped" in text and "HTTPCLIENT" not in text
        self.assertEqual(len(pair.same(2, wanted=wanted)), 2)

    def test_handshakes_that_fail(self):
        pem = self.pki.path("front.pem")
        for extra, bind in (("", ""), ("", " id 7"), ("", " name outer id 7"), ("error-log-format \"%ci %fi failed\"", "")):
            with self.subTest(extra + bind):
                pair = self.beside("global\n  log @LOG@ local0\n" +
                                   defaults("log global", "option httplog", "option log-separate-errors", *([extra] if extra else [])) +
                                   SITE.replace("@web@", f"@web@ ssl crt {pem}{bind}"))
                pair.send(b"this is no handshake\r\n\r\n", answered=False)
                self.assertTrue(pair.same(1)[0].startswith("<131>"))


if __name__ == "__main__":
    unittest.main()
