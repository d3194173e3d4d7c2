"""Reloads that change something: each gives the first server another weight, which rebuilds the balancer, and so the
generation is new in earnest."""

import subprocess

from lab import write


class Weights:
    def __init__(self, binary, running):
        self._binary, self._socket = binary, f"{running.folder}/admin.sock"
        self._path = f"{running.folder}/reseal.yaml"
        with open(self._path) as file:
            self._text = file.read()
        self._server = f'web0: "127.0.0.1:{running.servers.tls_ports[0]}"'

    def reload(self, number):
        """With weight 50 + number."""
        changed = self._server.replace(' "', ' { address: "') + f", weight: {50 + number} }}"
        write(self._path, self._text.replace(self._server, changed, 1))
        subprocess.run([self._binary, "reload", "-s", self._socket], check=True, stdout=subprocess.DEVNULL)
