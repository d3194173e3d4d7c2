"""What the rules of a typical site cost: one haproxy.cfg, bare and with rules, under reseal and under HAProxy."""

import load
from bench import failures_of, median_of, stop_all
from lab import CIPHERS, SUITE, free_row, write
from peers import Running
from process import PROXY_CORE, Process, wait_for_port
from report import Section, Verdict

HOSTS = 10000

# 20 acls, ten edits of fields, a map of 10,000 hosts and a table of clients. A request passes all of them and none
# decides before the map does, so that every acl is asked.
RULES = """  stick-table type ip size 100k expire 1m store http_req_rate(10s)
  acl from_office src 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16
  acl from_banned src 198.51.100.0/24 203.0.113.0/24
  acl is_tls ssl_fc
  acl is_old_tls ssl_fc_protocol TLSv1.0 TLSv1.1
  acl is_get method GET HEAD
  acl is_trace method TRACE
  acl is_upgrade hdr(Upgrade) -i websocket
  acl is_api path_beg /api/ /v1/ /v2/
  acl is_static path_end .css .js .png .jpg .svg .woff2
  acl is_admin path_beg -i /admin
  acl is_dotfile path_sub /.
  acl is_script path_reg -i \\.(php|asp|cgi)$
  acl is_robot hdr_sub(User-Agent) -i bot crawler spider
  acl is_scanner hdr_reg(User-Agent) -i (sqlmap|nikto|masscan)
  acl is_shop hdr(Host) -i shop.example.com www.shop.example.com
  acl is_staging hdr_beg(Host) -i staging.
  acl is_old_site hdr_dom(Host) -i old.example.com
  acl has_session cook(session) -m found
  acl has_token hdr(Authorization) -m beg Bearer
  acl is_flooding sc_http_req_rate(0) gt 100000000
  http-request track-sc0 src
  http-request deny deny_status 429 if is_flooding
  http-request deny if from_banned or is_trace
  http-request deny if is_scanner or is_script
  http-request deny if is_dotfile !from_office
  http-request deny if is_admin !from_office
  http-request deny if is_old_tls
  http-request redirect scheme https code 301 if !is_tls
  http-request redirect prefix https://www.example.com code 301 if is_old_site
  http-request set-header X-Forwarded-Proto https if is_tls
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header X-Real-IP %[src]
  http-request set-header X-Client-Kind robot if is_robot
  http-request set-header X-Client-Kind person unless is_robot
  http-request del-header X-Internal-Token
  http-response set-header Strict-Transport-Security "max-age=31536000; includeSubDomains"
  http-response set-header X-Content-Type-Options nosniff
  http-response set-header X-Frame-Options DENY
  http-response del-header X-Powered-By
  use_backend shop if is_shop or has_session
  use_backend api if is_api has_token
  use_backend shop if is_upgrade
  use_backend shop if is_static is_staging is_get
  use_backend %[req.hdr(host),field(1,:),lower,map({hosts},mtls)]
"""
BACKENDS = ("shop", "api")


def config(lab, folder, port, with_rules):
    pki = lab.folder
    options = (f"ssl crt {pki}/lb.pem ca-file {pki}/ca.pem verify required verifyhost web.internal "
               "sni str(web.internal) alpn http/1.1 check inter 5s")
    servers = "".join(f"  server web{i} 127.0.0.1:{target} {options}\n" for i, target in enumerate(lab.servers.tls_ports))
    backend = "  option httpchk GET /healthz\n  http-reuse always\n" + servers
    rules, more = "", ""
    if with_rules:
        hosts = write(f"{folder}/hosts.map", "".join(f"host{i}.example.com mtls\n" for i in range(HOSTS)))
        rules = RULES.replace("{hosts}", hosts)
        more = "".join(f"backend {name}\n{backend}" for name in BACKENDS)
    return f"""global
  nbthread 1
  no strict-limits
  maxconn 12000
  ssl-default-bind-options ssl-min-ver TLSv1.2
  ssl-default-bind-ciphers {CIPHERS}
  ssl-default-bind-ciphersuites {SUITE}
  ssl-default-server-ciphers {CIPHERS}
  ssl-default-server-ciphersuites {SUITE}
defaults
  mode http
  option forwardfor
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend site
  bind 127.0.0.1:{port} ssl crt {pki}/front.pem alpn h2,http/1.1
{rules}  default_backend mtls
backend mtls
{backend}{more}"""


def start(bench, command, with_rules):
    folder, port = bench.lab.new_folder(), free_row(1)
    path = write(f"{folder}/haproxy.cfg", config(bench.lab, folder, port, with_rules))
    process = Process([*command, "-db", "-f", path], PROXY_CORE, f"{folder}/out")
    running = Running(command[0], process, folder, {"tls": port}, bench.lab.servers)
    try:
        wait_for_port(port)
    except RuntimeError:
        running.stop()
        with open(process.log) as log:
            raise RuntimeError(log.read()) from None
    return running


def run(bench):
    commands = {"reseal": [bench.binary, "haproxy"], "haproxy": ["haproxy"]}
    running = {}
    try:
        for peer, command in commands.items():
            running[f"{peer}, bare"] = start(bench, command, False)
            running[f"{peer}, rules"] = start(bench, command, True)
        results = bench.take_turns("rules", running, lambda _, each: bench.measured(
            each, lambda: load.wrk(each.ports["tls"], "/1k", 64, bench.seconds(4)),
            lambda: load.wrk(each.ports["tls"], "/1k", 64, 1)))
    finally:
        stop_all(running)
    cpu = {key: median_of(rounds, "cpu_us") for key, rounds in results.items()}
    table = [["", "CPU µs/request, bare", "with the rules", "ratio", "p99 ms", "with the rules", "errors"]]
    ratios = {}
    for peer in commands:
        bare, rules = f"{peer}, bare", f"{peer}, rules"
        ratios[peer] = cpu[rules] / cpu[bare]
        table.append([peer, f"{cpu[bare]:.1f}", f"{cpu[rules]:.1f}", f"{ratios[peer]:.2f}",
                      f"{median_of(results[bare], 'p99_ms'):.2f}", f"{median_of(results[rules], 'p99_ms'):.2f}",
                      str(failures_of(results[bare]) + failures_of(results[rules]))])
    return Section("a haproxy.cfg with 20 acls, ten edits of fields, a map of 10,000 hosts and a stick table, the main job",
                   table, [], [
        Verdict("CPU with these rules", ratios["reseal"], 1.10, "× that of the same file without", is_ratio_to_peers=False),
        Verdict("CPU with these rules, beside HAProxy", cpu["reseal, rules"] / cpu["haproxy, rules"], 1.0)])
