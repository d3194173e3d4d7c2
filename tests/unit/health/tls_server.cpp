#include "tls_server.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace reseal::test {
namespace {

constexpr long kDay = 24 * 60 * 60;

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  REQUIRE(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

/// A certificate for `key`, signed by `issuer` with `issuer_key` (null: by itself).
X509* make_certificate(const std::string& name, EVP_PKEY* key, const X509* issuer, EVP_PKEY* issuer_key) {
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), issuer == nullptr ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), kDay);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, issuer == nullptr ? subject : X509_get_subject_name(issuer));
  X509_set_pubkey(certificate, key);
  if (issuer == nullptr) {
    add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  } else {
    add_extension(certificate, NID_subject_alt_name, "DNS:" + name);
  }
  REQUIRE(X509_sign(certificate, issuer == nullptr ? key : issuer_key, EVP_sha256()) > 0);
  return certificate;
}

std::string write_pem(X509* certificate) {
  std::string path = "/tmp/reseal-ca-XXXXXX";
  std::FILE* file = ::fdopen(::mkstemp(path.data()), "w");
  REQUIRE(file != nullptr);
  PEM_write_X509(file, certificate);
  std::fclose(file);
  return path;
}

}  // namespace

TlsServer::TlsServer(const Options& options) : context_(SSL_CTX_new(TLS_server_method())) {
  std::signal(SIGPIPE,
              SIG_IGN);  // as the product does: a write to a peer that has gone is an error to handle
  EVP_PKEY* ca_key = EVP_EC_gen("P-256");
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* ca = make_certificate("Test CA", ca_key, nullptr, nullptr);
  X509* leaf = make_certificate(options.name, key, ca, ca_key);
  REQUIRE(SSL_CTX_use_cert_and_key(context_, leaf, key, nullptr, 1) == 1);
  ca_file_ = write_pem(ca);
  X509_free(leaf);
  X509_free(ca);
  EVP_PKEY_free(key);
  EVP_PKEY_free(ca_key);
  SSL_CTX_set_min_proto_version(context_, TLS1_3_VERSION);
  if (options.asks_for_certificate) {
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const net::Address any = *net::Address::parse("127.0.0.1", 0);
  REQUIRE(::bind(listener_, any.data(), any.size()) == 0);
  REQUIRE(::listen(listener_, 16) == 0);
  sockaddr_storage name{};
  socklen_t length = sizeof(name);
  REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&name), &length) == 0);
  address_ = net::Address::from(reinterpret_cast<sockaddr*>(&name), length);
  thread_ = std::thread([this] { serve(); });
}

TlsServer::~TlsServer() {
  ::shutdown(listener_, SHUT_RDWR);  // ends accept()
  thread_.join();
  ::close(listener_);
  ::unlink(ca_file_.c_str());
  SSL_CTX_free(context_);
}

void TlsServer::serve() {
  for (;;) {
    const int fd = ::accept(listener_, nullptr, nullptr);
    if (fd < 0) return;
    serve_one(fd);
    ::close(fd);
  }
}

void TlsServer::serve_one(int fd) {
  const timeval limit{.tv_sec = 10,
                      .tv_usec = 0};  // a client that stays silent must not keep the test from ending
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  SSL* ssl = SSL_new(context_);
  SSL_set_fd(ssl, fd);
  if (SSL_accept(ssl) == 1) {
    ++handshakes;
    if (SSL_session_reused(ssl) == 1) ++resumed;
    std::array<char, 4096> buffer{};
    const int count = SSL_read(ssl, buffer.data(), static_cast<int>(buffer.size()));
    if (count > 0) {
      bytes += count;
      constexpr std::string_view kReply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
      SSL_write(ssl, kReply.data(), static_cast<int>(kReply.size()));
      SSL_shutdown(ssl);
    }
  }
  SSL_free(ssl);
}

}  // namespace reseal::test
