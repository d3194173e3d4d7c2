"""What every measurement stands on: a folder with certificates and bodies, and the servers behind the proxies."""

import dataclasses
import os
import shutil
import socket
import subprocess
import tempfile

from process import LOAD_CORE, Process, wait_for_port

# Everybody is told to take the one suite, on both sides: who may choose chooses differently.
CIPHERS = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"
SUITE = "TLS_AES_128_GCM_SHA256"


def write(path, text):
    with open(path, "w") as file:
        file.write(text)
    return path


def free_row(count):
    """The first of so many free ports in a row."""
    while True:
        probes = []
        try:
            first = 0
            for offset in range(count):
                probes.append(socket.socket())
                probes[-1].bind(("127.0.0.1", first + offset if first else 0))
                first = first or probes[-1].getsockname()[1]
            return first
        except (OSError, OverflowError):
            continue
        finally:
            for probe in probes:
                probe.close()


def make_pki(folder):
    def run(*command):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)

    ecdsa = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    rsa = ["-newkey", "rsa:2048", "-nodes"]
    run("openssl", "req", "-x509", *ecdsa, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Bench CA")
    front = "DNS:localhost,IP:127.0.0.1"
    for name, san, key in (("web", "DNS:web.internal", ecdsa), ("lb", "DNS:lb.internal", ecdsa), ("front", front, ecdsa),
                           ("rsa", front, rsa)):
        run("openssl", "req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        write(f"{folder}/{name}.ext", f"subjectAltName={san}\n")
        run("openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.crt")
        with open(f"{folder}/{name}.crt") as crt, open(f"{folder}/{name}.key") as private:
            write(f"{folder}/{name}.pem", crt.read() + private.read())


@dataclasses.dataclass
class Servers:
    """What a proxy is to pass requests to: the same three over mTLS and in plaintext."""
    tls_ports: list
    plain_ports: list


def new_servers():
    first = free_row(6)
    return Servers(list(range(first, first + 3)), list(range(first + 3, first + 6)))


class Lab:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="reseal-bench-")
        os.chmod(self.folder, 0o755)
        self._folders = 0
        os.mkdir(f"{self.folder}/www")
        for name, size in (("1k", 1024), ("1m", 1024 * 1024)):
            with open(f"{self.folder}/www/{name}", "wb") as file:
                file.write(os.urandom(size // 2).hex().encode()[:size])
        make_pki(self.folder)
        self.servers = new_servers()
        self._origin = self.origin(self.servers)

    def new_folder(self):
        self._folders += 1
        folder = f"{self.folder}/{self._folders}"
        os.mkdir(folder)
        return folder

    def origin(self, servers, core=LOAD_CORE):
        """An nginx of one worker that is these servers."""
        folder, pki = self.new_folder(), self.folder
        listens = "".join(f"""
  server {{ listen 127.0.0.1:{tls} ssl backlog=4096; listen 127.0.0.1:{plain} backlog=4096;
    ssl_certificate {pki}/web.crt; ssl_certificate_key {pki}/web.key;
    ssl_client_certificate {pki}/ca.pem; ssl_verify_client on; ssl_session_cache shared:origin:4m;
    root {pki}/www; location = /healthz {{ return 200 "ok"; }} }}""" for tls, plain in zip(servers.tls_ports, servers.plain_ports))
        write(f"{folder}/origin.conf", f"""daemon off; worker_processes 1; pid {folder}/origin.pid;
error_log {folder}/origin.log crit; worker_rlimit_nofile 65536;
events {{ worker_connections 32768; }}
http {{ access_log off; keepalive_requests 100000000; keepalive_timeout 300s; sendfile on; tcp_nodelay on;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers {CIPHERS}; ssl_conf_command Ciphersuites {SUITE};{listens}
}}
""")
        process = Process(["nginx", "-c", f"{folder}/origin.conf"], core, f"{folder}/origin.out")
        for port in servers.tls_ports:
            wait_for_port(port)
        return process

    def close(self):
        self._origin.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
