"""One haproxy.cfg, served by Debian's HAProxy and by reseal beside it: same configuration, same requests, same outcome."""

import tempfile

from .client import Client
from .case import IntegrationCase
from .haproxy import HAProxy
from .log_receiver import SyslogServer
from .process import eventually

DEFAULTS = """defaults
    mode http
    timeout connect 5s
    timeout client 10s
    timeout server 10s
"""


class BesideCase(IntegrationCase):
    def both(self, config, binds=("web",)):
        """(HAProxy's, reseal's), each with port(); in `config` @NAME@ stands for the address of the frontend of that name."""
        return self.theirs(config, binds), self.ours(config, binds)

    def theirs(self, config, binds=("web",)):
        process = HAProxy(config, binds, folder=tempfile.mkdtemp(dir=self.folder))
        self.addCleanup(process.close)
        return process

    def ours(self, config, binds=("web",)):
        for name in binds:
            config = config.replace(f"@{name}@", "127.0.0.1:0")
        return self.reseal(config, haproxy=True)

    def lines(self, syslog, count):
        """Lines of requests that `syslog` got, in the order in which they came."""
        def enough():
            found = [datagram.split("]: ", 1)[1].rstrip("\n") for datagram in syslog.received]
            found = [line for line in found if line.startswith("127.0.0.1:")]
            return found if len(found) >= count else None

        return eventually(enough, what=f"{count} lines")

    def syslog(self):
        server = SyslogServer()
        self.addCleanup(server.close)
        return server


def ask(port, raw):
    """The answer to `raw` on a connection of its own."""
    with Client(port) as client:
        client.send(raw)
        return client.response(raw.startswith(b"HEAD"))


def request(target="/", fields=(), method="GET", body=None):
    lines = [f"{method} {target} HTTP/1.1", "Host: a.example", *(f"{name}: {value}" for name, value in fields), "Connection: close"]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n" + (body or "")).encode("latin-1")
