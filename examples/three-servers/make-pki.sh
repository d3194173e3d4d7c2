#!/usr/bin/env bash
# Makes a small PKI for a demonstration with openssl: two authorities, so that the inside trusts nothing that was
# issued for the outside. Everything is ECDSA P-256, valid for 30 days, readable by its owner only.
#
#   examples/three-servers/make-pki.sh DIR
#
#   DIR/public-ca.pem     the authority that clients trust;   DIR/localhost.pem    what the load balancer shows them
#   DIR/internal-ca.pem   the authority of the inner network; DIR/web1.pem ...     the servers' certificates
#                                                             DIR/reseal.pem       the load balancer's client certificate
# Each .pem but the authorities' holds certificate and key.
set -euo pipefail
umask 077
directory="${1:?usage: $0 DIR}"
mkdir -p "$directory"
cd "$directory"

# make NAME SUBJECT AUTHORITY EXTENSION...: AUTHORITY "-" makes the certificate sign itself.
make() {
  local name="$1" subject="$2" authority="$3" extension arguments=()
  shift 3
  [[ $authority == - ]] || arguments+=(-CA "$authority.pem" -CAkey "$authority.key")
  for extension in "$@"; do arguments+=(-addext "$extension"); done
  openssl req -x509 -config openssl.cnf -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -days 30 \
    -subj "/O=Reseal demonstration/CN=$subject" -keyout "$name.key" -out "$name.pem" "${arguments[@]}" 2>openssl.log ||
    { cat openssl.log >&2; exit 1; }
}

# leaf NAME SUBJECT AUTHORITY USAGE [SUBJECT-ALTERNATIVE-NAMES]
leaf() {
  make "$1" "$2" "$3" basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature "extendedKeyUsage=$4" \
    ${5:+"subjectAltName=$5"}
  cat "$1.key" >>"$1.pem"
  rm "$1.key"
}

printf '[req]\ndistinguished_name = name\n[name]\n' >openssl.cnf
for authority in public internal; do
  make "$authority-ca" "$authority authority" - basicConstraints=critical,CA:TRUE,pathlen:0 \
    keyUsage=critical,keyCertSign,cRLSign
done
leaf localhost localhost public-ca serverAuth DNS:localhost,IP:127.0.0.1,IP:::1
for server in web1 web2 web3; do
  leaf "$server" "$server" internal-ca serverAuth "DNS:web.internal,DNS:$server.internal"
done
leaf reseal 'reseal load balancer' internal-ca clientAuth
rm -f openssl.cnf openssl.log
