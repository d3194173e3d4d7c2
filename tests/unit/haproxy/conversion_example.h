// A haproxy.cfg that says something of everything that is obeyed (docs/haproxy.md).
#pragma once

namespace reseal::haproxy::test {

inline constexpr const char* kEverything = R"(global
  maxconn 4000
  nbthread 3
  ca-base /etc/ca
  crt-base /etc/crt
  log 127.0.0.1:1514 len 2048 format rfc5424 sample 1-2,5:10 local3 notice err
  log /dev/log local0
  log stdout format raw daemon
  log stderr format timed local1 info
  log fd@5 format short local2
  log [::1]:514 format rfc3164 local4
  log-tag edge
  log-send-hostname lb1
  hard-stop-after 30s
  daemon
  pidfile /run/edge.pid
  user nobody
  group nogroup
  chroot /var/empty
  unix-bind prefix /tmp mode 600 user nobody group nogroup
  stats socket /run/edge.sock mode 660 user nobody group nogroup level admin
  stats socket 127.0.0.1:9999 level user
  stats socket abns@edge level operator
  stats timeout 30s
  stats maxconn 20
  node edge1
  description the "front" of it all
  ssl-default-bind-ciphers ECDHE-ECDSA-AES128-GCM-SHA256
  ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256
  ssl-default-bind-curves P-256
  ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets
  ssl-default-server-ciphers ECDHE-RSA-AES128-GCM-SHA256
  ssl-default-server-ciphersuites TLS_AES_256_GCM_SHA384
  ssl-default-server-options ssl-min-ver TLSv1.3
  setenv COLOUR green

http-errors pages
  errorfile 404 /etc/errors/404.http
  errorfile 503 /etc/errors/503.http

defaults common
  mode http
  log global
  option httplog
  option dontlognull
  timeout connect 3s
  timeout client 20s
  timeout server 21s
  timeout check 1s
  timeout http-request 6s
  timeout http-keep-alive 7s
  timeout queue 8s
  timeout tunnel 2h
  timeout client-fin 9s
  timeout server-fin 9s
  timeout tarpit 11s
  retries 4
  retry-on conn-failure empty-response response-timeout junk-response 503 504
  option redispatch 2
  option forwardfor except 127.0.0.0/8 header X-Client if-none
  option originalto except 10.0.0.0/8 header X-Was
  errorfile 403 /etc/errors/403.http

defaults bare
  mode tcp
  timeout connect 1s
  timeout client 1m
  timeout server 1m

frontend web from common
  id 77
  bind 127.0.0.1:8080,127.0.0.1:8081 name plain id 5 backlog 100 interface lo mss 1400 tcp-ut 30s tfo defer-accept accept-proxy
  bind :8443 ssl crt site.pem crt certs/ alpn h2,http/1.1 strict-sni ciphers ECDHE-RSA-AES128-GCM-SHA256 ciphersuites TLS_AES_256_GCM_SHA384 curves X25519 prefer-client-ciphers ssl-min-ver TLSv1.3 verify optional ca-file clients.pem ca-verify-file more.pem crl-file revoked.pem no-ca-names crt-ignore-err 10,20 ca-ignore-err all
  bind /run/edge-web.sock mode 666 uid 0 gid 0
  bind abns@web
  bind fd@7
  bind [::1]:8090 proto h2 v6only
  maxconn 500
  rate-limit sessions 100
  option http-keep-alive
  option clitcpka
  option dontlog-normal
  option log-separate-errors
  option logasap
  log-format-sd "[edge@1 client=\"%ci\"]"
  error-log-format "%ci %[ssl_fc_err] '%ft'"
  capture request header User-Agent len 64
  capture request header Host len 32
  capture response header Content-Type len 16
  capture cookie SRV= len 24
  unique-id-format %{+X}o%ci:%cp_%Ts
  unique-id-header X-Unique
  monitor-uri /alive
  monitor fail if { nbsrv(app) lt 1 } or { path /never }
  errorfiles pages
  compression algo gzip
  compression type text/html text/plain
  acl is_api path_beg /api
  acl odd path_reg ^/a\.b(c|d)+$ 'x y'
  acl quoted hdr(x-q) -m str "it's \"so\"" \# plain
  stick-table type string len 48 size 10k expire 30m nopurge store gpc0,http_req_rate(10s),conn_cur,gpt(3)
  tcp-request connection reject if { src 192.0.2.0/24 }
  tcp-request session accept if { src 10.0.0.1 }
  tcp-request inspect-delay 4s
  tcp-request content track-sc0 src
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 50 }
  http-request set-header X-Text "with blanks, 100%% and %[src]"
  http-request return status 200 content-type text/plain string "one\ntwo" if { path /two }
  http-request replace-path (.*) /v1\1 if is_api
  http-request tarpit if odd
  http-response del-header Server
  http-after-response set-header X-After 1
  redirect location https://example.org/a%20b code 301 if { path /old }
  redirect prefix https://www.example.org drop-query if { hdr(host) example.org }
  use_backend api if is_api
  use_backend %[req.hdr(x-backend)] if quoted
  default_backend app

frontend tls
  mode tcp
  option tcplog
  timeout client 1m
  bind :9443
  log 127.0.0.1:1515 local0
  tcp-request inspect-delay 5s
  tcp-request content accept if { req_ssl_hello_type 1 }
  use_backend passed if { req.ssl_sni -i mail.example.org }

listen both from common
  bind 127.0.0.1:8099
  option httpclose
  option http-server-close
  balance hdr(X-User) use_domain_only
  hash-type consistent wt6
  hash-balance-factor 150
  stats enable
  stats uri /admin
  stats realm Who\ are\ you
  stats auth admin:se:cret
  stats auth guest:guest
  stats refresh 10s
  stats hide-version
  stats show-legends
  stats show-node
  stats show-desc the whole
  stats scope .
  stats scope app
  server b1 10.0.1.1:80
  server b2 10.0.1.1:80 id 9

backend app from common
  id 88
  balance uri len 20 depth 3 whole path-only
  hash-type map-based djb2 avalanche
  option allbackups
  option persist
  option httpchk GET /up HTTP/1.1\r\nHost:\ www.example.org
  http-check connect port 8088 ssl sni up.example.org alpn h2,http/1.1 comment first
  http-check send meth POST uri /up hdr X-Check "a b" body "are you well" comment asks
  http-check expect min-recv 5 comment judged ok-status L7OKC error-status L7RSP tout-status L7TOUT on-success "well done" on-error "so sad" rstatus ^2
  http-check expect ! hdr name -m beg X-B value -m sub ad
  http-check expect fhdr name X-Whole value -m reg ^a,b
  http-check expect status 200-204,299
  http-check expect string ready
  http-check expect rstring re.*dy
  http-check disable-on-404
  http-check send-state
  option log-health-checks
  option http-pretend-keepalive
  option srvtcpka
  http-reuse never
  compression algo gzip
  compression offload
  cookie SRV insert indirect nocache postonly preserve httponly secure maxidle 30m maxlife 8h domain example.org dynamic attr SameSite=None
  dynamic-cookie-key sesame
  log-tag app
  stick-table type ip size 1m expire 1h srvkey addr store server_id,bytes_out_rate(1m),gpc_rate(2,5s)
  stick on src
  stick match req.cook(other) table web if { path /m }
  stick store-request src if { path /s }
  stick store-response res.hdr(x-key) table web
  acl special path /special
  use-server a2 if special
  ignore-persist if { path_end .png }
  force-persist if { src 10.9.9.9 }
  http-request set-path /inner%[path] if special
  http-response set-status 201 if { status 200 }
  errorfile 502 /etc/errors/502.http
  default-server inter 3s fastinter 1s downinter 5s rise 3 fall 4 slowstart 20s weight 10 maxconn 30 init-addr last,libc,none resolve-prefer ipv4
  server a1 10.0.2.1:8080 check port 8088 addr 10.0.2.99 check-sni probe.example.org check-alpn h2 check-send-proxy observe layer7 error-limit 5 on-error mark-down cookie one weight 20
  server a2 10.0.2.2:8080 check check-ssl verify required ca-file other.pem non-stick source 10.0.0.1:4000 backup
  server a3 10.0.2.3:8443 check ssl verify required ca-file ca.pem crt lb.pem sni str(a3.example.org) verifyhost a3.internal alpn h2,http/1.1 ciphers ECDHE-RSA-AES256-GCM-SHA384 ciphersuites TLS_AES_128_GCM_SHA256 ssl-min-ver TLSv1.2 ssl-max-ver TLSv1.3 send-proxy-v2
  server a4 10.0.2.4:8443 ssl verify none send-proxy no-check disabled
  server a5 10.0.2.5:8080 track app/a1 id 50
  server a6 10.0.2.6:8080 check observe layer4 on-error sudden-death proto h2 source 10.0.0.2
  server-template t 1-3 pool.example.org:8080 check init-addr none

backend api from common
  balance hash req.cook(user)
  hash-type consistent crc32 avalanche
  http-reuse safe
  cookie ROUTE prefix
  option smtpchk EHLO example.org
  server api1 10.0.3.1:8080 check
  server api2 10.0.3.2:8080 check inter 10s

backend passed
  mode tcp
  timeout connect 1s
  timeout server 1m
  balance first
  option tcp-check
  tcp-check connect port 25 send-proxy
  tcp-check send PING\r\n
  tcp-check send-binary 00ff0d0a comment bytes
  tcp-check expect string +PONG
  tcp-check expect rstring ^a.c
  tcp-check expect ! binary 00ff
  tcp-check expect rbinary ^2b
  server p1 10.0.4.1:25 check
  server p2 10.0.4.2:25 check

backend redis
  mode tcp
  timeout connect 1s
  timeout server 1m
  balance random(5)
  option redis-check
  server r1 10.0.5.1:6379 check

backend mysql
  mode tcp
  timeout connect 1s
  timeout server 1m
  balance url_param user
  option mysql-check user monitor
  server m1 10.0.6.1:3306 check

backend postgres
  mode tcp
  timeout connect 1s
  timeout server 1m
  balance source
  hash-type consistent
  option pgsql-check user monitor
  server g1 10.0.7.1:5432 check

backend ldap
  mode tcp
  timeout connect 1s
  timeout server 1m
  balance leastconn
  option ldap-check
  server l1 10.0.8.1:389 check

backend hello
  timeout connect 1s
  timeout server 1m
  option ssl-hello-chk
  server h1 10.0.9.1:443 check

backend parameter from common
  balance url_param id
  cookie APP rewrite
  server q1 10.0.10.1:80

backend nobody from common

backend kept
  stick-table type ipv6 size 100
)";

}  // namespace reseal::haproxy::test
