// How servers are reached: what the files must hold, in words, and when a context is kept.
#include "tls/client_context.h"

#include <openssl/evp.h>

#include <catch2/catch.hpp>

#include "tests/support/test_pki.h"

using namespace reseal;
using namespace reseal::test;

TEST_CASE("files that cannot be used are refused in words, each by its name") {
  const TestPki pki;
  const auto good = pki.issue({.common_name = "lb", .alternative_names = {}});
  const auto other = pki.issue({.common_name = "other", .alternative_names = {}});
  const TemporaryFolder folder;
  const std::string certificate = folder.write("lb.pem", good.chain);
  const std::string key = folder.write("lb.key", good.key);
  const std::string text = folder.write("text.pem", "hello");
  struct Case {
    const char* name;
    std::string ca, certificate, key;
    std::string file;
    const char* said;
  };
  for (const Case& c : {
           Case{"missing CA", folder.path("absent"), "", "", folder.path("absent"), "No such file"},
           {"a folder for a CA", folder.path("."), "", "", folder.path("."), "Is a directory"},
           {"no certificate in the CA", text, "", "", text, "no certificate in it"},
           {"missing certificate", pki.ca_file(), folder.path("absent"), key, folder.path("absent"),
            "No such file"},
           {"missing key", pki.ca_file(), certificate, folder.path("absent"), folder.path("absent"),
            "No such file"},
           {"no key anywhere", pki.ca_file(), certificate, "", certificate, "no private key"},
           {"another's key", pki.ca_file(), certificate, folder.write("o.key", other.key), certificate,
            "does not belong to the certificate CN = lb"},
       }) {
    INFO(c.name);
    tls::ClientContextOptions options;
    options.ca = c.ca;
    options.certificate = c.certificate;
    options.key = c.key;
    const auto made = tls::ClientContext::create(options, nullptr);
    REQUIRE_FALSE(made);
    REQUIRE(made.error().size() == 1);
    INFO(made.error().front().message);
    CHECK(made.error().front().file == c.file);
    CHECK(made.error().front().message.find(c.said) != std::string::npos);
  }
}

TEST_CASE("all problems of a client's settings are reported at once") {
  const TemporaryFolder folder;
  tls::ClientContextOptions options;
  options.ca = folder.path("ca.pem");
  options.certificate = folder.path("lb.pem");
  options.key = folder.path("lb.key");
  const auto missing = tls::ClientContext::create(options, nullptr);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().size() == 3);
  for (const auto& file : {options.ca, options.certificate, options.key}) {
    folder.write(std::filesystem::path(file).filename().string(), "hello");
  }
  options.ciphers = "NO-SUCH-CIPHER";
  const auto wrong = tls::ClientContext::create(options, nullptr);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().size() == 3);
}

TEST_CASE("our own certificate, expired, is a warning") {
  const TestPki pki;
  tls::ClientContextOptions options;
  options.ca = pki.ca_file();
  options.certificate = pki.issue_file(
      "lb.pem",
      {.common_name = "lb", .alternative_names = {}, .valid_from_days = -9, .valid_until_days = -1});
  const auto made = tls::ClientContext::create(options, nullptr);
  REQUIRE(made);
  REQUIRE((*made)->warnings().size() == 1);
  CHECK((*made)->warnings().front().file == options.certificate);
  CHECK((*made)->sends_certificate());
  CHECK((*made)->trust_text() == pki.ca_file());
}

TEST_CASE("a client's context is made anew only when something it is made of differs") {
  const TestPki pki;
  const TestPki strangers("Other CA");
  const auto pem = pki.issue({.common_name = "lb", .alternative_names = {}});
  const auto read = [](const std::string& path) {
    std::string text;
    std::FILE* file = std::fopen(path.c_str(), "r");
    for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
    std::fclose(file);
    return text;
  };
  const TemporaryFolder folder;
  tls::ClientContextOptions options;
  options.ca = folder.write("ca.pem", read(pki.ca_file()));
  options.certificate = folder.write("lb.pem", pem.chain);
  options.key = folder.write("lb.key", pem.key);
  const auto first = tls::ClientContext::create(options, nullptr);
  REQUIRE(first);
  const auto again = [&] {
    const auto made = tls::ClientContext::create(options, *first);
    REQUIRE(made);
    return *made;
  };
  CHECK(again() == *first);

  SECTION("another CA in the same file") {
    folder.write("ca.pem", read(strangers.ca_file()));
    CHECK(again() != *first);
    CHECK(again()->fingerprint() != (*first)->fingerprint());
  }
  SECTION("renewed") {
    const auto renewed = pki.issue({.common_name = "lb", .alternative_names = {}});
    folder.write("lb.pem", renewed.chain);
    folder.write("lb.key", renewed.key);
    CHECK(again() != *first);
  }
  SECTION("verification") {
    options.verify = false;
    CHECK(again() != *first);
  }
  SECTION("versions") {
    options.min_version = tls::TlsVersion::kTls13;
    CHECK(again() != *first);
  }
  SECTION("ciphers") {
    options.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
    CHECK(again() != *first);
  }
  SECTION("suites") {
    options.ciphersuites = "TLS_AES_128_GCM_SHA256";
    CHECK(again() != *first);
  }
}

TEST_CASE("where OpenSSL's configuration leaves nothing for TLS, that is the problem told") {
  REQUIRE(EVP_set_default_properties(nullptr, "provider=none-such") == 1);
  const auto made = tls::ClientContext::create({}, nullptr);
  REQUIRE(EVP_set_default_properties(nullptr, "") == 1);
  REQUIRE_FALSE(made);
  CHECK(made.error().front().message.starts_with("OpenSSL gives no TLS context: "));
  CHECK(tls::ClientContext::create({}, nullptr));
}
