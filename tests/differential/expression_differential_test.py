"""The same expressions, format strings and conditions to HAProxy and to reseal's evaluator (evaluate.cpp), for the same
requests: HAProxy writes each value into a response field. Where the two differ on purpose, KNOWN says why."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import expression_cases as cases
from peers import Started, program

BINARY = os.environ.get("EXPRESSION_BINARY", "")
A_LINE = 12  # values a rule: HAProxy's lines have 64 words
FOLDER = tempfile.mkdtemp(prefix="reseal-expressions-")

# (request, what is evaluated) -> why reseal's answer is another one. "*": in every request.
KNOWN = {
}

HEAD = """\
global
  tune.bufsize 65536
  tune.maxrewrite 16384
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
frontend web
  bind unix@{socket} accept-proxy
"""


def quoted(word):
    """The word as HAProxy's configuration language has to have it."""
    return "'" + word.replace("'", "'\\''") + "'"


def in_folder(text):
    """File names as paths."""
    for name in sorted(cases.FILES, key=len, reverse=True):
        text = text.replace(f"({name})", f"({FOLDER}/{name})").replace(f"({name},", f"({FOLDER}/{name},")
    return text


def condition_words(words):
    return [os.path.join(FOLDER, word) if word in cases.FILES else in_folder(word) for word in words]


def configuration(formats, conditions):
    """A rule sets a variable for each condition, then fields are returned batch by batch, by the field x-batch."""
    lines = []
    for acl in cases.ACLS:
        lines.append("  acl " + " ".join(quoted(word) for word in acl))
    for number, words in enumerate(conditions):
        lines.append(f"  http-request set-var(txn.c{number}) int(1) if " + " ".join(word if word in "{}" else quoted(word) for word in words))
    values = [(f"f{number}", text) for number, text in enumerate(formats)]
    values += [(f"c{number}", f"%[var(txn.c{number})]") for number in range(len(conditions))]
    for batch in range(0, len(values), A_LINE):
        fields = " ".join(f"hdr {name} {quoted(text)}" for name, text in values[batch:batch + A_LINE])
        lines.append(f"  http-request return status 200 {fields} if {{ var(txn.batch) -m int {batch // A_LINE} }}")
    lines.insert(0, "  http-request set-var(txn.batch) req.hdr_val(x-batch)")
    lines.insert(1, "  http-request del-header x-batch")
    return HEAD + "\n".join(lines).replace("{", "{{").replace("}", "}}") + "\n", (len(values) + A_LINE - 1) // A_LINE


class Oracle(Started):
    def __init__(self, folder, template):
        super().__init__(folder, "haproxy", template, [program("haproxy"), "-db", "-f"], 0)

    def fields(self, request, batches):
        fields = {}
        for batch in range(batches):
            head, rest = request.split("\r\n", 1)
            data = f"PROXY TCP4 127.0.0.1 127.0.0.1 40000 80\r\n{head}\r\nX-Batch: {batch}\r\n{rest}".encode("latin-1")
            with self.connect() as sock:
                sock.settimeout(10)
                sock.sendall(data)
                answer = b""
                while b"\r\n\r\n" not in answer:
                    more = sock.recv(65536)
                    if not more:
                        break
                    answer += more
            lines = answer.decode("latin-1").split("\r\n\r\n", 1)[0].split("\r\n")
            if not lines[0].startswith("HTTP/1.1 200"):
                raise AssertionError(f"HAProxy answers {lines[0]} to batch {batch}")
            for line in lines[1:]:
                name, value = line.split(":", 1)
                fields[name] = value.strip()
        return fields


def evaluate(request, formats, conditions):
    given = {
        "request": request, "client": "127.0.0.1", "local": "127.0.0.1", "port": 80, "frontend": "web",
        "files": {os.path.join(FOLDER, name): text for name, text in cases.FILES.items()},
        "acls": cases.ACLS, "formats": formats, "conditions": [["if", *words] for words in conditions],
    }
    done = subprocess.run([BINARY], input=json.dumps(given), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


class ExpressionsAsHAProxyHasThem(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(shutil.rmtree, FOLDER)
        for name, text in cases.FILES.items():
            with open(os.path.join(FOLDER, name), "w", encoding="latin-1") as file:
                file.write(text)
        cls.formats = [in_folder(f"%[{text}]") for text in cases.FETCHES + cases.CHAINS] + cases.FORMATS
        cls.conditions = [condition_words(words) for words in cases.CONDITIONS]
        config, cls.batches = configuration(cls.formats, cls.conditions)
        cls.oracle = Oracle(FOLDER, config)
        cls.addClassCleanup(cls.oracle.stop)

    def test_every_value_is_the_same(self):
        differences = []
        for name, request in cases.REQUESTS.items():
            wanted = self.oracle.fields(request, self.batches)
            given = evaluate(request, self.formats, self.conditions)
            pairs = [(text, wanted.get(f"f{i}", ""), given["formats"][i]) for i, text in enumerate(self.formats)]
            pairs += [(" ".join(words), wanted.get(f"c{i}", "") == "1", given["conditions"][i]) for i, words in enumerate(self.conditions)]
            for text, theirs, ours in pairs:
                text = text.replace(FOLDER + "/", "")
                known = (name, text) in KNOWN or ("*", text) in KNOWN
                if isinstance(ours, str):
                    ours = ours.strip()
                if theirs != ours and not known:
                    differences.append(f"{name}: {text}\n   HAProxy {theirs!r}\n   reseal  {ours!r}")
        self.assertEqual(differences, [], "\n" + "\n".join(differences))


if __name__ == "__main__":
    sys.exit(unittest.main())
