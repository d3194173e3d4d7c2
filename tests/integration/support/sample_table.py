"""Tables of expressions, evaluated by Debian's HAProxy and by reseal beside it from one haproxy.cfg."""

import os
import re
import shutil
import subprocess
import tempfile

from .beside import BesideCase
from .client import Client

DEFAULTS = """defaults
    mode http
    timeout connect 5s
    timeout client 10s
    timeout server 10s
"""


def word(text):
    """`text` as one word of a haproxy.cfg."""
    return '"' + re.sub(r'(["\\$])', r"\\\1", text) + '"'


def rule(number, expression):
    """Answers the request of that number with the value, and says if there is none."""
    here = f"{{ var(txn.row) -m str {number} }}"
    return (f"    http-request return status 200 content-type text/plain lf-string {word(f'<%[{expression}]>')} if {here} "
            f"{{ {word(expression)} -m found }}\n"
            f"    http-request return status 404 content-type text/plain string none if {here}\n")


def response_rule(number, expression):
    """The same of values that a response has: the request must get one. An answer in its place would not see them."""
    here = f"{{ var(txn.row) -m str {number} }}"
    return (f"    http-response set-header X-Value {word(f'<%[{expression}]>')} if {here} {{ {word(expression)} -m found }}\n")


def condition_rule(number, condition):
    """Answers the request of that number with whether the condition holds."""
    here = f"{{ var(txn.row) -m str {number} }}"
    return (f"    http-request return status 200 content-type text/plain string yes if {here} {condition}\n"
            f"    http-request return status 200 content-type text/plain string no if {here}\n")


# The first rule of what has rows.
BEGIN = "    http-request set-var(txn.row) req.hdr(x-row)\n"


def known_to_haproxy(kind):
    """Names that `haproxy -dK` lists and the types of their arguments: kind is smp (fetches), cnv (converters) or acl."""
    program = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin")
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
        file.write("global\n")
        file.flush()
        said = subprocess.run([program, f"-dK{kind}", "-c", "-f", file.name], capture_output=True, text=True, check=False).stdout
    lines = [re.sub(r"^\[[ Y.]*\] ", "", line) for line in said.splitlines() if not line.startswith(("#", "Configuration"))]
    return {re.match(r"[^ (:=]+", line).group(): line for line in lines if line}


class TableCase(BesideCase):
    def values(self, port, count, fields=(), target="/", method="GET", context=None):
        """What requests 0, 1 ... are answered: the text of the value, or None."""
        answers = []
        with Client(port, context=context) as client:
            for number in range(count):
                extra = "".join(f"{name}: {value}\r\n" for name, value in fields)
                client.send(f"{method} {target} HTTP/1.1\r\nHost: www.example.com\r\nX-Row: {number}\r\n{extra}\r\n".encode())
                response = client.response()
                is_page = response.status in (200, 404)
                answers.append(response.get("X-Value") if not is_page else response.body.decode("latin-1") if response.status == 200 else None)
        return answers

    def assert_same(self, rows, ours, theirs, masked=()):
        """Of expressions that begin with one of `masked` only that there is a value, or none."""
        for row, our, their in zip(rows, ours, theirs):
            with self.subTest(row):
                if row.startswith(tuple(masked)):
                    our, their = our is None, their is None
                self.assertEqual(our, their)
