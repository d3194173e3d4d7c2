"""The load: wrk and h2load as fast as they can, load_client for new connections, constant rates and failures counted.

Each returns a dictionary with requests, per_second, p50_ms, p99_ms, errors (no answer) and not_ok (another answer).
"""

import re
import subprocess
import tempfile

from process import LOAD_CORE, on_core


def _milliseconds(text):
    value, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(value) * {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}[unit]


def wrk(port, path, connections, seconds, scheme="https", core=LOAD_CORE):
    command = on_core(core, ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "10s",
                             f"{scheme}://127.0.0.1:{port}{path}"])
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return {
        "requests": int(re.search(r"(\d+) requests in", text).group(1)),
        "per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
        "p50_ms": _milliseconds(re.search(r"\n\s+50%\s+(\S+)", text).group(1)),
        "p99_ms": _milliseconds(re.search(r"\n\s+99%\s+(\S+)", text).group(1)),
        "errors": sum(int(n) for n in errors.groups()) if errors else 0,
        "not_ok": int(bad.group(1)) if bad else 0,
    }


def h2load(port, path, connections, seconds, extra):
    with tempfile.NamedTemporaryFile() as log:
        command = on_core(LOAD_CORE, ["h2load", *extra, "-t1", f"-c{connections}", f"-D{seconds}",
                                      f"--log-file={log.name}", f"https://127.0.0.1:{port}{path}"])
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        # start time, status, duration in microseconds
        durations = sorted(int(line.split()[2]) for line in log) or [0]
    done, failed, errored = (int(re.search(rf"(\d+) {word}", text).group(1)) for word in ("succeeded", "failed", "errored"))
    return {"requests": done, "per_second": float(re.search(r"finished in [^,]+, ([\d.]+) req/s", text).group(1)),
            "p50_ms": durations[len(durations) // 2] / 1e3, "p99_ms": durations[len(durations) * 99 // 100] / 1e3,
            "errors": errored if done else 1, "not_ok": failed}  # nothing at all is an error too


def client_line(text):
    """What load_client prints after a run."""
    found = {key: float(value) for key, value in re.findall(r"(\w+) ([\d.]+)(?= |;|$)", text.strip())}
    if "requests" not in found:
        raise RuntimeError(f"the load failed: {text}")
    return {"requests": int(found["requests"]), "per_second": found["requests"] / found["seconds"],
            "p50_ms": found["p50_us"] / 1e3, "p99_ms": found["p99_us"] / 1e3, "max_ms": found["max_us"] / 1e3,
            "errors": int(found["failures"]), "not_ok": 0, "full": int(found["full"]), "resumed": int(found["resumed"])}


def new_connections(helper, port, path, connections, seconds, resume):
    """One connection a request: all full handshakes, or all but each client's first resumed."""
    command = on_core(LOAD_CORE, [helper, "load", "127.0.0.1", str(port), "0", str(seconds), "--path", path, "--connections",
                                  str(connections), "--new-connection", *(["--resume"] if resume else [])])
    result = client_line(subprocess.run(command, capture_output=True, text=True).stdout)
    if result["resumed" if resume else "full"] < result["requests"] - result["errors"] - connections:
        raise RuntimeError(f"these were not the handshakes to be measured: {result}")
    return result


class Paced:
    """Kept connections, each asked once already; run() then sends requests at a constant rate."""

    def __init__(self, helper, port, connections):
        self._client = subprocess.Popen(on_core(LOAD_CORE, [helper, "paced", "127.0.0.1", str(port), str(connections),
                                                            "--path", "/1k"]),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self._client.stdout.readline()
        if not line.startswith("ready "):
            self.close()
            raise RuntimeError(f"could not open {connections} connections")

    def start(self, rate, seconds):
        self._client.stdin.write(f"{rate:.0f} {seconds}\n")
        self._client.stdin.flush()

    def finish(self):
        return client_line(self._client.stdout.readline())

    def run(self, rate, seconds):
        self.start(rate, seconds)
        return self.finish()

    def close(self):
        self._client.stdin.close()
        self._client.wait()
        self._client.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
