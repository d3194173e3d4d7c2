"""A client of HAProxy's runtime API."""

import csv
import io
import socket


def connect(address):
    """To a path, or a port of 127.0.0.1."""
    if isinstance(address, int):
        return socket.create_connection(("127.0.0.1", address), timeout=10)
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(10)
    sock.connect(address)
    return sock


def talk(address, text, half_close=True):
    """Everything that is answered to `text`, up to the end."""
    with connect(address) as sock:
        sock.sendall(text.encode())
        if half_close:
            sock.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := sock.recv(65536):
            answer += chunk
    return answer.decode()


def ask(address, command):
    """The answer to one command, without the empty line behind it."""
    answer = talk(address, command + "\n")
    assert answer.endswith("\n"), answer
    return answer[:-1]


def stat_rows(address, command="show stat"):
    """{(proxy, row): {column: value}}"""
    return rows_of(ask(address, command))


def rows_of(text):
    return {(row["# pxname"], row["svname"]): row for row in csv.DictReader(io.StringIO(text)) if row["svname"]}
