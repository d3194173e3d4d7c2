// TlsStream when something goes wrong: whose fault it is, and why, in words.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "tls/failure_text.h"
#include "tls/openssl_error.h"
#include "tls/pem.h"
#include "tls/tls_stream.h"

namespace reseal::tls {

void TlsStream::fail_from_openssl(const char* detail) {
  const unsigned long entry = ERR_peek_error();
  const long verify = is_client_ ? SSL_get_verify_result(ssl_.get()) : X509_V_OK;
  Error error{};
  error.origin = is_client_ ? Origin::kServer : Origin::kClient;
  error.detail = detail;
  error.openssl = entry;
  error.verify = failure_ == nullptr || failure_->certificate.empty() ? 0 : verify;
  error.code = classify_tls_failure(is_client_, error.verify, entry);
  if (error.code == Code::kServerPlaintext && state_ == State::kOpen) error.code = Code::kServerTlsFailed;
  if (error.code == Code::kServerTlsFailed && lacks_certificate(entry))
    error.code = Code::kServerRequiresCertificate;
  clear_openssl_errors();
  fail(error);
}

bool TlsStream::lacks_certificate(unsigned long entry) const {
  // TLS 1.2 has no alert for a missing certificate: servers say "handshake failure" after having asked for
  // one.
  return ERR_GET_REASON(entry) == SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE &&
         !client_context_->sends_certificate() && SSL_get0_peer_CA_list(ssl_.get()) != nullptr;
}

TlsStream::Failure& TlsStream::note_failure() {
  if (failure_ == nullptr) failure_ = std::make_unique<Failure>();
  return *failure_;
}

void TlsStream::fail(const Error& error) {
  note_failure().error = error;
  state_ = State::kFailed;
  tcp_->set_reader(nullptr);
  output_.clear();
  tcp_->flush();  // the alert that OpenSSL wrote
  events_->on_failure(failure_->error);
}

std::string TlsStream::failure_text() const {
  if (failure_ == nullptr) return {};
  const FailureFacts facts{
      .error = failure_->error,
      .certificate = failure_->certificate,
      .expected_name = peer_identity_ != nullptr ? peer_identity_->verify_host : std::string(),
      .trust = client_context_ != nullptr ? client_context_->trust_text() : std::string(),
      .certificate_sent = client_context_ != nullptr && client_context_->sends_certificate()};
  return describe_tls_failure(facts);
}

int TlsStream::on_verify(int ok, X509_STORE_CTX* store) {
  if (ok == 1) return 1;
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const X509* certificate = X509_STORE_CTX_get_current_cert(store);
  if (certificate != nullptr) of(*ssl).note_failure().certificate = describe_certificate(*certificate);
  return 0;
}

}  // namespace reseal::tls
