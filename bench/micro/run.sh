#!/usr/bin/env bash
# Microbenchmarks of what runs for every request or connection. Installs what is missing and builds, optimised as released.
#
#   bench/micro/run.sh                       all of them, about two minutes
#   bench/micro/run.sh 'request_head|path'   only those whose name matches; more arguments go to Google Benchmark:
#   bench/micro/run.sh router --benchmark_repetitions=5 --benchmark_report_aggregates_only=true
#   bench/micro/run.sh --smoke               does every one still work? figures mean nothing
#
# Times are CPU time an iteration; `allocations` are calls of operator new an iteration.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"

arguments=()
if [[ ${1:-} == --smoke ]]; then
  arguments+=(--benchmark_min_time=0.001)
  shift
elif [[ $# -gt 0 && $1 != --* ]]; then
  arguments+=("--benchmark_filter=$1")
  shift
fi

"$root/tests/install.sh" build bench
cd "$root"
cmake --preset release -DRESEAL_BENCH=ON >/dev/null
cmake --build --preset release --target microbench -- --quiet
exec "$root/build/release/bench/micro/microbench" --benchmark_counters_tabular=true "${arguments[@]}" "$@"
