"""Agents that say how their servers do: beside the real HAProxy, asking an agent each that says the same."""

import os
import re
import socket
import tempfile
import threading
import unittest

from support.beside import BesideCase
from support.client import Client
from support.process import eventually
from support.runtime_api import stat_rows
from support.server import reply


class Agent:
    """Says `reply` to whoever connects, or with `hears` to whoever has said something; None: nothing."""

    def __init__(self, hears=False):
        self.hears = hears
        self.reply, self.asked, self.times = b"up\n", [], 0
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            reply = self.reply
            with connection:
                connection.settimeout(5)
                try:
                    if self.hears:
                        self.asked.append(connection.recv(100))
                    if reply is not None:
                        connection.sendall(reply)
                except OSError:
                    pass
            self.times += 1

    def say(self, reply):
        self.reply = reply
        times = self.times
        eventually(lambda: self.times > times + 2, what="the agent being asked")

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


COLUMNS = ("status", "weight", "slim", "agent_status", "agent_code", "agent_desc", "last_agt", "agent_rise", "agent_fall", "agent_health")
REPLIES = (b"up\n", b"50%\n", b"down\n", b"up\n", b"fail # too hot\n", b"75%\n", b"up 100%\n", b"stopped#bye\n", b"up,ready,80%\r\nrest",
           b"drain\n", b"ready\n", b"maint # fixing\n", b"up\n", b"ready\n", b"maxconn:30\n", b"maxconn:30 drain 20% up #all at once\n",
           b"ready 100%\n", b"garbage\n", b"garbage up\n", b"150%\n", b"900%\n", b"-5%\n", b"0%\n", b"1%\n", b"UP Ready 100%\n", b"maxconn:0\n",
           b"maxconn:x\n", b"5.5%\n", b"# only text\n", b"up ready\n")


class Agents(BesideCase):
    def run_both(self, replies, options):
        """What the statistics show after each of `replies`, and HAProxy's messages, of each of the two."""
        web = self.server("web", tls=None)
        outcomes = []
        for serve in (self.theirs, self.ours):
            agent, log = Agent(hears=True), self.syslog()
            self.addCleanup(agent.stop)
            sock = os.path.join(tempfile.mkdtemp(dir="/tmp"), "s")
            config = (f"global\n  log 127.0.0.1:{log.port} len 8192 local0\n  stats socket {sock} level admin\n"
                      "defaults\n  mode http\n  log global\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n"
                      "frontend web\n  bind @web@\n  default_backend app\nbackend app\n"
                      f"  server s {web.address} weight 40 maxconn 100 agent-check agent-port {agent.port} agent-inter 30ms "
                      f"agent-send hello\\n {options}\n  server other {web.address}\n")
            process = serve(config)
            agent.say(replies[0])
            eventually(lambda: stat_rows(sock)["app", "s"]["status"] in ("UP", "no check"), what="the first check")
            shown = []
            for said in replies:
                agent.say(said)
                row = eventually(lambda: self.between_questions(sock), what="a row while nothing is asked")
                row["status"] = re.sub(r" \d/\d$", "", row["status"])  # before the first check behind maintenance
                shown.append((said, {name: row[name] for name in COLUMNS}))
            self.assertEqual(set(agent.asked), {b"hello\n"})
            lines = [re.sub(r"^.*?\]: ", "", line.strip()) for line in log.received]
            lines = [re.sub(r"duration: \d+ms", "duration: Nms", line) for line in lines if "remains in forced drain" not in line]
            outcomes.append((shown, lines))
        return outcomes

    @staticmethod
    def between_questions(sock):
        """The server's row; none while HAProxy asks ("* "), since its last answer is not shown then."""
        row = stat_rows(sock)["app", "s"]
        return None if any(row[column].startswith("* ") for column in ("check_status", "agent_status")) else row

    def test_what_an_agent_says_shows_as_with_haproxy(self):
        for options in ("", "check inter 100ms"):
            with self.subTest(options):
                (theirs, their_lines), (ours, our_lines) = self.run_both(REPLIES, options)
                for one, other in zip(theirs, ours):
                    self.assertEqual(one, other)
                self.assertEqual(their_lines, our_lines)

    def test_weights_states_and_limits_hold_for_traffic(self):
        web, spare = self.server("web", tls=None), self.server("spare", tls=None)
        agent = Agent()
        self.addCleanup(agent.stop)
        process = self.ours("defaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n"
                            "frontend web\n  bind @web@\n  default_backend app\nbackend app\n"
                            f"  server web {web.address} weight 10 agent-check agent-port {agent.port} agent-inter 30ms\n"
                            f"  server spare {spare.address} weight 10\n")
        def shares():
            with Client(process.port("web")) as client:
                bodies = [client.get("/").body for _ in range(40)]
            return bodies.count(b"web")
        agent.say(b"up\n")
        self.assertEqual(shares(), 20)
        agent.say(b"300%\n")
        self.assertEqual(shares(), 30)
        for out in (b"down\n", b"up 0%\n", b"drain 100%\n", b"maint\n"):
            agent.say(out)
            self.assertEqual(shares(), 0, out)
        agent.say(b"up ready\n")
        self.assertEqual(shares(), 20)

    def test_a_limit_that_an_agent_says_holds_where_the_file_says_none(self):
        release, held = threading.Event(), threading.Event()
        self.addCleanup(release.set)

        def hold(request):
            if request.target == "/hold":
                held.set()
                release.wait(20)
            return reply("web")

        web, spare = self.server("web", tls=None, handler=hold), self.server("spare", tls=None)
        agent = Agent()
        self.addCleanup(agent.stop)
        process = self.ours("defaults\n  mode http\n  timeout client 20s\n  timeout server 20s\n  timeout connect 5s\n"
                            "frontend web\n  bind @web@\n  default_backend app\nbackend app\n"
                            f"  server web {web.address} agent-check agent-port {agent.port} agent-inter 30ms\n"
                            f"  server spare {spare.address}\n")
        agent.say(b"up maxconn:1\n")
        clients = [Client(process.port("web")) for _ in range(3)]  # two of them meet one worker, which takes turns
        for client in clients:
            self.addCleanup(client.close)
            client.send(b"GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertTrue(held.wait(10))
        with Client(process.port("web")) as client:
            self.assertEqual([client.get("/").body for _ in range(6)], [b"spare"] * 6)

    def test_an_agent_that_is_gone_says_nothing_against_its_server(self):
        web, agent = self.server("web", tls=None), Agent()
        process = self.ours("defaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n"
                            "frontend web\n  bind @web@\n  default_backend app\nbackend app\n"
                            f"  server web {web.address} agent-check agent-port {agent.port} agent-inter 20ms\n")
        for reply in (None, b"", b"no newline", b"\0\xff" * 5000):
            agent.say(reply)
            with Client(process.port("web")) as client:
                self.assertEqual(client.get("/").body, b"web")
        agent.stop()
        with Client(process.port("web")) as client:
            self.assertEqual(client.get("/").body, b"web")


if __name__ == "__main__":
    unittest.main()
