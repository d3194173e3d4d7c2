// load_client: what wrk cannot do. `load`: HTTPS requests at a constant rate over kept connections, or
// without a pause over new ones, every failure of any kind counted; one thread a connection. `idle`: many
// connections that are asked once and then kept open and silent until standard input ends.
//
//   load_client load 127.0.0.1 8443 2000 10                           2,000 requests/s for 10 s
//   load_client load 127.0.0.1 8443 0 5 --new-connection              full handshakes, as many as possible
//   load_client load 127.0.0.1 8443 0 5 --new-connection --resume     resumed ones
//   load_client idle 127.0.0.1 8443 5000
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bench/tls_client.h"

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

struct Totals {
  long sent = 0;
  long ok = 0;
  long full = 0;
  long resumed = 0;
  std::vector<std::uint32_t> latencies;  ///< microseconds
  std::map<std::string, long> failures;
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

Totals sum(const std::vector<Totals>& parts) {
  Totals all;
  for (const Totals& part : parts) {
    all.sent += part.sent;
    all.ok += part.ok;
    all.full += part.full;
    all.resumed += part.resumed;
    all.latencies.insert(all.latencies.end(), part.latencies.begin(), part.latencies.end());
    for (const auto& [what, count] : part.failures) all.failures[what] += count;
  }
  std::ranges::sort(all.latencies);
  return all;
}

void print(const Totals& totals, double seconds) {
  const auto quantile = [&](double share) -> unsigned {
    if (totals.latencies.empty()) return 0;
    const auto last = static_cast<double>(totals.latencies.size() - 1);
    return totals.latencies[static_cast<std::size_t>(share * last)];
  };
  std::printf("requests %ld failures %ld seconds %.2f full %ld resumed %ld p50_us %u p99_us %u max_us %u",
              totals.sent, totals.sent - totals.ok, seconds, totals.full, totals.resumed, quantile(0.5),
              quantile(0.99), quantile(1));
  for (const auto& [what, count] : totals.failures) std::printf("; %s: %ld", what.c_str(), count);
  std::printf("\n");
}

[[noreturn]] void usage() {
  std::fputs(
      "usage: load_client load ADDRESS PORT RATE SECONDS [options]    RATE 0: without a pause\n"
      "       load_client idle ADDRESS PORT COUNT [options]\n"
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

int run(int argc, char** argv) {
  if (argc < 5) usage();
  const std::string_view command = argv[1];
  Options options;
  options.target.host = argv[2];
  options.target.port = std::atoi(argv[3]);
  if (options.target.port <= 0) usage();
  if (command == "idle") {
    parse_options(argc, argv, 5, options);
    return run_idle(options, std::atoi(argv[4]));
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
