#include "tls/client_context.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "lb/net/address.h"
#include "tls/context_options.h"
#include "tls/openssl_error.h"
#include "tls/pem.h"
#include "tls/revocations.h"
#include "tls/tls_stream.h"

namespace reseal::tls {
namespace {

/// The files a context is made of; problems are collected so that all are reported at once.
struct Files {
  std::string ca, certificate, key, revoked;
  std::vector<TlsProblem> problems;

  explicit Files(const ClientContextOptions& options) {
    read(options.ca, ca);
    read(options.certificate, certificate);
    read(options.key, key);
    read(options.revoked, revoked);
    if (options.key.empty()) key = certificate;
  }

 private:
  void read(const std::string& path, std::string& bytes) {
    if (path.empty()) return;
    auto contents = read_file(path);
    if (contents) {
      bytes = std::move(*contents);
    } else {
      problems.push_back({path, 0, contents.error()});
    }
  }
};

/// RFC 7301 3.1: each name after its length.
std::string_view wire_form(AlpnOffer offer) {
  switch (offer) {
    case AlpnOffer::kNone:
      return "";
    case AlpnOffer::kHttp1:
      return "\x08http/1.1";
    case AlpnOffer::kH2:
      return "\x02h2";
    case AlpnOffer::kH2OrHttp1:
      return "\x02h2\x08http/1.1";
  }
  return "";
}

}  // namespace

std::expected<std::shared_ptr<const ClientContext>, std::vector<TlsProblem>> ClientContext::create(
    const ClientContextOptions& options, const std::shared_ptr<const ClientContext>& previous) {
  Files files(options);
  if (!files.problems.empty()) return std::unexpected(files.problems);
  std::shared_ptr<ClientContext> made(new ClientContext);
  std::string inputs = options.ca + '\0' + files.ca + '\0' + files.certificate + '\0' + files.key + '\0' +
                       files.revoked + '\0';
  inputs += options.ciphers + '\0' + options.ciphersuites + '\0' + (options.verify ? "v" : "-") +
            std::to_string(static_cast<int>(options.min_version)) +
            std::to_string(static_cast<int>(options.max_version));
  made->fingerprint_ = tls::fingerprint(inputs);
  if (previous != nullptr && previous->fingerprint_ == made->fingerprint_) return previous;

  std::vector<TlsProblem> problems;
  made->ca_ = options.ca;
  made->verify_ = options.verify;
  auto openssl_context = new_context(*TLS_client_method());
  if (!openssl_context) return std::unexpected(std::vector<TlsProblem>{{"", 0, openssl_context.error()}});
  made->context_ = std::move(*openssl_context);
  SSL_CTX& context = *made->context_;
  if (const auto applied = apply_common_options(
          {options.min_version, options.max_version, options.ciphers, options.ciphersuites}, context);
      !applied) {
    problems.push_back({"", 0, applied.error()});
  }
  if (options.ca.empty()) {
    SSL_CTX_set_default_verify_paths(&context);
  } else if (const auto used = accept_issuers(files.ca, context); !used) {
    problems.push_back({options.ca, 0, used.error()});
  }
  if (!options.revoked.empty()) {
    if (const auto added = add_revocations(files.revoked, *SSL_CTX_get_cert_store(&context)); !added)
      problems.push_back({options.revoked, 0, added.error()});
  }
  if (!options.certificate.empty()) {
    auto pair = parse_pair(files.certificate, files.key);
    const auto used = pair ? use_pair(*pair, context) : std::unexpected(pair.error());
    if (!used) problems.push_back({options.certificate, 0, used.error()});
    if (pair && is_expired(*pair->chain.front())) {
      made->warnings_.push_back(
          {options.certificate, 0, "it expired on " + not_after_of(*pair->chain.front())});
    }
    made->sends_certificate_ = true;
  }
  if (!problems.empty()) return std::unexpected(problems);
  if (options.verify) SSL_CTX_set_verify(&context, SSL_VERIFY_PEER, TlsStream::on_verify);
  SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(&context, TlsStream::on_new_session);
  return made;
}

SslPtr ClientContext::new_ssl(const PeerIdentity& peer, AlpnOffer offer) const {
  clear_openssl_errors();
  SslPtr ssl(SSL_new(context_.get()));
  if (ssl == nullptr) return nullptr;
  // A server that insists on anything else says so in the handshake.
  const std::string_view protocols = wire_form(offer);
  SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                      static_cast<unsigned int>(protocols.size()));
  if (!peer.sni.empty() && SSL_set_tlsext_host_name(ssl.get(), peer.sni.c_str()) != 1) return nullptr;
  if (!verify_ || peer.any_name) return ssl;
  // Never verify against nobody, nor against a whole domain, which a leading dot would mean to OpenSSL.
  if (peer.verify_host.empty() || peer.verify_host.front() == '.') return nullptr;
  X509_VERIFY_PARAM* rules = SSL_get0_param(ssl.get());
  if (net::Address::parse(peer.verify_host, 0)) {
    if (X509_VERIFY_PARAM_set1_ip_asc(rules, peer.verify_host.c_str()) != 1) return nullptr;
    return ssl;
  }
  // Names from the SANs only, and a wildcard only for a whole label (RFC 9525).
  X509_VERIFY_PARAM_set_hostflags(rules,
                                  X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_host(rules, peer.verify_host.c_str(), peer.verify_host.size()) != 1)
    return nullptr;
  return ssl;
}

void SessionSlot::keep(const ClientContext& context, const PeerIdentity& peer, SessionPtr session) {
  if (fingerprint_ != context.fingerprint()) kept_.clear();
  fingerprint_ = context.fingerprint();
  std::erase_if(kept_, [&](const Kept& kept) { return kept.peer.same_identity(peer); });
  if (kept_.size() == kMostNames) kept_.erase(kept_.begin());
  kept_.push_back({peer, std::move(session)});
}

ssl_session_st* SessionSlot::offer(const ClientContext& context, const PeerIdentity& peer) const {
  if (fingerprint_ != context.fingerprint()) return nullptr;
  for (const Kept& kept : kept_) {
    if (kept.peer.same_identity(peer))
      return SSL_SESSION_is_resumable(kept.session.get()) == 1 ? kept.session.get() : nullptr;
  }
  return nullptr;
}

}  // namespace reseal::tls
