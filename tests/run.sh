#!/usr/bin/env bash
# Installs what is missing, builds and runs all the tests.
#
#   tests/run.sh                          the optimised build, as it is installed
#   tests/run.sh --preset dev             quicker to build and to build again
#   tests/run.sh --preset asan            with AddressSanitizer and UndefinedBehaviorSanitizer (or tsan)
#   tests/run.sh -R proxy                 only the tests whose name matches; -L LABEL: those with a label
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
  exit "$1"
}

preset=release
jobs="$(nproc)"
selection=()
while [[ $# -gt 0 ]]; do
  case "$1" in
    -h | --help) usage 0 ;;
    --preset | -R | -L | -E | -j)
      [[ -n ${2:-} ]] || { echo "$0: $1 needs a value" >&2; exit 2; }
      case "$1" in
        --preset) preset="$2" ;;
        -j) jobs="$2" ;;
        *) selection+=("$1" "$2") ;;
      esac
      shift 2 ;;
    *) echo "$0: unknown option '$1'" >&2; usage 2 ;;
  esac
done
case "$preset" in
  release | dev | asan | tsan) ;;
  *) echo "$0: unknown preset '$preset': release, dev, asan or tsan" >&2; exit 2 ;;
esac

tests/install.sh build test

cmake --preset "$preset" -DRESEAL_TESTS=ON -DRESEAL_BENCH=OFF >"/dev/null"
ninja -C "build/$preset" -j "$jobs" --quiet

# The sanitizers' shadow memory and strong address randomisation do not always agree (g++ 12); -R turns it off.
runner=()
if [[ $preset == ?san ]] && setarch "$(uname -m)" -R true 2>/dev/null; then runner=(setarch "$(uname -m)" -R); fi
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
export TSAN_OPTIONS="${TSAN_OPTIONS:-second_deadlock_stack=1}"
exec "${runner[@]}" ctest --test-dir "build/$preset" -j 2 --output-on-failure --no-tests=error "${selection[@]}"
