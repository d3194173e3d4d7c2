// Options of a `server` line about the PROXY header that its connections begin with.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "lb/haproxy/server_option.h"

namespace reseal::haproxy {
namespace {

using net::ProxyAdditions;

template <config::SendProxy kVersion>
void send(OptionReader& r) {
  r.options.send_proxy = kVersion;
}

template <bool kCommonName>
void send_tls(OptionReader& r) {
  r.options.send_proxy = config::SendProxy::kV2;
  r.options.proxy_additions.tls = true;
  if (kCommonName) r.options.proxy_additions.common_name = true;
}

void send_none(OptionReader& r) {
  r.options.send_proxy = config::SendProxy::kOff;
}

template <bool kCommonName>
void send_no_tls(OptionReader& r) {
  r.options.send_proxy = config::SendProxy::kOff;
  r.options.proxy_additions.tls = false;
  if (kCommonName) r.options.proxy_additions.common_name = false;
}

struct AdditionWord {
  std::string_view name;
  bool ProxyAdditions::* member;
  bool is_of_tls;
};
constexpr std::array kAdditions = {
    AdditionWord{"ssl", &ProxyAdditions::tls, true},
    AdditionWord{"cert-cn", &ProxyAdditions::common_name, true},
    AdditionWord{"cert-key", &ProxyAdditions::key, true},
    AdditionWord{"cert-sig", &ProxyAdditions::signature, true},
    AdditionWord{"ssl-cipher", &ProxyAdditions::cipher, true},
    AdditionWord{"authority", &ProxyAdditions::authority, false},
    AdditionWord{"crc32c", &ProxyAdditions::checksum, false},
    AdditionWord{"unique-id", &ProxyAdditions::unique_id, false},
};

void read_additions(OptionReader& r) {
  const std::string words = r.argument("options such as ssl,authority");
  std::string_view rest = words;
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    const auto* known =
        std::ranges::find_if(kAdditions, [&](const AdditionWord& each) { return each.name == word; });
    if (known == kAdditions.end()) {
      r.translator.error(
          r.line, r.word,
          "proxy-v2-options '" + std::string(word) +
              "': ssl, cert-cn, cert-key, cert-sig, ssl-cipher, authority, crc32c and unique-id are there");
      continue;
    }
    r.options.proxy_additions.*known->member = true;
    if (known->is_of_tls) r.options.proxy_additions.tls = true;
  }
}

constexpr std::array kOptions = {
    ServerOption{"send-proxy", send<config::SendProxy::kV1>},
    ServerOption{"send-proxy-v2", send<config::SendProxy::kV2>},
    ServerOption{"send-proxy-v2-ssl", send_tls<false>},
    ServerOption{"send-proxy-v2-ssl-cn", send_tls<true>},
    ServerOption{"no-send-proxy", send_none},
    ServerOption{"no-send-proxy-v2", send_none},
    ServerOption{"no-send-proxy-v2-ssl", send_no_tls<false>},
    ServerOption{"no-send-proxy-v2-ssl-cn", send_no_tls<true>},
    ServerOption{"proxy-v2-options", read_additions},
};

}  // namespace

std::span<const ServerOption> proxy_header_options() {
  return kOptions;
}

}  // namespace reseal::haproxy
