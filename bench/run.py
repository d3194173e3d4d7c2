"""Side-by-side measurements of reseal, HAProxy, nginx and, where they do the job, nghttpx, Caddy and hitch: one run, the
same work, the peers take turns, medians.

The proxy has one core to itself; the load and the servers share the other. Figures that count: CPU microseconds per
request (user and system time of the proxy, from /proc), and ratios within one run. Only loopback is touched.
"""

import argparse
import json
import signal
import sys

import chart
import comparisons
import extras
import many_backends
import report
import scenarios
import site_rules
from bench import Bench
from lab import write

EXTRAS = {"half": comparisons.half, "workers2": comparisons.two_workers, "access_log": comparisons.access_log,
          "clients": comparisons.many_clients, "backends1000": many_backends.run, "rules": site_rules.run, "idle": extras.idle,
          "reload20": extras.reload20, "kill9": extras.kill9, "soak": extras.soak}

PEERS = ("haproxy", "nginx", "nghttpx", "caddy", "hitch")


def parse():
    everything = [*scenarios.SCENARIOS, *EXTRAS]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--helper", required=True, help="the compiled bench client")
    parser.add_argument("--scenario", action="append", choices=everything, metavar="NAME",
                        help="only these: " + ", ".join(everything))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=0, help="length of a round, in place of each scenario's own")
    parser.add_argument("--idle", type=int, default=5000, help="how many idle connections")
    parser.add_argument("--soak", type=int, default=60, help="length of the soak")
    parser.add_argument("--smoke", action="store_true", help="does everything still work? figures mean nothing")
    parser.add_argument("--write", metavar="FILE", help="write the report, in Markdown, to this file")
    parser.add_argument("--chart", metavar="FILE", help="draw the ratios to the best peer and their targets, in SVG")
    parser.add_argument("--raw", metavar="FILE", help="write every measurement as JSON lines to this file; the first is the machine")
    arguments = parser.parse_args()
    if arguments.smoke:
        arguments.rounds, arguments.seconds, arguments.idle = 1, 1, 200
        arguments.scenario = arguments.scenario or [name for name in everything if name != "soak"]
    arguments.scenario = arguments.scenario or everything
    return arguments


def main():
    arguments = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    about = report.machine(arguments.binary)
    bench = Bench(arguments)
    sections = []
    try:
        for name in arguments.scenario:
            sections.append(EXTRAS[name](bench) if name in EXTRAS else scenarios.run(bench, name))
            print(sections[-1].markdown(), flush=True)
    finally:
        bench.close()
        if arguments.raw:
            about["handshakes"] = {f"{peer} {bind}": got for (peer, bind), got in bench.handshakes.items()}
            write(arguments.raw, "".join(json.dumps(row) + "\n" for row in [{"machine": about}, *bench.raw]))
    # Made in any case, so that a smoke run sees them fail.
    text, drawing = report.whole(about, bench.handshakes, sections), chart.svg(about, sections)
    if arguments.write:
        write(arguments.write, text)
    if arguments.chart:
        write(arguments.chart, drawing)
    print(report.handshake_line(bench.handshakes))
    failed = sum(row.get("errors", 0) + row.get("not_ok", 0) for row in bench.raw if not row["peer"].startswith(PEERS))
    if failed:
        print(f"{failed} requests through reseal failed", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
