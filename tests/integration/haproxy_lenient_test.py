"""What HAProxy takes although it serves nothing, or says in words of its older versions: the same answers beside it."""

import os
import subprocess
import unittest

from support.beside import DEFAULTS, BesideCase, ask, request
from support.process import BINARY
from support.server import reply


class Lenient(BesideCase):
    def statuses(self, config, targets):
        theirs, ours = self.both(config)
        expected = [ask(theirs.port("web"), request(target)).status for target in targets]
        self.assertEqual([ask(ours.port("web"), request(target)).status for target in targets], expected)
        return expected

    def test_a_backend_without_servers_and_a_frontend_that_leads_nowhere_answer_503(self):
        server = self.server(tls=None)
        self.assertEqual(self.statuses(DEFAULTS + f"""
frontend web
    bind @web@
    use_backend empty if {{ path /empty }}
    use_backend off if {{ path /off }}
    use_backend table if {{ path /table }}
    use_backend %[path,field(2,/)] if {{ path_beg /named }}
    use_backend app if {{ path /app }}
frontend silent
    default_backend app
backend empty
backend table
    stick-table type ip size 1k
backend named
    stick-table type ip size 1k
backend off
    disabled
    server a 127.0.0.1:{server.port}
backend app
    server a 127.0.0.1:{server.port}
""", ["/empty", "/off", "/table", "/named", "/app", "/none"]), [503, 503, 503, 503, 200, 503])

    def test_log_variables_in_the_formats_of_rules(self):
        requests = []
        server = self.server(tls=None, handler=lambda request: (requests.append(request), reply("ok"))[1])
        theirs, ours = self.both(DEFAULTS + f"""
frontend web
    bind @web@
    http-request set-header X-Names "%f %b %HM %HP %HU %HV %r %fi %ci"
    http-response set-header X-Back "%s %f %[res.ver]"
    default_backend app
backend app
    http-request set-header X-More "%b %{{+Q}}HM %%ci"
    server one 127.0.0.1:{server.port}
""")
        seen = []
        for port in (theirs.port("web"), ours.port("web")):
            answer = ask(port, request("/a/b?c=d"))
            last = requests[-1]
            seen.append((last.get("x-names"), last.get("x-more"), answer.get("x-back")))
        self.assertEqual(seen[1], seen[0])

    def test_a_file_without_any_bind_is_valid_and_cannot_serve(self):
        path = os.path.join(self.folder, "nothing.cfg")
        with open(path, "w") as file:
            file.write("global\n    maxconn 100\n" + DEFAULTS)

        def haproxy(*arguments):
            return subprocess.run([BINARY, "haproxy", *arguments, "-f", path], capture_output=True, text=True, timeout=30)

        self.assertEqual(haproxy("-c").returncode, 0)
        serving = haproxy()
        self.assertEqual(serving.returncode, 1)
        self.assertIn("no 'bind' in any proxy", serving.stderr)


if __name__ == "__main__":
    unittest.main()
