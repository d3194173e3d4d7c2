#include "lb/proxy/connection_rules.h"

#include <algorithm>
#include <chrono>

namespace reseal::proxy {
namespace {

using rules::expression::NameEntry;

std::vector<NameEntry> entries_of(const tls::CertificateFacts::Name& name) {
  std::vector<NameEntry> entries;
  for (const auto& [key, value] : name) entries.push_back({key, value});
  return entries;
}

}  // namespace

void ConnectionRules::use_names(std::shared_ptr<const std::vector<std::string>> names) {
  const bool continues = names_ != nullptr && names_->size() <= names->size() &&
                         std::equal(names_->begin(), names_->end(), names->begin());
  if (continues) {
    session_.grow(names->size());
  } else {
    session_.begin(names->size(), arena_);
  }
  names_ = std::move(names);
}

void ConnectionRules::set_tls(tls::ConnectionFacts facts) {
  facts_ = std::move(facts);
  has_tls_ = true;
  tls_ = {};
  tls_.version = facts_.version;
  tls_.cipher = facts_.cipher;
  tls_.sni = facts_.sni;
  tls_.alpn = facts_.alpn;
  tls_.key_bits = facts_.key_bits;
  tls_.is_resumed = facts_.is_resumed;
  tls_.session_id = facts_.session_id;
  tls_.unique_id = facts_.unique_id;
  tls_.own_key = facts_.own_key;
  tls_.own_signature = facts_.own_signature;
  if (!facts_.has_certificate) return;
  const tls::CertificateFacts& certificate = facts_.certificate;
  subject_ = entries_of(certificate.subject);
  issuer_ = entries_of(certificate.issuer);
  rules::expression::TlsFacts::Certificate& client = tls_.client;
  client.in_session = true;
  client.in_handshake = !facts_.is_resumed;
  client.verify_result = facts_.verify_result;
  client.subject = subject_;
  client.issuer = issuer_;
  client.serial = certificate.serial;
  client.sha1 = certificate.sha1;
  client.der = certificate.der;
  client.not_before = certificate.not_before;
  client.not_after = certificate.not_after;
  client.key_algorithm = certificate.key_algorithm;
  client.signature_algorithm = certificate.signature_algorithm;
  client.version = certificate.version;
}

void ConnectionRules::describe(const ClientFacts& client, const Frontend& frontend, Random& random,
                               TimePoint now, rules::expression::SampleContext& context) {
  const auto wall_time = std::chrono::system_clock::now().time_since_epoch();
  context.now_microseconds = std::chrono::duration_cast<std::chrono::microseconds>(wall_time).count();
  context.now = now;
  context.tracking = &tracking_;
  context.client = client.source;
  context.local = client.destination;
  context.frontend = frontend.name;
  context.frontend_facts = &frontend.facts;
  context.socket = &socket_;
  context.random = &random;
  context.tls = tls();
  context.hello = hello();
  using rules::expression::Scope;
  context.variables[static_cast<std::size_t>(Scope::kSession)] = &session_;
  if (frontend.process_variables != nullptr)
    context.variables[static_cast<std::size_t>(Scope::kProcess)] = &frontend.process_variables->store;
}

void ConnectionRules::forget_hello_lists() {
  if (!hello_) return;
  for (std::string* list :
       {&hello_->alpn, &hello_->ciphers, &hello_->groups, &hello_->signatures, &hello_->key_shares})
    std::string().swap(*list);
}

}  // namespace reseal::proxy
