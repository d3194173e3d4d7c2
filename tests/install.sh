#!/usr/bin/env bash
# Installs the Debian packages of the named sets (tests/packages.txt) that are missing or too old, and says nothing
# when there is nothing to do. Needs root or sudo only in that case. Services that a package brings along are not
# started.
#
#   tests/install.sh build demo
set -euo pipefail
export LC_ALL=C

list="$(dirname "${BASH_SOURCE[0]}")/packages.txt"
if [[ $# -eq 0 ]]; then
  echo "usage: $0 SET...   (sets: $(awk '!/^#/ && NF { print $1 }' "$list" | sort -u | xargs))" >&2
  exit 2
fi

# Lines "package minimum" of the sets asked for.
wanted() {
  local set
  for set in "$@"; do
    awk -v set="$set" '!/^#/ && $1 == set { print $2, $3; found = 1 } END { exit !found }' "$list" ||
      { echo "$0: no set '$set' in $list" >&2; exit 2; }
  done
}

installed_version() {
  # dpkg-query fails for a package it has never heard of: that is an answer here, not an error to stop at.
  { dpkg-query --show --showformat='${db:Status-Abbrev} ${Version}\n' "$1" 2>/dev/null || true; } |
    awk '$1 == "ii" { print $2; exit }'
}

# Prints the packages that are missing or older than their minimum.
lacking() {
  local package minimum version
  while read -r package minimum; do
    version="$(installed_version "$package")"
    if [[ -z $version ]] || { [[ -n $minimum ]] && dpkg --compare-versions "$version" lt "$minimum"; }; then
      echo "$package"
    fi
  done
}

packages="$(wanted "$@")"
mapfile -t missing < <(lacking <<<"$packages" | sort -u)
[[ ${#missing[@]} -eq 0 ]] && exit 0

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  if ! command -v sudo >/dev/null; then
    echo "$0: needs root to run: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

echo "installing: ${missing[*]}"
# policy-rc.d is how Debian is told not to start services on installation: the demo and the bench run their own.
policy=/usr/sbin/policy-rc.d
placed=""
cleanup() { if [[ -n $placed ]]; then "${as_root[@]}" rm -f "$policy"; fi; }
trap cleanup EXIT
if [[ ! -e $policy ]]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  placed=yes
  "${as_root[@]}" chmod 755 "$policy"
fi

log="$(mktemp)"
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >>"$log" 2>&1 </dev/null; }
if ! { apt update && apt install --yes --no-install-recommends "${missing[@]}"; }; then
  echo "$0: apt-get failed:" >&2
  tail -n 30 "$log" >&2
  rm -f "$log"
  exit 1
fi
rm -f "$log"

mapfile -t still < <(lacking <<<"$packages")
if [[ ${#still[@]} -ne 0 ]]; then
  echo "$0: still missing or too old after apt-get install: ${still[*]} (is the security archive in the apt sources?)" >&2
  exit 1
fi
