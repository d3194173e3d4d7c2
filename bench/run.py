"""Side-by-side measurements of reseal, HAProxy, nginx and (HTTP/2) nghttpx: one run, the same work, interleaved rounds, medians.

The proxy has one core to itself; the load and the servers share the other. Figures that count: CPU microseconds per
request (user and system time of the proxy, from /proc), and ratios within one run. Only loopback is touched.
"""

import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import peers

PROXY_CORE, LOAD_CORE = 1, 0
SCENARIOS = {
    # name: (port offset, path, connections, extra arguments, seconds a round, what one unit of work is). With extra
    # arguments the load comes from load_client: wrk offers its last session again, so it cannot force full handshakes.
    "main": (0, "/1k", 64, [], 4, "HTTPS keep-alive 1 KB -> mTLS"),
    "main_h2load": (0, "/1k", 64, ["h2load"], 3, "the main job again, with h2load --h1 as the load"),
    "plaintext": (1, "/1k", 64, [], 3, "HTTPS keep-alive 1 KB -> plaintext"),
    "handshake": (0, "/1k", 16, ["--new-connection"], 3, "new TLS 1.3 connection per request, full handshake -> mTLS"),
    "resumed": (0, "/1k", 16, ["--new-connection", "--resume"], 3, "new TLS 1.3 connection per request, resumed -> mTLS"),
    "bulk": (0, "/1m", 16, [], 4, "1 MB bodies, HTTPS -> mTLS (CPU µs/request ÷ 1000 ≈ CPU s per GB)"),
    "http2": (0, "/1k", 8, ["h2load", "--max-concurrent-streams=32"], 3, "HTTP/2 (8 connections x 32 streams) 1 KB -> mTLS HTTP/1.1"),
    "tcp": (2, "/1k", 64, [], 3, "TCP mode without TLS, 1 KB keep-alive"),
    "tcp_bulk": (2, "/1m", 16, [], 3, "TCP mode without TLS, 1 MB (CPU µs/request ÷ 1000 ≈ CPU s per GB)"),
}
# Who is beside reseal; a bind each at the port, the next and the one after it (TCP mode).
PEERS = {"http2": ["haproxy", "nginx", "nghttpx"]}
BINDS = 3


def make_pki(folder):
    def run(*command):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    run("openssl", "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Bench CA")
    for name, san in (("web", "DNS:web.internal"), ("lb", "DNS:lb.internal"), ("front", "DNS:localhost,IP:127.0.0.1")):
        run("openssl", "req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        peers.write(f"{folder}/{name}.ext", f"subjectAltName={san}\n")
        run("openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.crt")
        with open(f"{folder}/{name}.crt") as crt, open(f"{folder}/{name}.key") as private:
            peers.write(f"{folder}/{name}.pem", crt.read() + private.read())


def free_ports(count):
    import socket

    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def free_row():
    """The first of as many ports in a row as a proxy has binds."""
    while True:
        port = free_ports(1)[0]
        try:
            import socket

            for offset in range(1, BINDS):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + offset))
            return port
        except OSError:
            continue


def milliseconds(text):
    value, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(value) * {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}[unit]


def wrk(port, path, connections, seconds, scheme="https"):
    command = ["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency",
               f"{scheme}://127.0.0.1:{port}{path}"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    requests = int(re.search(r"(\d+) requests in", text).group(1))
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return {
        "requests": requests,
        "per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
        "p50_ms": milliseconds(re.search(r"\n\s+50%\s+(\S+)", text).group(1)),
        "p99_ms": milliseconds(re.search(r"\n\s+99%\s+(\S+)", text).group(1)),
        "errors": sum(int(n) for n in errors.groups()) if errors else 0,
        "not_ok": int(bad.group(1)) if bad else 0,
    }


def h2load(port, path, connections, seconds, extra):
    with tempfile.NamedTemporaryFile() as log:
        command = ["taskset", "-c", str(LOAD_CORE), "h2load", *extra, "-t1", f"-c{connections}", f"-D{seconds}",
                   f"--log-file={log.name}", f"https://127.0.0.1:{port}{path}"]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        # start time, status, duration in microseconds
        durations = sorted(int(line.split()[2]) for line in log)
    done, failed, errored = (int(re.search(rf"(\d+) {word}", text).group(1)) for word in ("succeeded", "failed", "errored"))
    return {"requests": done, "per_second": float(re.search(r"finished in [^,]+, ([\d.]+) req/s", text).group(1)),
            "p50_ms": durations[len(durations) // 2] / 1e3, "p99_ms": durations[len(durations) * 99 // 100] / 1e3,
            "errors": errored, "not_ok": failed}


def load_client(helper, port, path, connections, seconds, extra):
    command = ["taskset", "-c", str(LOAD_CORE), helper, "load", "127.0.0.1", str(port), "0", str(seconds), "--path", path,
               "--connections", str(connections), *extra]
    text = subprocess.run(command, capture_output=True, text=True).stdout
    found = {key: float(value) for key, value in re.findall(r"(\w+) ([\d.]+)(?= |;|$)", text)}
    wanted = found["resumed"] if "--resume" in extra else found["full"]
    # The first connection of each client has no session to offer.
    if wanted < found["requests"] - found["failures"] - connections:
        raise RuntimeError(f"these were not the handshakes to be measured: {text}")
    return {"requests": int(found["requests"]), "per_second": found["requests"] / found["seconds"],
            "p50_ms": found["p50_us"] / 1e3, "p99_ms": found["p99_us"] / 1e3, "errors": int(found["failures"]), "not_ok": 0}


def measure(process, port, scenario, seconds, helper):
    offset, path, connections, extra, _, _ = SCENARIOS[scenario]

    def load(duration):
        if extra[:1] == ["h2load"]:
            return h2load(port + offset, path, connections, duration, extra[1:] or ["--h1"])
        if extra:
            return load_client(helper, port + offset, path, connections, duration, extra)
        return wrk(port + offset, path, connections, duration, "http" if offset == 2 else "https")

    load(1)
    before = process.cpu_seconds()
    result = load(seconds)
    result["cpu_us"] = (process.cpu_seconds() - before) * 1e6 / max(1, result["requests"])
    result["rss_kib"] = process.rss_kib()
    return result


def median_of(results, key):
    return statistics.median(result[key] for result in results)


def table(results, scenario):
    rows = [f"### {SCENARIOS[scenario][5]}", "",
            "| | requests/s | CPU µs/request | ratio to reseal | p50 ms | p99 ms | memory KiB | errors |",
            "|---|---|---|---|---|---|---|---|"]
    base = median_of(results["reseal"], "cpu_us")
    for name, rounds in results.items():
        cpu = median_of(rounds, "cpu_us")
        errors = sum(each["errors"] + each["not_ok"] for each in rounds)
        rows.append(f"| {name} | {median_of(rounds, 'per_second'):.0f} | {cpu:.1f} | {cpu / base:.2f} | "
                    f"{median_of(rounds, 'p50_ms'):.2f} | {median_of(rounds, 'p99_ms'):.2f} | "
                    f"{median_of(rounds, 'rss_kib'):.0f} | {errors} |")
    best = min(median_of(rounds, "cpu_us") for name, rounds in results.items() if name != "reseal")
    haproxy = median_of(results["haproxy"], "cpu_us")
    rows += ["", f"reseal ÷ HAProxy: **{base / haproxy:.2f}**, reseal ÷ best peer: {base / best:.2f}", ""]
    return "\n".join(rows)


def idle_memory(process, port, helper, count):
    before = process.rss_kib()
    client = subprocess.Popen(["taskset", "-c", str(LOAD_CORE), helper, "idle", "127.0.0.1", str(port), str(count),
                               "--path", "/1k"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    line = client.stdout.readline()
    if not line.startswith("idle "):
        raise RuntimeError(f"the idle clients failed: {line}")
    time.sleep(1)
    after = process.rss_kib()
    client.stdin.close()
    client.wait()
    return (after - before) / int(line.split()[1])


def failures_under_load(helper, port, rate, seconds, during):
    """Runs paced load; `during(process_is_running)` acts meanwhile. Returns (requests, failures)."""
    client = subprocess.Popen(["taskset", "-c", str(LOAD_CORE), helper, "load", "127.0.0.1", str(port), str(rate),
                               str(seconds), "--path", "/1k"], stdout=subprocess.PIPE, text=True)
    time.sleep(0.5)
    during()
    out = client.communicate()[0]
    match = re.search(r"requests (\d+) failures (\d+)", out)
    if not match:
        raise RuntimeError(f"the load failed: {out}")
    return int(match.group(1)), int(match.group(2)), out.strip()


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.folder = tempfile.mkdtemp(prefix="reseal-bench-")
        os.mkdir(f"{self.folder}/www")
        for name, size in (("1k", 1024), ("1m", 1024 * 1024)):
            with open(f"{self.folder}/www/{name}", "wb") as file:
                file.write(os.urandom(size // 2).hex().encode()[:size])
        os.chmod(self.folder, 0o755)
        make_pki(self.folder)
        self.ports, self.plain = free_ports(3), free_ports(3)
        self.origin = peers.origin_nginx(self.folder, self.ports, self.plain, LOAD_CORE)
        self.raw = []

    def close(self):
        self.origin.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, name):
        port = free_row()
        if name == "reseal":
            return peers.reseal(self.arguments.binary, self.folder, port, self.ports, self.plain, PROXY_CORE), port
        starter = {"haproxy": peers.haproxy, "nginx": peers.nginx, "nghttpx": peers.nghttpx}[name]
        return starter(self.folder, port, self.ports, self.plain, PROXY_CORE), port

    def scenario(self, name):
        names = ["reseal", *PEERS.get(name, ["haproxy", "nginx"])]
        running = {peer: self.start(peer) for peer in names}
        results = {peer: [] for peer in names}
        try:
            for round_number in range(self.arguments.rounds):
                # A new order each round, so that nobody always comes first.
                first = round_number % len(names)
                for peer in names[first:] + names[:first]:
                    process, port = running[peer]
                    result = measure(process, port, name, self.arguments.seconds or SCENARIOS[name][4],
                                     self.arguments.helper)
                    results[peer].append(result)
                    self.raw.append({"scenario": name, "peer": peer, **result})
        finally:
            for process, _ in running.values():
                process.stop()
        return table(results, name)

    def idle(self):
        rows = ["### 5,000 idle HTTPS connections after one request each", "", "| | KiB per connection |", "|---|---|"]
        for peer in ("reseal", "haproxy", "nginx"):
            process, port = self.start(peer)
            try:
                subprocess.run(["curl", "-sk", f"https://127.0.0.1:{port}/1k", "-o", "/dev/null"], check=True)
                each = idle_memory(process, port, self.arguments.helper, self.arguments.idle)
            finally:
                process.stop()
            rows.append(f"| {peer} | {each:.1f} |")
            self.raw.append({"scenario": "idle", "peer": peer, "kib": each})
        return "\n".join(rows) + "\n"

    def reloads(self):
        process, port = self.start("reseal")

        path = f"{self.folder}/reseal.yaml"
        with open(path) as file:
            text = file.read()
        first = f'web0: "127.0.0.1:{self.ports[0]}"'

        def reload_twenty_times():
            for number in range(20):
                # Each changes something: weights rebuild the balancer, and so the generation is new in earnest.
                changed = f'web0: {{ address: "127.0.0.1:{self.ports[0]}", weight: {50 + number} }}'
                peers.write(path, text.replace(first, changed))
                subprocess.run([self.arguments.binary, "reload", "-s", f"{self.folder}/admin.sock"], check=True,
                               stdout=subprocess.DEVNULL)
                time.sleep(0.15)

        try:
            requests, failures, detail = failures_under_load(self.arguments.helper, port, 2000, 6, reload_twenty_times)
        finally:
            process.stop()
        self.raw.append({"scenario": "reload20", "requests": requests, "failures": failures})
        return f"### 20 reloads under 2,000 requests/s\n\n{requests} requests, **{failures} failed** ({detail})\n"

    def kill_one(self):
        ports = free_ports(3)
        plain = free_ports(3)
        origins = [peers.origin_nginx(self.subfolder(i), [ports[i]], [plain[i]], LOAD_CORE) for i in range(3)]
        port = free_row()
        process = peers.reseal(self.arguments.binary, self.folder, port, ports, plain, PROXY_CORE)

        def kill():
            time.sleep(1)
            for pid in origins[1].pids():
                os.kill(pid, 9)

        try:
            requests, failures, detail = failures_under_load(self.arguments.helper, port, 2000, 5, kill)
        finally:
            process.stop()
            for origin in origins:
                origin.stop()
        self.raw.append({"scenario": "kill9", "requests": requests, "failures": failures})
        return f"### kill -9 of one of three servers under 2,000 GET/s\n\n{requests} requests, **{failures} failed** ({detail})\n"

    def subfolder(self, index):
        folder = f"{self.folder}/origin{index}"
        os.mkdir(folder)
        for name in ("web.crt", "web.key", "ca.pem"):
            shutil.copy(f"{self.folder}/{name}", folder)
        shutil.copytree(f"{self.folder}/www", f"{folder}/www")
        return folder

    def soak(self):
        process, port = self.start("reseal")
        samples = []
        try:
            wrk(port, "/1k", 64, 3)
            for _ in range(self.arguments.soak // 10):
                wrk(port, "/1k", 64, 10)
                samples.append(process.rss_kib())
        finally:
            process.stop()
        self.raw.append({"scenario": "soak", "rss_kib": samples})
        return (f"### Soak: {self.arguments.soak} s of the main job\n\nmemory KiB every 10 s: "
                f"{', '.join(str(s) for s in samples)}\n")


def versions(binary):
    def first_line(*command):
        done = subprocess.run(command, capture_output=True, text=True)
        return (done.stdout or done.stderr).splitlines()[0]

    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    return "\n".join([f"* date: {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}",
                      f"* machine: {os.cpu_count()} × {model}, Linux {os.uname().release}",
                      f"* {first_line(binary, 'version')} · {first_line('haproxy', '-v')} · {first_line('nginx', '-v')}"
                      f" · {first_line('nghttpx', '--version')} · {first_line('openssl', 'version')}", "* proxy: one worker on core 1; load (wrk, one thread) and "
                      "servers (nginx) on core 0; loopback; TLS 1.3, ECDSA P-256; medians over rounds, peers interleaved",
                      "* CPU is user and system time of the proxy's processes; memory is their PSS. Load and servers share a core and "
                      "limit requests/s: compare CPU per request", "* full and resumed handshakes come from load_client (wrk "
                      "resumes by itself); a failure is anything but a complete 200, nothing is retried"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--helper", required=True, help="the compiled bench client")
    parser.add_argument("--scenario", action="append", help="only these: " + ", ".join([*SCENARIOS, "idle", "reload20",
                                                                                        "kill9", "soak"]))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=0, help="length of a round, in place of each scenario's own")
    parser.add_argument("--idle", type=int, default=5000, help="how many idle connections")
    parser.add_argument("--soak", type=int, default=60, help="length of the soak")
    parser.add_argument("--write", help="write the tables to this file")
    parser.add_argument("--raw", help="write every measurement as JSON lines to this file")
    arguments = parser.parse_args()

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    bench = Bench(arguments)
    try:
        extra = {"idle": bench.idle, "reload20": bench.reloads, "kill9": bench.kill_one, "soak": bench.soak}
        parts = ["# Results\n\nMade by `bench/run.sh --write`. Ratios within one run count; absolute figures drift with the "
                 "machine.\n\n" + versions(arguments.binary) + "\n"]
        for name in arguments.scenario or [*SCENARIOS, *extra]:
            part = extra[name]() if name in extra else bench.scenario(name)
            print(part, flush=True)
            parts.append(part)
        if arguments.write:
            peers.write(arguments.write, "\n".join(parts))
        if arguments.raw:
            peers.write(arguments.raw, "".join(json.dumps(row) + "\n" for row in bench.raw))
    finally:
        bench.close()
    failed = sum(row.get("failures", 0) + row.get("errors", 0) + row.get("not_ok", 0) for row in bench.raw
                 if row.get("peer", "reseal") == "reseal")
    if failed:
        print(f"{failed} requests through reseal failed", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
