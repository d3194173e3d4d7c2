#include "lb/haproxy/environment.h"

#include <algorithm>

#include "lb/haproxy/condition.h"

namespace reseal::haproxy {
namespace {

struct Predefined {
  const char* name;
  const char* value;
};

// The formats behind `option tcplog`, `option httplog` and `option httpslog`, as the manual gives them (8.2).
constexpr Predefined kLogFormats[] = {
    {"HAPROXY_TCP_LOG_FMT", "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq"},
    {"HAPROXY_HTTP_LOG_FMT",
     "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs "
     "%{+Q}r"},
    {"HAPROXY_HTTPS_LOG_FMT",
     "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs "
     "%{+Q}r %[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] "
     "%[ssl_fc_sni]/%sslv/%sslc"},
};

void set_if_absent(Environment& environment, std::string_view name, std::string_view value) {
  if (!environment.find(name)) environment.set(name, value);
}

}  // namespace

Environment::Environment(const char* const* strings) {
  for (; strings != nullptr && *strings != nullptr; ++strings) {
    const std::string_view text = *strings;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    variables_.try_emplace(std::string(text.substr(0, equals)), text.substr(equals + 1));
  }
}

std::optional<std::string_view> Environment::find(std::string_view name) const {
  const auto found = variables_.find(name);
  if (found == variables_.end()) return std::nullopt;
  return found->second;
}

void Environment::set(std::string_view name, std::string_view value) {
  variables_.insert_or_assign(std::string(name), std::string(value));
}

void Environment::unset(std::string_view name) {
  const auto found = variables_.find(name);
  if (found != variables_.end()) variables_.erase(found);
}

void Environment::keep_only(std::span<const std::string_view> names) {
  std::erase_if(variables_, [names](const auto& variable) {
    return std::ranges::find(names, std::string_view(variable.first)) == names.end();
  });
}

void define_predefined(Environment& environment, std::string_view local_peer) {
  set_if_absent(environment, "HAPROXY_LOCALPEER", local_peer);
  set_if_absent(environment, "HAPROXY_STARTUP_VERSION", kSpokenVersion);
  set_if_absent(environment, "HAPROXY_BRANCH", kSpokenBranch);
  for (const Predefined& format : kLogFormats) set_if_absent(environment, format.name, format.value);
}

}  // namespace reseal::haproxy
