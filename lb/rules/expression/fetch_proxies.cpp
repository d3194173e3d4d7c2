// Fetches of proxies and servers: their figures at this moment, and what is configured of those that serve the request.
#include <string>

#include "lb/rules/actions/action.h"
#include "lb/rules/expression/fetch.h"
#include "lb/rules/expression/proxy_state.h"

namespace reseal::rules::expression {
namespace {

using Prepared = std::expected<void, std::string>;

// ---- figures

template <Figure kFigure>
bool fetch_figure(const Call& call, Sample& out) {
  const ProxyState* proxy = call.argument(0).proxy.get();
  const auto value = proxy == nullptr ? std::nullopt : proxy->figure(kFigure);
  if (value) out = Sample::number(*value);
  return value.has_value();
}
bool fetch_is_up(const Call& call, Sample& out) {
  if (!fetch_figure<Figure::kIsUp>(call, out)) return false;
  out = Sample::boolean(out.integer != 0);
  return true;
}

/// Without an argument it is the section's own.
Prepared own(std::vector<Argument>& arguments, const Environment& environment, bool is_backend) {
  Argument& proxy = arguments[0];
  if (proxy.is_given || !environment.finds_names) return {};
  if (environment.proxies == nullptr) return std::unexpected("proxies are not available here");
  proxy.proxy = is_backend ? environment.proxies->backend("") : environment.proxies->frontend("");
  if (proxy.proxy != nullptr) return {};
  return std::unexpected(std::string("this section is no ") + (is_backend ? "backend" : "frontend") +
                         ": name the one that is meant");
}
Prepared prepare_backend(std::vector<Argument>& arguments, const Environment& environment) {
  return own(arguments, environment, true);
}
Prepared prepare_frontend(std::vector<Argument>& arguments, const Environment& environment) {
  return own(arguments, environment, false);
}

// ---- what is configured

bool fetch_fe_id(const Call& call, Sample& out) {
  if (call.context.frontend_facts == nullptr) return false;
  out = Sample::number(call.context.frontend_facts->number);
  return true;
}
bool fetch_fe_defbe(const Call& call, Sample& out) {
  if (call.context.frontend_facts == nullptr) return false;
  out = Sample::string(call.context.frontend_facts->default_backend);
  return !out.text.empty();
}
bool fetch_fe_client_timeout(const Call& call, Sample& out) {
  if (call.context.frontend_facts == nullptr) return false;
  out = Sample::number(call.context.frontend_facts->client_timeout.count());
  return true;
}
bool fetch_be_id(const Call& call, Sample& out) {
  if (call.context.backend_facts == nullptr) return false;
  out = Sample::number(call.context.backend_facts->number);
  return true;
}
bool fetch_srv_id(const Call& call, Sample& out) {
  out = Sample::number(call.context.server_id);
  return call.context.server_id != 0;
}

template <Duration BackendFacts::* kTimeout>
bool fetch_timeout(const Call& call, Sample& out) {
  if (call.context.backend_facts == nullptr) return false;
  out = Sample::number((call.context.backend_facts->*kTimeout).count());
  return true;
}
/// As rules have it by now.
template <Duration BackendFacts::* kTimeout, std::optional<Duration> actions::Overrides::* kOverride>
bool fetch_current_timeout(const Call& call, Sample& out) {
  if (!fetch_timeout<kTimeout>(call, out)) return false;
  const actions::Overrides* overrides = call.context.overrides;
  if (overrides != nullptr && overrides->*kOverride) out = Sample::number((overrides->*kOverride)->count());
  return true;
}

// ---- where it came in, and who works on it

bool fetch_so_id(const Call& call, Sample& out) {
  if (call.context.socket == nullptr) return false;
  out = Sample::number(call.context.socket->bind);
  return true;
}
bool fetch_so_name(const Call& call, Sample& out) {
  if (call.context.socket == nullptr) return false;
  out = Sample::string(call.context.socket->bind_name);
  return !out.text.empty();
}
bool fetch_thread(const Call& call, Sample& out) {
  out = Sample::number(call.context.socket == nullptr ? 0 : call.context.socket->worker);
  return true;
}
bool fetch_stopping(const Call& call, Sample& out) {
  out = Sample::boolean(call.context.socket != nullptr && call.context.socket->is_draining);
  return true;
}
bool fetch_http_first_req(const Call& call, Sample& out) {
  if (call.context.socket == nullptr) return false;
  out = Sample::boolean(!call.context.socket->is_used);
  return true;
}
/// Requests wait in the order in which they came.
template <std::int64_t actions::Overrides::* kWhat>
bool fetch_priority(const Call& call, Sample& out) {
  out = Sample::number(call.context.overrides != nullptr ? call.context.overrides->*kWhat : 0);
  return true;
}
bool fetch_quic_enabled(const Call&, Sample& out) {
  out = Sample::boolean(false);
  return true;
}

constexpr auto fetch_be_server_timeout = fetch_timeout<&BackendFacts::server_timeout>;
constexpr auto fetch_be_tunnel_timeout = fetch_timeout<&BackendFacts::tunnel_timeout>;
constexpr auto fetch_cur_server_timeout =
    fetch_current_timeout<&BackendFacts::server_timeout, &actions::Overrides::server_timeout>;
constexpr auto fetch_cur_tunnel_timeout =
    fetch_current_timeout<&BackendFacts::tunnel_timeout, &actions::Overrides::tunnel_timeout>;

constexpr FetchRow backend_figure(std::string_view name, bool (*fetch)(const Call&, Sample&)) {
  return {name, "?B", Type::kInteger, kNeedsNothing, fetch, prepare_backend};
}
constexpr FetchRow frontend_figure(std::string_view name, bool (*fetch)(const Call&, Sample&)) {
  return {name, "?F", Type::kInteger, kNeedsNothing, fetch, prepare_frontend};
}
constexpr FetchRow server_figure(std::string_view name, bool (*fetch)(const Call&, Sample&)) {
  return {name, "S", Type::kInteger, kNeedsNothing, fetch};
}

constexpr FetchRow kRows[] = {
    backend_figure("avg_queue", fetch_figure<Figure::kAverageQueue>),
    backend_figure("be_conn", fetch_figure<Figure::kConnections>),
    backend_figure("be_conn_free", fetch_figure<Figure::kFree>),
    {"be_id", "", Type::kInteger, kNeedsBackend, fetch_be_id},
    {"be_server_timeout", "", Type::kInteger, kNeedsBackend, fetch_be_server_timeout},
    backend_figure("be_sess_rate", fetch_figure<Figure::kSessionRate>),
    {"be_tunnel_timeout", "", Type::kInteger, kNeedsBackend, fetch_be_tunnel_timeout},
    backend_figure("connslots", fetch_figure<Figure::kSlots>),
    {"cur_server_timeout", "", Type::kInteger, kNeedsBackend, fetch_cur_server_timeout},
    {"cur_tunnel_timeout", "", Type::kInteger, kNeedsBackend, fetch_cur_tunnel_timeout},
    {"fe_client_timeout", "", Type::kInteger, kNeedsConnection, fetch_fe_client_timeout},
    frontend_figure("fe_conn", fetch_figure<Figure::kConnections>),
    {"fe_defbe", "", Type::kString, kNeedsConnection, fetch_fe_defbe},
    {"fe_id", "", Type::kInteger, kNeedsConnection, fetch_fe_id},
    frontend_figure("fe_req_rate", fetch_figure<Figure::kRequestRate>),
    frontend_figure("fe_sess_rate", fetch_figure<Figure::kSessionRate>),
    {"http_first_req", "", Type::kBool, kNeedsRequest, fetch_http_first_req},
    backend_figure("nbsrv", fetch_figure<Figure::kUsableServers>),
    {"prio_class", "", Type::kInteger, kNeedsNothing, fetch_priority<&actions::Overrides::priority_class>},
    {"prio_offset", "", Type::kInteger, kNeedsNothing, fetch_priority<&actions::Overrides::priority_offset>},
    backend_figure("queue", fetch_figure<Figure::kQueue>),
    {"quic_enabled", "", Type::kBool, kNeedsNothing, fetch_quic_enabled},
    {"so_id", "", Type::kInteger, kNeedsConnection, fetch_so_id},
    {"so_name", "", Type::kString, kNeedsConnection, fetch_so_name},
    server_figure("srv_conn", fetch_figure<Figure::kConnections>),
    server_figure("srv_conn_free", fetch_figure<Figure::kFree>),
    {"srv_id", "", Type::kInteger, kNeedsServer, fetch_srv_id},
    {"srv_is_up", "S", Type::kBool, kNeedsNothing, fetch_is_up},
    server_figure("srv_iweight", fetch_figure<Figure::kInitialWeight>),
    server_figure("srv_queue", fetch_figure<Figure::kQueue>),
    server_figure("srv_sess_rate", fetch_figure<Figure::kSessionRate>),
    server_figure("srv_uweight", fetch_figure<Figure::kInitialWeight>),
    server_figure("srv_weight", fetch_figure<Figure::kWeight>),
    {"stopping", "", Type::kBool, kNeedsNothing, fetch_stopping},
    {"thread", "", Type::kInteger, kNeedsNothing, fetch_thread},
};

}  // namespace

std::span<const FetchRow> proxy_fetches() {
  return kRows;
}

}  // namespace reseal::rules::expression
