"""A process under test: started on one core or on any, its CPU time and memory from /proc, ended by its id."""

import os
import signal
import socket
import subprocess
import time

PROXY_CORE, LOAD_CORE = 1, 0
ANY_CORE = None


def on_core(core, command):
    return command if core is ANY_CORE else ["taskset", "-c", str(core), *command]


def wait_for_port(port, seconds=10.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.005)
    raise RuntimeError(f"nothing listens on port {port}")


class Process:
    def __init__(self, command, core, log, environment=None):
        self.log = log
        with open(log, "ab") as out:
            self.child = subprocess.Popen(on_core(core, command), stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                          start_new_session=True, env={**os.environ, **(environment or {})})

    def pids(self):
        """The process and its descendants."""
        found, queue = [], [self.child.pid]
        while queue:
            pid = queue.pop()
            found.append(pid)
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/children") as children:
                        queue += [int(child) for child in children.read().split()]
            except OSError:
                pass
        return found

    def cpu_seconds(self):
        ticks = 0
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/stat") as stat:
                    fields = stat.read().rsplit(")", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
            except OSError:
                pass
        return ticks / os.sysconf("SC_CLK_TCK")

    def pss_kib(self):
        total = 0
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/smaps_rollup") as smaps:
                    total += sum(int(line.split()[1]) for line in smaps if line.startswith("Pss:"))
            except OSError:
                pass
        return total

    def stop(self):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self.child.pid, signal.SIGKILL)
                self.child.wait()
