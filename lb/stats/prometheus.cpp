#include "lb/stats/prometheus.h"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <iterator>

namespace reseal::stats {
namespace {

/// Bounds of the exported histogram: 2^n µs, from 256 µs to 67 s. Each is a bound of LatencyHistogram, so
/// that no bucket is split; not all of them, since every bound is a line for every entity at every scrape.
constexpr std::array<int, 16> kBoundPowers = {8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 24, 26};

std::string escaped_label(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

std::string labels_of(const EntitySnapshot& entity) {
  switch (entity.kind) {
    case EntityKind::kFrontend:
      return fmt::format("frontend=\"{}\"", escaped_label(entity.name));
    case EntityKind::kBackend:
      return fmt::format("backend=\"{}\"", escaped_label(entity.name));
    case EntityKind::kServer:
      return fmt::format("backend=\"{}\",server=\"{}\"", escaped_label(entity.backend),
                         escaped_label(entity.name));
  }
  return {};
}

class Exposition {
 public:
  explicit Exposition(const Snapshot& snapshot) : snapshot_(snapshot) {}

  void family(const std::string& name, const char* type, const char* help) {
    out("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  template <class Value>
  void sample(const std::string& name, const std::string& labels, Value value) {
    if (labels.empty()) {
      out("{} {}\n", name, value);
    } else {
      out("{}{{{}}} {}\n", name, labels, value);
    }
  }

  /// One family for every entity of `kind`; `emit` writes an entity's samples.
  void for_kind(EntityKind kind, const std::string& name, const char* type, const char* help,
                const std::function<void(const EntitySnapshot&, const std::string& labels)>& emit) {
    family(name, type, help);
    for (const EntitySnapshot& entity : snapshot_.entities) {
      if (entity.kind == kind) emit(entity, labels_of(entity));
    }
  }

  /// What every kind has, under names that begin with `prefix`.
  void traffic(EntityKind kind, const std::string& prefix) {
    requests(kind, prefix);
    connections(kind, prefix);
  }
  void frontends();
  void compression();
  void backends();
  void servers();
  void access_logs();
  void process();
  std::string take() { return {text_.data(), text_.size()}; }

 private:
  template <class... Values>
  void out(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
  }
  /// A family of one sample an entity, `value` of its totals.
  template <class Value>
  void total(EntityKind kind, const std::string& name, const char* type, const char* help, Value value) {
    for_kind(kind, name, type, help, [&](const EntitySnapshot& e, const std::string& labels) {
      sample(name, labels, value(e.totals));
    });
  }
  void requests(EntityKind kind, const std::string& prefix);
  void connections(EntityKind kind, const std::string& prefix);
  void histogram(const std::string& name, const EntitySnapshot& entity, const std::string& labels);

  const Snapshot& snapshot_;
  fmt::memory_buffer text_;
};

void Exposition::histogram(const std::string& name, const EntitySnapshot& entity, const std::string& labels) {
  std::uint64_t seen = 0;
  std::size_t bucket = 0;
  for (const int power : kBoundPowers) {
    const Microseconds bound(std::int64_t{1} << power);
    for (; LatencyHistogram::upper_bound(bucket) <= bound; ++bucket) seen += entity.totals.latency[bucket];
    sample(name + "_bucket", fmt::format("{},le=\"{}\"", labels, static_cast<double>(bound.count()) / 1e6),
           seen);
  }
  for (; bucket < LatencyHistogram::kBuckets; ++bucket) seen += entity.totals.latency[bucket];
  sample(name + "_bucket", labels + ",le=\"+Inf\"", seen);
  sample(name + "_sum", labels, static_cast<double>(entity.totals.latency_sum_microseconds) / 1e6);
  sample(name + "_count", labels, seen);
}

void Exposition::requests(EntityKind kind, const std::string& prefix) {
  const auto counter = [&](const char* name, const char* help, auto value) {
    total(kind, prefix + name, "counter", help, value);
  };
  counter("_requests_total", "Requests begun (server: attempts).",
          [](const TrafficTotals& t) { return t.requests; });
  total(kind, prefix + "_requests_in_flight", "gauge", "Requests under way.",
        [](const TrafficTotals& t) { return t.in_flight; });
  for_kind(kind, prefix + "_requests_per_second", "gauge", "Requests a second over a window.",
           [&](const EntitySnapshot& e, const std::string& labels) {
             sample(prefix + "_requests_per_second", labels + ",window=\"1s\"", e.qps_1s);
             sample(prefix + "_requests_per_second", labels + ",window=\"10s\"", e.qps_10s);
             sample(prefix + "_requests_per_second", labels + ",window=\"60s\"", e.qps_60s);
           });
  for_kind(kind, prefix + "_responses_total", "counter",
           "Responses by class; none: the client was gone before one.",
           [&](const EntitySnapshot& e, const std::string& labels) {
             static constexpr const char* kClasses[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
             for (std::size_t i = 0; i < e.totals.responses.size(); ++i) {
               sample(prefix + "_responses_total", labels + ",class=\"" + kClasses[i] + "\"",
                      e.totals.responses[i]);
             }
           });
  for_kind(kind, prefix + "_failures_total", "counter", "Failed requests by cause.",
           [&](const EntitySnapshot& e, const std::string& labels) {
             for (std::size_t i = 0; i < e.totals.failures.size(); ++i) {
               if (e.totals.failures[i] == 0) continue;
               sample(prefix + "_failures_total",
                      fmt::format("{},cause=\"{}\"", labels, code_word(static_cast<Code>(i))),
                      e.totals.failures[i]);
             }
           });
  counter("_response_errors_total", "Connected, but no complete valid response.",
          [](const TrafficTotals& t) { return t.response_errors; });
  counter("_retries_total", "Attempts after the first.", [](const TrafficTotals& t) { return t.retries; });
  counter("_received_bytes_total", "Body bytes from clients.",
          [](const TrafficTotals& t) { return t.bytes_in; });
  counter("_sent_bytes_total", "Body bytes to clients.", [](const TrafficTotals& t) { return t.bytes_out; });
  for_kind(kind, prefix + "_latency_seconds", "histogram", "From the request's head to the response's end.",
           [&](const EntitySnapshot& e, const std::string& labels) {
             histogram(prefix + "_latency_seconds", e, labels);
           });
}

void Exposition::connections(EntityKind kind, const std::string& prefix) {
  const auto counter = [&](const char* name, const char* help, auto value) {
    total(kind, prefix + name, "counter", help, value);
  };
  counter("_connections_total", "Connections accepted or opened.",
          [](const TrafficTotals& t) { return t.connections; });
  total(kind, prefix + "_connections", "gauge", "Connections open now.",
        [](const TrafficTotals& t) { return t.open_connections; });
  for_kind(kind, prefix + "_tls_handshakes_total", "counter", "TLS handshakes by kind.",
           [&](const EntitySnapshot& e, const std::string& labels) {
             sample(prefix + "_tls_handshakes_total", labels + ",kind=\"full\"", e.totals.handshakes_full);
             sample(prefix + "_tls_handshakes_total", labels + ",kind=\"resumed\"",
                    e.totals.handshakes_resumed);
             sample(prefix + "_tls_handshakes_total", labels + ",kind=\"failed\"", e.totals.handshake_errors);
           });
  counter("_connect_errors_total", "Failed attempts to reach a server.",
          [](const TrafficTotals& t) { return t.connect_errors; });
}

void Exposition::frontends() {
  total(EntityKind::kFrontend, "reseal_frontend_spliced_bytes_total", "counter",
        "Bytes that passed between two sockets unread.",
        [](const TrafficTotals& t) { return t.bytes_spliced; });
}

void Exposition::compression() {
  const auto counter = [&](const char* name, const char* help, auto value) {
    total(EntityKind::kBackend, name, "counter", help, value);
  };
  counter("reseal_backend_compressed_responses_total", "Responses that were compressed.",
          [](const TrafficTotals& t) { return t.compressed_responses; });
  counter("reseal_backend_compression_input_bytes_total", "Their bodies before.",
          [](const TrafficTotals& t) { return t.compression_bytes_in; });
  counter("reseal_backend_compression_output_bytes_total", "Their bodies after.",
          [](const TrafficTotals& t) { return t.compression_bytes_out; });
}

void Exposition::backends() {
  const auto value_of = [&](const char* name, const char* type, const char* help, auto value) {
    total(EntityKind::kBackend, name, type, help, value);
  };
  value_of("reseal_backend_queue", "gauge", "Requests that wait for a server to have room.",
           [](const TrafficTotals& t) { return t.in_queue; });
  value_of("reseal_backend_queued_total", "counter", "Requests that had to wait.",
           [](const TrafficTotals& t) { return t.queued; });
  value_of("reseal_backend_retries_denied_total", "counter",
           "Retries not made: the retry budget was used up.",
           [](const TrafficTotals& t) { return t.retries_denied; });
  for_kind(EntityKind::kBackend, "reseal_backend_panic", "gauge",
           "1 while too few servers are up and all of them get requests.",
           [&](const EntitySnapshot& e, const std::string& labels) {
             sample("reseal_backend_panic", labels, e.panics ? 1 : 0);
           });
}

void Exposition::servers() {
  const auto gauge = [&](const char* name, const char* help, auto value) {
    for_kind(EntityKind::kServer, name, "gauge", help,
             [&](const EntitySnapshot& e, const std::string& labels) { sample(name, labels, value(e)); });
  };
  gauge("reseal_server_up", "1 if the server gets requests.",
        [](const EntitySnapshot& e) { return e.state == "up" || e.state == "draining" ? 1 : 0; });
  gauge("reseal_server_state_seconds", "How long it has been up or down.",
        [](const EntitySnapshot& e) { return e.state_seconds; });
  gauge("reseal_server_weight", "Its weight.", [](const EntitySnapshot& e) { return e.weight; });
  gauge("reseal_server_backup", "1 if it is only used when no other server is up.",
        [](const EntitySnapshot& e) { return e.backup ? 1 : 0; });
  gauge("reseal_server_ejected", "1 while it is left out because its answers fail.",
        [](const EntitySnapshot& e) { return e.state == "ejected" ? 1 : 0; });
  for_kind(EntityKind::kServer, "reseal_server_ejections_total", "counter", "How often it was ejected.",
           [&](const EntitySnapshot& e, const std::string& labels) {
             sample("reseal_server_ejections_total", labels, e.ejections);
           });
  gauge("reseal_server_plaintext", "1 if the hop to it is not encrypted.",
        [](const EntitySnapshot& e) { return e.plaintext ? 1 : 0; });
}

void Exposition::access_logs() {
  const std::string lines = "reseal_access_log_lines_total";
  family(lines, "counter", "Lines written.");
  for (const AccessLogSnapshot& log : snapshot_.access_logs)
    sample(lines, "target=\"" + escaped_label(log.target) + "\"", log.written);
  const std::string dropped = "reseal_access_log_dropped_total";
  family(dropped, "counter", "Lines that are lost, by reason.");
  for (const AccessLogSnapshot& log : snapshot_.access_logs) {
    const std::string target = "target=\"" + escaped_label(log.target) + "\"";
    sample(dropped, target + ",reason=\"full\"", log.dropped);
    sample(dropped, target + ",reason=\"failed\"", log.failed);
  }
}

void Exposition::process() {
  const auto one = [&](const char* name, const char* type, const char* help, const std::string& labels,
                       auto value) {
    family(name, type, help);
    sample(name, labels, value);
  };
  one("reseal_build_info", "gauge", "Always 1; the version is a label.",
      "version=\"" + escaped_label(snapshot_.version) + "\"", 1);
  one("reseal_uptime_seconds", "gauge", "Since the process began.", "", snapshot_.uptime_seconds);
  one("reseal_workers", "gauge", "Worker threads.", "", snapshot_.workers);
  one("reseal_generation", "gauge", "Number of the configuration in use; 1 is the first.", "",
      snapshot_.generation);
  family("reseal_reloads_total", "counter", "Reloads by result.");
  sample("reseal_reloads_total", "result=\"ok\"", snapshot_.reloads_ok);
  sample("reseal_reloads_total", "result=\"refused\"", snapshot_.reloads_refused);
  one("reseal_configuration_warnings", "gauge", "Warnings of the configuration in use.", "",
      snapshot_.warnings.size());
}

}  // namespace

std::string prometheus_text(const Snapshot& snapshot) {
  Exposition exposition(snapshot);
  exposition.process();
  exposition.traffic(EntityKind::kFrontend, "reseal_frontend");
  exposition.traffic(EntityKind::kBackend, "reseal_backend");
  exposition.traffic(EntityKind::kServer, "reseal_server");
  exposition.frontends();
  exposition.compression();
  exposition.backends();
  exposition.servers();
  exposition.access_logs();
  return exposition.take();
}

}  // namespace reseal::stats
