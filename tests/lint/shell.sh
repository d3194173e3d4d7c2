#!/usr/bin/env bash
# Runs shellcheck over every shell script of the repository.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mapfile -t files < <(git ls-files '*.sh' .ci/run)
shellcheck --external-sources --source-path=SCRIPTDIR "${files[@]}"
