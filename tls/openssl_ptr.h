// Owning pointers to OpenSSL's objects. Forward declarations only, so that headers of this folder can be
// included without OpenSSL's; the deleters are in openssl_ptr.cpp.
#pragma once

#include <memory>

struct ssl_st;
struct ssl_ctx_st;
struct ssl_method_st;
struct ssl_session_st;
struct x509_st;
struct evp_pkey_st;
struct bio_st;
struct evp_cipher_st;

namespace reseal::tls {

struct OpensslDeleter {
  void operator()(ssl_st* object) const;
  void operator()(ssl_ctx_st* object) const;
  void operator()(ssl_session_st* object) const;
  void operator()(x509_st* object) const;
  void operator()(evp_pkey_st* object) const;
  void operator()(bio_st* object) const;
  void operator()(evp_cipher_st* object) const;
};

using SslPtr = std::unique_ptr<ssl_st, OpensslDeleter>;
using SslCtxPtr = std::unique_ptr<ssl_ctx_st, OpensslDeleter>;
using SessionPtr = std::unique_ptr<ssl_session_st, OpensslDeleter>;
using X509Ptr = std::unique_ptr<x509_st, OpensslDeleter>;
using PkeyPtr = std::unique_ptr<evp_pkey_st, OpensslDeleter>;
using BioPtr = std::unique_ptr<bio_st, OpensslDeleter>;
using CipherPtr = std::unique_ptr<evp_cipher_st, OpensslDeleter>;

}  // namespace reseal::tls
