// load_client: what wrk cannot do. `load`: HTTPS requests at a constant rate over kept connections, or
// without a pause over new ones, every failure of any kind counted; one thread a connection. `idle`: many
// connections that are asked once and then kept open and silent until standard input ends. `paced`: a constant rate
// evenly over any number of kept connections, one thread; each line "RATE SECONDS" on standard input is a run.
//
//   load_client load 127.0.0.1 8443 2000 10                           2,000 requests/s for 10 s
//   load_client load 127.0.0.1 8443 0 5 --new-connection              full handshakes, as many as possible
//   load_client load 127.0.0.1 8443 0 5 --new-connection --resume     resumed ones
//   load_client idle 127.0.0.1 8443 5000
//   echo "20000 5" | load_client paced 127.0.0.1 8443 64
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bench/paced_load.h"
#include "bench/tls_client.h"
#include "bench/totals.h"

namespace reseal::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  Target target;
  double rate = 0;  ///< requests a second in all; 0: no pause between requests
  int connections = 16;
  double seconds = 5;
  bool new_connection = false;  ///< one connection a request
  bool resume = false;          ///< offer the last session
};

/// One connection's life. With a rate, latency counts from when the request was due, so that a stall is not
/// hidden by the requests that it kept from being sent.
Totals run_client(const Options& options, ssl_ctx_st& context, int index, Clock::time_point start) {
  using Resumption = TlsClient::Resumption;
  TlsClient client(context, options.target, options.resume ? Resumption::kOffer : Resumption::kNever);
  Totals totals;
  const auto end =
      start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.seconds));
  const std::chrono::duration<double> gap(options.rate > 0 ? options.connections / options.rate : 0);
  for (long number = 0; Clock::now() < end; ++number) {
    auto due = Clock::now();
    if (options.rate > 0) {
      const double turn = static_cast<double>(number) + static_cast<double>(index) / options.connections;
      due = start + std::chrono::duration_cast<Clock::duration>(gap * turn);
      if (due >= end) break;
      std::this_thread::sleep_until(due);
    }
    ++totals.sent;
    const auto failed = client.request();
    if (options.new_connection) client.close();
    if (failed) {
      ++totals.failures[std::string(*failed)];
      continue;
    }
    ++totals.ok;
    const auto latency = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - due);
    totals.latencies.push_back(static_cast<std::uint32_t>(std::max<long>(0, latency.count())));
  }
  totals.full = client.full_handshakes();
  totals.resumed = client.resumed_handshakes();
  return totals;
}

[[noreturn]] void usage() {
  std::fputs(
      "usage: load_client load ADDRESS PORT RATE SECONDS [options]    RATE 0: without a pause\n"
      "       load_client idle ADDRESS PORT COUNT [options]\n"
      "       load_client paced ADDRESS PORT CONNECTIONS [options]\n"
      "options: --path PATH  --name HOST  --ca FILE  --connections N  --new-connection  --resume\n",
      stderr);
  std::exit(2);
}

/// Reads argv from `first` on.
void parse_options(int argc, char** argv, int first, Options& options) {
  for (int i = first; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--new-connection") {
      options.new_connection = true;
      continue;
    }
    if (option == "--resume") {
      options.resume = true;
      continue;
    }
    if (++i >= argc) usage();
    if (option == "--path") {
      options.target.path = argv[i];
    } else if (option == "--name") {
      options.target.name = argv[i];
    } else if (option == "--ca") {
      options.target.ca = argv[i];
    } else if (option == "--connections") {
      options.connections = std::max(1, std::atoi(argv[i]));
    } else {
      usage();
    }
  }
}

int run_load(const Options& options) {
  const ContextPtr context = make_context(options.target);
  if (context == nullptr) return 2;
  const auto start = Clock::now();
  std::vector<Totals> parts(static_cast<std::size_t>(options.connections));
  std::vector<std::thread> threads;
  for (int i = 0; i < options.connections; ++i) {
    threads.emplace_back(
        [&, i] { parts[static_cast<std::size_t>(i)] = run_client(options, *context, i, start); });
  }
  for (std::thread& thread : threads) thread.join();
  const Totals totals = sum(parts);
  print(totals, std::chrono::duration<double>(Clock::now() - start).count());
  return totals.sent == totals.ok ? 0 : 1;
}

/// The soft limit on descriptors up to the hard one.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int run_idle(const Options& options, int count) {
  const ContextPtr context = make_context(options.target);
  if (context == nullptr) return 2;
  raise_descriptor_limit();
  std::vector<std::unique_ptr<TlsClient>> clients;
  for (int i = 0; i < count; ++i) {
    auto& client = clients.emplace_back(
        std::make_unique<TlsClient>(*context, options.target, TlsClient::Resumption::kNever));
    if (const auto failed = client->request(); failed || !client->is_connected()) {
      std::fprintf(stderr, "connection %d: %s\n", i, failed ? failed->data() : "closed after the answer");
      return 1;
    }
  }
  std::printf("idle %zu\n", clients.size());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}

int run_paced(const Options& options, int count) {
  const ContextPtr context = make_context(options.target);
  if (context == nullptr) return 2;
  raise_descriptor_limit();
  PacedLoad load(*context, options.target);
  if (!load.open(count)) return 1;
  std::printf("ready %d\n", count);
  std::fflush(stdout);
  double rate = 0;
  double seconds = 0;
  while (std::scanf("%lf %lf", &rate, &seconds) == 2) {
    if (rate <= 0) usage();
    print(load.run(rate, seconds), seconds);
  }
  return 0;
}

int run(int argc, char** argv) {
  if (argc < 5) usage();
  const std::string_view command = argv[1];
  Options options;
  options.target.host = argv[2];
  options.target.port = std::atoi(argv[3]);
  if (options.target.port <= 0) usage();
  if (command == "idle" || command == "paced") {
    parse_options(argc, argv, 5, options);
    const int count = std::atoi(argv[4]);
    return command == "idle" ? run_idle(options, count) : run_paced(options, count);
  }
  if (command != "load" || argc < 6) usage();
  options.rate = std::atof(argv[4]);
  options.seconds = std::atof(argv[5]);
  parse_options(argc, argv, 6, options);
  return run_load(options);
}

}  // namespace
}  // namespace reseal::bench

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return reseal::bench::run(argc, argv);
}
