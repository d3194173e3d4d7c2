"""PROXY headers that servers get, byte by byte beside HAProxy's own."""

import ssl
import struct
import threading
import unittest

from support.beside import DEFAULTS, BesideCase
from support.client import Client
from support.server import reply


def crc32c(data):
    value = 0xffffffff
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82f63b78 if value & 1 else 0)
    return value ^ 0xffffffff


class HeaderServer:
    """Takes a PROXY header of version 2 in front of each connection, and answers one request."""

    def __init__(self, case):
        self.headers = []
        self.server = case.server("headers", tls=None, script=self.serve)

    def serve(self, connection):
        fixed = connection.read_exactly(16)
        rest = connection.read_exactly(struct.unpack("!H", fixed[14:16])[0])
        self.headers.append(fixed + rest)
        if connection.read_request() is not None:
            connection.send(reply("ok"))


def without_what_differs(test, header):
    """The client's port and the frontend's are no two runs' the same; a checksum over them neither."""
    header = bytearray(header)
    if header[13] == 0x11:
        header[24:28] = bytes(4)
    at = 16 + (12 if header[13] == 0x11 else 0)
    while at < len(header):
        kind, size = header[at], struct.unpack("!H", header[at + 1:at + 3])[0]
        if kind == 3:
            header[at + 3:at + 7] = bytes(4)
        at += 3 + size
    return bytes(header)


class ProxyHeaders(BesideCase):
    def checksum_is_right(self, header):
        at = 16 + 12
        self.assertEqual(header[at:at + 3], b"\x03\x00\x04")
        told = struct.unpack("!I", header[at + 3:at + 7])[0]
        self.assertEqual(told, crc32c(header[:at + 3] + bytes(4) + header[at + 7:]))

    def headers(self, options, bind="bind @web@", context=None, mode="http", frontend="", certificate=None):
        both = []
        for which in (self.theirs, self.ours):
            server = HeaderServer(self)
            process = which(f"{DEFAULTS}frontend web\n    mode {mode}\n    {bind}\n{frontend}    default_backend app\n"
                            f"backend app\n    mode {mode}\n    server s {server.server.address} {options}\n")
            with Client(process.port("web"), context=context, server_name="localhost") as client:
                client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                self.assertEqual(client.response().status, 200)
            both.append(server.headers[0])
        return both

    def assert_same(self, *arguments, **options):
        theirs, ours = self.headers(*arguments, **options)
        self.assertEqual(without_what_differs(self, theirs), without_what_differs(self, ours))
        return ours

    def test_without_tls(self):
        for options in ("send-proxy-v2", "send-proxy-v2-ssl", "send-proxy-v2 proxy-v2-options crc32c",
                        "send-proxy-v2-ssl-cn proxy-v2-options crc32c,authority,ssl-cipher,cert-key,cert-sig"):
            for mode in ("http", "tcp"):
                with self.subTest(options=options, mode=mode):
                    ours = self.assert_same(options, mode=mode)
                    if "crc32c" in options:
                        self.checksum_is_right(ours)

    def context(self, certificate=None, alpn=None):
        context = ssl.create_default_context(cafile=self.pki.path("ca.pem"))
        if certificate:
            context.load_cert_chain(self.pki.path(f"{certificate}.pem"))
        if alpn:
            context.set_alpn_protocols(alpn)
        return context

    def test_with_tls(self):
        self.pki.leaf("person", san="DNS:person.example", common_name="A Person")
        front, ca = self.pki.path("front.pem"), self.pki.path("ca.pem")
        every = "crc32c,authority,ssl,cert-cn,ssl-cipher,cert-key,cert-sig"
        secured = f"bind @web@ ssl crt {front} ciphersuites TLS_AES_128_GCM_SHA256"
        binds = (secured, f"{secured} alpn http/1.1", f"{secured} verify optional ca-file {ca}")
        for bind in binds:
            for options in ("send-proxy-v2", "send-proxy-v2-ssl", "send-proxy-v2-ssl-cn", "send-proxy-v2 proxy-v2-options authority",
                            f"send-proxy-v2 proxy-v2-options {every}"):
                for certificate in ((None, "person") if "verify" in bind else (None,)):
                    for mode in ("http", "tcp"):
                        with self.subTest(bind=bind, options=options, certificate=certificate, mode=mode):
                            context = self.context(certificate, ["http/1.1"] if "alpn" in bind else None)
                            self.assert_same(options, bind=bind, context=context, mode=mode)

    def test_the_id_of_the_request(self):
        theirs, ours = self.headers("send-proxy-v2 proxy-v2-options unique-id", frontend="    unique-id-format id-%ci\n")
        self.assertIn(b"\x05\x00\x0cid-127.0.0.1", ours)
        self.assertEqual(without_what_differs(self, theirs), without_what_differs(self, ours))


if __name__ == "__main__":
    unittest.main()
