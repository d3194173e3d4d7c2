"""The proxies that are compared, each in front of a recorder of its own, with the settings that a careful operator
would leave alone. They listen on Unix sockets, so that no port has to be guessed."""

import os
import shutil
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

from support.process import Reseal as ResealProcess  # noqa: E402

HAPROXY = """\
global
  maxconn 200
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
  timeout http-request 20s
  retries 0
  http-reuse always
frontend web
  bind unix@{socket}
  default_backend web
backend web
  server recorder 127.0.0.1:{port}
"""
NGINX = """\
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 200; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_header_timeout 20s;
  client_body_timeout 20s;
  upstream recorder {{ server 127.0.0.1:{port}; keepalive 8; }}
  server {{
    listen unix:{socket};
    location / {{
      proxy_pass http://recorder;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
      proxy_request_buffering off;
      proxy_next_upstream off;
    }}
  }}
}}
"""
RESEAL = """\
workers: 1
frontends:
  web:
    bind: "127.0.0.1:0"
    timeouts: {{ request_head: 20s, request_body: 20s }}
    default: web
backends:
  web:
    plaintext: refused
    retries: 0
    passive: off
    servers: {{ recorder: "127.0.0.1:{port}" }}
"""


class Started:
    """A child with a configuration file and a socket in a folder of its own."""

    def __init__(self, folder, name, template, command, port):
        self.folder = os.path.join(folder, name)
        os.mkdir(self.folder)
        self.socket = os.path.join(self.folder, "web.sock")
        config = os.path.join(self.folder, "config")
        with open(config, "w") as file:
            file.write(template.format(folder=self.folder, socket=self.socket, port=port))
        with open(os.path.join(self.folder, "output"), "wb") as output:
            self.child = subprocess.Popen([*command, config], stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        deadline = time.monotonic() + 10
        while True:
            try:
                self.connect().close()
                return
            except OSError:
                if self.child.poll() is not None or time.monotonic() > deadline:
                    with open(os.path.join(self.folder, "output")) as output:
                        raise AssertionError(f"{name} does not serve: {output.read()}") from None
            time.sleep(0.01)

    def connect(self):
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.connect(self.socket)
        except OSError:
            sock.close()
            raise
        return sock

    def stop(self):
        self.child.terminate()
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def program(name):
    path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    if path is None:
        raise AssertionError(f"{name} is not installed (tests/packages.txt, set test)")
    return path


class HAProxy(Started):
    def __init__(self, folder, port):
        super().__init__(folder, "haproxy", HAPROXY, [program("haproxy"), "-db", "-q", "-f"], port)


class Nginx(Started):
    def __init__(self, folder, port):
        # nginx changes into its prefix, and would keep an early log in the system's folder.
        super().__init__(folder, "nginx", NGINX, [program("nginx"), "-p", folder, "-e", "stderr", "-c"], port)


class Reseal:
    def __init__(self, folder, port):
        self.process = ResealProcess(RESEAL.format(port=port), folder)
        self.port = self.process.port()

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port))

    def stop(self):
        self.process.stop()


PEERS = {"reseal": Reseal, "HAProxy": HAProxy, "nginx": Nginx}
