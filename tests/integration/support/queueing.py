"""What tests of limits and of the queue share: servers that count or hold requests, and configurations with limits."""

import threading

from .case import IntegrationCase
from .process import eventually
from .server import reply


class Busy:
    """Handler of a server that works `seconds` on each request and knows how many it had at a time."""

    def __init__(self, seconds=0.01):
        self.lock = threading.Lock()
        self.now = self.most = self.done = 0
        self.seconds = seconds
        self.never = threading.Event()

    def __call__(self, request):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.never.wait(self.seconds)
        with self.lock:
            self.now -= 1
            self.done += 1
        return reply(request.target)


class Held:
    """Handler that answers when it is told, and remembers the order in which requests came."""

    def __init__(self):
        self.lock = threading.Lock()
        self.order = []
        self.gate = threading.Semaphore(0)

    def __call__(self, request):
        with self.lock:
            self.order.append(request.target)
        self.gate.acquire(timeout=20)
        return reply(request.target)

    def let_go(self, count=1):
        for _ in range(count):
            self.gate.release()


class QueueCase(IntegrationCase):
    def limited(self, *servers, limits="max_requests: 1", backend="", **options):
        yaml = self.plain_yaml(*servers, backend=backend, **options)
        for server in servers:
            yaml = yaml.replace(f'"{server.address}"', f'{{ address: "{server.address}", {limits} }}')
        return yaml

    def plain_server(self, name="server", **options):
        return self.server(name, tls=None, **options)

    def waiting(self, process, count):
        eventually(lambda: process.entity("backend", "web")["in_queue"] == count, what=f"{count} in the queue")
