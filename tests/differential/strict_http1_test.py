"""The strict reader itself: it must take what is right and refuse what is not, or its opinion is worth nothing."""

import unittest

from strict_http1 import Violation, read_stream

HOST = b"Host: a\r\n"
GOOD = {
    "a GET": b"GET / HTTP/1.1\r\n" + HOST + b"\r\n",
    "HTTP/1.0 without Host": b"GET / HTTP/1.0\r\n\r\n",
    "a length": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\nabc",
    "chunked": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n3;a=b;c=\"d\"\r\nabc\r\n0\r\nX: y\r\n\r\n",
    "an asterisk": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "CONNECT": b"CONNECT a:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "IPv6": b"GET /?a|b HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
    "an empty value": b"GET / HTTP/1.1\r\n" + HOST + b"X:\r\n\r\n",
}
BAD = {
    "a bare LF": b"GET / HTTP/1.1\nHost: a\r\n\r\n", "a bare CR": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\rb\r\n\r\n",
    "a NUL": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n", "a fold": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n",
    "a leading empty line": b"\r\nGET / HTTP/1.1\r\n" + HOST + b"\r\n", "two blanks": b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n",
    "absolute form": b"GET http://a/ HTTP/1.1\r\n" + HOST + b"\r\n", "a fragment": b"GET /#a HTTP/1.1\r\n" + HOST + b"\r\n",
    "HTTP/1.2": b"GET / HTTP/1.2\r\n" + HOST + b"\r\n", "no Host": b"GET / HTTP/1.1\r\n\r\n",
    "two Hosts": b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n", "a path in Host": b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "a blank before the colon": b"GET / HTTP/1.1\r\n" + HOST + b"X : y\r\n\r\n", "no colon": b"GET / HTTP/1.1\r\n" + HOST + b"X\r\n\r\n",
    "an empty name": b"GET / HTTP/1.1\r\n" + HOST + b": x\r\n\r\n",
    "both framings": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
    "a sign": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: +1\r\n\r\na",
    "another coding": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked in 1.0": b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "0x": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
    "a blank behind a size": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n",
    "a chunk too long": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
    "framing in the trailers": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\n",
    "bytes behind a message": b"GET / HTTP/1.1\r\n" + HOST + b"\r\nabc\r\n",
}


class Strict(unittest.TestCase):
    def test_what_is_right_is_one_message_and_any_beginning_of_it_none(self):
        for name, data in GOOD.items():
            with self.subTest(name):
                messages, rest = read_stream(data)
                self.assertEqual((len(messages), rest), (1, b""))
                self.assertEqual(len(read_stream(data + data)[0]), 2)
                for end in range(len(data)):
                    self.assertEqual(read_stream(data[:end]), ([], data[:end]))

    def test_what_is_wrong_is_refused(self):
        for name, data in BAD.items():
            with self.subTest(name), self.assertRaises(Violation):
                read_stream(data)


if __name__ == "__main__":
    unittest.main()
