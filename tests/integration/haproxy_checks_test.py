"""Health checks of a haproxy.cfg beside the real HAProxy: the same servers, the same verdicts, in the same words."""

import re
import unittest

from support.case import IntegrationCase
from support.haproxy import HAProxy
from support.log_receiver import SyslogServer
from support.process import eventually
from support.scripted_server import ScriptedServer


def response(status, body=b"ok", fields=b""):
    return b"HTTP/1.1 " + status + b"\r\nContent-Length: " + str(len(body)).encode() + b"\r\n" + fields + b"\r\n" + body


def packet(payload, number=0):
    """Of MySQL."""
    return len(payload).to_bytes(3, "little") + bytes([number]) + payload


MYSQL_GREETING = packet(b"\x0a8.0.33\0\x08\0\0\0ABCDEFGH\0\xff\xf7\x08\x02\0\xff\xc1\x15" + b"\0" * 10 + b"abcdefghijkl\0mysql_native_password\0")
MYSQL_OK = packet(b"\0\0\0\2\0\0\0", 2)
MYSQL_DENIED = packet(b"\xff\x15\x04#28000Access denied", 2)
LDAP = bytes.fromhex("300c02010161070a0100040004 00")
HELLO = b"hello world"

# What the server says, the lines of the backend, the options of the server.
HTTP = {
    "usual": (ScriptedServer, (response(b"200 OK"),), {}, "option httpchk", ""),
    "path": (ScriptedServer, (response(b"200 OK"),), {}, "option httpchk HEAD /up", ""),
    "hidden_fields": (ScriptedServer, (response(b"200 OK"),), {}, r"option httpchk GET /x HTTP/1.1\r\nHost:\ foo\r\nX-A:\ b", ""),
    "failing": (ScriptedServer, (response(b"500 Oops"),), {}, "option httpchk GET /x", ""),
    "not_found": (ScriptedServer, (response(b"404 Not Found"),), {}, "option httpchk", ""),
    "drains": (ScriptedServer, (response(b"404 Not Found"),), {}, "option httpchk\nhttp-check disable-on-404", ""),
    "status": (ScriptedServer, (response(b"302 Found"),), {}, "option httpchk\nhttp-check expect status 200", ""),
    "statuses": (ScriptedServer, (response(b"302 Found"),), {}, "option httpchk\nhttp-check expect status 200,300-303", ""),
    "no_status": (ScriptedServer, (response(b"200 OK"),), {}, "option httpchk\nhttp-check expect ! status 200-299", ""),
    "rstatus": (ScriptedServer, (response(b"200 OK"),), {}, "option httpchk\nhttp-check expect rstatus ^3", ""),
    "body": (ScriptedServer, (response(b"200 OK", HELLO),), {}, "option httpchk\nhttp-check expect string world", ""),
    "other_body": (ScriptedServer, (response(b"200 OK", HELLO),), {}, "option httpchk\nhttp-check expect string mars", ""),
    "body_regex": (ScriptedServer, (response(b"200 OK", HELLO),), {}, "option httpchk\nhttp-check expect rstring w.r", ""),
    "no_body_regex": (ScriptedServer, (response(b"200 OK", HELLO),), {}, "option httpchk\nhttp-check expect ! rstring w.x", ""),
    "body_of_500": (ScriptedServer, (response(b"500 Err", HELLO),), {}, "option httpchk\nhttp-check expect string world", ""),
    "unwanted_body": (ScriptedServer, (response(b"200 OK", HELLO),), {}, "option httpchk\nhttp-check expect ! string world", ""),
    "no_body": (ScriptedServer, (response(b"200 OK", b""),), {}, "option httpchk\nhttp-check expect string a", ""),
    "field": (ScriptedServer, (response(b"200 OK", b"x", b"X-St: up\r\n"),), {}, "option httpchk\nhttp-check expect hdr name x-st value up", ""),
    "field_value": (ScriptedServer, (response(b"200 OK", b"x", b"X-St: down\r\n"),), {}, "option httpchk\nhttp-check expect hdr name X-St value up", ""),
    "field_in_list": (ScriptedServer, (response(b"200 OK", b"x", b"X-St: a, up ,b\r\n"),), {},
                      "option httpchk\nhttp-check expect hdr name X-St value -m beg u", ""),
    "whole_field": (ScriptedServer, (response(b"200 OK", b"x", b"X-St: a, up\r\n"),), {}, "option httpchk\nhttp-check expect fhdr name X-St value up", ""),
    "no_field": (ScriptedServer, (response(b"200 OK", b"x", b"X-St: down\r\n"),), {}, "option httpchk\nhttp-check expect ! hdr name -m beg X-S", ""),
    "field_regex": (ScriptedServer, (response(b"200 OK", b"x", b"X-St: v12\r\n"),), {},
                    "option httpchk\nhttp-check expect hdr name -m end st value -m reg ^v[0-9]+$", ""),
    "garbage": (ScriptedServer, (b"garbage\r\n\r\n",), {}, "option httpchk", ""),
    "silent": (ScriptedServer, (b"",), {"stays": True}, "option httpchk", ""),
    "closing": (ScriptedServer, (b"",), {}, "option httpchk", ""),
    "sends": (ScriptedServer, (response(b"200 OK"),), {}, "option httpchk\nhttp-check send meth POST uri /p ver HTTP/1.1 hdr Host a hdr X y body hello", ""),
    "comment": (ScriptedServer, (response(b"200 OK"),), {}, "option httpchk\nhttp-check expect status 201 comment mycomment", ""),
    "on_error": (ScriptedServer, (response(b"200 OK"),), {}, "option httpchk\nhttp-check expect status 201 on-error bad error-status L7RSP", ""),
    "on_success": (ScriptedServer, (response(b"200 OK"),), {}, "option httpchk\nhttp-check expect status 200 on-success fine ok-status L7OKC", ""),
    "two_connections": (ScriptedServer, (response(b"200 OK"),), {},
                        "option httpchk\nhttp-check connect\nhttp-check send meth GET uri /a\nhttp-check expect status 200\n"
                        "http-check connect\nhttp-check send meth GET uri /b\nhttp-check expect status 200", ""),
    "one_request_of_httpchk": (ScriptedServer, (response(b"200 OK"),), {}, "option httpchk GET /x\nhttp-check send hdr A b", ""),
    "several_expects": (ScriptedServer, (response(b"200 OK", HELLO),), {},
                        "option httpchk\nhttp-check expect status 200\nhttp-check expect string hello\nhttp-check expect string mars", ""),
}
TCP = {
    "connect": (ScriptedServer, (b"",), {}, "", ""),
    "no_rules": (ScriptedServer, (b"",), {}, "option tcp-check", ""),
    "connect_rule": (ScriptedServer, (b"",), {}, "option tcp-check\ntcp-check connect", ""),
    "send_only": (ScriptedServer, (b"",), {}, "option tcp-check\ntcp-check send x", ""),
    "string": (ScriptedServer, (b"+PONG\r\n",), {}, r"option tcp-check" + "\n" + r"tcp-check send PING\r\n" + "\ntcp-check expect string +PONG", ""),
    "other_string": (ScriptedServer, (b"+POXG\r\n",), {}, "option tcp-check\ntcp-check send PING\ntcp-check expect string +PONG", ""),
    "commented": (ScriptedServer, (b"+POXG\r\n",), {}, "option tcp-check\ntcp-check send PING\ntcp-check expect string +PONG comment pong", ""),
    "waits": (ScriptedServer, (b"+POXG\r\n",), {"stays": True}, "option tcp-check\ntcp-check send PING\ntcp-check expect string +PONG comment pong", ""),
    "binary": (ScriptedServer, (b"+PONG\r\n",), {}, "option tcp-check\ntcp-check send-binary 50494e47\ntcp-check expect binary 2b504f4e47", ""),
    "other_binary": (ScriptedServer, (b"+PONG\r\n",), {}, "option tcp-check\ntcp-check send-binary 50494e47\ntcp-check expect binary 2b504f4e48", ""),
    "rbinary": (ScriptedServer, (b"+PONG\r\n",), {}, "option tcp-check\ntcp-check send-binary 50494e47\ntcp-check expect rbinary 2B50.F", ""),
    "other_rbinary": (ScriptedServer, (b"+PONG\r\n",), {}, "option tcp-check\ntcp-check send-binary 50494e47\ntcp-check expect rbinary 2b50.F", ""),
    "unwanted": (ScriptedServer, (b"+PONG\r\n",), {}, "option tcp-check\ntcp-check send A\ntcp-check expect ! rstring ^.PO", ""),
    "unwanted_waits": (ScriptedServer, (b"",), {"stays": True}, "option tcp-check\ntcp-check send A\ntcp-check expect ! rstring ^.PO", ""),
    "on_success": (ScriptedServer, (b"+PONG\r\n",), {}, "option tcp-check\ntcp-check send-lf 100%%\ntcp-check expect string +PONG on-success good", ""),
    "error_status": (ScriptedServer, (b"+PONG\r\n",), {}, "option tcp-check\ntcp-check send A\ntcp-check expect string B on-error bad error-status L7STS", ""),
    "refused_rule": (ScriptedServer, (b"",), {}, "option tcp-check\ntcp-check connect port 1", ""),
    "second_refused": (ScriptedServer, (b"",), {}, "option tcp-check\ntcp-check connect\ntcp-check connect port 1 comment second", ""),
    "banner_first": (ScriptedServer, (b"+PONG\r\n",), {"banner": b"hi"},
                     "option tcp-check\ntcp-check expect string hi\ntcp-check send A\ntcp-check expect string PONG", ""),
    "least": (ScriptedServer, (b"+PONG\r\n",), {"stays": True}, "option tcp-check\ntcp-check send A\ntcp-check expect string XX min-recv 4", ""),
    "empty": (ScriptedServer, (b"",), {}, "option tcp-check\ntcp-check send x\ntcp-check expect string a comment c", ""),
    "port": (ScriptedServer, (b"",), {}, "", "port 1"),
    "silent_tls": (ScriptedServer, (b"",), {"stays": True}, "", "ssl verify none"),
    "garbage_tls": (ScriptedServer, (b"garbage garbage",), {}, "", "ssl verify none"),
    "plain_check_of_tls": (ScriptedServer, (b"",), {}, "", "ssl verify none no-check-ssl"),
}
CANNED = {
    "redis": (ScriptedServer, (b"+PONG\r\n",), {}, "option redis-check", ""),
    "redis_denied": (ScriptedServer, (b"-NOAUTH x\r\n",), {}, "option redis-check", ""),
    "smtp": (ScriptedServer, (b"250 hello\r\n", b"221 bye\r\n"), {"banner": b"220 mx ready\r\n"}, "option smtpchk", ""),
    "smtp_ehlo": (ScriptedServer, (b"250-a\r\n250 b\r\n", b"221 bye\r\n"), {"banner": b"220 mx\r\n"}, "option smtpchk EHLO my.domain", ""),
    "smtp_refused": (ScriptedServer, (b"250 b\r\n",), {"banner": b"554 no\r\n"}, "option smtpchk", ""),
    "smtp_denied": (ScriptedServer, (b"550 nope\r\n",), {"banner": b"220 ok\r\n"}, "option smtpchk", ""),
    "smtp_other": (ScriptedServer, (b"",), {"banner": b"hello world\r\n"}, "option smtpchk", ""),
    "smtp_short": (ScriptedServer, (b"", b""), {"banner": b"22", "stays": True}, "option smtpchk", ""),
    "smtp_closing": (ScriptedServer, (b"",), {"banner": b"220 ok\r\n"}, "option smtpchk HELO", ""),
    "tls_hello": (ScriptedServer, (b"\x16\x03\x01\x00\x04",), {}, "option ssl-hello-chk", ""),
    "tls_alert": (ScriptedServer, (b"\x15\x03\x01\x00\x04",), {}, "option ssl-hello-chk", ""),
    "no_tls": (ScriptedServer, (b"hello",), {}, "option ssl-hello-chk", ""),
    "ldap": (ScriptedServer, (LDAP,), {}, "option ldap-check", ""),
    "ldap_denied": (ScriptedServer, (LDAP[:9] + b"\x31" + LDAP[10:],), {}, "option ldap-check", ""),
    "no_ldap": (ScriptedServer, (b"\x31" + LDAP[1:],), {}, "option ldap-check", ""),
    "other_ldap": (ScriptedServer, (LDAP[:5] + b"\x62" + LDAP[6:],), {}, "option ldap-check", ""),
    "pgsql": (ScriptedServer, (b"R\0\0\0\x08\0\0\0\0",), {}, "option pgsql-check user joe", ""),
    "pgsql_md5": (ScriptedServer, (b"R\0\0\0\x0c\0\0\0\x05abcd",), {}, "option pgsql-check user joe", ""),
    "pgsql_denied": (ScriptedServer, (b"E\0\0\0\x08SFATAL\0",), {}, "option pgsql-check user joe", ""),
    "no_pgsql": (ScriptedServer, (b"X",), {}, "option pgsql-check user joe", ""),
    "mysql": (ScriptedServer, (), {"banner": MYSQL_GREETING, "stays": True}, "option mysql-check", ""),
    "mysql_blocked": (ScriptedServer, (), {"banner": packet(b"\xff\x6a\x04Host blocked"), "stays": True}, "option mysql-check", ""),
    "mysql_user": (ScriptedServer, (MYSQL_OK,), {"banner": MYSQL_GREETING, "stays": True}, "option mysql-check user joe", ""),
    "mysql_denied": (ScriptedServer, (MYSQL_DENIED,), {"banner": MYSQL_GREETING, "stays": True}, "option mysql-check user joe", ""),
    "mysql_old": (ScriptedServer, (MYSQL_OK,), {"banner": MYSQL_GREETING, "stays": True}, "option mysql-check user joe pre-41", ""),
    "mysql_half": (ScriptedServer, (), {"banner": b"\x05\0\0", "stays": True}, "option mysql-check", ""),
    "no_mysql": (ScriptedServer, (), {"banner": b"\x4a\0\0"}, "option mysql-check", ""),
}

LINE = re.compile(r"Health check for server (\w+)/s (.*)")


def first_lines(lines):
    """The first of each backend, without the time that it took."""
    found = {}
    for line in lines:
        match = LINE.search(line)
        if match:
            found.setdefault(match[1], re.sub(r"duration: \d+ms", "duration: T", match[2]))
    return found


def requests_of(server):
    """What it was asked first, fields in lower case and without what is each one's own."""
    pieces = next((asked for asked in server.asked if asked and asked[0]), [])
    joined = b"".join(pieces)
    if joined.startswith(b"\x16\x03"):
        return b"TLS"
    head, found, body = joined.partition(b"\r\n\r\n")
    if b" HTTP/1." not in head:
        return joined
    line, *fields = head.split(b"\r\n")
    return line, sorted(field.lower() for field in fields), body


class HaproxyChecks(IntegrationCase):
    def config(self, cases, servers):
        text = ("defaults\n    timeout connect 1s\n    timeout check 500ms\n    timeout client 1s\n    timeout server 1s\n    log global\n"
                "    option log-health-checks\nfrontend web\n    mode tcp\n    bind @web@\n")
        for name, (_, _, _, lines, options) in cases.items():
            indented = "".join(f"    {line}\n" for line in lines.split("\n") if line)
            text += f"backend {name}\n{indented}    server s 127.0.0.1:{servers[name].port} check inter 300ms {options}\n"
        return text.replace("bind @web@\n", "bind @web@\n    default_backend " + next(iter(cases)) + "\n")

    def compare(self, cases):
        def started():
            servers = {name: make(*replies, **more) for name, (make, replies, more, _, _) in cases.items()}
            for server in servers.values():
                self.addCleanup(server.stop)
            return servers

        def wait(lines):
            return eventually(lambda: (found := first_lines(lines())) if len(found := first_lines(lines())) == len(cases) else None,
                              what=f"a line of each of {sorted(set(cases) - set(first_lines(lines())))}")

        asked_theirs, asked_ours = started(), started()
        syslog = SyslogServer()
        self.addCleanup(syslog.close)
        haproxy = HAProxy(f"global\n    log 127.0.0.1:{syslog.port} len 8192 local0\n" + self.config(cases, asked_theirs), folder=self.folder)
        self.addCleanup(haproxy.close)
        theirs = wait(lambda: syslog.received)
        haproxy.close()
        process = self.reseal("global\n    log stderr format raw local0 emerg\n"
                              + self.config(cases, asked_ours).replace("@web@", "127.0.0.1:0"), haproxy=True)
        ours = wait(lambda: process.log.splitlines())
        for name in cases:
            with self.subTest(name):
                self.assertEqual(ours[name], theirs[name])
                self.assertEqual(requests_of(asked_ours[name]), requests_of(asked_theirs[name]))

    def test_http(self):
        self.compare(HTTP)

    def test_tcp(self):
        self.compare(TCP)

    def test_protocols(self):
        self.compare(CANNED)


if __name__ == "__main__":
    unittest.main()
