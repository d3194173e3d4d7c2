"""Reseal, HAProxy and nginx as they are measured; nghttpx, Caddy and hitch are in small_peers.py.

All do the same work: the same certificate, one cipher suite, one worker, keep-alive to the servers with reuse, mutual
TLS with verification towards them, and no access log unless a measurement asks for it.
"""

import dataclasses
import re
import subprocess
import time

import small_peers
from lab import CIPHERS, SUITE, Servers, free_row, write
from process import PROXY_CORE, Process, wait_for_port

# What a proxy listens on: the port and those that follow.
BINDS = ["tls", "tls_plain", "tcp", "plain", "rsa", "tcp_tls"]
WITH_TLS = ("tls", "tls_plain", "rsa", "tcp_tls")


@dataclasses.dataclass
class Options:
    workers: int = 1
    core: int | None = PROXY_CORE
    access_log: bool = False  # a line of JSON a request, to Running.access_log
    rules: str = ""           # of reseal's first frontend, and further backends: see many_backends.py
    backends: str = ""


@dataclasses.dataclass
class Running:
    name: str
    process: Process
    folder: str
    ports: dict
    servers: Servers
    begun: float = 0.0  # reseal's start, by time.monotonic()

    @property
    def access_log(self):
        return f"{self.folder}/access.log"

    def handshake(self, bind):
        """What a client that has no wishes is given: 'TLSv1.3 SUITE', and the kind of certificate."""
        text = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.ports[bind]}", "-servername", "localhost"],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout
        suite = re.search(r"New, (\S+), Cipher is (\S+)", text)
        signature = re.search(r"Peer signature type: (\S+)", text)
        return f"{suite.group(1)} {suite.group(2)} {signature.group(1)}" if suite and signature else "no handshake"

    def stop(self):
        self.process.stop()


def start(name, lab, binary, options=Options(), servers=None):
    """Starts one and waits until it listens."""
    first = free_row(len(BINDS))
    running = Running(name, None, lab.new_folder(), {bind: first + offset for offset, bind in enumerate(BINDS)},
                      servers or lab.servers)
    if name == "reseal":
        running.process = _reseal(lab, running, options, binary)
    elif name in _STARTERS:
        running.process = _STARTERS[name](lab, running, options)
    else:
        running.process = small_peers.STARTERS[name](lab, running)
    try:
        wait_for_port(running.ports["tcp_tls" if name == "hitch" else "tls"])
    except RuntimeError as error:
        running.stop()
        with open(running.process.log) as log:
            raise RuntimeError(f"{name}: {error}\n{log.read()}") from error
    return running


def reseal_config(lab, running, options):
    pki, ports = lab.folder, running.ports

    def backend(name, tls, targets):
        servers = "".join(f"      web{i}: \"127.0.0.1:{target}\"\n" for i, target in enumerate(targets))
        return f"  {name}:\n{tls}    servers:\n{servers}"

    def frontend(name, default, certificate="", mode="http", more=""):
        tls = (f"    tls: {{ certificates: [{pki}/{certificate}.pem], ciphers: \"{CIPHERS}\", ciphersuites: \"{SUITE}\" }}\n"
               if certificate else "")
        return f"  {name}:\n    bind: \"127.0.0.1:{ports[name]}\"\n    mode: {mode}\n{tls}    default: {default}\n{more}"

    mtls = (f"    tls: {{ ca: {pki}/ca.pem, certificate: {pki}/lb.pem, verify_host: web.internal, "
            f"ciphers: \"{CIPHERS}\", ciphersuites: \"{SUITE}\" }}\n"
            "    timeouts: { pool_idle: 60s }\n    check: { http: /healthz, interval: 5s }\n")
    return f"""workers: {options.workers}
drain: 1s
log: {{ level: warn }}
access_log: {running.access_log if options.access_log else "off"}
admin: {{ socket: {running.folder}/admin.sock }}
frontends:
{frontend("tls", "mtls", "front", more=options.rules)}{frontend("tls_plain", "web", "front")}{frontend("tcp", "web", mode="tcp")}\
{frontend("plain", "web")}{frontend("rsa", "mtls", "rsa")}{frontend("tcp_tls", "web", "front", "tcp")}\
backends:
{backend("mtls", mtls, running.servers.tls_ports)}{backend("web", "", running.servers.plain_ports)}{options.backends}"""


def _reseal(lab, running, options, binary):
    path = write(f"{running.folder}/reseal.yaml", reseal_config(lab, running, options))
    running.begun = time.monotonic()
    return Process([binary, "run", "-c", path], options.core, f"{running.folder}/out")


HAPROXY_JSON = ('{"time":"%[date,ltime(%Y-%m-%dT%H:%M:%S%z)]","client_address":"%ci","client_port":%cp,"frontend":"%f",'
                '"backend":"%b","server":"%s","method":"%HM","target":"%HU","version":"%HV","status":%ST,"bytes":%B,'
                '"tls":"%sslv","cipher":"%sslc","wait_ms":%Tw,"connect_ms":%Tc,"response_ms":%Tr,"total_ms":%Ta,"end":"%tsc"}')


def _haproxy(lab, running, options):
    pki, ports = lab.folder, running.ports

    def servers(targets, extra):
        return "".join(f"  server web{i} 127.0.0.1:{target} {extra}\n" for i, target in enumerate(targets))

    def frontend(name, default, certificate="", mode="http", alpn=""):
        tls = f"ssl crt {pki}/{certificate}.pem {alpn}" if certificate else ""
        fields = (f"  http-request set-header X-Forwarded-Proto {'https' if tls else 'http'}\n"
                  f"  http-request set-header Forwarded for=%[src];host=%[req.hdr(host)];proto={'https' if tls else 'http'}\n"
                  if mode == "http" else "")
        lines = f"  log global\n  log-format '{HAPROXY_JSON}'\n" if options.access_log and mode == "http" else ""
        return (f"frontend {name}\n  mode {mode}\n  bind 127.0.0.1:{ports[name]} {tls}\n{lines}{fields}"
                f"  default_backend {default}\n")

    mtls = (f"ssl crt {pki}/lb.pem ca-file {pki}/ca.pem verify required verifyhost web.internal "
            "sni str(web.internal) alpn http/1.1 check inter 5s")
    # It writes to no file by itself: its standard output is one.
    log = "log stdout format raw local0" if options.access_log else ""
    # The ratios: by default it gives up reuse once a quarter of the descriptors is taken, by thousands of clients too.
    path = write(f"{running.folder}/haproxy.cfg", f"""global
  nbthread {options.workers}
  no strict-limits
  maxconn 12000
  tune.pool-low-fd-ratio 80
  tune.pool-high-fd-ratio 90
  {log}
  ssl-default-bind-options ssl-min-ver TLSv1.2
  ssl-default-bind-ciphers {CIPHERS}
  ssl-default-bind-ciphersuites {SUITE}
  ssl-default-server-ciphers {CIPHERS}
  ssl-default-server-ciphersuites {SUITE}
defaults
  mode http
  option forwardfor
  http-reuse always
  option httpchk GET /healthz
  timeout connect 5s
  timeout client 60s
  timeout server 60s
{frontend("tls", "mtls", "front", alpn="alpn h2,http/1.1")}{frontend("tls_plain", "web", "front", alpn="alpn http/1.1")}\
{frontend("tcp", "tcp", mode="tcp")}{frontend("plain", "web")}{frontend("rsa", "mtls", "rsa", alpn="alpn h2,http/1.1")}\
{frontend("tcp_tls", "tcp", "front", "tcp")}backend mtls
{servers(running.servers.tls_ports, mtls)}backend web
{servers(running.servers.plain_ports, "")}backend tcp
  mode tcp
{servers(running.servers.plain_ports, "")}""")
    out = running.access_log if options.access_log else f"{running.folder}/out"
    return Process(["haproxy", "-db", "-f", path], options.core, out)


NGINX_JSON = ('{"time":"$time_iso8601","client_address":"$remote_addr","client_port":$remote_port,"frontend":"$server_port",'
              '"server":"$upstream_addr","method":"$request_method","target":"$request_uri","version":"$server_protocol",'
              '"status":$status,"bytes":$body_bytes_sent,"tls":"$ssl_protocol","cipher":"$ssl_cipher",'
              '"connect_s":"$upstream_connect_time","response_s":"$upstream_response_time","total_s":$request_time}')


def _nginx(lab, running, options):
    pki, ports, folder = lab.folder, running.ports, running.folder

    def upstream(name, targets):
        servers = " ".join(f"server 127.0.0.1:{target};" for target in targets)
        return f"  upstream {name} {{ {servers} keepalive 256; keepalive_requests 100000000; }}\n"

    def server(name, target, certificate="", extra=""):
        scheme = "https" if certificate else "http"
        tls = f"ssl_certificate {pki}/{certificate}.crt; ssl_certificate_key {pki}/{certificate}.key;" if certificate else ""
        return f"""  server {{ listen 127.0.0.1:{ports[name]} {"ssl http2" if certificate else ""} backlog=4096; {tls}
    location / {{ proxy_pass {target}; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto {scheme};
      proxy_set_header Forwarded "for=$remote_addr;host=$http_host;proto={scheme}"; {extra} }} }}
"""

    suites = f"ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers {CIPHERS}; ssl_conf_command Ciphersuites {SUITE};"
    mtls = (f"proxy_ssl_certificate {pki}/lb.crt; proxy_ssl_certificate_key {pki}/lb.key;"
            f"proxy_ssl_trusted_certificate {pki}/ca.pem; proxy_ssl_verify on; proxy_ssl_name web.internal;"
            f"proxy_ssl_server_name on; proxy_ssl_session_reuse on; proxy_ssl_protocols TLSv1.2 TLSv1.3;"
            f"proxy_ssl_ciphers {CIPHERS}; proxy_ssl_conf_command Ciphersuites {SUITE};")
    targets = " ".join(f"server 127.0.0.1:{target};" for target in running.servers.plain_ports)
    log = (f"log_format json escape=json '{NGINX_JSON}'; access_log {running.access_log} json buffer=64k flush=1s;"
           if options.access_log else "access_log off;")
    path = write(f"{folder}/nginx.conf", f"""load_module modules/ngx_stream_module.so;
daemon off; worker_processes {options.workers}; pid {folder}/nginx.pid;
stream {{ upstream tcp {{ {targets} }}
  server {{ listen 127.0.0.1:{ports["tcp"]} backlog=4096; proxy_pass tcp; }}
  server {{ listen 127.0.0.1:{ports["tcp_tls"]} ssl backlog=4096; {suites} proxy_pass tcp;
    ssl_certificate {pki}/front.crt; ssl_certificate_key {pki}/front.key; }} }}
error_log {folder}/nginx.log crit; worker_rlimit_nofile 65536;
events {{ worker_connections 32768; }}
http {{ {log} keepalive_requests 100000000; keepalive_timeout 300s; tcp_nodelay on;
  client_body_temp_path {folder}/n1; proxy_temp_path {folder}/n2; fastcgi_temp_path {folder}/n3;
  uwsgi_temp_path {folder}/n4; scgi_temp_path {folder}/n5; {suites} proxy_buffering on;
{upstream("mtls", running.servers.tls_ports)}{upstream("web", running.servers.plain_ports)}{server("tls", "https://mtls", "front", mtls)}\
{server("tls_plain", "http://web", "front")}{server("plain", "http://web")}{server("rsa", "https://mtls", "rsa", mtls)}}}
""")
    return Process(["nginx", "-c", path], options.core, f"{folder}/out")


_STARTERS = {"haproxy": _haproxy, "nginx": _nginx}
