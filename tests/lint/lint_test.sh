#!/usr/bin/env bash
# Tests the lints: each is fed a small tree with one known fault and must name it, and a clean tree and must not.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
tree="$(mktemp -d)"
trap 'rm -rf "$tree"' EXIT
failures=0

# layering_case NAME EXPECTED FILE INCLUDE-LINE...: EXPECTED is a part of the breach's line, or "clean".
layering_case() {
  local name="$1" expected="$2" file="$3" output status=0
  shift 3
  rm -rf "${tree:?}"/*
  mkdir -p "$tree/lb/base" "$tree/$(dirname "$file")"
  echo '#include <string>' >"$tree/lb/base/text.h"
  printf '%s\n' "$@" >"$tree/$file"
  output="$("$here/layering.sh" "$tree" 2>&1)" || status=$?
  if [[ $expected == clean ]]; then
    [[ $status -eq 0 && -z $output ]] && return
  else
    [[ $status -eq 1 && $output == *"$expected"* ]] && return
  fi
  echo "FAILED layering: $name: exit $status, expected '$expected', got: $output"
  failures=$((failures + 1))
}

layering_case 'own room'             clean lb/net/loop.cpp '#include "lb/net/loop.h"' '#include <uv.h>'
layering_case 'lower row'            clean lb/proxy/exchange.h '#include "backends/backend.h"' '#include "lb/base/text.h"'
layering_case 'tls outside lb'       clean tls/context.cpp '#include <openssl/ssl.h>' '#include "lb/net/loop.h"'
layering_case 'main includes cli'    clean lb/main.cpp '#include "lb/cli/cli.h"'
layering_case 'haproxy fills model'  clean lb/haproxy/reader.cpp '#include "lb/config/model.h"'
layering_case 'higher row'           'lb/net (row 2) may not include lb/proxy (row 5)' lb/net/loop.h '#include "lb/proxy/exchange.h"'
layering_case 'sibling'              'lb/http (row 2) may not include lb/net (row 2)' lb/http/h1.h '#include "lb/net/loop.h"'
layering_case 'config and haproxy'   'lb/config (row 4) may not include lb/haproxy' lb/config/x.h '#include "lb/haproxy/reader.h"'
layering_case 'base includes tls'    'lb/base (row 1) may not include tls (row 3)' lb/base/x.cpp '#  include "tls/pem.h"'
layering_case 'uv fence'             '<uv.h> is fenced in lb/net/*' lb/proxy/x.cpp '#include <uv.h>'
layering_case 'openssl fence'        '<openssl/ssl.h> is fenced in tls/*' health/probe.cpp '#include <openssl/ssl.h>'
layering_case 'yaml fence'           '<yaml-cpp/yaml.h> is fenced in lb/config/*' lb/cli/check.cpp '#include <yaml-cpp/yaml.h>'
layering_case 'yaml in a header'     'in a header' lb/config/tree.h '#include <yaml-cpp/yaml.h>'
layering_case 'spdlog fence'         '<spdlog/spdlog.h> is fenced in lb/base/*' tls/x.cpp '#include <spdlog/spdlog.h>'
layering_case 'nghttp2 fence'        'is fenced in lb/http/h2_*' lb/http/h1.cpp '#include <nghttp2/nghttp2.h>'
layering_case 'relative include'     'not written from the root' lb/net/x.cpp '#include "loop.h"'
layering_case 'parent include'       'not written from the root' lb/net/x.cpp '#include "../base/text.h"'
layering_case 'unknown room'         'room lb/misc is not in the table' lb/misc/x.cpp '#include "lb/base/text.h"'
layering_case 'line number'          'lb/net/x.h:3:' lb/net/x.h '#pragma once' '' '#include "tls/pem.h"'

# portable_case NAME EXPECTED-STATUS TEXT
portable_case() {
  local name="$1" expected="$2" status=0
  rm -rf "${tree:?}"/*
  printf '%s\n' "$3" >"$tree/file.txt"
  "$here/portable.sh" "$tree" >/dev/null 2>&1 || status=$?
  [[ $status -eq $expected ]] && return
  echo "FAILED portable: $name: exit $status, expected $expected"
  failures=$((failures + 1))
}

portable_case 'plain text'       0 'nothing to see'
folder=work  # in pieces: this file must not name such a path itself
portable_case 'a URL'            0 "https://example.org/$folder/x"
portable_case 'a home'           1 'see /home/somebody/src/x.cpp'
portable_case 'a working folder' 1 "cd /$folder/main"
portable_case 'a private key'    1 '-----BEGIN PRIVATE KEY-----'

rm -rf "${tree:?}"/*
mkdir -p "$tree/lb/base"
seq 401 >"$tree/lb/base/long.cpp"
seq 400 >"$tree/lb/base/fits.cpp"
budget="$("$here/budget.sh" "$tree")"
if [[ $budget != 'warning: lb/base/long.cpp has 401 lines (budget 400)' ]]; then
  echo "FAILED budget: got: $budget"
  failures=$((failures + 1))
fi

[[ $failures -eq 0 ]] || exit 1
echo "lint tests passed"
