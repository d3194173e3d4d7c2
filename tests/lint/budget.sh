#!/usr/bin/env bash
# Lists the files that exceed their budget (.cpp 400 lines, .h 150). A list to think about, not a failure: exit 0.
#
#   tests/lint/budget.sh [ROOT]
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"
{ find lb backends tls health bench tests -type f \( -name '*.cpp' -o -name '*.h' \) -exec wc -l {} + 2>/dev/null || true; } |
  awk '$2 != "total" && (($2 ~ /\.cpp$/ && $1 > 400) || ($2 ~ /\.h$/ && $1 > 150)) {
    printf "warning: %s has %d lines (budget %d)\n", $2, $1, $2 ~ /\.h$/ ? 150 : 400 }'
