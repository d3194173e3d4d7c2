"""The same raw bytes to reseal, HAProxy and nginx, each in front of a recording server: what they make of them is
compared, every disagreement stands in docs/differences.md, and no byte stream leaves reseal that a strict parser
(strict_http1) rejects.

    RESEAL_BINARY=... differential_test.py --write      writes docs/differences.md anew
"""

import difflib
import os
import re
import shutil
import socket
import sys
import tempfile
import time
import unittest

from cases import GROUPS, PROBE
from peers import PEERS
from recorder import Recorder
from strict_http1 import Violation, read_stream

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "differences.md")
BARRIER = b"GET /barrier HTTP/1.1\r\nHost: barrier.example\r\nConnection: close\r\n\r\n"


def converse(peer, data, last, seconds):
    """Sends and reads until the answer to the request for `last`, the end, or silence."""
    answer = b""
    with peer.connect() as sock:
        sock.settimeout(seconds)
        try:
            sock.sendall(data)
        except OSError:
            pass  # closed before everything was sent; the answer may still be there
        try:
            while b"x-target: " + last not in answer.lower() or not answer.endswith(b"\r\n\r\n"):
                more = sock.recv(65536)
                if not more:
                    break
                answer += more
        except socket.timeout:
            answer += b"(silence)"
        except OSError:
            pass
    return answer


def text(value, most=60):
    shown = value.decode("latin-1").encode("unicode_escape").decode()
    return shown if len(shown) <= most else f"{shown[:20]}... ({len(value)} bytes)"


class Outcome:
    """What one proxy made of one case."""

    def __init__(self, answer, requests, violations, shown):
        statuses = [int(status) for status in re.findall(rb"^HTTP/1\.[01] ([2-5]\d\d)", answer, re.M)]
        self.refused = next((status for status in statuses if status >= 400), None)
        self.silence = b"(silence)" in answer
        self.probed = any(request.target == b"/probe" for request in requests)
        self.messages = [re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", self.message(request, shown))
                         for request in requests if request.target != b"/probe"]
        self.violations = violations

    @staticmethod
    def message(request, shown):
        parts = [text(request.method), text(request.target)]
        host = request.all(b"host")
        parts.append("host " + (", ".join(text(value) for value in host) if host else "none"))
        if request.body is not None:
            parts.append(f"body {text(request.body)}" if request.body else "empty body")
        parts += [f"{text(name).lower()}={text(value)}" for name, value in request.fields if name.lower() in shown]
        parts += [f"trailer {text(name).lower()}={text(value)}" for name, value in request.trailers]
        return " · ".join(parts)

    def compared(self):
        """Refused or not, how many messages, and each as method, target, host, body and trailers."""
        return self.messages or None

    def __str__(self):
        said = [f"`{message}`" for message in self.messages]
        if not said and self.probed:
            said.append("nothing, then the probe")
        if self.refused:
            said.append(str(self.refused))
        elif not self.messages and not self.probed:
            said.append("silence" if self.silence else "closed")
        if self.violations:
            said.append("**not HTTP**")
        return ", ".join(said).replace("|", "\\|")


class Run:
    """All cases through one peer."""

    def __init__(self, name, folder):
        self.recorder = Recorder()
        self.peer = PEERS[name](folder, self.recorder.port)
        self.outcomes, self.violations = {}, []
        try:
            for group in GROUPS:
                for case, data in group.cases.items():
                    self.outcomes[group.title, case] = self.outcome(group, case, data)
        finally:
            self.peer.stop()
            self.recorder.stop()

    def outcome(self, group, case, data):
        answer = converse(self.peer, data + PROBE, b"/probe", 3)
        # The recorder reads all that is there before it answers: behind this answer everything has been seen.
        barrier = converse(self.peer, BARRIER, b"/barrier", 10)
        if b"x-target: /barrier" not in barrier.lower():
            raise AssertionError(f"{group.title}: {case}: the next client gets {barrier!r}")
        deadline = time.monotonic() + 10
        while self.recorder.has_half_a_request() and time.monotonic() < deadline:
            time.sleep(0.005)
        requests = [request for request in self.recorder.take_requests() if request.all(b"host") != [b"barrier.example"]]
        violations = []
        for stream in self.recorder.take_streams():
            try:
                read_stream(stream)
            except Violation as violation:
                violations.append(f"{group.title}: {case}: {violation}")
        self.violations += violations
        return Outcome(answer, requests, violations, group.shown)


def document(runs):
    """docs/differences.md: the disagreements, one table a class."""
    names = list(runs)
    total = sum(len(group.cases) for group in GROUPS)
    rows = {group.title: [case for case in group.cases if disagree(runs, group.title, case)] for group in GROUPS}
    lines = [
        "# Where reseal, HAProxy and nginx read a request differently", "",
        f"The same {total} byte streams are sent to reseal, to HAProxy 2.6 and to nginx 1.22 in front of a server that records",
        f"what reaches it (tests/differential). The {sum(map(len, rows.values()))} on which they disagree stand here, with what the",
        "server saw: method, target, Host, body and trailers of each message, whichever framing the proxy gave it. On the others all",
        "three agree. A number is the status with which a request was refused; \"closed\" means without one; **not HTTP**, that",
        "bytes reached the server which a strict RFC 9112 parser rejects: for reseal the test fails on any. The peers have their",
        "defaults, which both can tighten.",
        "", "This file is written by `tests/differential/differential_test.py --write` and held to the truth by the same test.", ""]
    for group in GROUPS:
        if not rows[group.title]:
            continue
        lines += [f"## {group.title}", "", group.decision, "", f"| case | {' | '.join(names)} |", "|---|" + "---|" * len(names)]
        for case in rows[group.title]:
            cells = " | ".join(str(runs[name].outcomes[group.title, case]) for name in names)
            lines.append(f"| {case} | {cells} |")
        lines.append("")
    return "\n".join(lines)


def disagree(runs, title, case):
    first, *others = (run.outcomes[title, case].compared() for run in runs.values())
    return any(other != first for other in others)


def all_runs():
    folder = tempfile.mkdtemp(prefix="reseal-differential-")
    try:
        return {name: Run(name, folder) for name in PEERS}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Differential(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.runs = all_runs()

    def test_no_byte_stream_leaves_reseal_that_a_strict_parser_rejects(self):
        self.assertEqual(self.runs["reseal"].violations, [])

    def test_nothing_is_smuggled_past_reseal(self):
        for (title, case), outcome in self.runs["reseal"].outcomes.items():
            for message in outcome.messages:
                with self.subTest(f"{title}: {case}"):
                    self.assertNotIn("· /smuggled", message)

    def test_the_recorder_sees_what_lesser_peers_let_through(self):
        # Were nothing of theirs ever rejected, the strict parser or the recorder would be blind.
        self.assertNotEqual(self.runs["HAProxy"].violations + self.runs["nginx"].violations, [])

    def test_every_disagreement_is_documented(self):
        with open(DOCUMENT) as file:
            changed = list(difflib.unified_diff(file.read().split("\n"), document(self.runs).split("\n"), "documented", "seen",
                                                lineterm="", n=0))
        self.assertFalse(changed, "\n" + "\n".join(changed) + "\nwrite it anew with --write, and look at what changed")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        written = document(all_runs())
        with open(DOCUMENT, "w") as output:
            output.write(written)
    else:
        unittest.main()
