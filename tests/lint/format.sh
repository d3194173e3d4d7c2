#!/usr/bin/env bash
# Fails when a C++ file is not as clang-format-19 and .clang-format would write it; prints the places.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mapfile -t files < <(git ls-files '*.cpp' '*.h')
existing=()
for file in "${files[@]}"; do [[ -f $file ]] && existing+=("$file"); done
clang-format-19 --dry-run -Werror "${existing[@]}"
