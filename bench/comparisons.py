"""What a change of circumstances costs: half the load, a second worker, an access log, a hundred times the clients."""

import contextlib
import os
import resource

import load
from bench import failures_of, median_of, stop_all
from lab import new_servers
from peers import Options
from process import ANY_CORE
from report import Section, Verdict


def half(bench):
    """The rate is half of what reseal reaches in the main job, the same for everybody."""
    names = ["reseal", "haproxy", "nginx", "nghttpx", "caddy"]
    running, clients = {}, {}
    with contextlib.ExitStack() as stack:
        stack.callback(stop_all, running)
        running["reseal"] = bench.start("reseal")
        rate = load.wrk(running["reseal"].ports["tls"], "/1k", 64, bench.seconds(3))["per_second"] / 2
        for peer in names:
            running[peer] = running.get(peer) or bench.start(peer)
            clients[peer] = stack.enter_context(load.Paced(bench.helper, running[peer].ports["tls"], 64))
        if bench.is_smoke:
            rate /= len(names)  # all at once there
        results = bench.take_turns("half", running, lambda peer, each: bench.measured(
            each, lambda: clients[peer].run(rate, bench.seconds(4)), lambda: clients[peer].run(rate, 1)),
            at_least=9)  # of one proxy's p99 some are twice the others
    table = [["", "requests/s", "CPU µs/request", "ratio to reseal", "p50 ms", "p99 ms", "errors"]]
    cpu, p99 = ({peer: median_of(rounds, key) for peer, rounds in results.items()} for key in ("cpu_us", "p99_ms"))
    for peer, rounds in results.items():
        table.append([peer, f"{median_of(rounds, 'per_second'):.0f}", f"{cpu[peer]:.1f}", f"{cpu[peer] / cpu['reseal']:.2f}",
                      f"{median_of(rounds, 'p50_ms'):.2f}", f"{p99[peer]:.2f}", str(failures_of(rounds))])
    others = names[1:]
    return Section(f"half of saturation: the main job at {rate:.0f} requests/s, evenly spaced", table, [], [
        Verdict("CPU at half of saturation", cpu["reseal"] / min(cpu[peer] for peer in others), 1.0),
        Verdict("p99 at half of saturation", p99["reseal"] / min(p99[peer] for peer in others), 1.0,
                "× the best peer's p99", is_ratio_to_peers=False)])


def two_workers(bench):
    servers = new_servers()
    running = {}
    with contextlib.ExitStack() as stack:
        stack.callback(bench.lab.origin(servers, ANY_CORE).stop)
        stack.callback(stop_all, running)
        for workers in (1, 2):
            running[f"{workers} workers" if workers > 1 else "1 worker"] = bench.start(
                "reseal", Options(workers=workers, core=ANY_CORE), servers)
        results = bench.take_turns("workers2", running, lambda _, each: bench.measured(
            each, lambda: load.wrk(each.ports["tls"], "/1k", 64, bench.seconds(4), core=ANY_CORE),
            lambda: load.wrk(each.ports["tls"], "/1k", 64, 1, core=ANY_CORE)))
    table = [["reseal", "requests/s", "CPU µs/request", "p99 ms", "errors"]]
    table += [[key, f"{median_of(rounds, 'per_second'):.0f}", f"{median_of(rounds, 'cpu_us'):.1f}",
               f"{median_of(rounds, 'p99_ms'):.2f}", str(failures_of(rounds))] for key, rounds in results.items()]
    one, two = (median_of(rounds, "cpu_us") for rounds in results.values())
    return Section("two workers, the main job, nothing pinned to a core", table, [], [
        Verdict("CPU with two workers", two / one, 1.10, "× that with one", is_ratio_to_peers=False)])


def access_log(bench):
    running = {}
    try:
        for peer in ("reseal", "haproxy", "nginx"):
            running[peer] = bench.start(peer)
            running[f"{peer}, log on"] = bench.start(peer, Options(access_log=True))

        def measure(_, each):
            result = bench.measured(each, lambda: load.wrk(each.ports["tls"], "/1k", 64, bench.seconds(4)),
                                    lambda: load.wrk(each.ports["tls"], "/1k", 64, 1))
            if os.path.exists(each.access_log):
                result["log_bytes"] = os.path.getsize(each.access_log)
                os.truncate(each.access_log, 0)
            return result

        results = bench.take_turns("access_log", running, measure)
    finally:
        stop_all(running)
    if not all(result["log_bytes"] for key, rounds in results.items() if key.endswith("log on") for result in rounds):
        raise RuntimeError("a proxy with its access log on wrote none")
    table = [["", "CPU µs/request", "with the log", "ratio", "p99 ms", "with the log", "errors"]]
    ratios = {}
    for peer in ("reseal", "haproxy", "nginx"):
        off, on = results[peer], results[f"{peer}, log on"]
        ratios[peer] = median_of(on, "cpu_us") / median_of(off, "cpu_us")
        table.append([peer, f"{median_of(off, 'cpu_us'):.1f}", f"{median_of(on, 'cpu_us'):.1f}", f"{ratios[peer]:.2f}",
                      f"{median_of(off, 'p99_ms'):.2f}", f"{median_of(on, 'p99_ms'):.2f}", str(failures_of(off) + failures_of(on))])
    return Section("access log, the main job, one line of JSON a request to a file", table,
                   ["HAProxy writes to its standard output, which is a file; nginx with buffer=64k flush=1s."],
                   [Verdict("CPU with the access log", ratios["reseal"], 1.10, "× that without", is_ratio_to_peers=False)])


def many_clients(bench):
    few, many, rate = (100, 500, 2000) if bench.is_smoke else (100, 10000, 5000)
    descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    # Reseal keeps three of them for each client.
    fit = min(many, (descriptors // 3 - 200) // 100 * 100)
    note = [] if fit == many else [f"{many} would need a limit on open files of {3 * many + 600}; here it is {descriptors}."]
    many = fit
    running, clients = {}, {}
    with contextlib.ExitStack() as stack:
        stack.callback(stop_all, running)
        for peer in ("reseal", "haproxy", "nginx"):
            for count in (few, many):
                running[f"{peer}, {count}"] = each = bench.start(peer)
                clients[f"{peer}, {count}"] = stack.enter_context(load.Paced(bench.helper, each.ports["tls"], count))
        results = bench.take_turns("clients", running, lambda key, each: bench.measured(
            each, lambda: clients[key].run(rate, bench.seconds(3)), lambda: clients[key].run(rate, 1)))
    table = [["", f"CPU µs/request, {few} clients", f"{many} clients", "ratio", f"p99 ms, {few}", f"{many}",
              f"memory KiB, {few}", f"{many}", "errors"]]
    ratios = {}
    for peer in ("reseal", "haproxy", "nginx"):
        little, much = results[f"{peer}, {few}"], results[f"{peer}, {many}"]
        ratios[peer] = median_of(much, "cpu_us") / median_of(little, "cpu_us")
        table.append([peer, f"{median_of(little, 'cpu_us'):.1f}", f"{median_of(much, 'cpu_us'):.1f}", f"{ratios[peer]:.2f}",
                      f"{median_of(little, 'p99_ms'):.2f}", f"{median_of(much, 'p99_ms'):.2f}",
                      f"{median_of(little, 'pss_kib'):.0f}", f"{median_of(much, 'pss_kib'):.0f}",
                      str(failures_of(little) + failures_of(much))])
    return Section(f"{few} and {many} kept HTTPS connections, {rate} requests/s in all -> mTLS", table, note, [
        Verdict(f"CPU with {many} clients", ratios["reseal"], 1.15, f"× that with {few}", is_ratio_to_peers=False)])
