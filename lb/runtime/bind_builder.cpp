#include "lb/runtime/bind_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "lb/runtime/configured_words.h"

namespace reseal::runtime {
namespace {

/// The settings alone, without the address.
bool same_settings(const config::Bind& a, const config::Bind& b) {
  const bool has_addresses = a.kind == config::BindKind::kAddress && b.kind == config::BindKind::kAddress;
  return (has_addresses || &a == &b) && a.tls == b.tls && a.own_tls == b.own_tls &&
         a.accept_proxy == b.accept_proxy && a.h2c == b.h2c && a.name == b.name && a.number == b.number;
}

tls::ServerSettings to_settings(const config::TlsSettings& tls) {
  return {to_tls(tls.min_version),
          to_tls(tls.max_version),
          tls.ciphers,
          tls.ciphersuites,
          tls.curves,
          tls.alpn,
          tls.clients};
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
    settings->every_sender =
        bind.kind != config::BindKind::kAddress && bind.accept_proxy && !bind.accept_proxy->empty();
    settings->h2c = settings->tls == nullptr && (bind.h2c || frontend.h2c == config::H2c::kAllowed);
    settings->name = bind.name;
    settings->number =
        static_cast<std::uint16_t>(bind.number != 0 ? bind.number : &bind - frontend.binds.data() + 1);
    built.push_back(std::move(settings));
  }
  return built;
}

std::shared_ptr<const tls::ServerContext> BindBuilder::build_tls(const config::Frontend& frontend,
                                                                 const config::ServerTls& tls) const {
  tls::ServerContextOptions options;
  static_cast<tls::ServerSettings&>(options) = to_settings(tls);
  options.certificates = tls.certificates;
  for (const config::ListedCertificate& listed : tls.listed) {
    options.listed.push_back({listed.file, listed.names, {}});
    if (listed.settings) options.listed.back().settings = to_settings(*listed.settings);
  }
  options.whole_folders = tls.whole_folders;
  options.strict_names = tls.strict_names;
  options.client_preference = tls.client_preference;
  options.session_tickets = tls.session_tickets;
  options.session_id_context = frontend.name;
  const auto tell = [&](config::Severity severity, const tls::TlsProblem& problem) {
    const std::size_t index = problem.index_of_certificate;
    const std::size_t first_listed = tls.certificates.size();
    const config::Place place = index < tls.certificate_places.size() ? tls.certificate_places[index]
                                : index - first_listed < tls.listed.size()
                                    ? tls.listed[index - first_listed].place
                                    : tls.place;
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
