"""The peers that do only some of the jobs: nghttpx and Caddy HTTPS -> mTLS, hitch TLS -> TCP. One worker each."""

import os

from lab import CIPHERS, SUITE, write
from process import PROXY_CORE, Process


def _nghttpx(lab, running):
    pki = lab.folder
    backends = "".join(f"backend=127.0.0.1,{target};/;tls;sni=web.internal\n" for target in running.servers.tls_ports)
    path = write(f"{running.folder}/nghttpx.conf", f"""frontend=127.0.0.1,{running.ports["tls"]}
{backends}workers=1
private-key-file={pki}/front.key
certificate-file={pki}/front.crt
cacert={pki}/ca.pem
client-private-key-file={pki}/lb.key
client-cert-file={pki}/lb.crt
ciphers={CIPHERS}
tls13-ciphers={SUITE}
client-ciphers={CIPHERS}
tls13-client-ciphers={SUITE}
no-ocsp=yes
add-x-forwarded-for=yes
accesslog-file=/dev/null
errorlog-file={running.folder}/nghttpx.log
""")
    return Process(["nghttpx", f"--conf={path}"], PROXY_CORE, f"{running.folder}/out")


def _caddy(lab, running):
    """Go's TLS chooses its TLS 1.3 suite itself: AES-128-GCM where the processor has AES."""
    pki = lab.folder
    targets = " ".join(f"https://127.0.0.1:{target}" for target in running.servers.tls_ports)
    path = write(f"{running.folder}/Caddyfile", f"""{{
  admin off
  auto_https off
  storage file_system {running.folder}/caddy
  log {{
    level ERROR
  }}
}}
https://:{running.ports["tls"]} {{
  bind 127.0.0.1
  tls {pki}/front.crt {pki}/front.key
  reverse_proxy {targets} {{
    lb_policy round_robin
    health_uri /healthz
    health_interval 5s
    header_up Forwarded "for={{remote_host}};host={{host}};proto=https"
    transport http {{
      versions 1.1
      compression off
      keepalive 60s
      keepalive_idle_conns 1024
      keepalive_idle_conns_per_host 256
      tls_client_auth {pki}/lb.crt {pki}/lb.key
      tls_trusted_ca_certs {pki}/ca.pem
      tls_server_name web.internal
    }}
  }}
}}
""")
    return Process(["caddy", "run", "--adapter", "caddyfile", "--config", path], PROXY_CORE, f"{running.folder}/out",
                   {"GOMAXPROCS": "1", "HOME": running.folder})


def _hitch(lab, running):
    """It knows one server only, and does not run as root."""
    user = 'user = "nobody"\ngroup = "nogroup"' if os.geteuid() == 0 else ""
    path = write(f"{running.folder}/hitch.conf", f"""frontend = {{ host = "127.0.0.1" port = "{running.ports["tcp_tls"]}" }}
backend = "[127.0.0.1]:{running.servers.plain_ports[0]}"
pem-file = "{lab.folder}/front.pem"
workers = 1
daemon = off
backlog = 4096
tls-protos = TLSv1.2 TLSv1.3
ciphers = "{CIPHERS}"
ciphersuites = "{SUITE}"
prefer-server-ciphers = on
ocsp-dir = ""
quiet = on
{user}
""")
    return Process(["hitch", f"--config={path}"], PROXY_CORE, f"{running.folder}/out")


STARTERS = {"nghttpx": _nghttpx, "caddy": _caddy, "hitch": _hitch}
