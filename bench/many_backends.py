"""A configuration of 1,000 backends of three servers each, beside the small one: start, memory, reloads, requests."""

import contextlib
import http.client
import ssl
import time

import load
from bench import failures_of, median_of, stop_all
from peers import Options
from report import Section, Verdict
from weights import Weights

BACKENDS = 1000
RELOADS = 5


def large(bench):
    """A rule by host for each of the further backends; what is asked for matches none of them and goes to the first. They
    have TLS as the first has, and no checks: 3,000 of them would be measured, not the requests."""
    pki, ports = bench.lab.folder, bench.lab.servers.tls_ports
    rules, backends = ["    rules:\n"], []
    for number in range(1, BACKENDS):
        rules.append(f"      - {{ when: {{ host: site{number}.example }}, use: site{number} }}\n")
        servers = "".join(f"      web{i}: \"127.0.0.1:{port}\"\n" for i, port in enumerate(ports))
        backends.append(f"  site{number}:\n    tls: {{ ca: {pki}/ca.pem, certificate: {pki}/lb.pem, verify_host: web.internal }}\n"
                        f"    servers:\n{servers}")
    return Options(rules="".join(rules), backends="".join(backends))


def seconds_to_answer(running):
    client = http.client.HTTPSConnection("127.0.0.1", running.ports["tls"], context=ssl._create_unverified_context())
    client.request("GET", "/1k")
    status = client.getresponse().status
    client.close()
    if status != 200:
        raise RuntimeError(f"status {status} after the start")
    return time.monotonic() - running.begun


def reload_each_second(bench, running):
    """Paced load for a second more than there are reloads."""
    weights = Weights(bench.binary, running)
    with load.Paced(bench.helper, running.ports["tls"], 16) as client:
        calm = client.run(2000, bench.seconds(RELOADS + 1))
        count = 1 if bench.is_smoke else RELOADS
        client.start(2000, count + 1)
        for number in range(count):
            begun = time.monotonic()
            weights.reload(number)
            took = time.monotonic() - begun
            time.sleep(max(0.0, 1 - took))
        return calm, client.finish(), took


def run(bench):
    running, starts, memory = {}, {}, {}
    with contextlib.ExitStack() as stack:
        stack.callback(stop_all, running)
        for key, options in (("2 backends", Options()), (f"{BACKENDS} backends", large(bench))):
            running[key] = bench.start("reseal", options)
            starts[key] = seconds_to_answer(running[key])
            memory[key] = running[key].process.pss_kib() / 1024
        small, big = running
        results = bench.take_turns("backends1000", running, lambda _, each: bench.measured(
            each, lambda: load.wrk(each.ports["tls"], "/1k", 64, bench.seconds(4)),
            lambda: load.wrk(each.ports["tls"], "/1k", 64, 1)))
        calm, reloaded, took = reload_each_second(bench, running[big])
        after = running[big].process.pss_kib() / 1024
    bench.record("backends1000", "reseal", start_seconds=starts[big], start_pss_mib=memory[big], pss_mib_after_reloads=after,
                 reload_seconds=took, p99_ms=reloaded["p99_ms"], calm_p99_ms=calm["p99_ms"], errors=reloaded["errors"])
    table = [["reseal", "start until it answers, s", "memory MiB", "CPU µs/request", "p99 ms", "errors"]]
    table += [[key, f"{starts[key]:.2f}", f"{memory[key]:.1f}", f"{median_of(results[key], 'cpu_us'):.1f}",
               f"{median_of(results[key], 'p99_ms'):.2f}", str(failures_of(results[key]))] for key in running]
    bump = reloaded["p99_ms"] - calm["p99_ms"]
    growth = median_of(results[big], "cpu_us") / median_of(results[small], "cpu_us")
    return Section(f"{BACKENDS} backends x 3 servers, a rule by host for each, checks on in one of them", table, [
        f"A reload a second under 2,000 requests/s: p99 {reloaded['p99_ms']:.2f} ms (max {reloaded['max_ms']:.1f}), without "
        f"{calm['p99_ms']:.2f} ms (max {calm['max_ms']:.1f}), {reloaded['errors']} of {reloaded['requests']} requests failed; "
        f"the reload command took {took:.2f} s; memory after {after:.1f} MiB"], [
        Verdict(f"start with {BACKENDS} backends", starts[big], 0.5, "s", is_ratio_to_peers=False),
        Verdict(f"memory with {BACKENDS} backends", memory[big], 60, "MiB", is_ratio_to_peers=False),
        Verdict(f"p99 during reloads of {BACKENDS} backends, above that without", bump, 5, "ms", is_ratio_to_peers=False),
        Verdict(f"CPU with {BACKENDS} backends (3 % are noise)", growth, 1.03, "× that with two", is_ratio_to_peers=False)])
