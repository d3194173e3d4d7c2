// Options of a `server` line that are about its check.
#include <array>

#include "lb/haproxy/check_words.h"
#include "lb/haproxy/server_option.h"
#include "lb/net/address.h"

namespace reseal::haproxy {
namespace {

constexpr int kMostStreak = 1000;

void read_port(OptionReader& r) {
  r.options.checking.port = static_cast<std::uint16_t>(r.number(1, 65535, 1));
}

void read_address(OptionReader& r) {
  const std::string text = r.argument("an address");
  if (text.empty()) return;
  const auto where = r.translator.value_or(parse_server_address(text), r.line, r.word, ServerAddress{});
  r.options.checking.host = where.host;
  if (where.port != 0) r.options.checking.port = where.port;
}

/// "backend/server", or a server of the same backend.
void read_track(OptionReader& r) {
  const std::string name = r.argument("a server");
  const bool is_whole = name.find('/') != std::string::npos;
  r.options.checking.tracks = is_whole || name.empty() ? name : r.translator.proxy->name + "/" + name;
}

void read_observe(OptionReader& r) {
  const std::string layer = r.argument("layer4 or layer7");
  if (layer != "layer4" && layer != "layer7" && layer != "none" && !layer.empty())
    r.translator.error(r.line, r.word, "observe '" + layer + "': layer4 or layer7 is expected");
  r.options.checking.observes_connections = layer == "layer4" || layer == "layer7";
  r.options.checking.observes_responses = layer == "layer7";
}

struct OnError {
  std::string_view name;
  config::Suspicion then;
};
constexpr std::array kOnError = {OnError{"fastinter", config::Suspicion::kCheckSoon},
                                 OnError{"fail-check", config::Suspicion::kFailedCheck},
                                 OnError{"sudden-death", config::Suspicion::kLastChance},
                                 OnError{"mark-down", config::Suspicion::kDown}};

void read_on_error(OptionReader& r) {
  const std::string name = r.argument("fastinter, fail-check, sudden-death or mark-down");
  for (const OnError& each : kOnError) {
    if (each.name != name) continue;
    r.options.checking.on_error = each.then;
    return;
  }
  if (!name.empty())
    r.translator.error(
        r.line, r.word,
        "on-error '" + name + "': fastinter, fail-check, sudden-death or mark-down is expected");
}

template <auto kMember, bool kValue>
void set(OptionReader& r) {
  r.options.checking.*kMember = kValue;
}

void read_agent_address(OptionReader& r) {
  const std::string text = r.argument("an address");
  if (text.empty()) return;
  const auto where = r.translator.value_or(parse_server_address(text), r.line, r.word, ServerAddress{});
  const auto addresses = net::Address::resolve(where.host, 0);
  if (!addresses) {
    r.translator.error(r.line, r.word, "agent-addr '" + text + "' cannot be resolved");
    return;
  }
  r.options.checking.agent_settings.host = addresses->front().host();
}

void read_agent_port(OptionReader& r) {
  r.options.checking.agent_settings.port = static_cast<std::uint16_t>(r.number(1, 65535, 1));
}

void read_agent_interval(OptionReader& r) {
  if (const auto time = r.time()) r.options.checking.agent_settings.interval = *time;
}

void read_agent_words(OptionReader& r) {
  r.options.checking.agent_settings.send = r.argument("what the agent is told");
}

constexpr std::array kOptions = {
    ServerOption{"check", [](OptionReader& r) { r.options.check = true; }},
    ServerOption{"no-check", [](OptionReader& r) { r.options.check = false; }},
    ServerOption{"inter", [](OptionReader& r) { r.options.interval = r.time(); }},
    ServerOption{"fastinter", [](OptionReader& r) { r.options.fast_interval = r.time(); }},
    ServerOption{"downinter", [](OptionReader& r) { r.options.down_interval = r.time(); }},
    ServerOption{"rise", [](OptionReader& r) { r.options.rise = r.number(1, kMostStreak, 2); }},
    ServerOption{"fall", [](OptionReader& r) { r.options.fall = r.number(1, kMostStreak, 3); }},
    ServerOption{"port", read_port},
    ServerOption{"addr", read_address},
    ServerOption{"check-ssl", set<&ServerCheckOptions::tls, true>},
    ServerOption{"no-check-ssl", set<&ServerCheckOptions::tls, false>},
    ServerOption{"check-sni", [](OptionReader& r) { r.options.checking.sni = r.argument("a name"); }},
    ServerOption{
        "check-alpn",
        [](OptionReader& r) { r.options.checking.alpn = check_alpn(r.argument("a list of protocols")); }},
    ServerOption{"check-send-proxy", set<&ServerCheckOptions::send_proxy, true>},
    ServerOption{"no-check-send-proxy", set<&ServerCheckOptions::send_proxy, false>},
    ServerOption{
        "check-proto",
        [](OptionReader& r) {
          (void)r.argument("a protocol");
          r.no_effect(
              "check-proto has no effect: check-alpn, or what traffic speaks, says what checks speak");
        }},
    ServerOption{"check-via-socks4",
                 [](OptionReader& r) {
                   r.translator.error(r.line, r.word,
                                      "reseal connects through no SOCKS proxy: take 'socks4' out");
                 }},
    ServerOption{"track", read_track},
    ServerOption{"observe", read_observe},
    ServerOption{"error-limit",
                 [](OptionReader& r) { r.options.checking.error_limit = r.number(1, 1'000'000, 10); }},
    ServerOption{"on-error", read_on_error},
    ServerOption{"agent-check", set<&ServerCheckOptions::agent, true>},
    ServerOption{"no-agent-check", set<&ServerCheckOptions::agent, false>},
    ServerOption{"agent-addr", read_agent_address},
    ServerOption{"agent-inter", read_agent_interval},
    ServerOption{"agent-port", read_agent_port},
    ServerOption{"agent-send", read_agent_words},
};

}  // namespace

std::span<const ServerOption> check_server_options() {
  return kOptions;
}

}  // namespace reseal::haproxy
