"""A server in a process of its own, so that it can be killed and stopped as real ones are, and told to misbehave.

It answers every request with its body, or its target for one without, padded to SIZE bytes. What it received whole is
in a file that outlives it: one line a request, METHOD TARGET. Orders come as lines on standard input:

    normal    answers as it should
    reset     every response ends with a reset in its middle
    drip      every response takes many small pieces, some time apart
"""

import os
import subprocess
import sys
import time

SIZE = 64 * 1024
DRIPPED_BYTES = 10
DRIP_SECONDS = 0.2


class FaultyServer:
    """The handle that a test has."""

    def __init__(self, name, pki, folder):
        self.name = name
        self.record = os.path.join(folder, f"{name}.requests")
        here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        self.child = subprocess.Popen([sys.executable, "-W", "ignore", "-m", "support.faulty_server", name, pki.folder, self.record],
                                      cwd=here, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.child.stdout.readline())

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def order(self, what):
        self.child.stdin.write(what + "\n")
        self.child.stdin.flush()
        if self.child.stdout.readline().strip() != what:
            raise AssertionError(f"server {self.name} does not take orders")

    def requests(self):
        with open(self.record) as record:
            return record.read().splitlines()

    def signal(self, number):
        self.child.send_signal(number)

    def stop(self):
        self.child.kill()
        self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()


def main(name, folder, record_path):
    from .pki import Pki
    from .server import Server, reply, server_tls

    pki = Pki.__new__(Pki)  # that of the test, which made it; not a new one
    pki.folder = folder
    record = os.open(record_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    mode = {"now": "normal"}

    def script(connection):
        while (request := connection.read_request()) is not None:
            if request.target == "/healthz":
                connection.send(reply("ok"))
                continue
            os.write(record, f"{request.method} {request.target}\n".encode())
            body = request.body or request.target.encode()
            if mode["now"] == "drip":
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {DRIPPED_BYTES}\r\n\r\n".encode()
                connection.send(head)
                for byte in body.ljust(DRIPPED_BYTES)[:DRIPPED_BYTES]:
                    connection.send(bytes([byte]))
                    time.sleep(DRIP_SECONDS)
                continue
            answer = reply(body.ljust(SIZE))
            if mode["now"] == "reset":
                connection.send(answer[:SIZE // 2])
                connection.reset()
                return
            connection.send(answer)

    server = Server(name, script=script, tls=server_tls(pki))
    print(server.port, flush=True)
    for line in sys.stdin:
        mode["now"] = line.strip()
        print(mode["now"], flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
