"""A client stays with the server that served it first: by cookie, by address, by a field."""

import collections
import os
import unittest

from support.case import IntegrationCase
from support.process import eventually, run_reseal
from support.server import reply


class Persistence(IntegrationCase):
    def setUp(self):
        self.seen = []

    def servers(self, count=3, fields=()):
        def handler_of(name):
            return lambda request: self.seen.append(request) or reply(name, fields=fields)
        return [self.server(f"web{i}", handler=handler_of(f"web{i}")) for i in range(count)]

    def config(self, *servers, persistence="{ cookie: SRV }", weights=None, workers=1, backend=""):
        text = self.yaml(*servers, workers=workers, backend=f"    persistence: {persistence}\n{backend}")
        for server in servers:
            if weights and server.name in weights:
                text = text.replace(f'{server.name}: "{server.address}"',
                                    f'{server.name}: {{ address: "{server.address}", weight: {weights[server.name]} }}')
        return text

    @staticmethod
    def cookie(response, name="SRV"):
        """The cookie's pair, as a browser sends it back."""
        for value in response.all("Set-Cookie"):
            if value.startswith(name + "="):
                return value.split(";")[0]
        return None

    # ---- by cookie

    def test_a_browser_stays_with_its_server_over_many_connections_and_workers(self):
        process = self.reseal(self.config(*self.servers(), workers=2))
        homes = collections.Counter()
        for _ in range(9):
            first = self.client(process).get()
            jar = self.cookie(first)
            homes[first.body] += 1
            for i in range(100):
                if i % 20 == 0:
                    client = self.client(process)
                response = client.get(fields=[("Cookie", f"a=1; {jar}")])
                self.assertEqual(response.body, first.body)
                self.assertEqual(response.all("Set-Cookie"), [])
        self.assertGreater(len(homes), 1)

    def test_the_cookie_is_opaque_and_well_guarded(self):
        servers = self.servers(1, fields=[("Cache-Control", "max-age=600")])
        process = self.reseal(self.config(*servers, persistence="{ cookie: { name: SRV, same_site: strict, max_age: 8h } }"))
        response = self.client(process).get()
        self.assertRegex(response.get("Set-Cookie"), r"^SRV=[0-9a-f]{16}; Path=/; HttpOnly; SameSite=Strict; Max-Age=28800; Secure$")
        self.assertEqual(response.all("Cache-Control"), ["max-age=600", "private"])

    def test_without_tls_the_cookie_has_no_secure(self):
        server = self.server("web0", tls=None)
        process = self.reseal(self.plain_yaml(server, backend="    persistence: { cookie: SRV }\n"))
        self.assertRegex(self.plain_client(process).get().get("Set-Cookie"), r"^SRV=[0-9a-f]{16}; Path=/; HttpOnly; SameSite=Lax$")

    def test_the_server_sees_every_cookie_but_this_one(self):
        process = self.reseal(self.config(*self.servers(1)))
        client = self.client(process)
        jar = self.cookie(client.get())
        client.get(fields=[("Cookie", f"a=1; {jar}; b=\"2 3\";c"), ("X", "1"), ("Cookie", jar)])
        self.assertEqual(self.seen[-1].all("Cookie"), ['a=1; b="2 3";c'])

    def test_a_server_cannot_set_it_in_any_spelling_that_a_browser_sends_back_under_its_name(self):
        spellings = ["SRV=y", "\"SRV\"=y; Path=/", "SRV =y", "\" SRV\" = y", "=SRV=y"]
        servers = self.servers(1, fields=[*(("Set-Cookie", text) for text in spellings), ("Set-Cookie", "a=SRV=y")])
        cookies = self.client(self.reseal(self.config(*servers))).get().all("Set-Cookie")
        self.assertEqual([text.split(";")[0] for text in cookies][:1], ["a=SRV=y"])
        self.assertEqual(len(cookies), 2)
        self.assertRegex(cookies[1], "^SRV=[0-9a-f]{16};")

    def test_made_up_foreign_and_huge_cookies_lead_nowhere(self):
        servers = self.servers(2)
        process = self.reseal(self.config(*servers))
        foreign = self.cookie(self.client(self.reseal(self.config(*servers))).get())
        client = self.client(process)
        for forged in ("SRV=web0", "SRV=", "SRV", "SRV=0", foreign, "SRV=" + "f" * 16, "SRV=" + "a" * 20000, "SRV=\"" + "b" * 10 + "\""):
            bodies = set()
            for _ in range(4):
                response = client.get(fields=[("Cookie", forged)])
                self.assertEqual(response.status, 200)
                self.assertIsNotNone(self.cookie(response), forged[:30])
                bodies.add(response.body)
            self.assertEqual(len(bodies), 2, forged[:30])
            if "=" in forged:
                self.assertEqual(self.seen[-1].all("Cookie"), [], forged[:30])

    def test_a_draining_server_keeps_its_clients_and_gets_no_new_ones(self):
        servers = self.servers(2)
        process = self.reseal(self.config(*servers))
        client = self.client(process)
        jars = {}
        while len(jars) < 2:
            response = client.get()
            jars[response.body] = self.cookie(response)
        self.assertEqual(process.reload(self.config(*servers, weights={"web0": 0}))[0], 0)
        for _ in range(10):
            self.assertEqual(client.get(fields=[("Cookie", jars[b"web0"])]).body, b"web0")
            self.assertEqual(client.get().body, b"web1")

    def test_cookies_stay_valid_over_reloads_that_move_servers(self):
        servers = self.servers(3)
        process = self.reseal(self.config(*servers))
        first = self.client(process).get()
        jar = self.cookie(first)
        for order in (servers[::-1], [servers[1], servers[2], servers[0]]):
            self.assertEqual(process.reload(self.config(*order))[0], 0)
            client = self.client(process)
            for _ in range(5):
                self.assertEqual(client.get(fields=[("Cookie", jar)]).body, first.body)

    def test_load_balancers_with_one_key_file_know_each_others_cookies(self):
        servers = self.servers(3)
        key = os.path.join(self.folder, "cookie.key")
        with open(key, "w") as file:
            file.write("q0Q1fUJ2gYk0fK5o4bN5v2lX0oWm8y3c\n")
        one, other = (self.reseal(self.config(*servers, persistence=f"{{ cookie: {{ name: SRV, key_file: {key} }} }}")) for _ in range(2))
        first = self.client(one).get()
        for _ in range(6):
            response = self.client(other).get(fields=[("Cookie", self.cookie(first))])
            self.assertEqual((response.body, self.cookie(response)), (first.body, None))

    def test_a_key_file_that_will_not_do_is_an_error(self):
        path = os.path.join(self.folder, "broken.yaml")
        key = os.path.join(self.folder, "short.key")
        with open(key, "w") as file:
            file.write("short\n")
        for name, words in ((key, "holds 5 bytes"), (key + ".none", "cannot be read: No such file")):
            with open(path, "w") as file:
                file.write(self.config(*self.servers(1), persistence=f"{{ cookie: {{ name: SRV, key_file: {name} }} }}"))
            status, out, error = run_reseal("check", "-c", path)
            self.assertEqual(status, 1)
            self.assertIn("backend 'web': persistence: key_file", out + error)
            self.assertIn(words, out + error)

    def test_clients_of_a_dead_server_move_and_stay_where_they_are_then(self):
        servers = self.servers(3)
        process = self.reseal(self.config(*servers))
        client = self.client(process)
        first = client.get()
        jar = self.cookie(first)
        next(s for s in servers if s.name.encode() == first.body).stop()
        moved = client.get(fields=[("Cookie", jar)])
        self.assertEqual(moved.status, 200)
        self.assertNotEqual(moved.body, first.body)
        renewed = self.cookie(moved)
        self.assertIsNotNone(renewed)
        for _ in range(6):
            response = client.get(fields=[("Cookie", renewed)])
            self.assertEqual((response.body, self.cookie(response)), (moved.body, None))

    # ---- by address and by field

    def test_an_address_stays_with_its_server_whatever_the_balance(self):
        process = self.reseal(self.config(*self.servers(3), persistence="source"))
        first = self.client(process).get()
        for _ in range(20):
            response = self.client(process).get(fields=[("Cookie", "SRV=1")])
            self.assertEqual((response.body, response.get("Set-Cookie")), (first.body, None))
        self.assertEqual(self.seen[-1].get("Cookie"), "SRV=1")

    def test_in_tcp_mode_an_address_stays_with_its_server_too(self):
        servers = [self.server(f"db{i}", tls=None, script=lambda c, i=i: c.send(b"db%d" % i)) for i in range(3)]
        process = self.reseal(self.plain_yaml(*servers, frontend="    mode: tcp\n", backend="    persistence: source\n"))
        first = self.plain_client(process).rest()
        for _ in range(10):
            self.assertEqual(self.plain_client(process).rest(), first)
        servers[int(first[2:])].stop()
        moved = self.plain_client(process).rest()
        self.assertNotEqual(moved, first)
        for _ in range(5):
            self.assertEqual(self.plain_client(process).rest(), moved)

    def test_users_stay_with_their_server_and_requests_without_a_user_are_spread(self):
        process = self.reseal(self.config(*self.servers(3), persistence="{ header: X-User }", workers=2))
        client = self.client(process)
        homes = {f"user{i}": client.get(fields=[("X-User", f"user{i}")]).body for i in range(12)}
        self.assertEqual(collections.Counter(homes.values()), {b"web0": 4, b"web1": 4, b"web2": 4})
        for _ in range(3):
            client = self.client(process)
            for user, home in homes.items():
                self.assertEqual(client.get(fields=[("x-user", user)]).body, home)
        self.assertEqual(collections.Counter(client.get().body for _ in range(9)), {b"web0": 3, b"web1": 3, b"web2": 3})

    def test_a_draining_server_keeps_the_users_it_has_over_a_reload(self):
        servers = self.servers(3)
        process = self.reseal(self.config(*servers, persistence="{ header: X-User }"))
        client = self.client(process)
        homes = {f"user{i}": client.get(fields=[("X-User", f"user{i}")]).body for i in range(12)}
        order = [servers[2], servers[0], servers[1]]
        self.assertEqual(process.reload(self.config(*order, persistence="{ header: X-User }", weights={"web0": 0}))[0], 0)
        for user, home in homes.items():
            self.assertEqual(client.get(fields=[("X-User", user)]).body, home)
        for i in range(20):
            self.assertNotEqual(client.get(fields=[("X-User", f"new{i}")]).body, b"web0")

    def test_users_of_a_dead_server_move_and_stay_where_they_are_then(self):
        servers = self.servers(2)
        process = self.reseal(self.config(*servers, persistence="{ header: X-User }"))
        client = self.client(process)
        home = client.get(fields=[("X-User", "ann")]).body
        next(s for s in servers if s.name.encode() == home).stop()
        moved = client.get(fields=[("X-User", "ann")])
        self.assertEqual(moved.status, 200)
        self.assertNotEqual(moved.body, home)
        eventually(lambda: client.get(fields=[("X-User", "ann")]).body == moved.body)


if __name__ == "__main__":
    unittest.main()
