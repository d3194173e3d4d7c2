"""The requests that are sent, by the classes of ../../docs/differences.md. Every case is followed by an ordinary
request on the same connection: what a proxy takes for a message of its own shows by what becomes of that one."""

HOST = b"Host: a.example\r\n"
PROBE = b"GET /probe HTTP/1.1\r\nHost: a.example\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
LAST = b"0\r\n\r\n"


def get(fields=b"", target=b"/", host=HOST, version=b"HTTP/1.1", method=b"GET"):
    return method + b" " + target + b" " + version + b"\r\n" + host + fields + b"\r\n"


def post(fields, body, version=b"HTTP/1.1", method=b"POST"):
    return get(fields, version=version, method=method) + body


def chunks(body, fields=CHUNKED):
    return post(fields, body)


class Group:
    """Cases of one class. `decision` is why reseal does as it does; `shown` are fields whose fate is compared too."""

    def __init__(self, title, decision, cases, shown=()):
        self.title, self.decision, self.cases, self.shown = title, decision, cases, shown


GROUPS = [
    Group(
        "Line ends and control characters",
        "One line end, CRLF, and no CR, LF or NUL anywhere else: where two readers see different lines they see different "
        "fields. RFC 9112 2.2 lets a recipient take a bare LF; nobody has to.",
        {
            "bare LF for every line end": b"GET / HTTP/1.1\nHost: a.example\n\n",
            "bare LF after the request line": b"GET / HTTP/1.1\nHost: a.example\r\n\r\n",
            "bare LF after a field": get(b"X: y\n"),
            "bare LF for the empty line": b"GET / HTTP/1.1\r\nHost: a.example\r\n\n",
            "bare CR after a field": b"GET / HTTP/1.1\r\nHost: a.example\rX: y\r\n\r\n",
            "bare CR in a value": get(b"X: a\rb\r\n"),
            "bare CR before CRLF": get(b"X: a\r\r\n"),
            "bare CR that hides a length": post(b"X: a\rContent-Length: 3\r\n", b""),
            "bare LF that shows a length": post(b"X: a\nContent-Length: 3\r\n", b"abc"),
            "NUL in a value": get(b"X: a\0b\r\n"),
            "NUL in a name": get(b"X\0Y: a\r\n"),
            "vertical tab in a value": get(b"X: a\x0bb\r\n"),
            "DEL in a value": get(b"X: a\x7fb\r\n"),
            "escape character in a value": get(b"X: a\x1bb\r\n"),
            "obs-text in a value": get(b"X: \xe9\xff\r\n"),
            "tab in a value": get(b"X: a\tb\r\n"),
        }),
    Group(
        "Folded lines and blanks around names",
        "A field is one line of name, colon, value (RFC 9112 5). Folding is refused, as 5.2 allows, rather than unfolded.",
        {
            "obs-fold with a blank": get(b"X: a\r\n b\r\n"),
            "obs-fold with a tab": get(b"X: a\r\n\tb\r\n"),
            "obs-fold of Host": b"GET / HTTP/1.1\r\nHost: a.example\r\n b\r\n\r\n",
            "obs-fold of Transfer-Encoding": chunks(LAST, b"Transfer-Encoding:\r\n chunked\r\n"),
            "obs-fold of Content-Length": post(b"Content-Length:\r\n 3\r\n", b"abc"),
            "a blank before the first field": b"GET / HTTP/1.1\r\n Host: a.example\r\nHost: a.example\r\n\r\n",
            "a blank before the colon": get(b"X : y\r\n"),
            "a blank before the colon of Content-Length": post(b"Content-Length : 3\r\n", b"abc"),
            "a tab before the colon of Transfer-Encoding": chunks(LAST, b"Transfer-Encoding\t: chunked\r\n"),
            "no blank behind the colon": get(b"X:y\r\n"),
            "many blanks around a value": get(b"X: \t y \t \r\n"),
        }),
    Group(
        "Field names",
        "A name is a token (RFC 9110 5.1); a line that is not a field ends the request, it is not skipped: the next reader "
        "might not skip it.",
        {
            "an empty name": get(b": y\r\n"),
            "a line without colon": get(b"nonsense\r\n"),
            "a name with a slash": get(b"X/Y: z\r\n"),
            "a name with brackets": get(b"X[0]: z\r\n"),
            "a name with a quote": get(b'"X": z\r\n'),
            "a name beyond ASCII": get(b"X\xe9: z\r\n"),
            "a name of one '!'": get(b"!: z\r\n"),
            "Content-Length with a byte in front": post(b"\x00Content-Length: 3\r\n", b""),
            "Content-Length with a blank inside": post(b"Content Length: 3\r\n", b""),
            "a name of 300 characters": get(b"X" * 300 + b": Content-Length: 3\r\n"),
        }),
    Group(
        "Underscores",
        "To a server that makes variables of fields, X_Forwarded_For and X-Forwarded-For are one. reseal drops what would "
        "pass for a field of its own, and by default every other such name too (docs/decisions/0012), as nginx does.",
        {
            "a plain name with an underscore": get(b"X_Y: z\r\n"),
            "Content_Length": post(b"Content_Length: 3\r\n", b""),
            "Transfer_Encoding": chunks(b"", b"Transfer_Encoding: chunked\r\n"),
            "X_Forwarded_For": get(b"X_Forwarded_For: 6.6.6.6\r\n"),
            "X-Forwarded_Proto": get(b"X-Forwarded_Proto: https\r\n"),
        }, shown=(b"x_y", b"content_length", b"transfer_encoding", b"x_forwarded_for", b"x-forwarded_proto")),
    Group(
        "Host",
        "Exactly one Host that is a host, and a target that does not contradict it (RFC 9112 3.2): routing, caching and "
        "access rules hang on it.",
        {
            "no Host": get(host=b""),
            "no Host in HTTP/1.0": get(host=b"", version=b"HTTP/1.0"),
            "two different Hosts": get(b"Host: b.example\r\n"),
            "two equal Hosts": get(HOST),
            "an empty Host": get(host=b"Host:\r\n"),
            "a list of hosts": get(host=b"Host: a.example, b.example\r\n"),
            "userinfo": get(host=b"Host: user@a.example\r\n"),
            "a path": get(host=b"Host: a.example/b\r\n"),
            "a query": get(host=b"Host: a.example?b\r\n"),
            "a fragment": get(host=b"Host: a.example#b\r\n"),
            "a backslash": get(host=b"Host: a.example\\b\r\n"),
            "a blank inside": get(host=b"Host: a.example b\r\n"),
            "a scheme": get(host=b"Host: http://a.example\r\n"),
            "a port that is no number": get(host=b"Host: a.example:x\r\n"),
            "a port beyond 65535": get(host=b"Host: a.example:99999\r\n"),
            "an empty port": get(host=b"Host: a.example:\r\n"),
            "upper case": get(host=b"Host: A.Example\r\n"),
            "a final dot": get(host=b"Host: a.example.\r\n"),
            "an underscore": get(host=b"Host: a_b.example\r\n"),
            "an IPv6 address": get(host=b"Host: [::1]:80\r\n"),
            "an IPv6 address without brackets": get(host=b"Host: ::1\r\n"),
            "an unclosed bracket": get(host=b"Host: [::1\r\n"),
            "percent-encoding": get(host=b"Host: a%2eexample\r\n"),
            "a name beyond ASCII": get(host=b"Host: \xc3\xa9.example\r\n"),
        }),
    Group(
        "Absolute form",
        "RFC 9112 3.2.2 says the target's host wins over a Host that disagrees; whoever believes Host instead is taken "
        "elsewhere, so disagreement is refused. Servers behind are sent the origin form, as 3.2.1 says for them.",
        {
            "the same host": get(target=b"http://a.example/x"),
            "another host": get(target=b"http://b.example/x"),
            "another case": get(target=b"http://A.example/x"),
            "another port": get(target=b"http://a.example:81/x"),
            "the default port": get(target=b"http://a.example:80/x"),
            "https": get(target=b"https://a.example/x"),
            "another scheme": get(target=b"ftp://a.example/x"),
            "no scheme at all": get(target=b"//b.example/x"),
            "userinfo in the target": get(target=b"http://a.example@b.example/x"),
            "no path": get(target=b"http://a.example"),
            "a query without path": get(target=b"http://a.example?x"),
            "no host in the target": get(target=b"http:///x"),
            "a backslash in the authority": get(target=b"http://a.example\\b.example/x"),
            "no Host beside it": get(target=b"http://a.example/x", host=b""),
        }),
    Group(
        "The request target",
        "Visible ASCII without '#' (RFC 9112 3.2), in origin form. A '#' makes "
        "a server that cuts it off see another path than the rules did. reseal brings a path into one form, for rules and "
        "servers alike, and refuses what has none (docs/decisions/0011).",
        {
            "a fragment": get(target=b"/a#b"),
            "a fragment alone": get(target=b"#"),
            "an encoded '#'": get(target=b"/a%23b"),
            "a blank in the target": get(target=b"/a b"),
            "a tab in the target": get(target=b"/a\tb"),
            "a NUL in the target": get(target=b"/a\0b"),
            "an encoded NUL": get(target=b"/a%00b"),
            "an encoded CRLF": get(target=b"/a%0d%0aX:%20y"),
            "a half percent-encoding": get(target=b"/a%2"),
            "no hexadecimal digits behind '%'": get(target=b"/a%zz"),
            "bytes beyond ASCII": get(target=b"/\xc3\xa9"),
            "DEL in the target": get(target=b"/a\x7f"),
            "a backslash": get(target=b"/a\\b"),
            "a pipe in the query": get(target=b"/?a|b"),
            "double quotes and angles": get(target=b"/<a>\"b\""),
            "an empty segment": get(target=b"/a//b"),
            "two dots": get(target=b"/a/../b"),
            "two dots above the root": get(target=b"/../../b"),
            "encoded dots": get(target=b"/a/%2e%2e/b"),
            "two dots and a semicolon": get(target=b"/a/..;/b"),
            "an encoded slash": get(target=b"/a%2fb"),
            "no target": b"GET HTTP/1.1\r\nHost: a.example\r\n\r\n",
            "a relative target": get(target=b"a"),
            "a query alone": get(target=b"?a"),
            "an asterisk for GET": get(target=b"*"),
            "an asterisk for OPTIONS": get(target=b"*", method=b"OPTIONS"),
            "a host and port for GET": get(target=b"a.example:80"),
        }),
    Group(
        "The request line",
        "One blank on each side of the target and nothing else (RFC 9112 3); HTTP/1.0 and HTTP/1.1 and no other version; "
        "a method is a token, and the case of its letters counts.",
        {
            "two blanks behind the method": b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n",
            "two blanks behind the target": b"GET /  HTTP/1.1\r\n" + HOST + b"\r\n",
            "a blank at the end": b"GET / HTTP/1.1 \r\n" + HOST + b"\r\n",
            "a blank at the beginning": b" GET / HTTP/1.1\r\n" + HOST + b"\r\n",
            "a tab for a blank": b"GET\t/\tHTTP/1.1\r\n" + HOST + b"\r\n",
            "one empty line in front": b"\r\n" + get(),
            "three empty lines in front": b"\r\n\r\n\r\n" + get(),
            "a bare LF in front": b"\n" + get(),
            "HTTP/0.9": b"GET /\r\n\r\n",
            "HTTP/1.2": get(version=b"HTTP/1.2"),
            "HTTP/1.10": get(version=b"HTTP/1.10"),
            "HTTP/01.1": get(version=b"HTTP/01.1"),
            "HTTP/2.0": get(version=b"HTTP/2.0"),
            "http/1.1 in lower case": get(version=b"http/1.1"),
            "HTTP/1.1 with a letter behind": get(version=b"HTTP/1.1x"),
            "another protocol": get(version=b"RTSP/1.0"),
            "a method in lower case": get(method=b"get"),
            "an unknown method": get(method=b"BREW"),
            "a method that is no token": get(method=b"G(T"),
            "a method with a quote": get(method=b'"GET"'),
            "CONNECT": b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n",
            "CONNECT with a path": get(method=b"CONNECT"),
            "TRACE": get(method=b"TRACE"),
            "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        }),
    Group(
        "Content-Length",
        "One field of digits only, within 63 bits (RFC 9112 6.3 rule 5). Equal values in a list or twice are refused as "
        "well: whoever writes them is broken or hostile.",
        {
            "a plain length": post(b"Content-Length: 3\r\n", b"abc"),
            "leading zeros": post(b"Content-Length: 003\r\n", b"abc"),
            "a sign": post(b"Content-Length: +3\r\n", b"abc"),
            "a negative length": post(b"Content-Length: -1\r\n", b""),
            "hexadecimal": post(b"Content-Length: 0x3\r\n", b"abc"),
            "a decimal point": post(b"Content-Length: 3.0\r\n", b"abc"),
            "an exponent": post(b"Content-Length: 3e0\r\n", b"abc"),
            "an underscore": post(b"Content-Length: 1_0\r\n", b"0123456789"),
            "a blank inside": post(b"Content-Length: 1 0\r\n", b"0123456789"),
            "an empty value": post(b"Content-Length:\r\n", b""),
            "an empty value and another": post(b"Content-Length:\r\nContent-Length: 3\r\n", b"abc"),
            "two different": post(b"Content-Length: 3\r\nContent-Length: 4\r\n", b"abc"),
            "two equal": post(b"Content-Length: 3\r\nContent-Length: 3\r\n", b"abc"),
            "a list of different": post(b"Content-Length: 3, 4\r\n", b"abc"),
            "a list of equal": post(b"Content-Length: 3, 3\r\n", b"abc"),
            "a trailing comma": post(b"Content-Length: 3,\r\n", b"abc"),
            "beyond 64 bits": post(b"Content-Length: 18446744073709551619\r\n", b"abc"),
            "beyond 63 bits": post(b"Content-Length: 9223372036854775808\r\n", b""),
            "digits beyond ASCII": post(b"Content-Length: \xb3\r\n", b"abc"),
            "a form feed in front": post(b"Content-Length: \x0c3\r\n", b"abc"),
            "quotes": post(b'Content-Length: "3"\r\n', b"abc"),
            "GET with a body": get(b"Content-Length: 3\r\n") + b"abc",
            "HEAD with a body": get(b"Content-Length: 3\r\n", method=b"HEAD") + b"abc",
            "POST without length": post(b"", b""),
            "a body that looks like a request": post(b"Content-Length: 40\r\n", b"GET /smuggled HTTP/1.1\r\nHost: a.exampl\r\n"),
        }),
    Group(
        "Transfer-Encoding",
        "`chunked`, once, in HTTP/1.1, or the request is refused (RFC 9112 6.1, 6.3): every other spelling is chunked to "
        "one server and nothing to the next.",
        {
            "plain": chunks(b"3\r\nabc\r\n" + LAST),
            "upper case": chunks(b"3\r\nabc\r\n" + LAST, b"Transfer-Encoding: CHUNKED\r\n"),
            "twice": chunks(LAST, CHUNKED + CHUNKED),
            "a list of twice": chunks(LAST, b"Transfer-Encoding: chunked, chunked\r\n"),
            "identity": post(b"Transfer-Encoding: identity\r\n", b""),
            "identity with a length": post(b"Transfer-Encoding: identity\r\nContent-Length: 3\r\n", b"abc"),
            "identity, then chunked": chunks(LAST, b"Transfer-Encoding: identity, chunked\r\n"),
            "chunked, then identity": chunks(LAST, b"Transfer-Encoding: chunked, identity\r\n"),
            "chunked and identity in two fields": chunks(LAST, CHUNKED + b"Transfer-Encoding: identity\r\n"),
            "gzip": post(b"Transfer-Encoding: gzip\r\n", b""),
            "gzip, then chunked": chunks(LAST, b"Transfer-Encoding: gzip, chunked\r\n"),
            "an unknown coding": post(b"Transfer-Encoding: xchunked\r\n", b""),
            "an unknown coding with a length": post(b"Transfer-Encoding: xchunked\r\nContent-Length: 3\r\n", b"abc"),
            "quotes": chunks(LAST, b'Transfer-Encoding: "chunked"\r\n'),
            "single quotes": chunks(LAST, b"Transfer-Encoding: 'chunked'\r\n"),
            "a parameter": chunks(LAST, b"Transfer-Encoding: chunked;q=1\r\n"),
            "a leading comma": chunks(LAST, b"Transfer-Encoding: ,chunked\r\n"),
            "a trailing comma": chunks(LAST, b"Transfer-Encoding: chunked,\r\n"),
            "an empty value": post(b"Transfer-Encoding:\r\n", b""),
            "an empty value with a length": post(b"Transfer-Encoding:\r\nContent-Length: 3\r\n", b"abc"),
            "a vertical tab in front": chunks(LAST, b"Transfer-Encoding: \x0bchunked\r\n"),
            "a form feed behind": chunks(LAST, b"Transfer-Encoding: chunked\x0c\r\n"),
            "a no-break space": chunks(LAST, b"Transfer-Encoding: \xa0chunked\r\n"),
            "NEL behind": chunks(LAST, b"Transfer-Encoding: chunked\x85\r\n"),
            "a NUL behind": chunks(LAST, b"Transfer-Encoding: chunked\0\r\n"),
            "a blank inside": chunks(LAST, b"Transfer-Encoding: chun ked\r\n"),
            "in HTTP/1.0": post(CHUNKED, b"3\r\nabc\r\n" + LAST, version=b"HTTP/1.0"),
            "in HTTP/1.0 with keep-alive": post(CHUNKED + b"Connection: keep-alive\r\n", LAST, version=b"HTTP/1.0"),
            "with GET": get(CHUNKED) + b"3\r\nabc\r\n" + LAST,
            "nominated in Connection": chunks(LAST, CHUNKED + b"Connection: Transfer-Encoding\r\n"),
        }),
    Group(
        "Both framings",
        "Content-Length beside Transfer-Encoding is the mark of smuggling (RFC 9112 6.1): refused and the connection closed, "
        "rather than one of them removed.",
        {
            "chunked that ends early": post(b"Content-Length: 6\r\n" + CHUNKED, LAST + b"G"),
            "chunked that ends late": post(b"Content-Length: 4\r\n" + CHUNKED, b"3\r\nabc\r\n" + LAST),
            "chunked first": post(CHUNKED + b"Content-Length: 5\r\n", LAST),
            "a length of zero": post(b"Content-Length: 0\r\n" + CHUNKED, LAST),
            "a bad length": post(b"Content-Length: x\r\n" + CHUNKED, LAST),
            "a nominated length": post(b"Connection: Content-Length\r\nContent-Length: 5\r\n" + CHUNKED, LAST),
            "a length nominated away": post(b"Connection: Content-Length\r\nContent-Length: 3\r\n", b"abc"),
            "in HTTP/1.0": post(b"Content-Length: 5\r\n" + CHUNKED, LAST, version=b"HTTP/1.0"),
        }),
    Group(
        "Chunks",
        "A size is hexadecimal digits, then CRLF or an extension; data is as long as its size says and ends in CRLF "
        "(RFC 9112 7.1). Bodies are decoded and written anew, so no odd spelling of a client reaches a server.",
        {
            "upper case": chunks(b"A\r\n0123456789\r\n" + LAST),
            "leading zeros": chunks(b"0003\r\nabc\r\n000\r\n\r\n"),
            "twenty leading zeros": chunks(b"0" * 20 + b"3\r\nabc\r\n" + LAST),
            "0x": chunks(b"0x3\r\nabc\r\n" + LAST),
            "a sign": chunks(b"+3\r\nabc\r\n" + LAST),
            "a minus": chunks(b"-3\r\nabc\r\n" + LAST),
            "an underscore": chunks(b"1_0\r\n0123456789abcdef\r\n" + LAST),
            "a blank in front": chunks(b" 3\r\nabc\r\n" + LAST),
            "a blank behind": chunks(b"3 \r\nabc\r\n" + LAST),
            "a tab behind": chunks(b"3\t\r\nabc\r\n" + LAST),
            "an empty size": chunks(b"\r\nabc\r\n" + LAST),
            "no hexadecimal": chunks(b"g\r\nabc\r\n" + LAST),
            "a size of 17 digits": chunks(b"10000000000000003\r\nabc\r\n" + LAST),
            "a size beyond 63 bits": chunks(b"8000000000000000\r\nabc\r\n" + LAST),
            "a size beyond 32 bits": chunks(b"100000003\r\nabc\r\n" + LAST),
            "bare LF behind the size": chunks(b"3\nabc\r\n" + LAST),
            "bare CR behind the size": chunks(b"3\rabc\r\n" + LAST),
            "bare LF behind the data": chunks(b"3\r\nabc\n" + LAST),
            "nothing behind the data": chunks(b"3\r\nabc" + LAST),
            "data longer than its size": chunks(b"3\r\nabcd\r\n" + LAST),
            "data longer by two bytes": chunks(b"3\r\nabcXX" + LAST),
            "bare LF behind the last chunk": chunks(b"0\n\n"),
            "bare LF at the very end": chunks(b"0\r\n\n"),
            "two zero chunks": chunks(b"0\r\n\r\n0\r\n\r\n"),
        }),
    Group(
        "Chunk extensions",
        "An extension ends at CRLF, holds no other control character and at most 1 KiB, and goes no further (RFC 9112 "
        "7.1.1): where one reader ends it at LF and the next at CRLF, the bytes between are a body to one and a chunk to the "
        "other.",
        {
            "name and value": chunks(b"3;a=b\r\nabc\r\n" + LAST),
            "a quoted value": chunks(b'3;a="b c"\r\nabc\r\n' + LAST),
            "a name alone": chunks(b"3;a\r\nabc\r\n" + LAST),
            "nothing behind ';'": chunks(b"3;\r\nabc\r\n" + LAST),
            "blanks around ';'": chunks(b"3 ; a = b\r\nabc\r\n" + LAST),
            "bare LF inside": chunks(b"3;a\nb\r\nabc\r\n" + LAST),
            "bare LF at its end": chunks(b"3;a\nabc\r\n" + LAST),
            "bare CR inside": chunks(b"3;a\rb\r\nabc\r\n" + LAST),
            "CRLF in a quoted value": chunks(b'3;a="b\r\nabc\r\n' + LAST),
            "a NUL": chunks(b"3;a\0b\r\nabc\r\n" + LAST),
            "on the last chunk": chunks(b"3\r\nabc\r\n0;a=b\r\n\r\n"),
            "bare LF on the last chunk": chunks(b"0;a\n\r\n"),
            "a second size": chunks(b"3;\n5\r\nabc\r\n" + LAST),
            "of 10,000 bytes": chunks(b"3;" + b"a" * 10000 + b"\r\nabc\r\n" + LAST),
            "no semicolon": chunks(b"3 a\r\nabc\r\n" + LAST),
        }),
    Group(
        "Trailers",
        "Trailers have the grammar of fields, never become fields of the head, and none that frames, routes or "
        "authenticates passes (RFC 9110 6.5.1).",
        {
            "a plain trailer": chunks(b"0\r\nX: y\r\n\r\n"),
            "Content-Length": chunks(b"0\r\nContent-Length: 3\r\n\r\n"),
            "Transfer-Encoding": chunks(b"0\r\nTransfer-Encoding: chunked\r\n\r\n"),
            "Host": chunks(b"0\r\nHost: b.example\r\n\r\n"),
            "Authorization": chunks(b"0\r\nAuthorization: Basic eDp5\r\n\r\n"),
            "X-Forwarded-For": chunks(b"0\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n"),
            "no colon": chunks(b"0\r\nnonsense\r\n\r\n"),
            "folded": chunks(b"0\r\nX: y\r\n z\r\n\r\n"),
            "bare LF": chunks(b"0\r\nX: y\n\r\n"),
            "a request for a trailer": chunks(b"0\r\nGET /smuggled HTTP/1.1\r\nX: y\r\n\r\n"),
            "20,000 bytes": chunks(b"0\r\nX: " + b"y" * 20000 + b"\r\n\r\n"),
        }),
    Group(
        "Expect",
        "`100-continue` is understood; any other expectation is refused with 417 (RFC 9110 10.1.1), because the server that "
        "waits and the one that does not cut the stream in different places.",
        {
            "100-continue with the body sent at once": post(b"Expect: 100-continue\r\nContent-Length: 3\r\n", b"abc"),
            "100-continue without a body": get(b"Expect: 100-continue\r\n"),
            "upper case": post(b"Expect: 100-CONTINUE\r\nContent-Length: 3\r\n", b"abc"),
            "another expectation": post(b"Expect: tea\r\nContent-Length: 3\r\n", b"abc"),
            "a blank and a letter in front": post(b"Expect: y 100-continue\r\nContent-Length: 3\r\n", b"abc"),
            "an empty expectation": post(b"Expect:\r\nContent-Length: 3\r\n", b"abc"),
            "twice": post(b"Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 3\r\n", b"abc"),
            "in HTTP/1.0": post(b"Expect: 100-continue\r\nContent-Length: 3\r\n", b"abc", version=b"HTTP/1.0"),
            "with chunks": chunks(b"3\r\nabc\r\n" + LAST, b"Expect: 100-continue\r\n" + CHUNKED),
        }),
    Group(
        "Connection and Upgrade",
        "Fields that Connection names go no further (RFC 9110 7.6.1), except those that reseal sets: a client cannot have "
        "them removed. A switch of protocols is one only after 101, so what follows a refused one is the next request.",
        {
            "a nominated field": get(b"Connection: X-Secret\r\nX-Secret: y\r\n"),
            "X-Forwarded-For nominated": get(b"Connection: X-Forwarded-For\r\n"),
            "Host nominated": get(b"Connection: Host\r\n"),
            "Cookie nominated": get(b"Connection: Cookie\r\nCookie: a=b\r\n"),
            "close": get(b"Connection: close\r\n"),
            "close and keep-alive": get(b"Connection: close, keep-alive\r\n"),
            "keep-alive in HTTP/1.0": get(b"Connection: keep-alive\r\n", version=b"HTTP/1.0"),
            "Proxy-Connection": get(b"Proxy-Connection: close\r\n"),
            "Keep-Alive": get(b"Keep-Alive: timeout=5\r\n"),
            "TE: trailers": get(b"TE: trailers\r\nConnection: TE\r\n"),
            "an upgrade that is refused": get(b"Connection: Upgrade\r\nUpgrade: websocket\r\n"),
            "an upgrade to h2c": get(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"),
            "an upgrade with a body": post(b"Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n", b"abc"),
            "an upgrade without Connection": get(b"Upgrade: websocket\r\n"),
            "Proxy, as of httpoxy": get(b"Proxy: http://b.example/\r\n"),
        }, shown=(b"x-secret", b"cookie", b"upgrade", b"keep-alive", b"proxy-connection", b"te", b"http2-settings", b"proxy")),
    Group(
        "Sizes",
        "A head of 32 KiB and 100 fields by default (frontends.NAME.limits), a method of 32 bytes; what is larger is refused "
        "before a server hears of it.",
        {
            "90 fields": get(b"X: y\r\n" * 90),
            "200 fields": get(b"X: y\r\n" * 200),
            "a value of 6,000 bytes": get(b"X: " + b"y" * 6000 + b"\r\n"),
            "a value of 20,000 bytes": get(b"X: " + b"y" * 20000 + b"\r\n"),
            "a value of 40,000 bytes": get(b"X: " + b"y" * 40000 + b"\r\n"),
            "a target of 6,000 bytes": get(target=b"/" + b"a" * 6000),
            "a target of 12,000 bytes": get(target=b"/" + b"a" * 12000),
            "a target of 40,000 bytes": get(target=b"/" + b"a" * 40000),
            "a method of 100 bytes": get(method=b"A" * 100),
        }),
    Group(
        "Requests one behind the other",
        "Each is read to its end and answered in order; what is behind a message is the next one and nothing else.",
        {
            "two GETs": get() + get(target=b"/second"),
            "a POST and a GET": post(b"Content-Length: 3\r\n", b"abc") + get(target=b"/second"),
            "CRLF behind a body": post(b"Content-Length: 3\r\n", b"abc") + b"\r\n",
            "bytes behind a GET": get() + b"abc\r\n\r\n",
            "a body without a length": get() + b"X: y\r\n\r\n",
            "a GET behind close": get(b"Connection: close\r\n") + get(target=b"/second"),
        }),
]
