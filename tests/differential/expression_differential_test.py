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

# (request, what is evaluated) -> why reseal's answer is another one; that it is still another one is tested too.
KNOWN = {
    ("response", "%[res.cook_cnt]"): "HAProxy takes the attributes of Set-Cookie (Path=/) for cookies when it counts all of them",
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

TAIL = """\
  default_backend answers
backend answers
  server answers unix@{folder}/answers.sock
frontend answers
  bind unix@{folder}/answers.sock
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
    for number, text in enumerate(cases.RESPONSE_FORMATS):
        lines.append(f"  http-response set-header r{number} {quoted(text)}")
    for number, words in enumerate(cases.RESPONSE_CONDITIONS):
        lines.append(f"  http-response set-header s{number} 1 if " + " ".join(words))
    fields = " ".join(f"hdr {name} {quoted(value)}" for name, value in cases.RESPONSE_FIELDS)
    tail = TAIL + f"  http-request return status {cases.RESPONSE_STATUS} content-type text/html string x {fields}\n"
    text = HEAD + "\n".join(lines).replace("{", "{{").replace("}", "}}") + "\n" + tail
    return text, (len(values) + A_LINE - 1) // A_LINE


class Oracle(Started):
    def __init__(self, folder, template):
        super().__init__(folder, "haproxy", template, [program("haproxy"), "-db", "-f"], 0)

    def fields(self, request, batches):
        """What the rules of requests make of it."""
        fields = {}
        for batch in range(batches):
            fields |= self.answer(request, batch, 200)
        return fields

    def response_fields(self, request):
        """What the rules of responses make of the answer to it."""
        return self.answer(request, -1, cases.RESPONSE_STATUS)

    def answer(self, request, batch, status):
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
        if not lines[0].startswith(f"HTTP/1.1 {status}"):
            raise AssertionError(f"HAProxy answers {lines[0]} to batch {batch}")
        return {name: value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}


def evaluate(request, formats, conditions, response=""):
    given = {
        "request": request, "response": response, "client": "127.0.0.1", "local": "127.0.0.1", "port": 80, "frontend": "web",
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

    def compare(self, name, formats, wanted, conditions, held, given):
        """`wanted`: HAProxy's fields of the formats; `held`: those of the conditions that hold."""
        pairs = list(zip(formats, wanted, (text.strip() if isinstance(text, str) else text for text in given["formats"])))
        pairs += zip((" ".join(words) for words in conditions), held, given["conditions"])
        differences = []
        for text, theirs, ours in pairs:
            text = text.replace(FOLDER + "/", "")
            if (theirs != ours) != ((name, text) in KNOWN):
                differences.append(f"{name}: {text}\n   HAProxy {theirs!r}\n   reseal  {ours!r}")
        self.assertEqual(differences, [], "\n" + "\n".join(differences))

    def test_every_value_of_a_request_is_the_same(self):
        for name, request in cases.REQUESTS.items():
            with self.subTest(name):
                fields = self.oracle.fields(request, self.batches)
                wanted = [fields.get(f"f{i}", "") for i in range(len(self.formats))]
                held = [fields.get(f"c{i}") == "1" for i in range(len(self.conditions))]
                self.compare(name, self.formats, wanted, self.conditions, held, evaluate(request, self.formats, self.conditions))

    def test_every_value_of_a_response_is_the_same(self):
        request = cases.REQUESTS["no query"]
        fields = self.oracle.response_fields(request)
        wanted = [fields.get(f"r{i}", "") for i in range(len(cases.RESPONSE_FORMATS))]
        held = [fields.get(f"s{i}") == "1" for i in range(len(cases.RESPONSE_CONDITIONS))]
        response = f"HTTP/1.1 {cases.RESPONSE_STATUS} Not Found\r\n"
        response += "".join(f"{field}: {value}\r\n" for field, value in cases.RESPONSE_FIELDS) + "Content-Type: text/html\r\nContent-Length: 1\r\n\r\n"
        given = evaluate(request, cases.RESPONSE_FORMATS, cases.RESPONSE_CONDITIONS, response)
        self.compare("response", cases.RESPONSE_FORMATS, wanted, cases.RESPONSE_CONDITIONS, held, given)


if __name__ == "__main__":
    sys.exit(unittest.main())
