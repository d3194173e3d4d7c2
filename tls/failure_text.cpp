#include "tls/failure_text.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "tls/pem.h"

namespace reseal::tls {
namespace {

Code classify_verification(long verify) {
  switch (verify) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Code::kServerCertificateExpired;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return Code::kServerCertificateNameMismatch;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
      return Code::kServerCertificateUntrusted;
    default:
      return Code::kServerCertificateInvalid;
  }
}

/// Alerts by which a server says that it does not like our certificate, or misses one.
bool is_certificate_alert(int reason) {
  switch (reason) {
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return true;
    default:
      return false;
  }
}

/// What the record layer says when the other side does not speak TLS.
bool is_plaintext_sign(int reason) {
  return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
         reason == SSL_R_PACKET_LENGTH_TOO_LONG;
}

std::string openssl_text(unsigned long entry) {
  const char* text = entry != 0 ? ERR_reason_error_string(entry) : nullptr;
  return text != nullptr ? std::string(" (OpenSSL: ") + text + ")" : std::string();
}

std::string verification_text(const FailureFacts& facts) {
  const std::string seen = "its " + facts.certificate;
  switch (facts.error.code) {
    case Code::kServerCertificateExpired:
      return seen + (facts.error.verify == X509_V_ERR_CERT_NOT_YET_VALID
                         ? " is not valid yet; is this machine's clock right?"
                         : " has expired; renew it");
    case Code::kServerCertificateNameMismatch:
      return seen + " does not carry the expected name '" + facts.expected_name +
             "' among its subjectAltNames; issue it for that name, or set verify_host";
    case Code::kServerCertificateUntrusted:
      return seen + " was not issued by anybody in " + facts.trust + " (" +
             X509_verify_cert_error_string(facts.error.verify) +
             "); is this the right CA file, or the right server?";
    default:
      return seen + " is not acceptable: " + X509_verify_cert_error_string(facts.error.verify);
  }
}

}  // namespace

Code classify_tls_failure(bool is_client, long verify, unsigned long entry) {
  if (!is_client) return Code::kClientTlsFailed;
  if (verify != X509_V_OK) return classify_verification(verify);
  const int reason = ERR_GET_REASON(entry);
  if (is_certificate_alert(reason)) return Code::kServerRequiresCertificate;
  return is_plaintext_sign(reason) ? Code::kServerPlaintext : Code::kServerTlsFailed;
}

std::string describe_certificate(const X509& certificate) {
  return "certificate '" + subject_of(certificate) + "' (issued by '" + issuer_of(certificate) +
         "', valid from " + not_before_of(certificate) + " to " + not_after_of(certificate) +
         ", for the names " + alternative_names_text(certificate) + ")";
}

std::string describe_tls_failure(const FailureFacts& facts) {
  const std::string word(code_word(facts.error.code));
  if (facts.error.verify != 0) return word + ": " + verification_text(facts);
  switch (facts.error.code) {
    case Code::kServerRequiresCertificate:
      return word + ": the server refused " +
             (facts.certificate_sent ? "our client certificate; does it trust the CA that issued it?"
                                     : "a client without a certificate; give the backend tls.certificate") +
             openssl_text(facts.error.openssl);
    case Code::kServerPlaintext:
      return word + ": the server does not speak TLS on this port" + openssl_text(facts.error.openssl);
    default:
      return describe(facts.error) + openssl_text(facts.error.openssl);
  }
}

}  // namespace reseal::tls
