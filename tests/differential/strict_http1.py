"""A reader of HTTP/1 requests that accepts only what RFC 9112 lets a sender generate, not what it lets a recipient
tolerate: what it takes, no other reader takes for anything else. Written apart from the product's parser, as a second
opinion about the bytes that leave it.

In one point it is wider than the letter: the request target may hold any visible ASCII but '#', because browsers send
'|' and the like in queries (docs/decisions/0018).
"""

import re

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
VALUE = re.compile(rb"[\t \x21-\x7e\x80-\xff]*")
TARGET = re.compile(rb"(/[\x21\x22\x24-\x7e]*|\*)")
AUTHORITY_TARGET = re.compile(rb"[A-Za-z0-9._~%!$&'()*+;=-]+:[0-9]+|\[[0-9A-Fa-f:.]+\]:[0-9]+")
HOST = re.compile(rb"([A-Za-z0-9._~%!$&'()*+;=-]*|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?")
QUOTED = re.compile(rb'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"')
# RFC 9110 6.5.1: framing, routing, authentication, request modifiers and the like may not be trailers.
NEVER_A_TRAILER = {b"content-length", b"transfer-encoding", b"host", b"connection", b"trailer", b"te", b"expect",
                   b"authorization", b"content-encoding", b"content-type", b"content-range", b"upgrade"}


class Violation(Exception):
    """The bytes cannot be the beginning of anything that RFC 9112 lets a client send."""


class Incomplete(Exception):
    """The bytes are a proper beginning of a message."""


class Message:
    def __init__(self, method, target, version, fields):
        self.method, self.target, self.version, self.fields = method, target, version, fields
        self.body = b""
        self.framing = "none"
        self.trailers = []

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]


class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def line(self):
        """Up to CRLF; a CR or LF of any other kind, or a NUL, is a violation as soon as it is there."""
        for at in range(self.at, len(self.data)):
            byte = self.data[at]
            if byte == 0x0d:
                if at + 1 == len(self.data):
                    raise Incomplete()
                if self.data[at + 1] != 0x0a:
                    raise Violation("a CR without LF")
                line, self.at = self.data[self.at:at], at + 2
                return line
            if byte in (0x0a, 0x00):
                raise Violation("a LF without CR, or a NUL")
        raise Incomplete()

    def exactly(self, count):
        if len(self.data) - self.at < count:
            raise Incomplete()
        data, self.at = self.data[self.at:self.at + count], self.at + count
        return data


def read_fields(cursor):
    fields = []
    while line := cursor.line():
        name, colon, value = line.partition(b":")
        if not colon or not TOKEN.fullmatch(name):
            raise Violation(f"no field name: {line!r}")
        value = value.strip(b" \t")
        if not VALUE.fullmatch(value):
            raise Violation(f"control characters in a field: {line!r}")
        fields.append((name, value))
    return fields


def read_start(line):
    parts = line.split(b" ")
    if len(parts) != 3:
        raise Violation(f"no request line: {line!r}")
    method, target, version = parts
    if not TOKEN.fullmatch(method) or version not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise Violation(f"no request line: {line!r}")
    fits = AUTHORITY_TARGET if method == b"CONNECT" else TARGET
    if not fits.fullmatch(target) or (target == b"*" and method != b"OPTIONS"):
        raise Violation(f"no request target: {line!r}")
    return Message(method, target, version, [])


def check_host(message):
    hosts = message.all(b"host")
    if len(hosts) > 1 or (not hosts and message.version == b"HTTP/1.1"):
        raise Violation(f"{len(hosts)} Host fields")
    if hosts and not HOST.fullmatch(hosts[0]):
        raise Violation(f"no host: {hosts[0]!r}")


def read_chunked(cursor, message):
    while True:
        size, semicolon, extensions = cursor.line().partition(b";")
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,16}", size):
            raise Violation(f"no chunk size: {size!r}")
        if semicolon:
            check_extensions(extensions)
        if int(size, 16) == 0:
            break
        message.body += cursor.exactly(int(size, 16))
        ending = cursor.data[cursor.at:cursor.at + 2]
        if not b"\r\n".startswith(ending):
            raise Violation(f"a chunk longer than its size: {ending!r}")
        cursor.exactly(2)
    message.trailers = read_fields(cursor)
    for name, _ in message.trailers:
        if name.lower() in NEVER_A_TRAILER:
            raise Violation(f"a trailer that must not be one: {name!r}")


def check_extensions(text):
    """*( BWS ";" BWS name [ BWS "=" BWS value ] ), of which a sender generates none of the blanks."""
    value = rb"(?:=(?:" + TOKEN.pattern + rb"|" + QUOTED.pattern + rb"))?"
    if not re.fullmatch(TOKEN.pattern + value + rb"(?:;" + TOKEN.pattern + value + rb")*", text):
        raise Violation(f"no chunk extension: {text!r}")


def read_body(cursor, message):
    lengths, codings = message.all(b"content-length"), message.all(b"transfer-encoding")
    if codings:
        if lengths:
            raise Violation("Content-Length and Transfer-Encoding")
        if message.version != b"HTTP/1.1":
            raise Violation("Transfer-Encoding in HTTP/1.0")
        if [coding.lower() for coding in codings] != [b"chunked"]:
            raise Violation(f"Transfer-Encoding {codings!r}")
        message.framing = "chunked"
        read_chunked(cursor, message)
    elif lengths:
        if len(lengths) != 1 or not re.fullmatch(rb"[0-9]{1,19}", lengths[0]):
            raise Violation(f"Content-Length {lengths!r}")
        message.framing = "length"
        message.body = cursor.exactly(int(lengths[0]))


def read_message(cursor):
    message = read_start(cursor.line())
    message.fields = read_fields(cursor)
    check_host(message)
    read_body(cursor, message)
    return message


def read_stream(data):
    """(messages, the bytes left of an incomplete one); Violation when any byte cannot stand where it does."""
    cursor, messages = Cursor(data), []
    while cursor.at < len(data):
        start = cursor.at
        try:
            messages.append(read_message(cursor))
        except Incomplete:
            return messages, data[start:]
    return messages, b""
