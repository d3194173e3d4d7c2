"""A name server over UDP for tests: it answers what its zone says at the moment."""

import socket
import struct
import threading

A, AAAA, SRV = 1, 28, 33
NAME_ERROR, REFUSED, SERVER_FAILED = 3, 5, 2


def encoded(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split(".")) + b"\0"


class DnsServer:
    """`zone`: name -> addresses, SRV records (priority, weight, port, target), an rcode, or None for silence. Others do not exist."""

    def __init__(self, zone):
        self.zone = zone
        self.asked = []
        self.garbage = None  # bytes in place of every answer, behind the query's number
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                query, peer = self.socket.recvfrom(4096)
            except OSError:
                return
            answer = self.answer(query)
            if answer is not None:
                self.socket.sendto(answer, peer)

    def answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        name, kind = ".".join(labels), struct.unpack(">H", query[at + 1:at + 3])[0]
        question = query[12:at + 5]
        self.asked.append((name, kind))
        if self.garbage is not None:
            return query[:2] + self.garbage if self.garbage else b""
        found = self.zone.get(name, NAME_ERROR)
        if found is None:
            return None
        code = found if isinstance(found, int) else 0
        records = [] if code else [data for data in map(self.record, found) if data[0] == kind]
        answers = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 1, len(data)) + data for _, data in records)
        return query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(records), 0, 0) + question + answers

    @staticmethod
    def record(value):
        if isinstance(value, tuple):
            priority, weight, port, target = value
            return SRV, struct.pack(">HHH", priority, weight, port) + encoded(target)
        if ":" in value:
            return AAAA, socket.inet_pton(socket.AF_INET6, value)
        return A, socket.inet_pton(socket.AF_INET, value)

    def stop(self):
        self.socket.close()
