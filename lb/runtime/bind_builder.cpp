#include "lb/runtime/bind_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "lb/runtime/configured_words.h"

namespace reseal::runtime {
namespace {

/// The settings alone, without the address.
bool same_settings(const config::Bind& a, const config::Bind& b) {
  return a.tls == b.tls && a.own_tls == b.own_tls && a.accept_proxy == b.accept_proxy;
}

}  // namespace

std::vector<std::shared_ptr<const proxy::BindSettings>> BindBuilder::build(
    const config::Frontend& frontend) const {
  std::vector<std::shared_ptr<const proxy::BindSettings>> built;
  for (const config::Bind& bind : frontend.binds) {
    // The ports of a range have one object, and their problems are told once.
    const auto alike = std::ranges::find_if(
        frontend.binds, [&](const config::Bind& other) { return same_settings(bind, other); });
    if (&*alike != &bind) {
      built.push_back(built[static_cast<std::size_t>(alike - frontend.binds.begin())]);
      continue;
    }
    auto settings = std::make_shared<proxy::BindSettings>();
    if (const config::ServerTls* tls = frontend.tls_of(bind)) settings->tls = build_tls(frontend, *tls);
    for (const std::string& block : bind.accept_proxy ? *bind.accept_proxy : frontend.accept_proxy) {
      if (const auto added = settings->proxy_senders.add(block); !added) {
        report_(config::Severity::kError, bind.accept_proxy ? bind.place : frontend.place,
                fmt::format("frontend '{}': accept_proxy: '{}': {}", frontend.name, block, added.error()));
      }
    }
    built.push_back(std::move(settings));
  }
  return built;
}

std::shared_ptr<const tls::ServerContext> BindBuilder::build_tls(const config::Frontend& frontend,
                                                                 const config::ServerTls& tls) const {
  tls::ServerContextOptions options;
  options.certificates = tls.certificates;
  options.min_version = to_tls(tls.min_version);
  options.max_version = to_tls(tls.max_version);
  options.ciphers = tls.ciphers;
  options.ciphersuites = tls.ciphersuites;
  options.alpn = tls.alpn;
  options.session_tickets = tls.session_tickets;
  options.session_id_context = frontend.name;
  const auto tell = [&](config::Severity severity, const tls::TlsProblem& problem) {
    const std::size_t index = problem.index_of_certificate;
    const config::Place place =
        index < tls.certificate_places.size() ? tls.certificate_places[index] : tls.place;
    report_(severity, place,
            fmt::format("frontend '{}': certificate {}: {}", frontend.name, problem.file, problem.message));
  };
  const auto context = contexts_.get(options, previous_, ticket_keys_);
  if (!context) {
    for (const tls::TlsProblem& problem : context.error()) tell(config::Severity::kError, problem);
    return nullptr;
  }
  for (const tls::TlsProblem& warning : (*context)->warnings()) tell(config::Severity::kWarning, warning);
  return *context;
}

}  // namespace reseal::runtime
