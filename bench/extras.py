"""What is not CPU per request: memory of idle connections, requests lost by reloads and dying servers, leaks."""

import os
import subprocess
import time

import load
from lab import Servers, new_servers
from process import LOAD_CORE, on_core
from report import Section, Verdict
from weights import Weights


def idle(bench):
    results = {}
    for peer in ("reseal", "haproxy", "nginx", "nghttpx"):
        running = bench.start(peer)
        try:
            subprocess.run(["curl", "-sk", f"https://127.0.0.1:{running.ports['tls']}/1k", "-o", "/dev/null"], check=True)
            results[peer] = _kib_per_connection(bench, running)
        finally:
            running.stop()
        bench.record("idle", peer, kib=results[peer])
    table = [["", "KiB per connection"], *([peer, f"{kib:.1f}"] for peer, kib in results.items())]
    return Section(f"{bench.idle} idle HTTPS connections after one request each", table, [],
                   [Verdict("memory of an idle HTTPS connection", results["reseal"], 15, "KiB", is_ratio_to_peers=False)])


def _kib_per_connection(bench, running):
    before = running.process.pss_kib()
    client = subprocess.Popen(on_core(LOAD_CORE, [bench.helper, "idle", "127.0.0.1", str(running.ports["tls"]),
                                                  str(bench.idle), "--path", "/1k"]),
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    line = client.stdout.readline()
    if not line.startswith("idle "):
        raise RuntimeError(f"the idle clients failed: {line}")
    time.sleep(1)
    after = running.process.pss_kib()
    client.communicate()
    return (after - before) / int(line.split()[1])


def _under_load(bench, running, seconds, act):
    """2,000 requests/s over 16 connections for so many seconds, while act() does its worst; the failures count."""
    client = subprocess.Popen(on_core(LOAD_CORE, [bench.helper, "load", "127.0.0.1", str(running.ports["tls"]), "2000",
                                                  str(seconds), "--path", "/1k"]), stdout=subprocess.PIPE, text=True)
    time.sleep(0.5)
    act()
    return load.client_line(client.communicate()[0])


def _lost(bench, name, title, result):
    bench.record(name, "reseal", **result)
    return Section(title, [], [f"{result['requests']} requests, **{result['errors']} failed**; p99 {result['p99_ms']:.2f} ms, "
                               f"max {result['max_ms']:.1f} ms"])


def reload20(bench):
    running = bench.start("reseal")
    weights = Weights(bench.binary, running)

    def reload_twenty_times():
        for number in range(20):
            weights.reload(number)
            time.sleep(0.15)

    try:
        result = _under_load(bench, running, 6, reload_twenty_times)
    finally:
        running.stop()
    return _lost(bench, "reload20", "20 reloads under 2,000 requests/s", result)


def kill9(bench):
    servers = new_servers()
    origins = [bench.lab.origin(Servers([tls], [plain])) for tls, plain in zip(servers.tls_ports, servers.plain_ports)]
    running = bench.start("reseal", servers=servers)

    def kill():
        time.sleep(1)
        for pid in origins[1].pids():
            os.kill(pid, 9)

    try:
        result = _under_load(bench, running, 3 if bench.is_smoke else 5, kill)
    finally:
        running.stop()
        for origin in origins:
            origin.stop()
    return _lost(bench, "kill9", "kill -9 of one of three servers under 2,000 GET/s", result)


def soak(bench):
    running = bench.start("reseal")
    samples = []
    try:
        load.wrk(running.ports["tls"], "/1k", 64, 3)
        for _ in range(bench.soak // 10):
            load.wrk(running.ports["tls"], "/1k", 64, 10)
            samples.append(running.process.pss_kib())
    finally:
        running.stop()
    bench.record("soak", "reseal", pss_kib=samples)
    return Section(f"Soak: {bench.soak} s of the main job", [], [f"memory KiB every 10 s: {', '.join(map(str, samples))}"])
