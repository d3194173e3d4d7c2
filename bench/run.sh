#!/usr/bin/env bash
# Measures reseal beside Debian's HAProxy, nginx, nghttpx, Caddy and hitch in one run on the same work. Installs what is
# missing and builds.
#
#   bench/run.sh                                            everything, about 25 minutes; tables on standard output
#   bench/run.sh --write RESULTS.md --chart results.svg     and into files
#   bench/run.sh --scenario main --rounds 7                 only this; bench/run.sh --help lists them all
#   bench/run.sh --smoke                                    does everything still work? figures mean nothing
#
# Raw measurements are left in build/bench/raw.jsonl. RESEAL=FILE and LOAD_CLIENT=FILE measure binaries built elsewhere.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

"$root/tests/install.sh" build bench
if [[ -z ${RESEAL:-} || -z ${LOAD_CLIENT:-} ]]; then
  cd "$root"
  cmake --preset release -DRESEAL_BENCH=ON >/dev/null
  cmake --build --preset release --target reseal load_client -- --quiet
fi
raw="$root/build/bench/raw.jsonl"
mkdir -p "${raw%/*}"

ulimit -n "$(ulimit -Hn)"
exec python3 "$root/bench/run.py" --binary "${RESEAL:-$root/build/release/lb/reseal}" \
  --helper "${LOAD_CLIENT:-$root/build/release/bench/load_client}" --raw "$raw" "$@"
