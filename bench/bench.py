"""What all measurements share: the lab, the settings of this run, rounds in which the peers take turns, raw results."""

import concurrent.futures
import statistics

import peers
from lab import Lab


class Bench:
    def __init__(self, arguments):
        self.binary, self.helper = arguments.binary, arguments.helper
        self.rounds, self.is_smoke = arguments.rounds, arguments.smoke
        self.idle, self.soak = arguments.idle, arguments.soak
        self._seconds = arguments.seconds
        self.lab = Lab()
        self.raw = []
        self.handshakes = {}  # (peer, bind): what it gave an OpenSSL client

    def close(self):
        self.lab.close()

    def seconds(self, usual):
        return self._seconds or usual

    def start(self, name, options=peers.Options(), servers=None):
        return peers.start(name, self.lab, self.binary, options, servers)

    def record(self, scenario, peer, **result):
        self.raw.append({"scenario": scenario, "peer": peer, **result})

    def take_turns(self, scenario, running, measure, at_least=1):
        """{key: [result of each round]} of measure(key, running[key]), in another order each round, so that nobody always
        comes first; `at_least` so many rounds, where one says little. A smoke run measures all at once: it is quick, and
        its figures mean nothing."""
        keys = list(running)
        results = {key: [] for key in keys}
        for number in range(1 if self.is_smoke else max(self.rounds, at_least)):
            first = number % len(keys)
            order = keys[first:] + keys[:first]
            with concurrent.futures.ThreadPoolExecutor(len(keys) if self.is_smoke else 1) as pool:
                for key, result in zip(order, pool.map(lambda key: measure(key, running[key]), order)):
                    results[key].append(result)
                    self.record(scenario, key, **result)
        return results

    def measured(self, running, load, warm_up=None):
        """The load's result with the CPU time that a request cost and the memory after it."""
        if warm_up and not self.is_smoke:
            warm_up()
        before = running.process.cpu_seconds()
        result = load()
        result["cpu_us"] = (running.process.cpu_seconds() - before) * 1e6 / max(1, result["requests"])
        result["pss_kib"] = running.process.pss_kib()
        return result


def stop_all(running):
    for each in running.values():
        each.stop()


def median_of(results, key):
    return statistics.median(result[key] for result in results)


def failures_of(results):
    return sum(each["errors"] + each["not_ok"] for each in results)
