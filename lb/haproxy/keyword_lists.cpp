// Names of sections' keywords, actions and options: those of HAProxy 2.6 (haproxy -dKall and its manual) and those
// that came until 3.4. A differential test holds the lists to the HAProxy that is installed.
#include "lb/haproxy/keyword_lists.h"

namespace reseal::haproxy {
namespace {

constexpr KeywordList kLists[] = {
    {Vocabulary::kGlobal,
     "51degrees-cache-size 51degrees-data-file 51degrees-property-name-list "
     "51degrees-property-separator acme.scheduler anonkey busy-polling ca-base chroot "
     "close-spread-time cluster-secret cpu-affinity cpu-map cpu-policy cpu-set crt-base daemon "
     "default-path description deviceatlas-json-file deviceatlas-log-level "
     "deviceatlas-properties-cookie deviceatlas-separator dns-accept-family "
     "expose-deprecated-directives expose-experimental-directives external-check fd-hard-limit "
     "force-cfg-parser-pause gid group h1-accept-payload-with-any-method h1-case-adjust "
     "h1-case-adjust-file h1-do-not-close-on-insecure-transfer-encoding "
     "h2-workaround-bogus-websocket-clients hard-stop-after harden.reject-privileged-ports.quic "
     "harden.reject-privileged-ports.tcp http-err-codes http-fail-codes httpclient.resolvers.disabled "
     "httpclient.resolvers.id httpclient.resolvers.prefer httpclient.retries httpclient.ssl.ca-file "
     "httpclient.ssl.verify httpclient.timeout.connect insecure-fork-wanted insecure-setuid-wanted "
     "issuers-chain-path jwt.decrypt_alg_list jwt.decrypt_enc_list key-base limited-quic localpeer log "
     "log-send-hostname log-tag lua-load lua-load-per-thread lua-prepend-path master-worker "
     "max-spread-checks max-threads-per-group maxcompcpuusage maxcomprate maxconn maxconnrate maxpipes "
     "maxsessrate maxsslconn maxsslrate maxzlibmem mworker-max-reloads nbthread no-memory-trimming "
     "no-quic node noepoll noevports nogetaddrinfo nokqueue noktls nopoll noreuseport nosplice "
     "numa-cpu-mapping ocsp-update.disable ocsp-update.httpproxy ocsp-update.maxdelay "
     "ocsp-update.mindelay ocsp-update.mode pidfile pp2-never-send-local prealloc-fd presetenv "
     "profiling.memory profiling.tasks quiet resetenv server-state-base server-state-file set-dumpable "
     "set-var set-var-fmt setcap setenv shm-stats-file shm-stats-file-max-objects spread-checks "
     "ssl-default-bind-ciphers ssl-default-bind-ciphersuites ssl-default-bind-client-sigalgs "
     "ssl-default-bind-curves ssl-default-bind-options ssl-default-bind-sigalgs "
     "ssl-default-server-ciphers ssl-default-server-ciphersuites ssl-default-server-client-sigalgs "
     "ssl-default-server-curves ssl-default-server-options ssl-default-server-sigalgs "
     "ssl-dh-param-file ssl-engine ssl-load-extra-del-ext ssl-load-extra-files ssl-mode-async "
     "ssl-passphrase-cmd ssl-propquery ssl-provider ssl-provider-path ssl-security-level "
     "ssl-server-verify ssl-skip-self-issued-ca stats stats-file stress-level strict-limits "
     "thread-group thread-groups thread-hard-limit tune.applet.zero-copy-forwarding tune.buffers.limit "
     "tune.buffers.reserve tune.bufsize tune.bufsize.large tune.bufsize.small "
     "tune.cli.max-payload-size tune.comp.maxlevel tune.defaults.purge tune.disable-fast-forward "
     "tune.disable-zero-copy-forwarding tune.epoll.mask-events tune.events.max-events-at-once "
     "tune.fail-alloc tune.fd.edge-triggered tune.glitches.kill.cpu-usage "
     "tune.h1.be.glitches-threshold tune.h1.fe.glitches-threshold tune.h1.zero-copy-fwd-recv "
     "tune.h1.zero-copy-fwd-send tune.h2.be.glitches-threshold tune.h2.be.initial-window-size "
     "tune.h2.be.max-concurrent-streams tune.h2.be.max-frames-at-once tune.h2.be.rxbuf "
     "tune.h2.fe.glitches-threshold tune.h2.fe.initial-window-size tune.h2.fe.max-concurrent-streams "
     "tune.h2.fe.max-frames-at-once tune.h2.fe.max-rst-at-once tune.h2.fe.max-total-streams "
     "tune.h2.fe.rxbuf tune.h2.header-table-size tune.h2.initial-window-size tune.h2.log-errors "
     "tune.h2.max-concurrent-streams tune.h2.max-frame-size tune.h2.zero-copy-fwd-send "
     "tune.http.cookielen tune.http.logurilen tune.http.maxhdr tune.idle-pool.shared tune.idletimer "
     "tune.listener.default-shards tune.listener.multi-queue tune.lua.bool-sample-conversion "
     "tune.lua.burst-timeout tune.lua.forced-yield tune.lua.log.loggers tune.lua.log.stderr "
     "tune.lua.maxmem tune.lua.openlibs tune.lua.service-timeout tune.lua.session-timeout "
     "tune.lua.task-timeout tune.max-checks-per-thread tune.max-rules-at-once tune.maxaccept "
     "tune.maxpollevents tune.maxrewrite tune.memory.hot-size tune.notsent-lowat.client "
     "tune.notsent-lowat.server tune.pattern.cache-size tune.peers.max-updates-at-once tune.pipesize "
     "tune.pool-high-fd-ratio tune.pool-low-fd-ratio tune.pt.zero-copy-forwarding tune.quic.cc-hystart "
     "tune.quic.cc.cubic.min-losses tune.quic.disable-tx-pacing tune.quic.disable-udp-gso "
     "tune.quic.frontend.conn-tx-buffers.limit tune.quic.frontend.default-max-window-size "
     "tune.quic.frontend.glitches-threshold tune.quic.frontend.max-data-size "
     "tune.quic.frontend.max-idle-timeout tune.quic.frontend.max-streams-bidi "
     "tune.quic.frontend.max-tx-mem tune.quic.max-frame-loss tune.quic.reorder-ratio "
     "tune.quic.retry-threshold tune.quic.socket-owner tune.quic.zero-copy-fwd-send "
     "tune.rcvbuf.backend tune.rcvbuf.client tune.rcvbuf.frontend tune.rcvbuf.server tune.recv_enough "
     "tune.renice.runtime tune.renice.startup tune.ring.queues tune.runqueue-depth "
     "tune.sched.low-latency tune.sndbuf.backend tune.sndbuf.client tune.sndbuf.frontend "
     "tune.sndbuf.server tune.ssl.cachesize tune.ssl.capture-buffer-size "
     "tune.ssl.capture-cipherlist-size tune.ssl.certificate-compression tune.ssl.default-dh-param "
     "tune.ssl.force-private-cache tune.ssl.hard-maxrecord tune.ssl.keylog tune.ssl.lifetime "
     "tune.ssl.maxrecord tune.ssl.ocsp-update.maxdelay tune.ssl.ocsp-update.mindelay "
     "tune.ssl.ssl-ctx-cache-size tune.stick-counters tune.streams-elasticity "
     "tune.takeover-other-tg-connections tune.vars.check-max-size tune.vars.global-max-size "
     "tune.vars.proc-max-size tune.vars.reqres-max-size tune.vars.sess-max-size tune.vars.txn-max-size "
     "tune.zlib.memlevel tune.zlib.windowsize uid ulimit-n unix-bind unsetenv user "
     "warn-blocked-traffic-after wurfl-cache-size wurfl-data-file wurfl-information-list "
     "wurfl-information-list-separator zero-warning"},
    {Vocabulary::kGlobalStats, "bind-process calculate-max-counters file maxconn socket timeout"},
    {Vocabulary::kProxy,
     "acl@nflb backlog@dfl balance@dlb bind-process bind@fl capture@fl clitcpka-cnt@dfl "
     "clitcpka-idle@dfl clitcpka-intvl@dfl compression cookie@dlb declare@fl! default-server@dlb! "
     "default_backend@dfl description@flb disabled dispatch@lb dynamic-cookie-key@dlb email-alert "
     "enabled error-log-format@dfl errorfile errorfiles errorloc errorloc302 errorloc303 "
     "external-check filter-sequence@flb filter@flb force-be-switch@nflb force-persist@lb fullconn@dlb "
     "guid@flb hash-balance-factor hash-preserve-affinity@dlb hash-type@dlb "
     "http-after-response@nflb http-check@dlb http-error http-request@nflb http-response@nflb "
     "http-reuse@dlb http-send-name-header@dlb id@flb ignore-persist@lb "
     "load-server-state-from-file@dlb log log-format-sd@dfl log-format@dfl log-steps@dfl log-tag "
     "max-keep-alive-queue@dlb max-session-srv-conns@dfl maxconn@dfl mode monitor-uri@dfl monitor@fl "
     "option persist rate-limit@dfl redirect@flb retries@dlb retry-on@dlb! server-state-file-name@dlb "
     "server-template@lb! server@lb! source@dlb srvtcpka-cnt@dlb srvtcpka-idle@dlb srvtcpka-intvl@dlb "
     "ssl-f-use@fl stats stick-table@flb stick@lb tcp-check@dlb tcp-request@nflb tcp-response@nlb! "
     "timeout transparent unique-id-format unique-id-header use-fcgi-app@lb! use-server@lb "
     "use_backend@fl"},
    {Vocabulary::kStats,
     "admin@flb auth enable hide-version http-request@flb realm refresh scope show-desc show-legends "
     "show-modules show-node uri"},
    {Vocabulary::kOption,
     "abortonclose@dlb accept-invalid-http-request@dfl accept-invalid-http-response@dlb "
     "accept-unsafe-violations-in-http-request@dfl accept-unsafe-violations-in-http-response@dlb "
     "allbackups@dlb checkcache@dlb clitcpka@dfl contstats@dfl disable-h2-upgrade@dfl "
     "dontlog-normal@dfl dontlognull@dfl external-check@dlb forwarded@dlb forwardfor "
     "h1-case-adjust-bogus-client@dfl h1-case-adjust-bogus-server@dlb http-buffer-request "
     "http-drop-request-trailers@dlb http-drop-response-trailers@dfl http-ignore-probes@dfl "
     "http-keep-alive http-no-delay http-pretend-keepalive@dlb http-restrict-req-hdr-names "
     "http-server-close http-use-proxy-header@dfl httpchk@dlb httpclose httplog@dfl httpslog@dfl "
     "idle-close-on-response@dfl independent-streams ldap-check@dlb log-health-checks@dlb "
     "log-separate-errors@dfl logasap@dfl mysql-check@dlb nolinger originalto persist@dlb "
     "pgsql-check@dlb prefer-last-server@dlb redis-check@dlb redispatch@dlb smtpchk@dlb "
     "socket-stats@dfl splice-auto splice-request splice-response spop-check@dlb srvtcpka@dlb "
     "ssl-hello-chk@dlb tcp-check@dlb tcp-smart-accept@dfl tcp-smart-connect@dlb tcpka tcplog "
     "transparent@dlb"},
    {Vocabulary::kTimeout,
     "check@dlb client-fin@dfl client@dfl connect@dlb http-keep-alive http-request queue@dlb "
     "server-fin@dlb server@dlb tarpit tunnel@dlb"},
    {Vocabulary::kResolvers,
     "accepted_payload_size hold nameserver parse-resolv-conf resolution_pool_size resolve_retries "
     "timeout"},
    {Vocabulary::kUserlist, "group user"},
    {Vocabulary::kPeers, "bind default-bind default-server disabled enabled log peer server shards table"},
    {Vocabulary::kMailers, "mailer timeout"},
    {Vocabulary::kHttpErrors, "errorfile"},
    {Vocabulary::kCache, "max-age max-object-size max-secondary-entries process-vary total-max-size"},
    {Vocabulary::kRing, "backing-file description format maxlen server size timeout"},
    {Vocabulary::kLogForward, "backlog bind dgram-bind guid log maxconn option timeout"},
    {Vocabulary::kLogProfile, "log-tag on"},
    {Vocabulary::kProgram, "command group no option user"},
    {Vocabulary::kFcgiApp, "acl docroot index log-stderr no option pass-header path-info set-param"},
    {Vocabulary::kCrtStore, "crt-base key-base load"},
    {Vocabulary::kTraces, "trace"},
    {Vocabulary::kAcme,
     "account-key acme-vars bits challenge challenge-ready contact curves directory dns-delay "
     "dns-timeout eab-key-id eab-mac-alg eab-mac-key keytype map profile provider-name reuse-key"},
    {Vocabulary::kTcpRequestConnection,
     "accept capture do-log expect-netscaler-cip expect-proxy reject sc-add-gpc sc-inc-gpc sc-inc-gpc0 "
     "sc-inc-gpc1 sc-set-gpt sc-set-gpt0 set-dst set-dst-port set-fc-mark set-fc-tos set-mark set-src "
     "set-src-port set-tos set-var set-var-fmt silent-drop track-sc* unset-var"},
    {Vocabulary::kTcpRequestSession,
     "accept attach-srv capture do-log reject sc-add-gpc sc-inc-gpc sc-inc-gpc0 sc-inc-gpc1 sc-set-gpt "
     "sc-set-gpt0 set-dst set-dst-port set-fc-mark set-fc-tos set-mark set-src set-src-port set-tos "
     "set-var set-var-fmt silent-drop track-sc* unset-var"},
    {Vocabulary::kTcpRequestContent,
     "accept capture do-log do-resolve ot-group reject sc-add-gpc sc-inc-gpc sc-inc-gpc0 sc-inc-gpc1 "
     "sc-set-gpt sc-set-gpt0 send-spoe-group set-bandwidth-limit set-bc-mark set-bc-tos set-dst "
     "set-dst-port set-fc-mark set-fc-tos set-log-level set-mark set-nice set-priority-class "
     "set-priority-offset set-retries set-src set-src-port set-tos set-var set-var-fmt silent-drop "
     "switch-mode track-sc* unset-var use-service"},
    {Vocabulary::kTcpResponseContent,
     "accept close do-log ot-group reject sc-add-gpc sc-inc-gpc sc-inc-gpc0 sc-inc-gpc1 sc-set-gpt "
     "sc-set-gpt0 send-spoe-group set-bandwidth-limit set-fc-mark set-fc-tos set-log-level set-mark "
     "set-nice set-tos set-var set-var-fmt silent-drop unset-var"},
    {Vocabulary::kHttpRequest,
     "add-acl add-header add-headers-bin allow auth cache-use capture del-acl del-header "
     "del-headers-bin del-map deny disable-l7-retry do-log do-resolve early-hint normalize-uri "
     "ot-group pause redirect reject replace-header replace-path replace-pathq replace-uri "
     "replace-value return sc-add-gpc sc-inc-gpc sc-inc-gpc0 sc-inc-gpc1 sc-set-gpt sc-set-gpt0 "
     "send-spoe-group set-bandwidth-limit set-bc-mark set-bc-tos set-dst set-dst-port set-fc-mark "
     "set-fc-tos set-header set-headers-bin set-log-level set-map set-mark set-method set-nice "
     "set-path set-pathq set-priority-class set-priority-offset set-query set-retries set-src "
     "set-src-port set-timeout set-tos set-uri set-var set-var-fmt silent-drop strict-mode tarpit "
     "track-sc* unset-var use-service wait-for-body wait-for-handshake"},
    {Vocabulary::kHttpResponse,
     "add-acl add-header add-headers-bin allow cache-store capture del-acl del-header del-headers-bin "
     "del-map deny do-log ot-group pause redirect replace-header replace-value return sc-add-gpc "
     "sc-inc-gpc sc-inc-gpc0 sc-inc-gpc1 sc-set-gpt sc-set-gpt0 send-spoe-group set-bandwidth-limit "
     "set-fc-mark set-fc-tos set-header set-headers-bin set-log-level set-map set-mark set-nice "
     "set-status set-timeout set-tos set-var set-var-fmt silent-drop strict-mode track-sc* unset-var "
     "wait-for-body"},
    {Vocabulary::kHttpAfterResponse,
     "add-header add-headers-bin allow capture del-acl del-header del-headers-bin del-map do-log "
     "ot-group replace-header replace-value sc-add-gpc sc-inc-gpc sc-inc-gpc0 sc-inc-gpc1 sc-set-gpt "
     "sc-set-gpt0 set-header set-headers-bin set-log-level set-map set-status set-var set-var-fmt "
     "strict-mode unset-var"},
    {Vocabulary::kHttpCheck,
     "comment connect disable-on-404 expect send send-state set-var set-var-fmt unset-var"},
    {Vocabulary::kTcpCheck,
     "comment connect expect send send-binary send-binary-lf send-lf set-var set-var-fmt unset-var"},
    {Vocabulary::kTcpRequest, "connection@nfl! content@nflb inspect-delay@nflb session@nfl!"},
    {Vocabulary::kTcpResponse, "content@nlb! inspect-delay@nlb!"},
    {Vocabulary::kBind,
     "accept-netscaler-cip/1 accept-proxy/0 allow-0rtt/0 alpn/1 backlog/1 ca-file/1 ca-ignore-err/1 "
     "ca-sign-file/1 ca-sign-pass/1 ca-sign-use-chain/0 ca-verify-file/1 cc/1 ciphers/1 ciphersuites/1 "
     "client-sigalgs/1 crl-file/1 crt-ignore-err/1 crt-list/1 crt/1 curves/1 default-crt/1 "
     "defer-accept/0 ecdhe/1 expose-fd/1 force-sslv3/0 force-tlsv10/0 force-tlsv11/0 force-tlsv12/0 "
     "force-tlsv13/0 generate-certificates/0 gid/1 group/1 guid-prefix/1 id/1 idle-ping/1 interface/1 "
     "ktls/1 label/1 level/1 maxconn/1 mode/1 mss/1 name/1 namespace/1 nbconn/1 nice/1 no-alpn/0 "
     "no-ca-names/0 no-sslv3/0 no-strict-sni/0 no-tls-tickets/0 no-tlsv10/0 no-tlsv11/0 no-tlsv12/0 "
     "no-tlsv13/0 npn/1 ocsp-update/1 prefer-client-ciphers/0 process/1 proto/1 quic-cc-algo/1 "
     "quic-force-retry/0 quic-socket/1 severity-output/1 shards/1 sigalgs/1 ssl-max-ver/1 "
     "ssl-min-ver/1 strict-sni/0 tcp-md5sig/1 tcp-ss/1 tcp-ut/1 tfo/0 thread/1 tls-ticket-keys/1 "
     "tls-tickets/0 transparent/0 uid/1 user/1 v4v6/0 v6only/0 verify/1"},
    {Vocabulary::kServer,
     "addr/1 agent-addr/1 agent-check/0 agent-inter/1 agent-port/1 agent-send/1 allow-0rtt/0 alpn/1 "
     "backup/0 ca-file/1 cc/1 check-alpn/1 check-pool-conn-name/1 check-proto/1 check-reuse-pool/0 "
     "check-send-proxy/0 check-sni-auto/0 check-sni/1 check-ssl/0 check-via-socks4/0 check/0 ciphers/1 "
     "ciphersuites/1 client-sigalgs/1 cookie/1 crl-file/1 crt/1 curves/1 disabled/0 downinter/1 "
     "enabled/0 error-limit/1 fall/1 fastinter/1 force-sslv3/0 force-tlsv10/0 force-tlsv11/0 "
     "force-tlsv12/0 force-tlsv13/0 guid/1 hash-key/1 healthcheck/1 id/1 idle-ping/1 init-addr/1 "
     "init-state/1 inter/1 ktls/1 log-bufsize/1 log-proto/1 max-reuse/1 maxconn/1 maxqueue/1 minconn/1 "
     "namespace/1 no-agent-check/0 no-backup/0 no-check-reuse-pool/0 no-check-send-proxy/0 "
     "no-check-sni-auto/0 no-check-ssl/0 no-check/0 no-renegotiate/0 no-send-proxy-v2-ssl-cn/0 "
     "no-send-proxy-v2-ssl/0 no-send-proxy-v2/0 no-send-proxy/0 no-sni-auto/0 no-ssl-reuse/0 no-ssl/0 "
     "no-sslv3/0 no-tfo/0 no-tls-tickets/0 no-tlsv10/0 no-tlsv11/0 no-tlsv12/0 no-tlsv13/0 non-stick/0 "
     "npn/1 observe/1 on-error/1 on-marked-down/1 on-marked-up/1 pool-conn-name/1 pool-low-conn/1 "
     "pool-max-conn/1 pool-purge-delay/1 port/1 proto/1 proxy-v2-options/1 quic-cc-algo/1 redir/1 "
     "renegotiate/0 resolve-net/1 resolve-opts/1 resolve-prefer/1 resolvers/1 rise/1 "
     "send-proxy-v2-ssl-cn/0 send-proxy-v2-ssl/0 send-proxy-v2/0 send-proxy/0 set-proxy-v2-tlv-fmt/1 "
     "shard/1 sigalgs/1 slowstart/1 sni-auto/0 sni/1 socks4/1 source ssl-max-ver/1 ssl-min-ver/1 "
     "ssl-reuse/0 ssl/0 stick/0 strict-maxconn/0 tcp-md5sig/1 tcp-ut/1 tfo/0 tls-tickets/0 track/1 "
     "usesrc verify/1 verifyhost/1 weight/1 ws/1"},
    {Vocabulary::kCrtList,
     "allow-0rtt/0 alpn/1 ca-file/1 ca-verify-file/1 ciphers/1 ciphersuites/1 client-sigalgs/1 "
     "crl-file/1 curves/1 ecdhe/1 ktls/1 no-alpn/0 no-ca-names/0 npn/1 ocsp-update/1 sigalgs/1 "
     "ssl-max-ver/1 ssl-min-ver/1 verify/1"},
};

}  // namespace

std::span<const KeywordList> configuration_lists() {
  return kLists;
}

}  // namespace reseal::haproxy
