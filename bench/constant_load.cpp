// constant_load: HTTPS requests at a constant rate over kept connections, or as fast as possible over new
// ones; counts every failure of any kind and prints one JSON line. One thread a connection.
//
//   constant_load --connect 127.0.0.1:8443 --path /1k --rate 2000 --connections 20 --seconds 10
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
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
  std::printf(
      "{\"seconds\":%.2f,\"sent\":%ld,\"ok\":%ld,\"failed\":%ld,\"full\":%ld,\"resumed\":%ld,"
      "\"p50_us\":%u,\"p99_us\":%u,\"max_us\":%u,\"failures\":{",
      seconds, totals.sent, totals.ok, totals.sent - totals.ok, totals.full, totals.resumed, quantile(0.5),
      quantile(0.99), quantile(1));
  const char* separator = "";
  for (const auto& [what, count] : totals.failures) {
    std::printf("%s\"%s\":%ld", separator, what.c_str(), count);
    separator = ",";
  }
  std::printf("}}\n");
}

[[noreturn]] void usage() {
  std::fputs(
      "usage: constant_load --connect ADDRESS:PORT [--name HOST] [--path PATH] [--ca FILE] [--rate N]\n"
      "                     [--connections N] [--seconds S] [--new-connection] [--resume]\n",
      stderr);
  std::exit(2);
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
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
    const std::string value = argv[i];
    if (option == "--connect") {
      const std::size_t colon = value.rfind(':');
      if (colon == std::string::npos) usage();
      options.target.host = value.substr(0, colon);
      options.target.port = std::atoi(value.c_str() + colon + 1);
    } else if (option == "--name") {
      options.target.name = value;
    } else if (option == "--path") {
      options.target.path = value;
    } else if (option == "--ca") {
      options.target.ca = value;
    } else if (option == "--rate") {
      options.rate = std::atof(value.c_str());
    } else if (option == "--connections") {
      options.connections = std::max(1, std::atoi(value.c_str()));
    } else if (option == "--seconds") {
      options.seconds = std::atof(value.c_str());
    } else {
      usage();
    }
  }
  if (options.target.port <= 0) usage();
  return options;
}

int run(const Options& options) {
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

}  // namespace
}  // namespace reseal::bench

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return reseal::bench::run(reseal::bench::parse(argc, argv));
}
