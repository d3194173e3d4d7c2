"""What a measurement says: a section of Markdown and verdicts; and the whole report made of them."""

import dataclasses
import os
import subprocess
import time


@dataclasses.dataclass
class Verdict:
    what: str
    value: float
    limit: float
    unit: str = "× the best peer's CPU"
    is_ratio_to_peers: bool = True

    @property
    def reached(self):
        return round(self.value, 2) <= self.limit

    def sentence(self):
        return (f"{self.what}: **{self.value:.2f}** {self.unit}; target: at most {self.limit:g}; "
                f"{'reached' if self.reached else '**not reached**'}")


@dataclasses.dataclass
class Section:
    title: str
    table: list   # rows of cells, the first is the head
    notes: list = dataclasses.field(default_factory=list)
    verdicts: list = dataclasses.field(default_factory=list)

    def markdown(self):
        lines = [f"### {self.title}", ""]
        if self.table:
            head, *rows = self.table
            lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
            lines += ["| " + " | ".join(row) + " |" for row in rows] + [""]
        for line in [*self.notes, *(verdict.sentence() for verdict in self.verdicts)]:
            lines += [line, ""]
        return "\n".join(lines)


def machine(binary):
    """Machine and versions, as they are kept with the raw figures."""
    def first_line(*command):
        done = subprocess.run(command, capture_output=True, text=True)
        return (done.stdout or done.stderr).splitlines()[0].strip()

    with open("/proc/cpuinfo") as lines:
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "?")
    return {"date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), "cpus": os.cpu_count(), "model": model,
            "kernel": os.uname().release,
            "versions": {"reseal": first_line(binary, "version"), "haproxy": first_line("haproxy", "-v"),
                         "nginx": first_line("nginx", "-v"), "nghttpx": first_line("nghttpx", "--version"),
                         "caddy": "caddy " + first_line("caddy", "version"), "hitch": first_line("hitch", "--version"),
                         "openssl": first_line("openssl", "version")}}


def handshake_line(handshakes):
    """handshakes: {(peer, bind): what a client without wishes was given}. One line when all agree, the odd ones named."""
    usual = "TLSv1.3 TLS_AES_128_GCM_SHA256"
    odd = [f"{peer} ({bind}): {got}" for (peer, bind), got in sorted(handshakes.items()) if not got.startswith(usual)]
    count = len(handshakes) - len(odd)
    return f"{count} of {len(handshakes)} TLS listeners gave an OpenSSL client {usual}" + "".join(f"; {each}" for each in odd)


def head(about, handshakes):
    lines = ["# Results", "", "Made by `bench/run.sh --write`. Ratios within one run count; absolute figures drift with the machine.", "",
             f"* date: {about['date']}", f"* machine: {about['cpus']} × {about['model']}, Linux {about['kernel']}",
             "* " + " · ".join(about["versions"].values()),
             "* proxy: one worker on core 1 (Caddy: GOMAXPROCS=1); load and servers (nginx) on core 0; loopback; ECDSA P-256 "
             "unless RSA is named; medians over rounds, peers take turns",
             f"* {handshake_line(handshakes)}",
             "* CPU is user and system time of the proxy's processes; memory is their PSS. Load and servers share a core and "
             "limit requests/s: compare CPU per request",
             "* the load is wrk; new connections and constant rates come from load_client (wrk resumes sessions by itself); a "
             "failure is anything but a complete 200, nothing is retried", ""]
    return "\n".join(lines)


def summary(sections):
    """One row a target."""
    lines = ["## Targets", "", "| what | measured | at most | |", "|---|---|---|---|"]
    for section in sections:
        lines += [f"| {verdict.what} | {verdict.value:.2f} {verdict.unit} | {verdict.limit:g} | "
                  f"{'reached' if verdict.reached else '**not reached**'} |" for verdict in section.verdicts]
    return "\n".join([*lines, "", "## Measurements", ""])


def whole(about, handshakes, sections):
    return "\n".join([head(about, handshakes), summary(sections), *(section.markdown() for section in sections)])
