#include "health/check_plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace reseal::health {
namespace {

using rules::expression::Regex;

template <class T>
using Planned = std::expected<T, std::string>;

/// What the configuration says in one word, as steps.
std::vector<config::CheckStep> steps_of(const config::Check& check, const TrafficPath& path) {
  if (check.kind == config::CheckKind::kSteps) return check.steps;
  std::vector<config::CheckStep> steps = {{check.connect, "", true}};
  if (check.kind == config::CheckKind::kTcp) return steps;
  config::CheckRequest request;
  request.method = check.method;
  request.target = check.path;
  request.host = check.host.empty() ? path.host : check.host;
  request.fields.emplace_back("User-Agent", "reseal-health-check");
  config::CheckExpect status;
  status.statuses = check.expect_status;
  status.error = config::CheckStatus::kL7Status;
  steps.push_back({request, "", false});
  steps.push_back({status, "", false});
  if (!check.expect_body.empty()) {
    config::CheckExpect body;
    body.kind = config::ExpectKind::kBodyRegex;
    body.pattern = check.expect_body;
    steps.push_back({body, "", false});
  }
  return steps;
}

tls::AlpnOffer alpn_of(const config::CheckConnect& connect, const TrafficPath& path, bool talks_http) {
  switch (connect.alpn) {
    case config::CheckAlpn::kNone:
      return tls::AlpnOffer::kNone;
    case config::CheckAlpn::kHttp1:
      return tls::AlpnOffer::kHttp1;
    case config::CheckAlpn::kH2:
      return tls::AlpnOffer::kH2;
    case config::CheckAlpn::kNegotiated:
      return tls::AlpnOffer::kH2OrHttp1;
    case config::CheckAlpn::kAsTraffic:
      break;
  }
  // A check that talks no HTTP only connects: what the server speaks is not its business.
  return talks_http ? backends::alpn_offer(path.protocol) : tls::AlpnOffer::kNone;
}

Planned<PlannedConnect> plan_connect(const config::CheckConnect& connect, const TrafficPath& path,
                                     bool talks_http) {
  PlannedConnect planned;
  planned.told_port = connect.port;
  planned.is_traffic_host = connect.host.empty();
  const std::uint16_t port = connect.port != 0 ? connect.port : path.address.port();
  const std::string host = connect.host.empty() ? path.address.host() : connect.host;
  planned.address = path.address;
  if (connect.host.empty()) planned.socket = path.socket;
  if (planned.socket.empty() && (!connect.host.empty() || connect.port != 0)) {
    const auto addresses = net::Address::resolve(host, port);
    if (!addresses)
      return std::unexpected(
          fmt::format("the name '{}' cannot be resolved: {}", host, addresses.error().detail));
    planned.address = addresses->front();
  }
  if (connect.tls.value_or(path.tls != nullptr)) {
    planned.tls = path.tls != nullptr ? path.tls : path.check_tls;
    if (planned.tls == nullptr)
      return std::unexpected("its check is to go over TLS, of which nothing is said");
  }
  planned.peer = path.peer;
  if (!connect.sni.empty()) planned.peer.sni = connect.sni;
  planned.alpn = alpn_of(connect, path, talks_http);
  planned.preface = !connect.send_proxy ? path.preface : *connect.send_proxy ? path.proxy_header : "";
  planned.source = path.source;
  return planned;
}

Planned<std::shared_ptr<const Regex>> compile(const std::string& pattern) {
  auto regex = Regex::compile(pattern, false);
  if (!regex) return std::unexpected(fmt::format("'{}': {}", pattern, regex.error()));
  return std::move(*regex);
}

bool has_regex(config::ExpectKind kind) {
  return kind == config::ExpectKind::kStatusRegex || kind == config::ExpectKind::kBodyRegex ||
         kind == config::ExpectKind::kRegex || kind == config::ExpectKind::kBinaryRegex;
}

Planned<PlannedExpect> plan_expect(const config::CheckExpect& expect) {
  PlannedExpect planned{expect, nullptr, nullptr, nullptr};
  const auto add = [](bool wanted, const std::string& pattern,
                      std::shared_ptr<const Regex>& to) -> Planned<void> {
    if (!wanted) return {};
    auto regex = compile(pattern);
    if (!regex) return std::unexpected(regex.error());
    to = std::move(*regex);
    return {};
  };
  const bool by_regex = expect.field.kind == config::TextMatchKind::kRegex;
  const bool value_by_regex = expect.value && expect.value->kind == config::TextMatchKind::kRegex;
  for (const auto& added :
       {add(has_regex(expect.kind), expect.pattern, planned.regex),
        add(by_regex, expect.field.text, planned.field_regex),
        add(value_by_regex, value_by_regex ? expect.value->text : "", planned.value_regex)}) {
    if (!added) return std::unexpected(added.error());
  }
  return planned;
}

/// One step; `talks_http`: some step of the check does.
Planned<PlannedStep> plan_step(const config::CheckStep& step, const TrafficPath& path, bool talks_http) {
  PlannedStep planned{step.what.index() == 1
                          ? decltype(PlannedStep::what)(std::get<config::CheckSend>(step.what))
                          : decltype(PlannedStep::what)(PlannedConnect{}),
                      step.comment, 0};
  if (const auto* connect = std::get_if<config::CheckConnect>(&step.what)) {
    auto made = plan_connect(*connect, path, talks_http);
    if (!made) return std::unexpected(made.error());
    planned.what = std::move(*made);
  } else if (const auto* expect = std::get_if<config::CheckExpect>(&step.what)) {
    auto made = plan_expect(*expect);
    if (!made) return std::unexpected(made.error());
    planned.what = std::move(*made);
  } else if (const auto* request = std::get_if<config::CheckRequest>(&step.what)) {
    planned.what = *request;
  }
  return planned;
}

bool same(const PlannedConnect& a, const PlannedConnect& b) {
  return a.address == b.address && a.socket == b.socket && a.tls == b.tls && a.peer.same_identity(b.peer) &&
         a.alpn == b.alpn && a.preface == b.preface && a.source == b.source;
}
bool same(const PlannedExpect& a, const PlannedExpect& b) {
  return a.settings == b.settings;
}
template <class T>
bool same(const T& a, const T& b) {
  return a == b;
}

bool same_step(const PlannedStep& a, const PlannedStep& b) {
  if (a.what.index() != b.what.index()) return false;
  return std::visit(
      [&](const auto& what) { return same(what, std::get<std::decay_t<decltype(what)>>(b.what)); }, a.what);
}

}  // namespace

bool same_plan(const CheckPlan& a, const CheckPlan& b) {
  return a.protocol == b.protocol && a.drains_on_404 == b.drains_on_404 &&
         std::ranges::equal(a.steps, b.steps, same_step);
}

std::shared_ptr<const CheckPlan> moved_plan(const CheckPlan& plan, const net::Address& address) {
  auto moved = std::make_shared<CheckPlan>(plan);
  for (PlannedStep& step : moved->steps) {
    auto* connect = std::get_if<PlannedConnect>(&step.what);
    if (connect == nullptr || !connect->is_traffic_host) continue;
    connect->address = connect->told_port != 0 ? address.with_port(connect->told_port) : address;
  }
  return moved;
}

Planned<std::shared_ptr<const CheckPlan>> make_check_plan(const config::Check& check,
                                                          const TrafficPath& path) {
  auto plan = std::make_shared<CheckPlan>();
  plan->protocol = path.protocol;
  plan->tells_steps = check.tells_steps;
  plan->drains_on_404 = check.drains_on_404;
  const auto steps = steps_of(check, path);
  const bool talks_http = std::ranges::any_of(steps, [](const config::CheckStep& step) {
    return std::holds_alternative<config::CheckRequest>(step.what);
  });
  int number = 0;
  bool may_ask = false;
  for (const config::CheckStep& step : steps) {
    const bool asks = std::holds_alternative<config::CheckRequest>(step.what);
    if (asks && !may_ask)
      return std::unexpected("each HTTP request needs a connection of its own: connect before it");
    may_ask = !asks && (may_ask || std::holds_alternative<config::CheckConnect>(step.what));
    auto planned = plan_step(step, path, talks_http);
    if (!planned) return std::unexpected(planned.error());
    if (!step.implied) planned->number = ++number;
    plan->steps.push_back(std::move(*planned));
  }
  return plan;
}

}  // namespace reseal::health
