// idle_clients: opens many HTTPS connections, sends one request on each, then keeps them open and silent
// until its standard input ends. Says "ready COUNT" when all have their answer. One thread.
//
//   idle_clients ADDRESS PORT COUNT [PATH]
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "bench/tls_client.h"

namespace {

/// The soft limit on descriptors up to the hard one.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  using reseal::bench::TlsClient;
  if (argc < 4) {
    std::fputs("usage: idle_clients ADDRESS PORT COUNT [PATH]\n", stderr);
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  reseal::bench::Target target;
  target.host = argv[1];
  target.port = std::atoi(argv[2]);
  if (argc > 4) target.path = argv[4];
  const int count = std::atoi(argv[3]);

  const auto context = reseal::bench::make_context(target);
  std::vector<std::unique_ptr<TlsClient>> clients;
  for (int i = 0; i < count; ++i) {
    auto& client =
        clients.emplace_back(std::make_unique<TlsClient>(*context, target, TlsClient::Resumption::kNever));
    if (const auto failed = client->request(); failed || !client->is_connected()) {
      std::fprintf(stderr, "connection %d: %s\n", i, failed ? failed->data() : "closed after the answer");
      return 1;
    }
  }
  std::printf("ready %zu\n", clients.size());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}
