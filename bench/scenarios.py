"""One job, one load as fast as it goes, reseal beside its peers: the CPU time of a request is what counts."""

import dataclasses

import load
from bench import failures_of, median_of, stop_all
from peers import WITH_TLS
from report import Section, Verdict


@dataclasses.dataclass
class Scenario:
    title: str
    target: float  # reseal's CPU time per request ÷ the best peer's
    bind: str = "tls"
    path: str = "/1k"
    connections: int = 64
    tool: str = "wrk"  # h1 and h2: h2load; full and resumed: load_client, since wrk offers its last session again
    seconds: int = 3
    peers: tuple = ("haproxy", "nginx")


PER_GB = "(CPU µs/request ÷ 1000 ≈ CPU s per GB)"
SCENARIOS = {
    "main": Scenario("HTTPS keep-alive 1 KB -> mTLS", 0.80, seconds=4, peers=("haproxy", "nginx", "caddy")),
    "main_h2load": Scenario("the main job again, with h2load --h1 as the load", 0.80, tool="h1"),
    "plaintext": Scenario("HTTPS keep-alive 1 KB -> plaintext", 0.85, "tls_plain"),
    "plain": Scenario("plain HTTP keep-alive 1 KB -> plaintext", 0.95, "plain"),
    "http2": Scenario("HTTP/2 (8 connections x 32 streams) 1 KB -> mTLS HTTP/1.1", 0.90, connections=8, tool="h2",
                      peers=("haproxy", "nginx", "nghttpx")),
    "handshake": Scenario("new TLS 1.3 connection per request, full handshake, ECDSA -> mTLS", 0.80, connections=16, tool="full"),
    "handshake_rsa": Scenario("new TLS 1.3 connection per request, full handshake, RSA-2048 -> mTLS", 0.85, "rsa",
                              connections=16, tool="full"),
    "resumed": Scenario("new TLS 1.3 connection per request, resumed -> mTLS", 0.80, connections=16, tool="resumed"),
    "bulk": Scenario(f"1 MB bodies, HTTPS -> mTLS {PER_GB}", 0.90, path="/1m", connections=16, seconds=4,
                     peers=("haproxy", "nginx", "caddy")),
    "tcp": Scenario("TCP mode without TLS, 1 KB keep-alive", 1.0, "tcp"),
    "tcp_bulk": Scenario(f"TCP mode without TLS, 1 MB {PER_GB}", 1.0, "tcp", "/1m", 16),
    "tcp_tls": Scenario("new TLS 1.3 connection per request to TCP mode, full handshake -> plaintext", 0.80, "tcp_tls",
                        connections=16, tool="full", peers=("haproxy", "nginx", "hitch")),
}


def send(bench, scenario, running, seconds):
    port = running.ports[scenario.bind]
    if scenario.tool in ("full", "resumed"):
        return load.new_connections(bench.helper, port, scenario.path, scenario.connections, seconds, scenario.tool == "resumed")
    if scenario.tool in ("h1", "h2"):
        extra = ["--h1"] if scenario.tool == "h1" else ["--max-concurrent-streams=32"]
        return load.h2load(port, scenario.path, scenario.connections, seconds, extra)
    return load.wrk(port, scenario.path, scenario.connections, seconds, "https" if scenario.bind in WITH_TLS else "http")


def run(bench, name):
    scenario = SCENARIOS[name]
    running = {}
    try:
        for peer in ("reseal", *scenario.peers):
            running[peer] = bench.start(peer)
            if scenario.bind in WITH_TLS:
                bench.handshakes[peer, scenario.bind] = running[peer].handshake(scenario.bind)
        results = bench.take_turns(name, running, lambda _, each: bench.measured(
            each, lambda: send(bench, scenario, each, bench.seconds(scenario.seconds)),
            lambda: send(bench, scenario, each, 1)))
    finally:
        stop_all(running)
    return section(name, results)


def section(name, results):
    scenario = SCENARIOS[name]
    cpu = {peer: median_of(rounds, "cpu_us") for peer, rounds in results.items()}
    table = [["", "requests/s", "CPU µs/request", "ratio to reseal", "p50 ms", "p99 ms", "memory KiB", "errors"]]
    for peer, rounds in results.items():
        table.append([peer, f"{median_of(rounds, 'per_second'):.0f}", f"{cpu[peer]:.1f}", f"{cpu[peer] / cpu['reseal']:.2f}",
                      f"{median_of(rounds, 'p50_ms'):.2f}", f"{median_of(rounds, 'p99_ms'):.2f}",
                      f"{median_of(rounds, 'pss_kib'):.0f}", str(failures_of(rounds))])
    best = min(cpu[peer] for peer in scenario.peers)
    return Section(scenario.title, table, [f"reseal ÷ HAProxy: **{cpu['reseal'] / cpu['haproxy']:.2f}**"],
                   [Verdict(scenario.title.partition(" (CPU")[0], cpu["reseal"] / best, scenario.target)])
