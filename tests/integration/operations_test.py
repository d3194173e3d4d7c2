"""What an operator meets: start-up errors, the admin socket and address, the command line, the examples."""

import json
import os
import re
import socket
import stat
import subprocess
import unittest
import urllib.request

from support.case import IntegrationCase
from support.process import eventually, run_reseal

ROOT = os.path.join(os.path.dirname(__file__), "..", "..")


class Binary(unittest.TestCase):
    def test_the_binary_is_built_hardened(self):
        said = subprocess.run(["readelf", "--wide", "--file-header", "--segments", "--dynamic", "--dyn-syms", os.environ["RESEAL_BINARY"]],
                              capture_output=True, text=True, check=True).stdout
        if re.search(r"__[at]san_init", said):
            self.skipTest("sanitizers take its place")
        for sign in (r"Type: +DYN", r"GNU_RELRO", r"BIND_NOW", r"GNU_STACK.* RW +0x", r"__stack_chk_fail"):
            self.assertRegex(said, sign)


class StartUp(IntegrationCase):
    def refused(self, yaml, *words, command="run"):
        path = self.pki.path("start.yaml")
        header = f"admin: {{ socket: {self.pki.path('start.sock')} }}\n" if "admin:" not in yaml else ""
        with open(path, "w") as file:
            file.write(header + yaml)
        status, out, error = run_reseal(command, "-c", path)
        self.assertEqual(status, 1, out + error)
        for word in words:
            self.assertIn(word, out + error)

    def test_each_mistake_is_told_with_its_place_and_nothing_starts(self):
        server = self.server("web0")
        good = self.yaml(server)
        taken = socket.socket()
        self.addCleanup(taken.close)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        front = self.pki.path("front.pem")
        unreadable = self.pki.path("folder-not-a-file")
        os.mkdir(unreadable)
        self.refused(good.replace("default: web", "default: wbe"), "start.yaml:7:14: error: ", "no backend 'wbe'; did you mean 'web'?")
        self.refused(good.replace("frontends", "frontend"), "unknown key 'frontend'", "did you mean 'frontends'?")
        self.refused(good.replace("127.0.0.1:0", f"127.0.0.1:{taken.getsockname()[1]}"), "cannot listen", "another process listens there")
        self.refused(good.replace("127.0.0.1:0", "192.0.2.1:443"), "cannot listen", "no such address")
        self.refused(good.replace(front, "/nowhere.pem"), "/nowhere.pem", "No such file",
                     "tls: { certificates: [/nowhere.pem] }\n" + " " * 30 + "^")
        self.refused(good.replace(front, unreadable), "no *.pem file")
        self.refused(good.replace(server.address, "no-such-host.invalid:443"), "no-such-host.invalid", "cannot be resolved")
        self.refused(good.replace(self.backend_tls(), "retries: 1").replace("127.0.0.1:" + str(server.port), "192.0.2.7:80"),
                     "server 'web0': requests would cross the network to 192.0.2.7:80 in plaintext")
        self.refused(good + "backends: {}\n", "'backends' is here twice")
        self.refused(f"admin: {{ socket: /nowhere/admin.sock }}\n{good}", "/nowhere/admin.sock", "No such file")

    def test_a_file_that_is_not_there_is_told(self):
        status, _, error = run_reseal("run", "-c", "/nowhere.yaml")
        self.assertEqual(status, 1)
        self.assertIn("/nowhere.yaml: error: cannot be read: No such file", error)

    def test_plaintext_that_is_spelled_out_loads_with_a_warning_that_names_the_hop(self):
        yaml = self.yaml(self.server()).replace(self.backend_tls(), "plaintext: allowed")
        yaml = re.sub(r'server: "\S+"', 'server: "192.0.2.7:80"', yaml)
        path = self.pki.path("plain.yaml")
        with open(path, "w") as file:
            file.write(yaml)
        status, out, error = run_reseal("check", "-c", path)
        self.assertEqual(status, 0)
        self.assertIn("warning: backend 'web', server 'server': requests cross the network to 192.0.2.7:80 in plaintext", error)

    def test_a_spelled_out_exception_is_visible_from_the_start(self):
        server = self.server()
        process = self.reseal(self.yaml(server, tls=self.backend_tls(extra=", verify: none")))
        self.assertTrue(any("verify: none" in warning for warning in process.stats()["warnings"]))
        metrics = urllib.request.urlopen(f"http://127.0.0.1:{process.admin_port}/metrics").read().decode()
        self.assertRegex(metrics, "(?m)^reseal_configuration_warnings 1$")

    def test_an_admin_socket_that_cannot_be_made_does_not_hide_the_other_mistakes(self):
        yaml = self.yaml(self.server()).replace(self.pki.path("front.pem"), "/nowhere.pem").replace(
            self.pki.path("ca.pem"), "/no-ca.pem")
        yaml = yaml.replace("verify_host: web.internal", "verify_host: web.internal", 1)
        self.refused("admin: { socket: /nowhere/admin.sock }\n" + yaml.replace("server: \"127", "server: \"no-such-host.invalid:1\"\n      other: \"127"),
                     "start.yaml:1:", "/nowhere/admin.sock", "its folder does not exist", "/nowhere.pem", "/no-ca.pem",
                     "no-such-host.invalid")

    def test_two_processes_do_not_share_a_port_by_accident(self):
        process = self.reseal(self.yaml(self.server()))
        self.refused(self.yaml(self.server()).replace("127.0.0.1:0", f"127.0.0.1:{process.port()}"), "cannot listen", "in use")

    def test_the_examples_pass_the_check_but_for_their_certificates(self):
        examples = os.path.join(ROOT, "examples")
        for name in sorted(os.listdir(examples)):
            path = os.path.join(examples, name, "reseal.yaml")
            if os.path.exists(path):
                status, out, error = run_reseal("check", "-c", path)
                problems = [line for line in error.splitlines() if ": error: " in line]
                self.assertTrue(all("No such file" in line or "no private key" in line for line in problems), error)


class Admin(IntegrationCase):
    def ask(self, process, data, end=False):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(process.socket)  # before the deadline: with one, a full queue is an error instead of a wait
            client.settimeout(10)
            client.sendall(data)
            if end:
                client.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := client.recv(65536):
                answer += piece
            return answer

    def test_the_socket_is_for_its_owner_only(self):
        process = self.reseal(self.yaml(self.server()))
        self.assertEqual(stat.S_IMODE(os.stat(process.socket).st_mode), 0o600)

    def test_hostile_input_on_the_socket_is_answered_and_harmless(self):
        process = self.reseal(self.yaml(self.server()))
        self.assertTrue(self.ask(process, b"nonsense\n").startswith(b"unknown\nunknown command 'nonsense'"))
        self.assertTrue(self.ask(process, b"\x00\xff\x1b[31m\n").startswith(b"unknown\n"))
        self.assertTrue(self.ask(process, b"a" * 100000).startswith(b"unknown\n"))
        self.assertTrue(self.ask(process, b"version", end=True).startswith(b"ok\nreseal "))
        silent = [socket.socket(socket.AF_UNIX) for _ in range(100)]
        for client in silent:
            client.connect(process.socket)
        for client in silent:
            client.close()

        def healthy():
            # Until it has seen the silent ones go, the socket is at its limit and turns others away.
            try:
                return self.ask(process, b"health\n") == b"ok\nok\n"
            except OSError:
                return False

        eventually(healthy, what="the socket answers again")

    def test_the_admin_address_serves_metrics_health_and_json(self):
        process = self.reseal(self.yaml(self.server("web0")))
        self.client(process).get()
        base = f"http://127.0.0.1:{process.admin_port}"
        metrics = urllib.request.urlopen(base + "/metrics").read().decode()
        self.assertRegex(metrics, r'(?m)^reseal_server_requests_total\{backend="web",server="web0"\} 1$')
        self.assertRegex(metrics, r'(?m)^reseal_frontend_responses_total\{frontend="web",class="2xx"\} 1$')
        for line in metrics.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) reseal_\w+ .+|reseal_\w+(\{[^{}]*\})? [0-9.e+-]+|reseal_\w+(\{[^{}]*\})? \+Inf)$')
        self.assertEqual(urllib.request.urlopen(base + "/health").read(), b"ok\n")
        self.assertEqual(json.load(urllib.request.urlopen(base + "/stats.json"))["workers"], 1)
        with self.assertRaises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(base + "/nothing")
        self.assertEqual(missing.exception.code, 404)
        missing.exception.close()

    def test_it_listens_where_it_is_told_and_nowhere_else(self):
        process = self.reseal(self.yaml(self.server("web0")))
        self.client(process).get()
        own = set()
        for name in os.listdir(f"/proc/{process.child.pid}/fd"):
            found = re.match(r"socket:\[(\d+)\]", os.readlink(f"/proc/{process.child.pid}/fd/{name}"))
            if found:
                own.add(found.group(1))
        sockets = {}
        for protocol in ("tcp", "tcp6", "udp", "udp6"):
            with open(f"/proc/{process.child.pid}/net/{protocol}") as table:
                for line in table.read().splitlines()[1:]:
                    cells = line.split()
                    if cells[9] in own:
                        sockets.setdefault(protocol[:3], []).append((cells[3], int(cells[1].split(":")[1], 16)))
        listening = {port for state, port in sockets["tcp"] if state == "0A"}
        self.assertEqual(listening, {process.port(), process.admin_port})
        self.assertNotIn("udp", sockets)

    def test_stats_for_people_name_every_entity(self):
        process = self.reseal(self.yaml(self.server("web0")))
        status, out, _ = run_reseal("stats", "-s", process.socket)
        self.assertEqual(status, 0)
        for word in ("frontend web", "backend web", "web0", "QPS", "up"):
            self.assertIn(word, out)


class CommandLine(IntegrationCase):
    def test_help_and_mistakes(self):
        for arguments in (["--help"], ["run", "--help"], ["reload", "--help"], ["stats", "--help"], ["stop", "--help"], ["check", "--help"]):
            status, out, error = run_reseal(*arguments)
            self.assertEqual((status, error), (0, ""), arguments)
            self.assertIn("Usage", out)
        self.assertEqual(run_reseal()[0], 2)
        status, _, error = run_reseal("relaod")
        self.assertEqual(status, 2)
        self.assertIn("did you mean 'reload'?", error)
        self.assertEqual(run_reseal("run")[0], 2)
        self.assertIn("reseal ", run_reseal("version")[1])

    def test_nobody_at_the_socket_is_a_sentence(self):
        status, _, error = run_reseal("reload", "-s", self.pki.path("nobody.sock"))
        self.assertEqual(status, 1)
        self.assertIn("is reseal running?", error)


if __name__ == "__main__":
    unittest.main()
