"""Lists of users of a haproxy.cfg beside Debian's HAProxy: who gets in, in which groups, and what a wrong list is told."""

import base64
import os
import subprocess
import unittest

from support.beside import ask, request
from support.process import run_reseal
from support.sample_table import BEGIN, DEFAULTS, TableCase, condition_rule, rule


EXPRESSIONS = """http_auth(staff)
http_auth(staff),not
http_auth_user
http_auth_pass
http_auth_type
http_auth_bearer
http_auth_bearer(X-Token)""".splitlines()

CONDITIONS = """{ http_auth(staff) }
!{ http_auth(staff) }
{ http_auth_group(staff) admins }
{ http_auth_group(staff) guests admins }
{ http_auth_group(other) admins }""".splitlines()


def basic(user, password):
    return ("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())


CREDENTIALS = [
    [], [basic("plain", "secret")], [basic("plain", "Secret")], [basic("plain", "")], [basic("nobody", "secret")], [basic("", "")],
    *[[basic(user, "secret")] for user in ("md5", "sha256", "sha512", "lone")], [basic("sha512", "secre")],
    [basic("sha256", "secret")], [basic("sha256", "x" * 600)], [basic("plain", "a:b")],
    [("Authorization", "Basic")], [("Authorization", "Basic !!!")], [("Authorization", "basic   cGxhaW46c2VjcmV0")],
    [("Authorization", "Basic cGxhaW4=")], [("Authorization", "Bearer abc.def")], [("Authorization", "bearer  abc")],
    [("Authorization", "Digest username=x")], [("X-Token", "Bearer xyz")], [("X-Token", "xyz")],
]


class HaproxyUsers(TableCase):
    def crypted(self, way):
        return subprocess.run(["openssl", "passwd", way, "-salt", "saltsalt", "secret"], capture_output=True, text=True, check=True).stdout.strip()

    def lists(self):
        return (f"userlist staff\n    group admins users plain\n    group guests\n    group empty\n"
                f"    user plain insecure-password secret groups guests\n"
                f"    user md5 password {self.crypted('-1')} groups admins,guests\n"
                f"    user sha256 password {self.crypted('-5')}\n    user sha512 password {self.crypted('-6')} groups admins\n"
                f"    user lone insecure-password secret\n"
                f"userlist other\n    group admins\n    user plain insecure-password other groups admins\n")

    def test_users_and_groups_are_found_as_in_haproxy(self):
        rules = "".join(rule(i, text) for i, text in enumerate(EXPRESSIONS))
        first = len(EXPRESSIONS)
        for i, condition in enumerate(CONDITIONS, first):
            rules += condition_rule(i, condition)
        theirs, ours = self.both(f"{self.lists()}{DEFAULTS}frontend web\n    bind @web@\n{BEGIN}{rules}")
        rows = EXPRESSIONS + CONDITIONS
        for _ in range(2):  # the second time what was right is known
            for fields in CREDENTIALS:
                with self.subTest(fields=fields):
                    self.assert_same(rows, self.values(ours.port(), len(rows), fields), self.values(theirs.port(), len(rows), fields))

    def test_a_page_behind_a_password(self):
        theirs, ours = self.both(f"{self.lists()}{DEFAULTS}frontend web\n    bind @web@\n"
                                 "    http-request auth realm Staff unless { http_auth(staff) }\n"
                                 "    http-request return status 200 content-type text/plain string in\n")
        for fields in ([], [basic("sha512", "secret")], [basic("sha512", "wrong")]):
            answers = [ask(process.port(), request("/", fields)) for process in (theirs, ours)]
            with self.subTest(fields=fields):
                self.assertEqual(*[(answer.status, answer.get("WWW-Authenticate")) for answer in answers])
        self.assertEqual(answers[1].status, 401)

    def test_groups_without_users_and_values_that_are_no_acl_are_served(self):
        self.both(f"{self.lists()}{DEFAULTS}frontend web\n    bind @web@\n    http-request deny if {{ http_auth_group(staff) empty }}\n"
                  "    http-request set-var(txn.user) http_auth_group(staff) if { path /x }\n    http-request return status 200\n")

    def test_wrong_lists_are_refused_with_their_line(self):
        for line, rules, said in (("user a password $9$x", "", "crypt"), ("user a groups none", "", "no group 'none'"),
                                  ("group g users none", "", "no user 'none'"), ("user a colour red", "", "'colour'"),
                                  ("user a", "http-request deny unless { http_auth(nobody) }", "'nobody'"),
                                  ("group g", "http-request deny unless { http_auth_group(staff) g none }", "no group 'none'"),
                                  ("group g", "acl in http_auth_group(staff) none", "no group 'none'")):
            path = os.path.join(self.folder, "bad.cfg")
            with open(path, "w") as file:
                file.write(f"userlist staff\n    {line}\n{DEFAULTS}frontend web\n    bind 127.0.0.1:0\n    {rules}\n    default_backend app\n"
                           "backend app\n    server s 127.0.0.1:1\n")
            with self.subTest(line=line, rules=rules):
                status, output, error = run_reseal("haproxy", "-c", "-f", path)
                self.assertEqual(status, 1, output + error)
                self.assertIn(said, output + error)


if __name__ == "__main__":
    unittest.main()
