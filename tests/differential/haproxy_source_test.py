"""The same configuration files to reseal's haproxy.cfg reader and to HAProxy: what `.notice` says shows how each
splits and expands a line, `-cc` what a condition is worth, and the lines that HAProxy's alerts name which sections it
refuses. Where the two are meant to differ stands in DEPARTURES.
"""

import json
import os
import random
import re
import shutil
import subprocess
import tempfile
import unittest

READER = os.environ.get("READER_BINARY", "")
HAPROXY = shutil.which("haproxy", path=os.environ.get("PATH", "") + ":/usr/sbin")

VARIABLES = {"HOME": "/srv", "TEXT": "one two  three", "EMPTY": "", "EDGES": " a b ", "QUOTES": "'\"\\$HOME #",
             "N1": "7", "_X": "under"}

# What may follow `.notice`: one line each.
LINES = r"""
a
a b
"a b" c
'a b'
'a\b'
"a\"b"
a\ b
a\#b
a#b c
"a#b"
a #b
\"a
\'a
a\'b"c"
"\'"
'"'"'"
'a'"b"c
"" a
a ""
""
a\
\
\\
"a\
"a\"
a\n\t\r|
"\n\t"
\x41\x62
"\x22\x5c"
\x4
\xzz
\x
\X41
\q\.\*
"\q\.\*"
'\x41\n'
$HOME
\$HOME
"$HOME"
"\$HOME"
'$HOME'
"$HOME"x
"x$HOME/y"
"$HOMEx"
"${HOME}x"
"$N1"
"$N1x"
"$_X"
"$NOPE"
"${NOPE}"
"$EMPTY"
"$QUOTES"
"${QUOTES}"
"$"
"$ "
"a$"
"$1"
"$-"
"${"
"${}"
"${HOME"
"${HOME x}"
"${1}"
"${-x}"
"$.LINE"
"${.LINE}"
"${.SECTION}"
"${.FOO}"
"$.LINEx"
"$."
"$HOME.x"
"${TEXT}"
"${TEXT[*]}"
x"${TEXT[*]}"
"${EMPTY[*]}"
"${EMPTY[*]}" a
"${EDGES[*]}"
"${EDGES[*]}" q
"x${EDGES[*]}y"
"$TEXT[*]"
"${TEXT[0]}"
"${TEXT[*}"
"${TEXT[*]x}"
"${TEXT[}"
"abc
'abc
"abc'
'abc"
abc"
a"b c"d
a'b c'd
"a	b"
a	b
\	b
{}
"{HOME}"
"\{HOME\}"
[*]
~`!@%^&*()=+|;:,.<>?
"""

CONDITIONS = r"""
0
1
12
-1
+1
00
0x0
0x1
010
08
1x
99999999999999999999999

(1)
( 1 )
((1)&&(0))||1
(1
1)
()
!
!0
! 0
!!1
! ( 0 )
!(1 && 0)
1 && 1
1&&0
1&&0||1
0 || 1
0||0&&1
1 || 0 && 0
1 &
1 &&
&& 1
1 ||
|| 1
1 ||| 1
1 0
1 and 1
1 || foo
0 && foo
- 1
" "
""
"1"
"1" "&&" "0"
1 "" 1
foo
foo(a)
definedx(HOME)
defined
defined()
defined(HOME)
defined(NOPE)
defined(HOME)x
defined(HOME,x)
defined(HOME
defined (HOME)
defined("HOME")
defined(\"HOME\")
defined(\"HOME)
defined(EMPTY)
streq
streq()
streq(a)
streq(,)
streq(a,a)
streq(a,b)
streq(a, a)
streq(a ,a)
streq(a,a,a)
streq("a b","a b")
streq('a','a')
streq("$HOME",/srv)
streq("$HOME","$HOME")
streq("$NOPE","")
streq(\"a,b\",\"a,b\")
streq(\"a)b\",\"a)b\")
streq(a\\,a\\)
streq(a\,b,a\,b)
streq(\'a,b\',\"a,b\")
streq("a\nb",a)
streq(\"a\",a)
streq(a\\n,"a\n")
strneq(a,b)
strneq(a,a)
!streq(a,b) && (defined(HOME) || 0)
version_atleast(2.4)
version_atleast(1)
version_atleast(2.6-dev3)
version_atleast(9.0)
version_atleast()
version_before(9)
version_before(2.4)
feature(OPENSSL)
feature(openssl)
!feature(NOPE)
openssl_version_atleast(1.1.1)
openssl_version_atleast(0.9.8zh)
openssl_version_before(1.1.1)
openssl_version_before(4.0.0-beta1)
ssllib_name_startswith(Open)
ssllib_name_startswith(Boring)
"x
"$HOME
"$1"
"""

# Whole files; compared is which lines are refused.
FILES = {
    "a directive alone": ".else\n",
    "elif alone": ".elif 1\n",
    "endif alone": ".endif\n",
    "if without end": "global\n.if 0\n",
    "else twice": ".if 0\n.else\n.else\n.endif\n",
    "elif after else": ".if 0\n.else\n.elif 1\n.endif\n",
    "unknown directive": ".foo\n",
    "unknown directive that does not count": ".if 0\n.foo\n.endif\n",
    "message of two words": ".notice a b\n",
    "message of two words that does not count": ".if 0\n.notice a b\n.endif\n",
    "quote that does not count": ".if 0\nfoo \"x\n.endif\n",
    "condition that does not count": ".if 0\n.if foo\n.endif\n.endif\n",
    "elif condition that does not count": ".if 1\n.elif foo\n.endif\n",
    "alert": ".alert x\n",
    "alert that does not count": ".if 0\n.alert x\n.endif\n",
    "99 levels": ".if 1\n" * 99 + ".endif\n" * 99,
    "out of section": "foo\n",
    "keyword in capitals": "FRONTEND a\n",
    "frontend without a name": "frontend\n",
    "frontend with an empty name": "frontend \"\"\n",
    "frontend with an address": "frontend a :80\n",
    "frontend from": "frontend a from\n",
    "frontend from nothing known": "frontend a from b\n",
    "backend from with more": "defaults b\nbackend a from b c\n",
    "listen without a name": "listen\n",
    "backend without a name": "backend\n",
    "anonymous defaults": "defaults\ndefaults\nfrontend a\n",
    "defaults with two names": "defaults a b c\n",
    "defaults from": "defaults a from b\n",
    "anonymous defaults from": "defaults b\ndefaults from b\n",
    "defaults from itself": "defaults a from a\n",
    "defaults from its namesake": "defaults a\ndefaults a from a\n",
    "defaults named by a bad name": "defaults x/y\nbackend a from x/y\n",
    "defaults with a bad name": "defaults x/y\nbackend a\n",
    "defaults not unique": "defaults a\ndefaults a\nbackend b from a\n",
    "defaults both ways": "defaults a\nbackend b\nbackend c from a\n",
    "same frontends": "frontend a\nfrontend a\n",
    "same backends": "backend a\nbackend a\n",
    "frontend and backend": "frontend a\nbackend a\n",
    "frontend and listen": "frontend a\nlisten a\n",
    "listen and backend": "listen a\nbackend a\n",
    "log-forward and frontend": "log-forward a\nfrontend a\n",
    "names differ in case": "backend a\nbackend A\n",
    "colon in a name": "backend a:b\n",
    "all that a name may be": "backend aZ09-_.:\n",
    "slash in a name": "backend a/b\n",
    "blank in a name": "backend \"a b\"\n",
    "bracket in a name": "backend a[b]\n",
    "global with a name": "global a\n",
    "global twice": "global\nglobal\n",
    "userlist": "userlist a\nuserlist b\n",
    "userlist without a name": "userlist\n",
    "userlist with more": "userlist a b\n",
    "userlist with a slash": "userlist a/b\n",
    "same userlists": "userlist a\nuserlist a\n",
    "resolvers without a name": "resolvers\n",
    "resolvers with a slash": "resolvers a/b\n",
    "same resolvers": "resolvers a\nresolvers a\n",
    "peers without a name": "peers\n",
    "peers with more": "peers a b\n",
    "peers with a slash": "peers a/b\n",
    "same peers": "peers a\npeers a\n",
    "mailers without a name": "mailers\n",
    "same mailers": "mailers a\nmailers a\n",
    "mailers with a slash": "mailers a/b\n",
    "http-errors without a name": "http-errors\n",
    "http-errors with more": "http-errors a b\n",
    "http-errors with a slash": "http-errors a/b\n",
    "same http-errors": "http-errors a\nhttp-errors a\n",
    "cache without a name": "cache\n",
    "cache with more": "cache a b\n",
    "same caches": "cache a\n total-max-size 4\ncache a\n total-max-size 4\n",
    "ring without a name": "ring\n",
    "ring with more": "ring a b\n",
    "same rings": "ring a\nring a\n",
    "ring with a slash": "ring a/b\n",
    "log-forward without a name": "log-forward\n",
    "log-forward with more": "log-forward a b\n",
    "same log-forwards": "log-forward a\nlog-forward a\n",
    "program without a name": "program\n",
    "program with more": "program a b\n command x\n",
    "fcgi-app without a name": "fcgi-app\n",
    "fcgi-app with more": "fcgi-app a b\n docroot /\n",
    "same fcgi-apps": "fcgi-app a\n docroot /\nfcgi-app a\n docroot /\n",
    "scope": "[x]\nglobal\n daemon\n",
    "scope without a name": "[\n",
    "line of an empty word": "\"\" foo\n\"$NOPE\" bar\n",
    "setenv without words": "global\n setenv\n",
    "setenv without a value": "global\n setenv A\n",
    "setenv with an empty value": "global\n setenv A \"\"\n",
    "setenv with four words": "global\n setenv A b c d\n",
    "setenv with a bad name": "global\n setenv A=B c\n",
    "setenv with an empty name": "global\n setenv \"\" c\n",
    "presetenv without a value": "global\n presetenv A\n",
    "unsetenv without words": "global\n unsetenv\n",
    "unsetenv with a bad name": "global\n unsetenv A=B\n",
    "resetenv without words": "global\n resetenv\n",
    "64 words": ".if 0\n" + " ".join(["w"] * 64) + "\n.endif\n",
    "65 words": ".if 0\n" + " ".join(["w"] * 65) + "\n.endif\n",
}

# Files whose notices are compared, line and text.
SAYING = {
    "setenv": "global\n setenv A b\n.notice \"$A\"\n setenv A \"$A$A\"\n.notice \"$A\"\n presetenv A x\n"
              " presetenv B y\n.notice \"$A $B\"\n unsetenv A B\n.notice \"<$A$B>\"\n",
    "resetenv": "global\n resetenv HOME N1\n.notice \"<$TEXT> $HOME $N1\"\n",
    "localpeer": "global\n localpeer foo\n.notice \"$HAPROXY_LOCALPEER\"\n",
    "setenv elsewhere": "backend a\n.notice \"<$A>\"\n",
    "setenv with one word too many": "global\n setenv A b c\n.notice \"$A\"\n",
    "places": "\n\n# x\n.notice \"${.LINE} ${.SECTION}\"\nglobal\n.notice \"${.SECTION}\"\ndefaults\n"
              ".notice \"${.SECTION}\"\ndefaults d\n.notice \"${.SECTION}\"\nbackend b\n.notice \"${.LINE}${.SECTION}\"\n",
    "branches": ".if 0\n.notice a\n.elif 1\n.notice b\n.elif 1\n.notice c\n.else\n.notice d\n.endif\n",
    "else": ".if 0\n.notice a\n.elif 0\n.notice b\n.else\n.notice c\n.endif\n.notice d\n",
    "nested": ".if 0\n.if 1\n.notice a\n.else\n.notice b\n.endif\n.elif 1\n.if 0\n.notice c\n.else\n.notice d\n"
              ".endif\n.endif\n",
    "comments": ".if 1 # x\n.notice a # b\n.else # y\n.notice b\n.endif # z\n",
    "carriage returns": ".if 1\r\n.notice a\r\n.endif\r\n",
    "empty condition": ".if\n.notice a\n.else\n.notice b\n.endif\n",
    "variables in conditions": ".if \"$EMPTY\"\n.notice a\n.elif \"$N1\"\n.notice b\n.endif\n",
}

# Where reseal's reader means to differ from HAProxy 2.6.
DEPARTURES = {
    r"\x00 in a word": (".notice a\\x00b\n", True),             # HAProxy cuts the word there
    "carriage return within a line": (".notice a\rb\n", True),   # HAProxy ignores the rest
    "NUL byte": (".notice a\0b\n", True),                        # HAProxy cuts the line there
    "no line feed at the end": (".notice a", False),             # HAProxy refuses the file
    "default value": (".notice \"${NOPE-a}${HOME-b}\"\n", False),  # Debian's 2.6.12 refuses what its manual says
    "condition of 3.x": (".if strstr(abc,b) && enabled(EPOLL)\n.endif\n", False),
}


class HaproxySourceTest(unittest.TestCase):
    def setUp(self):
        if HAPROXY is None:
            self.skipTest("HAProxy is not installed")
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.environment = dict(VARIABLES)

    def write(self, text):
        name = os.path.join(self.folder.name, "t.cfg")
        with open(name, "w", newline="", encoding="latin-1") as file:
            file.write(text)
        return name

    def ask_haproxy(self, text):
        """Refused lines and notices as {line: text}."""
        out = subprocess.run([HAPROXY, "-c", "-f", self.write(text)], capture_output=True, env=self.environment,
                             check=False).stderr.decode("latin-1")
        refused = {int(line) for line in re.findall(r"\[ALERT\] .*?[Pp]arsing \[[^]]*?:(\d+)\]", out)
                   } - {int(line) for line in re.findall(r"\[ALERT\] .*?parsing \[[^]]*?:(\d+)\] : .*explicitly", out)}
        said = {int(line): said for line, said in
                re.findall(r"\[NOTICE\] .*?parsing \[[^]]*?:(\d+)\]: '(.*?)'\.\n(?=\[|   \||\Z|Conf|Warn)", out, re.S)}
        extra = {int(line): word for line, word in
                 re.findall(r"parsing \[[^]]*?:(\d+)\]: Unexpected argument '(.*?)' for '\.notice'", out, re.S)}
        return refused, said, extra

    def ask_reader(self, text):
        run = subprocess.run([READER, self.write(text)], capture_output=True, env=self.environment, check=True)
        seen = json.loads(run.stdout)
        refused = {problem["line"] for problem in seen["problems"] if problem["error"]}
        said = {notice["line"]: notice["text"] for notice in seen["notices"]}
        extra = {problem["line"]: re.match(r"unexpected '(.*)'; a message", problem["message"], re.S).group(1)
                 for problem in seen["problems"] if problem["message"].endswith("a message with blanks needs quotes")}
        return refused, said, extra

    def test_words(self):
        self.compare_lines([line for line in LINES.split("\n") if line])

    def test_random_words(self):
        """Pieces put together at random, always the same ones."""
        dice = random.Random(26)
        pieces = ["\"", "'", "\\", "$", " ", "#", "{", "}", "[*]", "HOME", "TEXT", "EDGES", "${TEXT[*]}", "\"$HOME\"",
                  "a", "b", "x41", "n", "\\\"", "\\'", "\t", "${.LINE}", "-"]
        lines = ["".join(dice.choice(pieces) for _ in range(dice.randint(1, 12))) for _ in range(3000)]
        # HAProxy's defaults for variables do not work in every 2.6 (see DEPARTURES).
        self.compare_lines([line for line in lines if not re.search(r"\{[.\w]+(\[\*\])?-", line)])

    def compare_lines(self, lines, at_once=40):
        for begin in range(0, len(lines), at_once):
            some = lines[begin:begin + at_once]
            text = "".join(f".notice {line}\n" for line in some)
            theirs, ours = self.ask_haproxy(text), self.ask_reader(text)
            for number, line in enumerate(some, 1):
                with self.subTest(line=line):
                    view = [(number in refused, said.get(number), extra.get(number)) for refused, said, extra in
                            (ours, theirs)]
                    self.assertEqual(view[0], view[1])

    def test_conditions(self):
        for condition in CONDITIONS.split("\n"):
            self.compare_condition(condition)

    def test_random_conditions(self):
        dice = random.Random(62)
        pieces = ["0", "1", "(", ")", "!", "&&", "||", " ", "streq(a,a)", "defined(NOPE)"]
        for _ in range(150):
            condition = "".join(dice.choice(pieces) for _ in range(dice.randint(1, 9)))
            # -cc alone takes blanks for an expression, and not for an empty one.
            if condition.strip():
                self.compare_condition(condition)

    def compare_condition(self, condition):
        with self.subTest(condition=condition):
            ours, theirs = (subprocess.run([binary, "-cc", condition], capture_output=True, env=self.environment,
                                           check=False).returncode for binary in (READER, HAPROXY))
            self.assertEqual(ours, theirs)

    def test_files(self):
        for name, text in FILES.items():
            with self.subTest(name):
                ours, theirs = self.ask_reader(text)[0], self.ask_haproxy(text)[0]
                self.assertEqual(ours, theirs)

    def test_what_is_said(self):
        for name, text in SAYING.items():
            with self.subTest(name):
                self.assertEqual(self.ask_reader(text)[1], self.ask_haproxy(text)[1])

    def test_departures(self):
        for name, (text, refused) in DEPARTURES.items():
            with self.subTest(name):
                self.assertEqual(bool(self.ask_reader(text)[0]), refused)

    def test_registered_words(self):
        """What `haproxy -dKall` lists is known, and with as many arguments."""
        listed = self.registered_words()
        known = json.loads(subprocess.run([READER, "-words"], capture_output=True, check=True).stdout)
        lines = {"global": [], "listen": []}
        for section, words in listed["configuration"]:
            name, options = words[0], words[1:]
            if section == "listen" and name in ("bind", "server"):
                # "bind <addr> ssl alpn +1"
                options = [word for word in options if not word.startswith(("<", "+"))]
                option = options[-1]
                self.assertIn(option, known[name])
                if option not in ("source", "usesrc"):  # as many as they like
                    self.assertEqual(known[name][option], int("+1" in words), option)
            elif section == "crt-list":
                self.assertEqual(known["crt-list"].get(name), int("+1" in options), name)
            elif section in lines and name not in ("http-check", "tcp-check", "filter", "stats", "timeout", "grace"):
                lines[section].append(" ".join([name] + [word.replace("track-sc*", "track-sc0").replace("*", "(x)")
                                                         for word in options if word not in "[]FEBEHTTP"]))
        for kind, words in (("fetch", "fetch"), ("acl", "acl"), ("converter", "converter"), ("filter", "filter")):
            self.assertEqual(set(listed[words]) - set(known[kind]), set())
        for section, words in lines.items():
            self.assertGreater(len(words), 60)
            seen = self.dump(f"{section} a\n" + "".join(f" {line}\n" for line in words))
            problems = [line["problem"] for line in seen["sections"][0]["lines"] if line["problem"]]
            # These need one word more, or are long gone.
            self.assertEqual([problem for problem in problems if "needs a word that says which" not in problem
                              and "is not supported any more" not in problem], [])

    def registered_words(self):
        out = subprocess.run([HAPROXY, "-dKall", "-c", "-f", "/dev/null"], capture_output=True, text=True,
                             check=False).stdout
        parts = {title: body for title, body in re.findall(r"# List of registered ([^:]*):\n(.*?)(?=# List of|\Z)", out,
                                                           re.S)}
        section, configuration = "", []
        for line in parts["configuration keywords"].splitlines():
            if line.startswith("\t"):
                configuration.append((section, line.split()))
            else:
                section = line.strip()
        return {"configuration": configuration,
                "fetch": re.findall(r"^\[[^]]*\] ([^(:\n]+)", parts["sample fetch functions"], re.M),
                "acl": re.findall(r"^(\S+) = ", parts["ACL keywords"], re.M),
                "converter": re.findall(r"^([^(:\n]+)", parts["sample converter functions"], re.M),
                "filter": re.findall(r"^(\S+) \[", parts["filter names"], re.M)}

    def test_where_words_may_stand(self):
        known = json.loads(subprocess.run([READER, "-words"], capture_output=True, check=True).stdout)["proxy"]
        unlike = []
        for word in known:
            for section in ("defaults", "frontend", "backend"):
                second = {"capture": " request header x len 9", "tcp-request": " content accept", "tcp-response": " content accept", "timeout": " tarpit 1s",
                          "option": " tcpka", "http-check": " send-state", "tcp-check": " connect", "filter": " trace",
                          "http-request": " deny", "http-response": " deny", "http-after-response": " allow",
                          "stats": " enable", "hash-balance-factor": " 150", "rate-limit": " sessions 1",
                          "transparent": ""}.get(word, " 1")
                text = f"{section} a\n {word}{second}\n"
                out = subprocess.run([HAPROXY, "-c", "-f", self.write(text)], capture_output=True, text=True,
                                     check=False).stderr
                told = " ".join(line for line in out.splitlines() if "t.cfg:2]" in line)
                if "unknown keyword" in told:
                    continue  # a newer one
                theirs = ("ignored" if "ignored" in told else "refused" if re.search(
                    r"not allowed (in|because)|not supported in|only available|not available|only allowed", told) else "")
                line = self.dump(text)["sections"][0]["lines"][0]
                ours = "" if not line["problem"] else "refused" if line["error"] else "ignored"
                if ours != theirs:
                    unlike.append((section, word, ours, theirs, told))
        self.assertEqual(unlike, [])

    def dump(self, text):
        return json.loads(subprocess.run([READER, self.write(text)], capture_output=True, check=True).stdout)

    def test_folders(self):
        names = {"b.cfg": "", "B.cfg": "", "a.cfg": "", ".hidden.cfg": "foo\n", "x.txt": "foo\n", "10.cfg": "",
                 "9.cfg": "global\n", "sub.cfg/y.cfg": "foo\n"}
        for name, text in names.items():
            path = os.path.join(self.folder.name, "d", name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text + '.notice "${.FILE}"\n')
        path = os.path.join(self.folder.name, "d")
        out = subprocess.run([HAPROXY, "-c", "-f", path], capture_output=True, text=True, check=False).stderr
        ours = json.loads(subprocess.run([READER, path], capture_output=True, check=True).stdout)
        self.assertEqual([notice["text"] for notice in ours["notices"]], re.findall(r"parsing \[.*?\]: '(.*)'", out))
        self.assertEqual(len(ours["notices"]), 5)
        self.assertFalse(ours["problems"])


if __name__ == "__main__":
    unittest.main()
