#include "tls/certificate_store.h"

#include <catch2/catch.hpp>

#include "tls/failure_text.h"

using reseal::tls::CertificateStore;

TEST_CASE(
    "an exact name comes before a wildcard, a wildcard covers one label, anything else gets the default") {
  CertificateStore store;
  store.add("a.example", 1);
  store.add("*.example", 2);
  store.add("*.example", 3);
  store.add("*.deep.example", 4);
  struct Case {
    const char* name;
    std::size_t certificate;
  };
  for (const Case& c : {Case{"a.example", 1},
                        {"A.EXAMPLE", 1},
                        {"a.example.", 1},
                        {"b.example", 2},
                        {"x.deep.example", 4},
                        {"deep.example", 2},
                        {"x.y.example", 0},
                        {"example", 0},
                        {"", 0},
                        {".example", 0},
                        {"*.example", 2}}) {
    INFO(c.name);
    CHECK(store.find(c.name, 0) == c.certificate);
  }
}

TEST_CASE("failures of a client's handshake are the client's") {
  CHECK(reseal::tls::classify_tls_failure(false, 0, 0) == reseal::Code::kClientTlsFailed);
  CHECK(reseal::tls::classify_tls_failure(true, 10, 0) == reseal::Code::kServerCertificateExpired);
  CHECK(reseal::tls::classify_tls_failure(true, 62, 0) == reseal::Code::kServerCertificateNameMismatch);
  CHECK(reseal::tls::classify_tls_failure(true, 20, 0) == reseal::Code::kServerCertificateUntrusted);
  CHECK(reseal::tls::classify_tls_failure(true, 26, 0) == reseal::Code::kServerCertificateInvalid);
  CHECK(reseal::tls::classify_tls_failure(true, 0, 0) == reseal::Code::kServerTlsFailed);
}

TEST_CASE("a name that is excluded from a wildcard is nobody's unless it is named") {
  CertificateStore store;
  store.add("*.example.org", 1);
  store.exclude("no.example.org", 1);
  CHECK(store.find("yes.example.org", 9) == 1);
  CHECK(store.find("NO.example.org.", 9) == 9);
  store.add("no.example.org", 2);
  CHECK(store.find("no.example.org", 9) == 2);
}
