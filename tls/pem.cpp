#include "tls/pem.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>

#include "lb/base/file.h"
#include "lb/base/text.h"
#include "tls/openssl_error.h"

namespace reseal::tls {
namespace {

constexpr std::size_t kMostFileBytes = 1024 * 1024;

struct NamesDeleter {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};
using NamesPtr = std::unique_ptr<GENERAL_NAMES, NamesDeleter>;

BioPtr memory_bio(const std::string& bytes) {
  return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

std::string name_text(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size > 0 ? size : 0)};
}

std::string time_text(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable time";
  char text[64];
  const std::size_t size = std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return {text, size};
}

NamesPtr alternative_names(const X509& certificate) {
  return NamesPtr(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
}

std::string string_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

/// Nobody types passwords here: an encrypted key fails to parse instead of asking the terminal.
int no_password(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

}  // namespace

std::expected<std::string, std::string> read_file(const std::string& path) {
  auto bytes = read_at_most(path, kMostFileBytes + 1);  // the one too many tells a file that is too large
  if (!bytes) return bytes;
  if (bytes->empty()) return std::unexpected("the file is empty");
  if (bytes->size() > kMostFileBytes)
    return std::unexpected("the file is larger than 1 MiB; is it the right one?");
  return bytes;
}

std::expected<std::vector<X509Ptr>, std::string> parse_certificates(const std::string& pem) {
  clear_openssl_errors();
  const BioPtr bio = memory_bio(pem);
  std::vector<X509Ptr> certificates;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(certificate);
  }
  const bool just_the_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!just_the_end) return std::unexpected("a certificate in it is damaged: " + take_openssl_error());
  clear_openssl_errors();
  if (certificates.empty()) {
    return std::unexpected("no certificate in it (no '-----BEGIN CERTIFICATE-----'); a PEM file is expected");
  }
  return certificates;
}

std::expected<PkeyPtr, std::string> parse_key(const std::string& pem) {
  // OpenSSL calls PEM without a key "unsupported", which would send nobody looking for it.
  if (pem.find("PRIVATE KEY-----") == std::string::npos) {
    return std::unexpected("no private key in it (no '-----BEGIN PRIVATE KEY-----')");
  }
  clear_openssl_errors();
  const BioPtr bio = memory_bio(pem);
  bool asked_for_password = false;
  PkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, &asked_for_password));
  if (key != nullptr) return key;
  const std::string reason = take_openssl_error();
  if (asked_for_password) {
    return std::unexpected(
        "the private key is encrypted; store it without a password (openssl pkey) and protect the "
        "file by its permissions");
  }
  return std::unexpected("the private key is damaged: " + reason);
}

std::expected<CertificateAndKey, std::string> parse_pair(const std::string& certificate_pem,
                                                         const std::string& key_pem) {
  auto chain = parse_certificates(certificate_pem);
  if (!chain) return std::unexpected(chain.error());
  auto key = parse_key(key_pem);
  if (!key) return std::unexpected(key.error());
  if (X509_check_private_key(chain->front().get(), key->get()) != 1) {
    clear_openssl_errors();
    return std::unexpected("the private key does not belong to the certificate " +
                           subject_of(*chain->front()));
  }
  return CertificateAndKey{std::move(*chain), std::move(*key)};
}

std::string subject_of(const X509& certificate) {
  return name_text(X509_get_subject_name(&certificate));
}
std::string issuer_of(const X509& certificate) {
  return name_text(X509_get_issuer_name(&certificate));
}
std::string not_before_of(const X509& certificate) {
  return time_text(X509_get0_notBefore(&certificate));
}
std::string not_after_of(const X509& certificate) {
  return time_text(X509_get0_notAfter(&certificate));
}
bool is_expired(const X509& certificate) {
  return X509_cmp_current_time(X509_get0_notAfter(&certificate)) < 0;
}

std::vector<std::string> dns_names_of(const X509& certificate) {
  std::vector<std::string> names;
  const NamesPtr all = alternative_names(certificate);
  for (int i = 0; all != nullptr && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type != GEN_DNS) continue;
    const std::string text = string_of(name->d.dNSName);
    if (text.find('\0') != std::string::npos) continue;  // never matches anything
    names.push_back(lowered(text));
  }
  return names;
}

std::string alternative_names_text(const X509& certificate) {
  std::string text;
  const auto add = [&text](const std::string& name) { text += (text.empty() ? "" : ", ") + name; };
  const NamesPtr all = alternative_names(certificate);
  for (int i = 0; all != nullptr && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type == GEN_DNS) add(string_of(name->d.dNSName));
    if (name->type != GEN_IPADD) continue;
    const std::string bytes = string_of(name->d.iPAddress);
    char address[INET6_ADDRSTRLEN] = "";
    ::inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), address, sizeof(address));
    add(address);
  }
  return text.empty() ? "none" : text;
}

std::string common_name_of(const X509& certificate) {
  X509_NAME* subject = X509_get_subject_name(&certificate);
  const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (index < 0) return {};
  return string_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
}

}  // namespace reseal::tls
