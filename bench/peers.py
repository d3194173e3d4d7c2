"""What is measured: reseal and its peers, each as one process pinned to one core, all doing the same work.

Every peer gets the same certificate, the same TLS versions and ciphers, one worker, keep-alive to the servers with
reuse, mutual TLS with verification towards them, and no access log.
"""

import os
import signal
import subprocess
import time

CIPHERS = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"
SUITES = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384"


def wait_for_port(port, seconds=5.0):
    import socket

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on port {port}")


class Process:
    """A process of ours on one core; ended by its id."""

    def __init__(self, command, core, log):
        with open(log, "ab") as out:
            self.child = subprocess.Popen(["taskset", "-c", str(core)] + command, stdout=out, stderr=out,
                                          stdin=subprocess.DEVNULL, start_new_session=True)

    def pids(self):
        """The process and its descendants."""
        found, queue = [], [self.child.pid]
        while queue:
            pid = queue.pop()
            found.append(pid)
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/children") as children:
                        queue += [int(child) for child in children.read().split()]
            except OSError:
                pass
        return found

    def cpu_seconds(self):
        ticks = 0
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/stat") as stat:
                    fields = stat.read().rsplit(")", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
            except OSError:
                pass
        return ticks / os.sysconf("SC_CLK_TCK")

    def rss_kib(self):
        total = 0
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/smaps_rollup") as smaps:
                    for line in smaps:
                        if line.startswith("Pss:"):
                            total += int(line.split()[1])
            except OSError:
                pass
        return total

    def stop(self):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self.child.pid, signal.SIGKILL)
                self.child.wait()


def write(path, text):
    with open(path, "w") as file:
        file.write(text)
    return path


def origin_nginx(folder, ports, plain_ports, core):
    """The servers behind: one nginx, three mTLS ports and three plaintext ones."""
    listens = "".join(f"""
  server {{ listen 127.0.0.1:{tls} ssl backlog=4096; listen 127.0.0.1:{plain} backlog=4096;
    ssl_certificate {folder}/web.crt; ssl_certificate_key {folder}/web.key;
    ssl_client_certificate {folder}/ca.pem; ssl_verify_client on; ssl_session_cache shared:origin:4m;
    root {folder}/www; location = /healthz {{ return 200 "ok"; }} }}""" for tls, plain in zip(ports, plain_ports))
    write(f"{folder}/origin.conf", f"""daemon off; worker_processes 1; pid {folder}/origin.pid;
error_log {folder}/origin.log crit; worker_rlimit_nofile 65536;
events {{ worker_connections 32768; }}
http {{ access_log off; keepalive_requests 100000000; keepalive_timeout 300s; sendfile on; tcp_nodelay on;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers {CIPHERS};{listens}
}}
""")
    process = Process(["nginx", "-c", f"{folder}/origin.conf"], core, f"{folder}/origin.out")
    for port in ports:
        wait_for_port(port)
    return process


def reseal(binary, folder, port, ports, plain_ports, core):
    def backend(name, tls, targets):
        servers = "".join(f"      web{i}: \"127.0.0.1:{target}\"\n" for i, target in enumerate(targets))
        return f"  {name}:\n{tls}    servers:\n{servers}"

    mtls = (f"    tls: {{ ca: {folder}/ca.pem, certificate: {folder}/lb.pem, verify_host: web.internal,"
            f" ciphers: \"{CIPHERS}\", ciphersuites: \"{SUITES}\" }}\n    timeouts: {{ pool_idle: 60s }}\n"
            "    check: { http: /healthz, interval: 5s }\n")
    path = write(f"{folder}/reseal.yaml", f"""workers: 1
drain: 1s
log: {{ level: warn }}
admin: {{ socket: {folder}/admin.sock }}
frontends:
  tls:
    bind: "127.0.0.1:{port}"
    tls: {{ certificates: [{folder}/front.pem], ciphers: "{CIPHERS}", ciphersuites: "{SUITES}" }}
    default: mtls
  tls_plain:
    bind: "127.0.0.1:{port + 1}"
    tls: {{ certificates: [{folder}/front.pem], ciphers: "{CIPHERS}", ciphersuites: "{SUITES}" }}
    default: plain
  tcp:
    bind: "127.0.0.1:{port + 2}"
    mode: tcp
    default: plain
backends:
{backend("mtls", mtls, ports)}{backend("plain", "", plain_ports)}""")
    process = Process([binary, "run", "-c", path], core, f"{folder}/reseal.out")
    wait_for_port(port)
    return process


def haproxy(folder, port, ports, plain_ports, core):
    def servers(targets, options):
        return "".join(f"  server web{i} 127.0.0.1:{target} {options}\n" for i, target in enumerate(targets))

    mtls = (f"ssl crt {folder}/lb.pem ca-file {folder}/ca.pem verify required verifyhost web.internal "
            "sni str(web.internal) alpn http/1.1 check inter 5s")
    path = write(f"{folder}/haproxy.cfg", f"""global
  nbthread 1
  maxconn 9000
  ssl-default-bind-options ssl-min-ver TLSv1.2
  ssl-default-bind-ciphers {CIPHERS}
  ssl-default-bind-ciphersuites {SUITES}
  ssl-default-server-ciphers {CIPHERS}
  ssl-default-server-ciphersuites {SUITES}
defaults
  mode http
  option forwardfor
  http-reuse always
  option httpchk GET /healthz
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend tls
  bind 127.0.0.1:{port} ssl crt {folder}/front.pem alpn h2,http/1.1
  http-request set-header X-Forwarded-Proto https
  http-request set-header Forwarded for=%[src];host=%[req.hdr(host)];proto=https
  default_backend mtls
frontend tls_plain
  bind 127.0.0.1:{port + 1} ssl crt {folder}/front.pem alpn http/1.1
  http-request set-header X-Forwarded-Proto https
  http-request set-header Forwarded for=%[src];host=%[req.hdr(host)];proto=https
  default_backend plain
frontend tcp
  mode tcp
  bind 127.0.0.1:{port + 2}
  default_backend tcp
backend mtls
{servers(ports, mtls)}backend plain
{servers(plain_ports, "")}backend tcp
  mode tcp
{servers(plain_ports, "")}""")
    process = Process(["haproxy", "-db", "-f", path], core, f"{folder}/haproxy.out")
    wait_for_port(port)
    return process


def nginx(folder, port, ports, plain_ports, core):
    def upstream(name, targets):
        servers = " ".join(f"server 127.0.0.1:{target};" for target in targets)
        return f"  upstream {name} {{ {servers} keepalive 256; keepalive_requests 100000000; }}\n"

    def server(listen, scheme, extra):
        return f"""  server {{ listen 127.0.0.1:{listen} ssl http2 backlog=4096;
    ssl_certificate {folder}/front.crt; ssl_certificate_key {folder}/front.key;
    location / {{ proxy_pass {scheme}; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto https;
      proxy_set_header Forwarded "for=$remote_addr;host=$http_host;proto=https"; {extra} }} }}
"""

    mtls = (f"proxy_ssl_certificate {folder}/lb.crt; proxy_ssl_certificate_key {folder}/lb.key;"
            f"proxy_ssl_trusted_certificate {folder}/ca.pem; proxy_ssl_verify on; proxy_ssl_name web.internal;"
            f"proxy_ssl_server_name on; proxy_ssl_session_reuse on; proxy_ssl_protocols TLSv1.2 TLSv1.3;"
            f"proxy_ssl_ciphers {CIPHERS};")
    targets = " ".join(f"server 127.0.0.1:{target};" for target in plain_ports)
    path = write(f"{folder}/nginx.conf", f"""load_module modules/ngx_stream_module.so;
daemon off; worker_processes 1; pid {folder}/nginx.pid;
stream {{ upstream tcp {{ {targets} }} server {{ listen 127.0.0.1:{port + 2} backlog=4096; proxy_pass tcp; }} }}
error_log {folder}/nginx.log crit; worker_rlimit_nofile 65536;
events {{ worker_connections 32768; }}
http {{ access_log off; keepalive_requests 100000000; keepalive_timeout 300s; tcp_nodelay on;
  client_body_temp_path {folder}/n1; proxy_temp_path {folder}/n2; fastcgi_temp_path {folder}/n3;
  uwsgi_temp_path {folder}/n4; scgi_temp_path {folder}/n5;
  ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers {CIPHERS}; proxy_buffering on;
{upstream("mtls", ports)}{upstream("plain", plain_ports)}{server(port, "https://mtls", mtls)}{server(port + 1, "http://plain", "")}}}
""")
    process = Process(["nginx", "-c", path], core, f"{folder}/nginx.out")
    wait_for_port(port)
    return process


def nghttpx(folder, port, ports, _plain_ports, core):
    """HTTPS -> mTLS only: it has no other bind here."""
    backends = "".join(f"backend=127.0.0.1,{target};/;tls;sni=web.internal\n" for target in ports)
    path = write(f"{folder}/nghttpx.conf", f"""frontend=127.0.0.1,{port}
{backends}workers=1
private-key-file={folder}/front.key
certificate-file={folder}/front.crt
cacert={folder}/ca.pem
client-private-key-file={folder}/lb.key
client-cert-file={folder}/lb.crt
no-ocsp=yes
add-x-forwarded-for=yes
accesslog-file=/dev/null
errorlog-file={folder}/nghttpx.log
""")
    process = Process(["nghttpx", f"--conf={path}"], core, f"{folder}/nghttpx.out")
    wait_for_port(port)
    return process
