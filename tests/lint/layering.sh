#!/usr/bin/env bash
# Checks every #include of the product against the table of rooms: a room includes only rooms of lower rows, never its
# siblings, and third-party headers stay behind their fences. Prints one line per breach; exit 1 when there is any.
#
#   tests/lint/layering.sh [ROOT]
set -euo pipefail
root="${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"
cd "$root"

mapfile -t files < <(find lb backends tls health -type f \( -name '*.cpp' -o -name '*.h' -o -name '*.cc' -o -name '*.hpp' \) \
  2>/dev/null | sort)
if [[ ${#files[@]} -eq 0 ]]; then
  echo "layering: no sources under $root" >&2
  exit 1
fi

awk '
BEGIN {
  # The rooms, lowest row first.
  row["lb/base"] = 1
  row["lb/http"] = row["lb/net"] = row["lb/stats"] = 2
  row["lb/rules"] = row["tls"] = 3
  row["backends"] = row["lb/config"] = row["lb/haproxy"] = 4
  row["lb/proxy"] = row["health"] = 5
  row["lb/runtime"] = 6
  row["lb/admin"] = 7
  row["lb/cli"] = row["lb/main"] = 8
  # The haproxy.cfg reader fills the model of lb/config; main only says which subcommand runs.
  allowed["lb/haproxy", "lb/config"] = allowed["lb/main", "lb/cli"] = 1
  # Converters hash, decrypt and verify (docs/decisions/0032).
  allowed["lb/rules", "tls"] = 1

  # Third-party headers and the one place (a prefix of the path) where each may be seen.
  fence["uv.h"] = "lb/net/"
  fence["uv/"] = "lb/net/"
  fence["openssl/"] = "tls/"
  fence["zlib.h"] = "lb/http/gzip_encoder"
  fence["brotli/"] = "lb/http/brotli_encoder"
  fence["crypt.h"] = "lb/rules/expression/user_list"
  fence["re2/"] = "lb/rules/expression/regex"
  fence["nghttp2/"] = "lb/http/h2_"
  fence["ares.h"] = "lb/net/dns_"
  fence["yaml-cpp/"] = "lb/config/"
  fence["spdlog/"] = "lb/base/"
  fence["CLI/"] = "lb/cli/"
}

function room_of(path,    parts, n) {
  n = split(path, parts, "/")
  if (parts[1] != "lb") return parts[1]
  return n > 2 ? "lb/" parts[2] : "lb/main"
}

function breach(text) {
  printf "%s:%d: %s\n", FILENAME, FNR, text
  breaches++
}

FNR == 1 {
  room = room_of(FILENAME)
  if (!(room in row)) breach("room " room " is not in the table of tests/lint/layering.sh")
  is_header = FILENAME ~ /\.h(pp)?$/
  reader[FILENAME] = 0
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
  split($0, quoted, "\"")
  target = quoted[2]
  other = room_of(target)
  if (target ~ /\.\.\// || !(other in row) || target !~ /\//) {
    breach("include \"" target "\" is not written from the root of the repository")
  } else if (other != room && !((room, other) in allowed) && row[other] >= row[room]) {
    breach(room " (row " row[room] ") may not include " other " (row " row[other] "): \"" target "\"")
  }
}

/^[ \t]*#[ \t]*include[ \t]*</ {
  target = $0
  sub(/^[^<]*</, "", target)
  sub(/>.*/, "", target)
  for (name in fence) {
    if (index(target, name) != 1) continue
    if (index(FILENAME, fence[name]) != 1) breach("<" target "> is fenced in " fence[name] "*")
    if (name == "yaml-cpp/") {
      if (is_header) breach("<" target "> in a header: yaml-cpp stays inside one .cpp")
      if (!reader[FILENAME]++) readers = readers " " FILENAME
    }
  }
}

END {
  if (split(readers, list, " ") > 1) { printf "yaml-cpp is included by more than the one reader:%s\n", readers; breaches++ }
  exit breaches > 0
}
' "${files[@]}"
