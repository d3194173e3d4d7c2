"""Debian's HAProxy, as the oracle beside reseal."""

import os
import shutil
import socket
import subprocess
import tempfile


class HAProxy:
    """Serves `config`, in which @name@ stands for a listening TCP socket of 127.0.0.1: `bind @web@` and so on.

    The sockets are made here and inherited (`fd@N`), so that there is never a port which was free a moment ago, nor a moment in
    which nobody listens: connections wait in the queue until HAProxy accepts them."""

    def __init__(self, config, binds=("web",), *arguments, folder=None):
        program = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin")
        if program is None:
            raise AssertionError("haproxy is not installed (tests/packages.txt, set test)")
        self.folder = tempfile.mkdtemp(dir=folder)
        sockets = {}
        try:
            for name in binds:
                sockets[name] = socket.create_server(("127.0.0.1", 0), backlog=128)
                config = config.replace(f"@{name}@", f"fd@{sockets[name].fileno()}")
            self.ports = {name: sock.getsockname()[1] for name, sock in sockets.items()}
            path = os.path.join(self.folder, "haproxy.cfg")
            with open(path, "w") as file:
                file.write(config)
            self.output = os.path.join(self.folder, "output")
            with open(self.output, "wb") as output:
                self.child = subprocess.Popen([program, "-db", *arguments, "-f", path], stdin=subprocess.DEVNULL, stdout=output,
                                              stderr=output, pass_fds=[sock.fileno() for sock in sockets.values()])
        finally:
            for sock in sockets.values():
                sock.close()

    def port(self, name="web"):
        return self.ports[name]

    def said(self):
        with open(self.output, errors="replace") as file:
            return file.read()

    def close(self):
        self.child.terminate()
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
