"""The real binary under test: started with a configuration of its own, ended by its id, its log read."""

import json
import os
import re
import resource
import signal
import subprocess
import tempfile
import threading
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
BINARY = os.environ.get("RESEAL_BINARY", f"{ROOT}/build/release/lb/reseal")
SUPPRESSIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tsan.supp")
SANITIZER_SIGNS = ("ERROR: AddressSanitizer", "runtime error:", "WARNING: ThreadSanitizer", "ERROR: LeakSanitizer")


def eventually(predicate, seconds=10.0, what="the condition"):
    """Waits for something that another process does; fails when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = predicate()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"{what} did not come true within {seconds} s")


def run_reseal(*arguments, timeout=30):
    """(exit status, standard output, standard error)"""
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


class Reseal:
    """`yaml` may use {socket}; ports are 0 and found from the log. `descriptors`: the limit on open files. `haproxy`: the text is
    a haproxy.cfg."""

    def __init__(self, yaml, folder, descriptors=None, haproxy=False):
        self.folder = tempfile.mkdtemp(prefix="reseal-", dir=folder)
        self.haproxy = haproxy
        self.config = os.path.join(self.folder, "haproxy.cfg" if haproxy else "reseal.yaml")
        self.socket = os.path.join(self.folder, "admin.sock")
        self.write(yaml)
        self.lines = []
        self.condition = threading.Condition()

        def limit():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        # What ASan keeps of freed memory would hide in hundreds of MiB what the tests of bounded memory look at.
        environment = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=4",
                       "TSAN_OPTIONS": os.environ.get("TSAN_OPTIONS", "") + f":suppressions={SUPPRESSIONS}"}
        command = ["haproxy", "-db", "-f", self.config] if haproxy else ["run", "-c", self.config]
        self.child = subprocess.Popen([BINARY, *command], stderr=subprocess.PIPE, text=True, env=environment,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, preexec_fn=limit)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.wait_for_line("ready:")

    def write(self, yaml):
        header = f"admin: {{ socket: {self.socket}, http: \"127.0.0.1:0\" }}\n" if "admin:" not in yaml and not self.haproxy else ""
        with open(self.config, "w") as file:
            file.write(header + yaml)

    def _read(self):
        for line in self.child.stderr:
            with self.condition:
                self.lines.append(line.rstrip("\n"))
                self.condition.notify_all()
        with self.condition:
            self.lines.append("<end>")
            self.condition.notify_all()

    @property
    def log(self):
        with self.condition:
            return "\n".join(self.lines)

    def wait_for_line(self, pattern, seconds=20):
        deadline = time.monotonic() + seconds
        with self.condition:
            while True:
                for line in self.lines:
                    if re.search(pattern, line):
                        return line
                if (self.lines and self.lines[-1] == "<end>") or time.monotonic() > deadline:
                    raise AssertionError(f"no line like {pattern!r} in:\n" + "\n".join(self.lines))
                self.condition.wait(0.1)

    def port(self, frontend="web", index=0):
        matches = re.findall(rf"listening: frontend={frontend} address=\S+:(\d+)", self.log)
        return int(matches[index])

    @property
    def admin_port(self):
        return int(re.search(r"listening: admin address=\S+:(\d+)", self.log).group(1))

    def reload(self, yaml=None):
        """(exit status, text)"""
        if yaml is not None:
            self.write(yaml)
        status, out, error = run_reseal("reload", "-s", self.socket)
        return status, out + error

    def stats(self):
        status, out, error = run_reseal("stats", "--json", "-s", self.socket)
        if status != 0:
            raise AssertionError(error)
        return json.loads(out)

    def entity(self, kind, name):
        for entity in self.stats()["entities"]:
            if entity["kind"] == kind and entity["name"] == name:
                return entity
        raise AssertionError(f"no {kind} {name}")

    def server_is(self, name, state):
        eventually(lambda: self.entity("server", name)["state"] == state, what=f"server {name} {state}")

    def memory_kib(self):
        with open(f"/proc/{self.child.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.child.pid}/fd"))

    def signal(self, number):
        os.kill(self.child.pid, number)

    def wait(self, seconds=30):
        return self.child.wait(seconds)

    def stop(self):
        """Ends the process and fails the test on anything a sanitizer said, or a crash."""
        if self.child.poll() is None:
            # What finishes in order; as HAProxy, SIGTERM does not.
            self.child.send_signal(signal.SIGUSR1 if self.haproxy else signal.SIGTERM)
            try:
                self.child.wait(1)
            except subprocess.TimeoutExpired:
                self.child.send_signal(signal.SIGTERM)  # a second one ends at once
                try:
                    self.child.wait(20)
                except subprocess.TimeoutExpired:
                    self.child.kill()
                    self.child.wait()
                    raise AssertionError("reseal did not end after two signals:\n" + self.log)
        self.reader.join(5)
        self.child.stderr.close()
        for sign in SANITIZER_SIGNS:
            if sign in self.log:
                raise AssertionError(self.log)
        if self.child.returncode not in ((0, -signal.SIGTERM) if self.haproxy else (0,)):
            raise AssertionError(f"exit status {self.child.returncode}:\n{self.log}")
