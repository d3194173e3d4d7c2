#include "lb/haproxy/global_without_effect.h"

#include <algorithm>
#include <span>

namespace reseal::haproxy {
namespace {

struct Group {
  std::string_view why;
  std::span<const std::string_view> keywords;
};

constexpr std::string_view kThreads[] = {
    "cpu-affinity",  "cpu-map",           "cpu-policy",   "cpu-set",          "thread-group",
    "thread-groups", "thread-hard-limit", "busy-polling", "numa-cpu-mapping", "max-threads-per-group"};
constexpr std::string_view kKernel[] = {"noepoll",  "noevports",   "nokqueue",          "nopoll",
                                        "nosplice", "noktls",      "noreuseport",       "nogetaddrinfo",
                                        "maxpipes", "prealloc-fd", "no-memory-trimming"};
constexpr std::string_view kQuic[] = {"no-quic", "limited-quic", "cluster-secret"};
constexpr std::string_view kCompression[] = {"maxzlibmem", "maxcomprate", "maxcompcpuusage"};
constexpr std::string_view kRates[] = {"maxconnrate", "maxsessrate", "maxsslrate", "maxsslconn"};
constexpr std::string_view kDebugging[] = {"quiet",
                                           "profiling.tasks",
                                           "profiling.memory",
                                           "warn-blocked-traffic-after",
                                           "set-dumpable",
                                           "force-cfg-parser-pause",
                                           "anonkey",
                                           "stress-level",
                                           "stats-file",
                                           "shm-stats-file",
                                           "fd-hard-limit",
                                           "setcap",
                                           "http-err-codes",
                                           "shm-stats-file-max-objects",
                                           "http-fail-codes",
                                           "harden.reject-privileged-ports.tcp",
                                           "harden.reject-privileged-ports.quic",
                                           "close-spread-time",
                                           "max-spread-checks"};
constexpr std::string_view kClient[] = {"httpclient.resolvers.disabled",
                                        "httpclient.resolvers.id",
                                        "httpclient.resolvers.prefer",
                                        "httpclient.retries",
                                        "httpclient.ssl.ca-file",
                                        "httpclient.ssl.verify",
                                        "httpclient.timeout.connect",
                                        "ocsp-update.disable",
                                        "ocsp-update.httpproxy",
                                        "ocsp-update.maxdelay",
                                        "ocsp-update.mindelay",
                                        "ocsp-update.mode",
                                        "acme.scheduler",
                                        "dns-accept-family"};
constexpr std::string_view kOpenSsl[] = {"ssl-engine",          "ssl-mode-async",    "ssl-propquery",
                                         "ssl-provider",        "ssl-provider-path", "jwt.decrypt_alg_list",
                                         "jwt.decrypt_enc_list"};
constexpr std::string_view kCertificates[] = {"ssl-load-extra-files", "ssl-load-extra-del-ext",
                                              "ssl-skip-self-issued-ca"};
constexpr std::string_view kProtocol[] = {"h1-accept-payload-with-any-method",
                                          "h1-do-not-close-on-insecure-transfer-encoding",
                                          "h2-workaround-bogus-websocket-clients", "pp2-never-send-local"};
constexpr std::string_view kProcesses[] = {"mworker-max-reloads", "localpeer"};

constexpr Group kGroups[] = {
    {"the kernel places the threads (taskset, or CPUAffinity= of systemd)", kThreads},
    {"reseal waits for events and moves bytes in its own way", kKernel},
    {"QUIC is not spoken", kQuic},
    {"compression takes what it takes: say 'compression offload' or none to spare the processor",
     kCompression},
    {"clients are limited by 'maxconn', and in a frontend by 'rate-limit sessions'", kRates},
    {"it is about HAProxy's own work, or its counting, and not there", kDebugging},
    {"reseal fetches nothing by HTTP on its own behalf", kClient},
    {"openssl.cnf chooses what OpenSSL works with", kOpenSsl},
    {"a file has its certificate, chain and key; beside it FILE.rsa and FILE.ecdsa are read", kCertificates},
    {"HTTP is read strictly, and by the same rules for everybody", kProtocol},
    {"one process serves, and has no peers", kProcesses},
};

}  // namespace

std::string_view global_without_effect(std::string_view keyword) {
  for (const Group& group : kGroups) {
    if (std::ranges::find(group.keywords, keyword) != group.keywords.end()) return group.why;
  }
  return {};
}

}  // namespace reseal::haproxy
