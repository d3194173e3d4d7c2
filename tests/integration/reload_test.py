"""A new configuration while serving: what changes, what survives, what is refused; and an orderly end."""

import os
import shutil
import signal
import socket
import threading
import unittest

from support.case import IntegrationCase
from support.process import eventually
from support.server import reply


class Reload(IntegrationCase):
    def test_a_server_is_added_and_removed_and_the_text_says_so(self):
        one, two = self.server("one"), self.server("two")
        process = self.reseal(self.yaml(one))
        client = self.client(process)
        self.assertEqual({client.get().body for _ in range(4)}, {b"one"})
        status, text = process.reload(self.yaml(one, two))
        self.assertEqual(status, 0)
        self.assertIn(f"backend 'web': server 'two' ({two.address}) added", text.replace(":" + str(two.port), f":{two.port}"))
        self.assertEqual({client.get().body for _ in range(4)}, {b"one", b"two"})
        status, text = process.reload(self.yaml(two))
        self.assertIn("server 'one'", text)
        self.assertEqual({client.get().body for _ in range(4)}, {b"two"})

    def test_every_setting_that_changes_is_named(self):
        server = self.server("one")
        process = self.reseal(self.yaml(server))
        status, text = process.reload(self.yaml(server, backend="    retries: 1\n    balance: random_of_two\n",
                                                frontend="    timeouts: { keep_alive: 5s }\n", top="drain: 5s\n"))
        self.assertEqual(status, 0)
        self.assertIn("frontend 'web': timeouts changed\n", text)
        self.assertIn("backend 'web': balance, retry changed\n", text)
        self.assertIn("drain changed\n", text)
        process.wait_for_line(r"info reloaded: backend 'web': balance, retry changed$")
        self.assertIn("no setting changed", process.reload()[1])

    def test_counters_pools_and_connections_survive(self):
        server = self.server("one")
        process = self.reseal(self.yaml(server))
        client = self.client(process)
        for _ in range(5):
            client.get()
        self.assertEqual(process.reload()[0], 0)
        client.get()
        self.assertEqual(process.entity("server", "one")["requests"], 6)
        self.assertEqual(process.entity("frontend", "web")["requests"], 6)
        self.assertEqual(process.stats()["reloads"], {"ok": 1, "refused": 0})
        self.assertEqual(server.connections, 1)

    def test_a_backend_put_first_costs_the_others_no_connection(self):
        server, other = self.server("one"), self.server("other")
        yaml = self.yaml(server)
        process = self.reseal(yaml)
        client = self.client(process)
        client.get()
        # The same settings of TLS, and so the same context; it is asked for first by a backend that had none.
        first = f"backends:\n  first:\n    {self.backend_tls()}\n    servers:\n      other: \"{other.address}\"\n"
        self.assertEqual(process.reload(yaml.replace("backends:\n", first))[0], 0)
        client.get()
        self.assertEqual(server.connections, 1)

    def refused(self, process, yaml, *words):
        status, text = process.reload(yaml)
        self.assertEqual(status, 1)
        for word in ("refused", "stays as it was", *words):
            self.assertIn(word, text)
        self.assertEqual(self.client(process).get().status, 200)

    def test_broken_files_are_refused_and_the_old_configuration_goes_on(self):
        server = self.server("one")
        process = self.reseal(self.yaml(server))
        good = self.yaml(server)
        broken = self.pki.path("broken.pem")
        with open(broken, "w") as file:
            with open(self.pki.path("front.key")) as key:
                file.write("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n" + key.read())
        taken = socket.socket()
        self.addCleanup(taken.close)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        front = self.pki.path("front.pem")
        self.refused(process, good + "nonsense: 1\n", "unknown key 'nonsense'", "reseal.yaml:")
        self.refused(process, "frontends: [", "not valid YAML")
        self.refused(process, good.replace(front, broken), "broken.pem", "damaged")
        self.refused(process, good.replace(front, self.pki.path("missing.pem")), "missing.pem", "No such file")
        lonely = self.pki.path("lonely.pem")
        shutil.copy(self.pki.path("ca.pem"), lonely)
        self.refused(process, good.replace(front, lonely), "no private key")
        self.refused(process, good.replace(self.pki.path("lb.pem"), front + "x"), "No such file")
        self.refused(process, good.replace("127.0.0.1:0", f"127.0.0.1:{taken.getsockname()[1]}"), "cannot listen", "in use")
        self.refused(process, good.replace(server.address, "no-such-host.invalid:443"), "cannot be resolved")
        self.assertEqual(process.stats()["reloads"], {"ok": 0, "refused": 8})
        self.assertEqual(process.reload(good)[0], 0)

    def test_a_new_certificate_is_served_after_a_reload_and_old_connections_live_on(self):
        self.pki.leaf("next", san="DNS:localhost,IP:127.0.0.1")
        mine = self.pki.path("mine.pem")
        shutil.copy(self.pki.path("front.pem"), mine)
        process = self.reseal(self.yaml(self.server()).replace(self.pki.path("front.pem"), mine))
        old = self.client(process)
        old.get()
        shutil.copy(self.pki.path("next.pem"), mine)
        self.assertEqual(process.reload()[0], 0)
        new = self.client(process)
        name = dict(entry[0] for entry in new.sock.getpeercert()["subject"])["commonName"]
        self.assertEqual((name, new.get().status, old.get().status), ("next", 200, 200))

    def test_sighup_reloads(self):
        one, two = self.server("one"), self.server("two")
        process = self.reseal(self.yaml(one))
        process.write(self.yaml(two))
        process.signal(signal.SIGHUP)
        process.wait_for_line("reloaded:")
        self.assertEqual(self.client(process).get().body, b"two")

    def test_twenty_reloads_under_load_fail_no_request(self):
        servers = [self.server(f"web{i}") for i in range(3)]
        process = self.reseal(self.yaml(*servers, workers=2))
        done, wrong, count = threading.Event(), [], [0]

        def work(new_connection_each_time):
            client = self.client(process)
            while not done.is_set():
                try:
                    if new_connection_each_time:
                        client = self.client(process)
                    if client.get().status != 200:
                        wrong.append("status")
                    count[0] += 1
                except OSError as error:
                    wrong.append(repr(error))

        threads = [threading.Thread(target=work, args=(i % 4 == 0,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for i in range(20):
            # Every second one changes the servers, so that pools are retired and made anew.
            before = count[0]
            self.assertEqual(process.reload(self.yaml(*servers[:2 + i % 2], workers=2))[0], 0)
            eventually(lambda: count[0] > before + 8 or wrong, what="requests after a reload")
        done.set()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertGreater(count[0], 100)

    def test_a_frontend_comes_and_goes(self):
        server = self.server()
        process = self.reseal(self.yaml(server))
        extra = f"  other:\n    bind: \"127.0.0.1:0\"\n    tls: {{ certificates: [{self.pki.path('front.pem')}] }}\n    default: web\n"
        self.assertEqual(process.reload(self.yaml(server, frontend=extra))[0], 0)
        port = process.port("other")
        client = self.client(process, "other")
        self.assertEqual(client.get().status, 200)
        self.assertEqual(process.reload(self.yaml(server))[0], 0)
        self.assertTrue(client.is_closed())
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=5)
        self.assertEqual(self.client(process).get().status, 200)


class Stopping(IntegrationCase):
    def held_request(self, drain="10s"):
        release = threading.Event()
        self.addCleanup(release.set)
        server = self.server(handler=lambda request: (release.wait(10), reply("done"))[1])
        process = self.reseal(self.yaml(server, top=f"drain: {drain}\n"))
        client = self.client(process)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        eventually(lambda: server.requests == 1)
        return process, client, release

    def test_sigterm_finishes_what_is_in_flight_and_says_close(self):
        process, client, release = self.held_request()
        idle = self.client(process)
        process.signal(signal.SIGTERM)
        process.wait_for_line("stopping")
        self.assertTrue(idle.is_closed())
        release.set()
        response = client.response()
        self.assertEqual((response.body, response.get("connection")), (b"done", "close"))
        self.assertEqual(process.wait(), 0)

    def test_a_second_signal_ends_at_once(self):
        process, client, _ = self.held_request()
        process.signal(signal.SIGTERM)
        process.wait_for_line("stopping")
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(5), 0)

    def test_the_drain_limit_ends_it(self):
        process, client, _ = self.held_request("200ms")
        process.signal(signal.SIGTERM)
        process.wait_for_line("the drain limit is over")
        self.assertEqual(process.wait(5), 0)

    def test_stop_wait_returns_when_it_has_ended_and_the_socket_is_gone(self):
        from support.process import run_reseal

        process = self.reseal(self.yaml(self.server()))
        status, out, _ = run_reseal("stop", "--wait", "-s", process.socket)
        self.assertEqual(status, 0)
        self.assertIn("stopped", out)
        self.assertEqual(process.wait(5), 0)
        self.assertFalse(os.path.exists(process.socket))


if __name__ == "__main__":
    unittest.main()
