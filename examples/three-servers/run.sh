#!/usr/bin/env bash
# The main job on one machine: HTTPS in, mutual TLS out, three real servers behind. Installs what is missing, builds,
# makes a PKI, starts the servers and reseal, and stays until Ctrl-C; nothing is left behind.
#
#   examples/three-servers/run.sh             start, say what to try, stay
#   examples/three-servers/run.sh --check     exercise the job by itself (about 30 s after the build); exit 0 or 1
#
# HTTPS_PORT, HTTP_PORT and ADMIN_PORT choose other ports (taken ones are replaced by free ones);
# RESEAL=/path/to/reseal uses that binary instead of building one.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"

check_only=""
case "${1:-}" in
  "") ;;
  --check) check_only=yes ;;
  -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
  *) echo "$0: unknown option '$1' (--check or nothing)" >&2; exit 2 ;;
esac

# ---- processes and cleaning up

declare -A pids=()    # name -> pid of everything that runs in the background
directory=""

# end NAME SIGNAL: ends one process and waits for it; after 5 s it is killed. Silent: bash would report the deaths.
end() {
  local pid="${pids[$1]:-}" tries
  [[ -n $pid ]] || return 0
  unset "pids[$1]"
  kill "-$2" "$pid" || true
  for ((tries = 0; tries < 100; tries++)); do
    kill -0 "$pid" || break
    sleep 0.05
  done
  kill -KILL "$pid" || true
  wait "$pid" || true
} 2>/dev/null

cleanup() {
  trap '' INT TERM
  local name
  for name in "${!pids[@]}"; do [[ $name == load* ]] && end "$name" TERM; done
  end reseal TERM
  for name in "${!pids[@]}"; do end "$name" TERM; done
  [[ -z $directory ]] || rm -rf "$directory"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- ports

taken=" "
is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && [[ $taken != *" $1 "* ]]; }

# choose VARIABLE PORT: sets VARIABLE to PORT, or to a free one when PORT is taken.
choose() {
  local port="$2"
  while ! is_free "$port"; do port=$((20000 + RANDOM % 12000)); done
  taken+="$port "
  printf -v "$1" '%s' "$port"
}

# ---- preparation

if [[ -z ${RESEAL:-} ]]; then
  "$root/tests/install.sh" build demo
  echo "building (build/release)"
  (cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release --target reseal)
  RESEAL="$root/build/release/lb/reseal"
else
  RESEAL="$(realpath "$RESEAL")"
  "$root/tests/install.sh" demo
fi

directory="$(mktemp -d "${TMPDIR:-/tmp}/reseal-demo.XXXXXX")"
cd "$directory"
"$here/make-pki.sh" pki

choose https "${HTTPS_PORT:-8443}"
choose http "${HTTP_PORT:-8080}"
choose admin "${ADMIN_PORT:-9901}"
for i in 1 2 3; do choose "server_port_$i" "$((9440 + i))"; done
# shellcheck disable=SC2154  # choose assigns the ports
sed -e "s/:8443\b/:$https/; s/https: 8443\b/https: $https/; s/:8080\b/:$http/; s/:9901\b/:$admin/" \
  -e "s/:9441\b/:$server_port_1/; s/:9442\b/:$server_port_2/; s/:9443\b/:$server_port_3/" \
  "$here/reseal.yaml" >reseal.yaml

# server_start NAME PORT: one of the three; back when it listens.
server_start() {
  sed "s/@NAME@/$1/g; s/@PORT@/$2/g" "$here/server.conf.in" >"$1.conf"
  nginx -p "$directory" -e "$1.log" -c "$1.conf" &
  pids[$1]=$!
  wait_for "server $1 to listen" "$1.log" listens "$2"
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# wait_for WHAT LOG COMMAND...: until the command succeeds, 10 s at most; then the log says why it did not.
wait_for() {
  local what="$1" log="$2" tries
  shift 2
  for ((tries = 0; tries < 200; tries++)); do
    "$@" && return 0
    sleep 0.05
  done
  echo "waited 10 s in vain for $what" >&2
  tail -n 20 "$log" >&2 || true
  return 1
}

reseal_lives() { [[ -z ${pids[reseal]:-} ]] || kill -0 "${pids[reseal]}" 2>/dev/null; }

reseal_ready() {
  grep -qs ' ready: ' reseal.log && return 0
  reseal_lives && return 1
  echo "reseal did not start:" >&2
  cat reseal.log >&2
  exit 1
}

server_start web1 "$server_port_1"
server_start web2 "$server_port_2"
server_start web3 "$server_port_3"
"$RESEAL" run -c reseal.yaml 2>reseal.log &
pids[reseal]=$!
wait_for "reseal to be ready" reseal.log reseal_ready

url="https://localhost:$https"
fetch=(curl --silent --show-error --max-time 10 --cacert pki/public-ca.pem)

# ---- staying until Ctrl-C

if [[ -z $check_only ]]; then
  hint() { printf '  %-62s %s\n' "$1" "$2"; }
  echo
  echo "reseal listens on $url; behind it three servers, reached over mutual TLS:"
  echo "web1 127.0.0.1:$server_port_1, web2 127.0.0.1:$server_port_2, web3 127.0.0.1:$server_port_3"
  echo
  echo "Try, in another terminal, in $directory:"
  hint "curl --cacert pki/public-ca.pem $url/" "which server answers, and whom it sees"
  hint "curl -k https://127.0.0.1:$server_port_1/" "refused: no client certificate, no answer"
  hint "curl -i http://localhost:$http/x" "plain HTTP is redirected"
  hint "$RESEAL stats -s admin.sock" "who gets how much, and who is down"
  hint "curl http://127.0.0.1:$admin/metrics" "the same for Prometheus"
  hint "kill -9 ${pids[web2]}" "web2 dies: watch the log below, and the answers"
  hint "\$EDITOR reseal.yaml && $RESEAL reload -s admin.sock" "a new configuration; no request is lost"
  echo
  echo "Ctrl-C ends everything. The log of reseal:"
  tail -n +1 -f reseal.log &
  pids[log]=$!
  wait "${pids[reseal]}" || true
  unset "pids[reseal]"
  exit 0
fi

# ---- --check

failures=0
# check NAME COMMAND...: one line of the outcome; what the command prints is shown when it fails.
check() {
  local name="$1" output
  shift
  if output="$("$@" 2>&1)"; then
    echo "ok      $name"
  else
    echo "FAILED  $name"
    head -n 12 <<<"$output" | sed 's/^/        /'
    failures=$((failures + 1))
    reseal_lives || { echo "reseal has died; its log:"; cat reseal.log; exit 1; }
  fi
}

every_example_is_accepted() {
  local example
  for example in "$here"/../*/reseal.yaml; do
    # Certificates are looked for beside the file, so each is checked where the demo's PKI is; its pages come along.
    cp "$example" example.yaml
    if [[ -d ${example%/*}/pages ]]; then cp -r "${example%/*}/pages" .; fi
    "$RESEAL" check -c example.yaml || return 1
  done
}

names_seen() {
  "${fetch[@]}" --fail "$url/names/[1-$1]" | sed -n 's/^server: //p' | sort -u | xargs
}

all_three_answer() {
  local seen
  seen="$(names_seen 30)"
  echo "seen: $seen"
  [[ $seen == "web1 web2 web3" ]]
}

servers_see_who_asks() {
  local answer
  answer="$("${fetch[@]}" --fail -H 'X-Forwarded-For: 203.0.113.9' "$url/who")"
  echo "$answer"
  grep -q '^client certificate: CN=reseal load balancer,' <<<"$answer" &&
    grep -q '^x-forwarded-for: 127.0.0.1$' <<<"$answer" && grep -q '^x-forwarded-proto: https$' <<<"$answer"
}

bodies_pass() {
  # These servers answer before the body is over; what is left of it then, up to 512 KiB, Reseal takes in.
  head -c 500000 /dev/urandom >body
  [[ $("${fetch[@]}" -o answer -w '%{http_code}' --data-binary @body "$url/body") == 200 ]] &&
    grep -q '^request: POST /body' answer
}

no_certificate_no_answer() {
  local port status
  for port in "$server_port_1" "$server_port_2" "$server_port_3"; do
    status="$(curl --silent --insecure --max-time 5 -o refused -w '%{http_code}' "https://127.0.0.1:$port/" || true)"
    echo "port $port answered with $status"
    [[ $status != 2* ]] && ! grep -q '^server:' refused || return 1
  done
}

http_is_redirected() {
  "${fetch[@]}" -o /dev/null -w '%{http_code} %{redirect_url}\n' "http://localhost:$http/x?y=1" | tee redirect
  grep -q "^308 https://localhost:$https/x?y=1$" redirect || return 1
  "${fetch[@]}" --fail --location -o /dev/null "http://localhost:$http/"
}

# load_start: four clients ask without a pause, each over one connection for 200 requests, until load_stop.
load_start() {
  local i
  rm -f load.stop load.*.codes
  for i in 1 2 3 4; do
    while [[ ! -e load.stop ]]; do
      "${fetch[@]}" -o /dev/null -w '%{http_code} %{exitcode} %{errormsg}\n' "$url/load/[1-200]" 2>/dev/null || true
    done >"load.$i.codes" &
    pids[load$i]=$!
  done
}

# load_stop: ends the load; succeeds when every request was answered with 200, and says how many there were.
load_stop() {
  local i
  : >load.stop
  for i in 1 2 3 4; do
    wait "${pids[load$i]}" || true
    unset "pids[load$i]"
  done
  local sent bad
  sent="$(cat load.*.codes | wc -l)"
  bad="$(cat load.*.codes | grep -cv '^200 0 ' || true)"
  echo "$sent requests, $bad failed"
  cat load.*.codes | grep -v '^200 0 ' | sort | uniq -c | sort -rn | head -n 5 || true
  [[ $sent -ge 100 && $bad -eq 0 ]]
}

stats_name() { "$RESEAL" stats -s admin.sock >stats.txt && grep -q "$1" stats.txt; }
log_says() { grep -q "$1" reseal.log; }

reload_ok() { "$RESEAL" reload -s admin.sock; }
reload_refused() {
  local output status=0
  output="$("$RESEAL" reload -s admin.sock 2>&1)" || status=$?
  echo "exit $status: $output"
  [[ $status -eq 1 && $output == *reseal.yaml:*"$1"* ]]
}

check "every example file passes reseal check" every_example_is_accepted
check "the three servers take turns" all_three_answer
check "the servers see reseal's certificate and the client's true address" servers_see_who_asks
check "a body of 3 MB passes" bodies_pass
check "a server refuses whoever has no certificate" no_certificate_no_answer
check "plain HTTP is redirected to HTTPS" http_is_redirected
check "reseal stats names the servers" stats_name web3

load_start
sleep 1
end web2 KILL
check "the log says that the killed server is down" wait_for "the log to say so" reseal.log log_says 'web2 .* is DOWN'
sleep 1
check "one server of three killed under load: no request failed" load_stop

load_start
server_start web2 "$server_port_2"
check "the log says that it is back" wait_for "the log to say so" reseal.log log_says 'web2 .* is UP'
check "the server takes its turns again" wait_for "web2 to answer" reseal.log all_three_answer
check "its return under load: no request failed" load_stop

cp reseal.yaml good.yaml
load_start
for weight in 50 150 10 300 100; do
  sed "s/weight: 100/weight: $weight/" good.yaml >reseal.yaml
  sleep 0.4
  check "reload under load, web3 gets weight $weight" reload_ok
done
check "five reloads under load: no request failed" load_stop

load_start
sleep 1
sed 's/balance:/blance:/' good.yaml >reseal.yaml
check "a file with a mistake is refused, and the place is named" reload_refused blance
sed 's|pki/reseal.pem|pki/nothing-here.pem|' good.yaml >reseal.yaml
check "a file that names a missing certificate is refused" reload_refused nothing-here.pem
cp good.yaml reseal.yaml
check "the refused files changed nothing: no request failed" load_stop
check "a good file is taken again" reload_ok

stop_drains() {
  timeout 20 "$RESEAL" stop --wait -s admin.sock || return 1
  local tries
  for ((tries = 0; tries < 100; tries++)); do
    kill -0 "${pids[reseal]}" 2>/dev/null || return 0
    sleep 0.05
  done
  echo "still running"
  return 1
}
check "reseal stop drains and ends" stop_drains
status=0
wait "${pids[reseal]}" || status=$?
unset "pids[reseal]"
check "its exit status is 0" test "$status" -eq 0

if [[ $failures -ne 0 ]]; then
  echo "$failures failed; the end of reseal's log:"
  tail -n 30 reseal.log
  exit 1
fi
echo "all as it should be"
