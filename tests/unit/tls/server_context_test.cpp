// Certificates of a frontend: what is read and from where, what is wrong with it in words, and which one is
// presented.
#include "tls/server_context.h"

#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tls_test_support.h"

using namespace reseal;
using namespace reseal::test;

namespace {

using Created = std::expected<std::shared_ptr<const tls::ServerContext>, std::vector<tls::TlsProblem>>;

Created create(const std::vector<std::string>& certificates,
               const std::shared_ptr<const tls::ServerContext>& previous = nullptr) {
  tls::ServerContextOptions options;
  options.certificates = certificates;
  options.session_id_context = "web";
  return tls::ServerContext::create(options, std::make_shared<tls::TicketKeys>(), previous);
}

/// The common name of the certificate that a client is presented.
std::string presented(const std::shared_ptr<const tls::ServerContext>& context,
                      const RawPeer::Settings& client_is) {
  RawPeer client(client_is);
  StreamUnderTest server(
      [&](std::unique_ptr<net::TcpStream> tcp) { return tls::TlsStream::accept(std::move(tcp), context); });
  exchange(server, client);
  return client.peer_name();
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a certificate that cannot be used is refused in words, with the file and the entry it came from") {
  const TestPki pki;
  const auto good = pki.issue({.common_name = "good", .alternative_names = "DNS:good.example"});
  const auto other = pki.issue({.common_name = "other", .alternative_names = "DNS:other.example"});
  const TemporaryFolder folder;
  const std::string damaged =
      "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIU\n-----END CERTIFICATE-----\n";
  const std::string damaged_key =
      "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqG\n-----END PRIVATE KEY-----\n";
  folder.write("lonely.crt", good.chain);
  folder.write("beside.crt", good.chain);
  folder.write("beside.key", other.key);
  folder.write("empty-folder/readme.txt", "nothing here");
  struct Case {
    const char* name;
    std::string file;
    const char* said;
  };
  for (const Case& c : {
           Case{"missing", folder.path("absent.pem"), "No such file or directory"},
           {"empty", folder.write("empty.pem", ""), "empty"},
           {"not PEM", folder.write("text.pem", "hello"), "no certificate in it"},
           {"key only", folder.write("key.pem", good.key), "no certificate in it"},
           {"DER", folder.write("der.pem", std::string("\x30\x82\x01\x00", 4)), "no certificate in it"},
           {"no key", folder.path("lonely.crt"), "lonely.crt.key cannot be read: No such file or directory"},
           {"another's key", folder.write("mixed.pem", good.chain + other.key),
            "does not belong to the certificate"},
           {"another's key beside it", folder.path("beside.crt"), "CN = good"},
           {"damaged certificate", folder.write("damaged.pem", damaged + good.key), "damaged"},
           {"damaged second certificate", folder.write("second.pem", good.chain + damaged + good.key),
            "damaged"},
           {"damaged key", folder.write("broken.pem", good.chain + damaged_key), "key is damaged"},
           {"encrypted key", folder.write("locked.pem", good.chain + good.encrypted_key), "encrypted"},
           {"huge", folder.write("huge.pem", std::string(2 * 1024 * 1024, 'x')), "larger than 1 MiB"},
           {"endless", "/dev/zero", "larger than 1 MiB"},
           {"folder without certificates", folder.path("empty-folder"), "no *.pem file"},
       }) {
    INFO(c.name);
    const Created made =
        create({pki.issue_file("fine.pem", {.common_name = "fine", .alternative_names = {}}), c.file});
    REQUIRE_FALSE(made);
    REQUIRE(made.error().size() == 1);
    const tls::TlsProblem& problem = made.error().front();
    INFO(problem.message);
    CHECK(contains(problem.message, c.said));
    CHECK(problem.file == c.file);
    CHECK(problem.index_of_certificate == 1);
  }
}

TEST_CASE("every problem is reported, not the first only") {
  const TemporaryFolder folder;
  const Created made = create({folder.path("a.pem"), folder.path("b.pem"), folder.write("c.pem", "x")});
  REQUIRE_FALSE(made);
  CHECK(made.error().size() == 3);
  CHECK(made.error()[1].index_of_certificate == 1);
  CHECK_FALSE(create({}));
}

TEST_CASE("settings that name nothing, and a key that is too weak, are refused") {
  const TestPki pki;
  const auto file = pki.issue_file("a.pem", {.common_name = "a", .alternative_names = {}});
  tls::ServerContextOptions options;
  options.certificates = {file};
  options.ciphers = "NO-SUCH-CIPHER";
  auto made = tls::ServerContext::create(options, std::make_shared<tls::TicketKeys>(), nullptr);
  REQUIRE_FALSE(made);
  CHECK(contains(made.error().front().message, "NO-SUCH-CIPHER"));
  options.ciphers = "";
  options.ciphersuites = "TLS_NO_SUCH_SUITE";
  made = tls::ServerContext::create(options, std::make_shared<tls::TicketKeys>(), nullptr);
  REQUIRE_FALSE(made);
  CHECK(contains(made.error().front().message, "TLS_NO_SUCH_SUITE"));

  const auto weak =
      pki.issue_file("weak.pem", {.common_name = "a", .alternative_names = {}, .key = KeyKind::kWeakRsa});
  const Created refused = create({weak});
  REQUIRE_FALSE(refused);
  CHECK(contains(refused.error().front().message, "key too small"));
}

TEST_CASE("an unreadable file is refused with the reason") {
  const TestPki pki;
  const auto file = pki.issue_file("a.pem", {.common_name = "a", .alternative_names = {}});
  struct Case {
    std::string file;
    const char* said;
  };
  std::vector<Case> cases{{file + "/beyond", "Not a directory"}};
  ::chmod(file.c_str(), 0);
  if (::access(file.c_str(), R_OK) != 0)
    cases.push_back({file, "Permission denied"});  // root reads everything
  for (const Case& c : cases) {
    const Created made = create({c.file});
    REQUIRE_FALSE(made);
    CHECK(contains(made.error().front().message, c.said));
  }
}

TEST_CASE("an expired certificate is served with a warning, and so is one that nobody will ever see") {
  const TestPki pki;
  const auto late = pki.issue_file("late.pem", {.common_name = "late",
                                                .alternative_names = "DNS:a.example",
                                                .valid_from_days = -9,
                                                .valid_until_days = -1});
  const auto same = pki.issue_file("same.pem", {.common_name = "same", .alternative_names = "DNS:a.example"});
  const auto nameless = pki.issue_file("nameless.pem", {.common_name = "", .alternative_names = {}});
  const Created made = create({late, same, nameless});
  REQUIRE(made);
  const auto& warnings = (*made)->warnings();
  REQUIRE(warnings.size() == 3);
  CHECK(warnings[0].file == late);
  CHECK(contains(warnings[0].message, "expired on 20"));
  CHECK(warnings[1].file == same);
  CHECK(warnings[1].index_of_certificate == 1);
  CHECK(contains(warnings[1].message, "never presented"));
  CHECK(warnings[2].file == nameless);
  CHECK(presented(*made, {.server = false, .sni = "a.example"}) == "late");
}

TEST_CASE("the key stands in the file, behind its name, or beside it") {
  const TestPki pki;
  const auto pem =
      pki.issue({.common_name = "a", .alternative_names = "DNS:a.example", .from_intermediate = true});
  const TemporaryFolder folder;
  folder.write("behind.pem.key", pem.key);
  folder.write("beside.key", pem.key);
  for (const std::string& file :
       {folder.write("one.pem", pem.key + pem.chain), folder.write("two.pem", pem.chain + pem.key),
        folder.write("behind.pem", pem.chain), folder.write("beside.crt", pem.chain)}) {
    INFO(file);
    const Created made = create({file});
    REQUIRE(made);
    CHECK((*made)->warnings().empty());
    CHECK(presented(*made, {.server = false}) == "a");
  }
}

TEST_CASE("the certificate presented is chosen by the name asked for") {
  const TestPki pki;
  const TemporaryFolder folder;
  const auto write = [&](const std::string& name, const std::string& names) {
    const auto pem = pki.issue({.common_name = name, .alternative_names = names});
    folder.write(name + ".pem", pem.chain + pem.key);
  };
  write("1-default", "DNS:default.example,DNS:shared.example");
  write("2-exact", "DNS:a.example,DNS:shared.example");
  write("3-wild", "DNS:*.example");
  write("4-upper", "DNS:UPPER.test");
  folder.write("ignored.txt", "not a certificate");
  const auto by_cn = pki.issue_file("cn.pem", {.common_name = "cn.test", .alternative_names = {}});
  const Created made = create({folder.path("."), by_cn});
  REQUIRE(made);
  struct Case {
    const char* asked;
    const char* presented;
  };
  for (const Case& c : {Case{"", "1-default"},
                        {"default.example", "1-default"},
                        {"shared.example", "1-default"},
                        {"a.example", "2-exact"},
                        {"A.EXAMPLE", "2-exact"},
                        {"b.example", "3-wild"},
                        {"x.y.example", "1-default"},
                        {"example", "1-default"},
                        {"upper.test", "4-upper"},
                        {"cn.test", "cn.test"},
                        {"elsewhere.test", "1-default"}}) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      INFO(c.asked << ", version " << version);
      CHECK(presented(*made, {.server = false, .version = version, .sni = c.asked}) == c.presented);
    }
  }
}

TEST_CASE("of two kinds of key for one name the one that the client can verify is presented") {
  const TestPki pki;
  const auto ecdsa = pki.issue_file("ec.pem", {.common_name = "ec", .alternative_names = "DNS:a.example"});
  const auto rsa = pki.issue_file(
      "rsa.pem",
      {.common_name = "rsa", .alternative_names = "DNS:a.example,DNS:b.example", .key = KeyKind::kRsa});
  for (const auto& files : {std::vector{ecdsa, rsa}, std::vector{rsa, ecdsa}}) {
    const Created made = create(files);
    REQUIRE(made);
    CHECK((*made)->warnings().empty());
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      INFO(files.front() << ", version " << version);
      for (const char* name : {"a.example", "b.example", ""}) {
        CHECK(presented(*made,
                        {.server = false, .version = version, .sni = name, .signatures = "RSA-PSS+SHA256"}) ==
              "rsa");
      }
      CHECK(presented(
                *made,
                {.server = false, .version = version, .sni = "a.example", .signatures = "ECDSA+SHA256"}) ==
            "ec");
    }
  }
}

TEST_CASE("a protocol is agreed on where both have one, and a client without a common one is refused") {
  const TestPki pki;
  tls::ServerContextOptions options;
  options.certificates = {pki.issue_file("a.pem", {.common_name = "a", .alternative_names = {}})};
  options.alpn = {"http/1.1", "other"};
  const auto made = tls::ServerContext::create(options, std::make_shared<tls::TicketKeys>(), nullptr);
  REQUIRE(made);
  struct Case {
    const char* offered;
    bool opens;
    const char* agreed;
  };
  for (const Case& c :
       {Case{"", true, ""}, {"http/1.1", true, "http/1.1"}, {"other", true, "other"}, {"h2", false, ""}}) {
    INFO(c.offered);
    RawPeer client({.server = false, .alpn = c.offered});
    StreamUnderTest server(
        [&](std::unique_ptr<net::TcpStream> tcp) { return tls::TlsStream::accept(std::move(tcp), *made); });
    exchange(server, client);
    CHECK(server.stream->is_open() == c.opens);
    CHECK(server.stream->alpn() == c.agreed);
    CHECK(client.alpn() == c.agreed);
  }
}

TEST_CASE("a context is made anew only when something it is made of differs") {
  const TestPki pki;
  const auto pem = pki.issue({.common_name = "a", .alternative_names = "DNS:a.example"});
  const TemporaryFolder folder;
  folder.write("certs/a.pem", pem.chain);
  folder.write("certs/a.pem.key", pem.key);
  tls::ServerContextOptions options;
  options.certificates = {folder.path("certs")};
  options.alpn = {"http/1.1"};
  options.session_id_context = "web";
  const auto keys = std::make_shared<tls::TicketKeys>();
  const auto first = tls::ServerContext::create(options, keys, nullptr);
  REQUIRE(first);
  const auto again = [&] {
    const auto made = tls::ServerContext::create(options, keys, *first);
    REQUIRE(made);
    return *made;
  };
  CHECK(again() == *first);

  SECTION("written anew with the same bytes") {
    folder.write("certs/a.pem", pem.chain);
    CHECK(again() == *first);
  }
  SECTION("renewed") {
    const auto renewed = pki.issue({.common_name = "renewed", .alternative_names = "DNS:a.example"});
    folder.write("certs/a.pem", renewed.chain);
    CHECK_FALSE(tls::ServerContext::create(options, keys, *first));  // its key is still the old one
    folder.write("certs/a.pem.key", renewed.key);
    CHECK(again() != *first);
    CHECK(presented(again(), {.server = false}) == "renewed");
    CHECK(presented(*first, {.server = false}) == "a");
  }
  SECTION("one more in the folder") {
    folder.write("certs/b.pem", pem.chain + pem.key);
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
  SECTION("protocols") {
    options.alpn = {};
    CHECK(again() != *first);
  }
  SECTION("tickets") {
    options.session_tickets = false;
    CHECK(again() != *first);
  }
  SECTION("frontend") {
    options.session_id_context = "other";
    CHECK(again() != *first);
  }
}
