#!/usr/bin/env bash
# Finds what only works on one machine: absolute paths into somebody's home or working folder in any file of the
# repository, and files that look like private keys. Prints one line per find; exit 1 when there is any.
#
#   tests/lint/portable.sh [ROOT]
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"
self=tests/lint
found=0
if git rev-parse --git-dir >/dev/null 2>&1; then
  mapfile -t files < <(git ls-files --cached --others --exclude-standard | grep -v "^$self/")
else
  mapfile -t files < <(find . -type f | sed 's|^\./||' | grep -v "^$self/")
fi
existing=()
for file in "${files[@]}"; do [[ -f $file ]] && existing+=("$file"); done
[[ ${#existing[@]} -eq 0 ]] && exit 0
if grep -nIE '(^|[^[:alnum:]_.:/-])/(work|root|home/[a-z]+)/' "${existing[@]}" /dev/null; then
  echo "portable: the lines above name a path of one machine"
  found=1
fi
if grep -lIE -e '^-----BEGIN ([A-Z]+ )?PRIVATE KEY-----' "${existing[@]}"; then
  echo "portable: the files above hold private keys; tests make their own"
  found=1
fi
exit "$found"
